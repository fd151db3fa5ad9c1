"""`python -m services.escrow`: serves until SIGTERM."""

from services.escrow.app import service_of
from services.escrow.settings import EscrowSettings
from shared.kit.service import run
from shared.kit.settings import load

settings = load(EscrowSettings)
run(service_of(settings), settings)
