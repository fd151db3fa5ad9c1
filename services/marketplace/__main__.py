"""`python -m services.marketplace`: serves until SIGTERM."""

from services.marketplace.app import SERVICE
from services.marketplace.settings import MarketplaceSettings
from shared.kit.service import run
from shared.kit.settings import load

run(SERVICE, load(MarketplaceSettings))
