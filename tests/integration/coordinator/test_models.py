"""A trained model: taken from the run's own ServerApp only, checked without being opened, given to who paid for it."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import zipfile
from typing import Any

import numpy as np
import pytest

from tests.integration.coordinator.conftest import Coordinator, npz, refused


async def test_a_model_is_stored_and_comes_back_byte_for_byte(coordinator: Coordinator) -> None:
    server_app = await coordinator.running()
    model = npz(weights=np.arange(6.0).reshape(2, 3), bias=np.zeros(3))

    stored = await server_app.model(model)
    await server_app.finish()

    assert stored.status_code == 200
    assert stored.json() == {"run_id": server_app.run_id, "sha256": hashlib.sha256(model).hexdigest(), "size": len(model)}
    found = await coordinator.call("GET", f"/training/runs/{server_app.run_id}/model", role="model_owner")
    assert found.content == model
    assert found.headers["ETag"] == f'"{stored.json()["sha256"]}"'
    assert (await coordinator.said("run_finished"))[0]["model_sha256"] == stored.json()["sha256"]
    assert (await coordinator.get(f"/training/runs/{server_app.run_id}"))["model_sha256"] == stored.json()["sha256"]


async def test_the_last_model_that_was_handed_in_is_the_one(coordinator: Coordinator) -> None:
    server_app = await coordinator.running()

    await server_app.model(npz(weights=np.zeros(1)))
    last = npz(weights=np.ones(1))
    await server_app.model(last)

    assert (await coordinator.call("GET", f"/training/runs/{server_app.run_id}/model")).content == last


def _zip(**members: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return archive.getvalue()


def _bomb() -> bytes:
    """More than half a gigabyte of zeros in two megabytes."""
    archive = io.BytesIO()
    with (
        zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made,
        made.open("weights.npy", "w", force_zip64=True) as member,
    ):
        member.write(b"\x93NUMPY")
        for _ in range(512):
            member.write(bytes(1 << 20))
    return archive.getvalue()


@pytest.mark.parametrize(
    "make",
    [
        lambda: b"",
        lambda: b"no archive",
        lambda: npz()[:-30],
        lambda: _zip(),
        lambda: _zip(**{"weights.npy": b"no array"}),
        lambda: _zip(**{"weights.txt": b"\x93NUMPY"}),
        lambda: _zip(**{"weights.npy": b"\x93NUMPY\x01\x00", "run.sh": b"rm"}),
        _bomb,
    ],
    ids=["nothing", "text", "cut off", "an empty archive", "no array inside", "another name", "a script beside", "a zip bomb"],
)
async def test_what_is_no_archive_of_arrays_is_refused(coordinator: Coordinator, make: Any) -> None:
    server_app = await coordinator.running()
    body = await asyncio.to_thread(make)

    refused(await server_app.model(body), 400, "invalid_model")

    refused(await coordinator.call("GET", f"/training/runs/{server_app.run_id}/model"), 404, "model_not_found")


async def test_a_model_that_is_too_large_is_refused(coordinator: Coordinator) -> None:
    server_app = await coordinator.running()

    details = refused(await server_app.model(bytes((64 << 20) + 1)), 413, "body_too_large")

    assert details == {"limit_bytes": 64 << 20}


@pytest.mark.parametrize("ended", [True, False], ids=["after the end", "before the claim"])
async def test_a_model_is_taken_only_while_the_run_is_trained(coordinator: Coordinator, ended: bool) -> None:
    server_app = await (coordinator.running() if ended else coordinator.bound())
    if ended:
        await server_app.finish()

    refused(await server_app.model(npz()), 409, "run_not_active")


async def test_a_model_whose_file_is_lost_is_not_found(coordinator: Coordinator) -> None:
    server_app = await coordinator.running()
    await server_app.model(npz())
    path = await coordinator.pool.fetchval("SELECT path FROM model")
    await asyncio.to_thread(os.remove, path)

    refused(await coordinator.call("GET", f"/training/runs/{server_app.run_id}/model"), 404, "model_not_found")


@pytest.mark.parametrize("role", ["provider", "reviewer", "service"])
async def test_a_model_is_for_model_owners_and_operators_only(coordinator: Coordinator, role: str) -> None:
    server_app = await coordinator.running()
    await server_app.model(npz())

    refused(await coordinator.call("GET", f"/training/runs/{server_app.run_id}/model", role=role), 403, "forbidden")


async def test_the_token_of_a_run_opens_no_other_run(coordinator: Coordinator) -> None:
    mine = await coordinator.running()
    other = await coordinator.start(await coordinator.fund())
    await other.claim("flower-2")

    mine.run_id = other.run_id

    for answer in (await mine.claim("x"), await mine.round(1), await mine.model(npz()), await mine.finish()):
        refused(answer, 401, "unauthorized")
    assert (await coordinator.get(f"/training/runs/{other.run_id}"))["state"] == "running"
