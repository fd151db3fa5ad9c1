"""The Chromium of this machine."""

from __future__ import annotations

import shutil
from typing import Final

WANTED: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
MISSING: Final = "no Chromium on this machine: install it (Debian: apt-get install chromium) and run again"


def find() -> str | None:
    return next((path for name in WANTED if (path := shutil.which(name))), None)
