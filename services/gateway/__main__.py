"""`python -m services.gateway`: serves until SIGTERM."""

from services.gateway.app import SERVICE
from services.gateway.settings import GatewaySettings
from shared.kit.service import run
from shared.kit.settings import load

run(SERVICE, load(GatewaySettings))
