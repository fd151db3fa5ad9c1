"""Settings of the training coordinator beside those of every service."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from shared.kit.settings import DatabaseSettings


class CoordinatorSettings(DatabaseSettings):
    port: int = 8004
    superlink: str = "127.0.0.1:8005"
    superlink_public: str = ""
    """host:port of the SuperLink as providers' machines reach it; empty: as above."""
    superlink_ca: Path
    coordinator_url: str = "http://127.0.0.1:8004"
    """Where the ServerApp reports to, as seen from the machine that runs it."""
    artefacts: Literal["directory", "nats"] = "directory"
    """Where new models go: `model_dir`, or NATS's object store, which every replica reaches."""
    model_dir: Path
    grant_signing_key_file: Path | None = None
    """An Ed25519 key (PEM): what nodes are asked to do is signed with it. Without one nothing is granted, and every node refuses."""
    sandbox: bool = False
    """Whether a sandbox node may serve a seller that has no node of its own."""
    round_timeout_s: float = 60
    finish_grace_s: float = 20
    """How long after Flower says that a run has ended its last report may take."""
    start_grace_s: float = 60
    """How long a started run may take to be claimed by its ServerApp."""
