"""A real SuperLink with three real SuperNodes beside the sandbox's data, and a desk that stands for the coordinator."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest
from flwr.cli.build import build_fab_from_disk
from oe_app import data, readers
from pydantic import SecretStr

from deploy import token_keys
from deploy.local import spawn
from deploy.local.ports import free_port
from services.flower import certs
from services.flower.environment import clean
from services.flower.provider_node import grants, join, keys
from services.training_coordinator.flower import APP, FlowerLink
from services.training_coordinator.grants import Issuer
from services.training_coordinator.link import EngineUnavailable
from services.training_coordinator.settings import CoordinatorSettings
from shared.kit.signing import SigningKey
from tests.unit.flower.desk import Desk, open_desk
from tests.unit.flower.jobs import job_of, node_of

READY_WITHIN_S = 120
CLINICS = 3


@dataclass
class Fleet:
    """The processes, and how to talk to them."""

    folder: Path
    port: int = field(default_factory=free_port)
    nodes: dict[str, str] = field(default_factory=dict)
    """The spec of each node's data, by the node's id."""

    @asynccontextmanager
    async def link(self) -> AsyncIterator[FlowerLink]:
        settings = CoordinatorSettings(
            port=1,
            keys_file=self.folder / "none",
            database_url=SecretStr(""),
            model_dir=self.folder,
            superlink=f"127.0.0.1:{self.port}",
            superlink_ca=self.folder / "certs" / "ca.crt",
        )
        async with FlowerLink.open(settings) as link:
            assert isinstance(link, FlowerLink)
            yield link

    def log(self) -> str:
        return (self.folder / "superlink.log").read_text("utf-8", "replace")

    def job(self, *, rounds: int, **changes: Any) -> dict[str, Any]:
        """What a coordinator tells the ServerApp: every node, with its grant."""
        nodes = [
            node_of(node_id, spec, data.fingerprint(readers.read(spec)), max_examples=10_000)
            for node_id, spec in self.nodes.items()
        ]
        return job_of(self.issuer(), nodes, rounds=rounds, **{"min_providers": CLINICS, "round_timeout_s": 120, **changes})

    def key(self) -> SigningKey:
        return SigningKey(self.folder / "grants.pem", "GRANT_SIGNING_KEY_FILE")

    def issuer(self, bundle_sha256: str | None = None) -> Issuer:
        """The coordinator's; for the exchange's own bundle where none is named."""
        own = bundle_sha256 or hashlib.sha256(build_fab_from_disk(APP)).hexdigest()
        return Issuer(self.key(), own)

    def config(self, desk: Desk) -> dict[str, str | int | float | bool]:
        return {"coordinator-url": desk.url, "run-id": "run-1", "run-token": "the-token"}


def changed_bundle(name: str) -> bytes:
    """The exchange's own bundle with one more comment in a file of it."""
    with tempfile.TemporaryDirectory() as folder:
        app = Path(shutil.copytree(APP, Path(folder) / "app"))
        with (app / "oe_app" / name).open("a", encoding="utf-8") as file:
            file.write("# changed\n")
        made: bytes = build_fab_from_disk(app)
        return made


async def until(condition: Callable[[], Any], within_s: float = READY_WITHIN_S) -> Any:
    """The condition's first true value, asynchronous or not; fails when there is none in time."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        try:
            found = condition()
            if found := await found if asyncio.iscoroutine(found) else found:
                return found
        except EngineUnavailable:
            pass
        await asyncio.sleep(0.05)
    raise TimeoutError(condition)


async def finished(link: FlowerLink, run_id: str) -> Any:
    async def ended() -> Any:
        status = await link.run_status(run_id)
        return status if status.status == "finished" else None

    return await until(ended, 300)


@pytest.fixture(scope="session")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    made = Fleet(tmp_path_factory.mktemp("fleet"))
    certs.make(made.folder / "certs", ["localhost", "127.0.0.1"])
    token_keys.ensure(made.folder / "grants.pem", [made.folder / "grant_keys.json"])
    running = []
    logs: list[IO[bytes]] = []

    def start(name: str, argv: list[str], **options: Any) -> None:
        logs.append((made.folder / f"{name}.log").open("ab"))
        running.append(spawn.start(argv, log=logs[-1], **options))

    async def bring_up() -> None:
        async with made.link() as link:
            await until(lambda: _answers(link))
            for number in range(CLINICS):
                plan = _plan(made, number)
                node_id = await link.register_node(keys.ensure(plan.key), plan.name)
                made.nodes[node_id] = plan.data
                grants.keep(plan.state, json.loads((made.folder / "grant_keys.json").read_text("utf-8")))
                start(plan.name, join.command(plan), env=clean(plan.state / "flwr"))
            await until(lambda: _all_online(link))

    python = sys.executable
    # The SuperLink's executor runs this one, too; the providers' own do not.
    widened = {**os.environ, "ALLOWED_BUNDLES": hashlib.sha256(changed_bundle("client_app.py")).hexdigest()}
    argv = [python, "-m", "services.flower.superlink", "--port", str(made.port)]
    start(
        "superlink",
        [*argv, "--state", str(made.folder / "link"), "--certs", str(made.folder / "certs")],
        env=widened,
    )
    try:
        with asyncio.Runner() as runner:
            runner.run(bring_up())
        yield made
    finally:
        for process in reversed(running):
            process.terminate()
        for process in running:
            process.wait(30)
        for log in logs:
            log.close()


def _plan(made: Fleet, number: int) -> join.Plan:
    state = made.folder / f"clinic-{number}"
    spec = f"sandbox:digits:{number}/{CLINICS}"
    if number == CLINICS - 1:  # in a file, which may change
        state.mkdir()
        share = readers.read(spec)
        np.savez(state / "data.npz", X=share.features, y=share.labels)
        spec = str(state / "data.npz")
    return join.Plan(
        coordinator="",
        token="",
        name=f"clinic-{number}",
        seller_node_id=f"clinic-{number}",
        data=spec,
        key=state / "key",
        superlink=f"127.0.0.1:{made.port}",
        ca=made.folder / "certs" / "ca.crt",
        certs=made.folder / "certs",
        port=free_port(),
        state=state,
        sandbox=True,
    )


async def _answers(link: FlowerLink) -> bool:
    await link.check()
    return True


async def _all_online(link: FlowerLink) -> bool:
    return sum(node.online for node in await link.nodes()) == CLINICS


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_desk() as made:
        yield made
