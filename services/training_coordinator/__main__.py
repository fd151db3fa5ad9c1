"""`python -m services.training_coordinator`: serves until SIGTERM."""

from services.training_coordinator.app import SERVICE
from services.training_coordinator.settings import CoordinatorSettings
from shared.kit.service import run
from shared.kit.settings import load

run(SERVICE, load(CoordinatorSettings))
