"""Where models are kept: files, or NATS's object store. What goes in comes out, whichever of both a coordinator is told to use."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import nats
import numpy as np
import pytest
from nats.aio.client import Client

from deploy.local.nats import Nats
from deploy.local.ports import free_port
from deploy.nats import config
from services.training_coordinator import artefacts
from shared.contracts.errors import Refusal
from tests.integration.coordinator.conftest import Coordinator, FakeLink, Launch, npz, refused
from tests.integration.kit.conftest import until


@pytest.fixture(params=["directory", "nats"])
async def keeper(launch: Launch, request: pytest.FixtureRequest) -> AsyncIterator[Coordinator]:
    """A coordinator with either store."""
    async with launch(artefacts=request.param) as started:
        yield started


async def test_either_store_gives_back_what_was_put_last_and_in_parts_too(keeper: Coordinator) -> None:
    server_app = await keeper.running()
    large = npz(weights=np.random.default_rng(0).normal(size=(300, 300)))  # several parts in NATS

    for model in (npz(weights=np.zeros(1)), large):
        assert (await server_app.model(model)).status_code == 200
        found = await keeper.call("GET", f"/training/runs/{server_app.run_id}/model", role="model_owner")
        assert found.content == model

    assert found.headers["content-disposition"] == f'attachment; filename="{server_app.run_id}.npz"'
    assert found.headers["content-length"] == str(len(large))


async def test_from_either_store_the_next_run_goes_on(keeper: Coordinator) -> None:
    first = await keeper.running(rounds=3)
    model = npz(weights=np.ones(3))
    await first.model(model)
    await first.round(1)
    await first.finish(succeeded=False, reason="lost", rounds=1)

    second = await keeper.start("contract-1")
    await second.claim("flower-2")

    assert (await second.get("checkpoint")).content == model


async def test_a_model_is_found_after_the_setting_was_changed(launch: Launch) -> None:
    link = FakeLink()
    models: dict[str, bytes] = {}
    async with launch(link) as coordinator:
        server_app = await coordinator.running()
        models[server_app.run_id] = npz(weights=np.zeros(2))
        await server_app.model(models[server_app.run_id])
    async with launch(link, artefacts="nats") as coordinator:
        coordinator.contracts = 1
        server_app = await coordinator.start(await coordinator.fund())
        await server_app.claim("flower-2")
        models[server_app.run_id] = npz(weights=np.ones(2))
        await server_app.model(models[server_app.run_id])
    async with launch(link) as coordinator:
        for run_id, model in models.items():
            assert (await coordinator.call("GET", f"/training/runs/{run_id}/model")).content == model


async def test_a_model_that_nats_lost_is_not_found_and_the_next_one_is_taken(launch: Launch) -> None:
    async with launch(artefacts="nats") as coordinator:
        server_app = await coordinator.running()
        await server_app.model(npz())
        js = coordinator.app.state.runtime.js
        await (await js.object_store(artefacts.BUCKET)).delete(f"{server_app.run_id}.npz")
        refused(await coordinator.call("GET", f"/training/runs/{server_app.run_id}/model"), 404, "model_not_found")
        await js.delete_object_store(artefacts.BUCKET)
        refused(await coordinator.call("GET", f"/training/runs/{server_app.run_id}/model"), 404, "model_not_found")

        assert (await server_app.model(npz(weights=np.ones(1)))).status_code == 200


@asynccontextmanager
async def guarded(folder: Path) -> AsyncIterator[Nats]:
    """A NATS with a user per service, as the stack has it."""
    passwords = {name: f"password-of-{name}" for name in (*config.SAYS, config.ADMIN)}
    server = Nats(folder, free_port(), free_port(), passwords, durable=False)
    await asyncio.to_thread(server.prepare)
    process = await asyncio.create_subprocess_exec(*server.argv(), stderr=asyncio.subprocess.DEVNULL)
    try:
        await until(server.is_ready)
        yield server
    finally:
        process.terminate()
        await process.wait()


async def test_the_coordinators_own_user_of_nats_may_do_all_of_it_and_no_other_service_may(tmp_path: Path) -> None:
    async with guarded(tmp_path) as server, AsyncExitStack() as stack:
        objects, others = [
            artefacts.Objects((await stack.enter_async_context(_connected(server, name))).jetstream(timeout=1))
            for name in ("training_coordinator", "marketplace")
        ]
        for body in (b"one", bytes(300_000)):
            place = await objects.put("run-1", body)
            assert await objects.get(place) == body

        with pytest.raises(Refusal, match="service_unavailable"):
            await others.put("run-1", b"another")

        assert await objects.get(place) == body


@asynccontextmanager
async def _connected(server: Nats, user: str) -> AsyncIterator[Client]:
    client = await nats.connect(server.url_of(user), inbox_prefix=config.inbox_prefix(user), error_cb=_ignore)
    yield client
    await client.close()


async def _ignore(_: Exception) -> None:
    """A publish that is not allowed is complained of on the side."""
