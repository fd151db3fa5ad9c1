"""Settings that every service has, read from the environment; a service adds its own in a subclass.

A secret may come as a file: `DATABASE_URL_FILE=/run/secrets/x` is read in place of `DATABASE_URL`. A missing or empty setting
stops the process at start with one line that names it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Literal, Self, TypeVar

from pydantic import SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

S = TypeVar("S", bound="Settings")


class Settings(BaseSettings):
    """Environment names are the field names in upper case."""

    model_config = SettingsConfigDict(env_ignore_empty=True, frozen=True)

    host: str = "127.0.0.1"
    port: int
    nats_url: str = "nats://127.0.0.1:8022"
    keys_file: Path
    token_keys_file: Path | None = None
    """Public keys of the gateway's tokens (a JWK set); without it only the keys of `keys_file` open the service."""
    tls_cert_file: Path | None = None
    """A certificate chain (PEM): with it and its key HTTPS is spoken, and nothing else."""
    tls_key_file: Path | None = None
    trusted_proxies: str = ""
    """Addresses, separated by commas, whose X-Forwarded-For says where a client comes from. Nobody else's word is taken."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"

    @model_validator(mode="after")
    def _certificate_has_its_key(self) -> Self:
        if (self.tls_cert_file is None) != (self.tls_key_file is None):
            raise ValueError("TLS_CERT_FILE and TLS_KEY_FILE are set together")
        return self


class DatabaseSettings(Settings):
    """For a service that owns a schema."""

    database_url: SecretStr
    database_pool_size: int = 14


def read_secret_files() -> None:
    """Puts the content of `X_FILE` into `X` where `X` is not set."""
    for name, path in list(os.environ.items()):
        target = name.removesuffix("_FILE")
        if target == name or target not in {"DATABASE_URL", "NATS_URL"} or os.environ.get(target):
            continue
        try:
            text = Path(path).read_text("utf-8").strip()
        except OSError as error:
            raise SystemExit(f"setting {name}: cannot read {path}: {error.strerror}") from error
        if not text:
            raise SystemExit(f"setting {name}: {path} is empty")
        os.environ[target] = text


def load(settings: type[S]) -> S:
    """Reads the environment, or ends the process with a line per setting that is missing or wrong."""
    read_secret_files()
    try:
        return settings()
    except ValidationError as error:
        for wrong in error.errors():
            name = "_".join(str(part) for part in wrong["loc"]).upper()
            print(f"setting {name}: {wrong['msg']}" if name else f"settings: {wrong['msg']}", file=sys.stderr)
        raise SystemExit(2) from None
