"""`python -m services.matching`: serves until SIGTERM."""

from services.matching.app import SERVICE
from services.matching.settings import MatchingSettings
from shared.kit.service import run
from shared.kit.settings import load

run(SERVICE, load(MatchingSettings))
