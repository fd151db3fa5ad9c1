"""Flower 1.41's control API behind the coordinator's `Link`: the one file that speaks it, and the one caller it has.

The API is internal to Flower (protobuf bodies over HTTPS) and not authenticated: only the coordinator's network may reach it.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import httpx
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flwr.cli.build import build_fab_from_disk
from flwr.common.serde import user_config_to_proto
from flwr.proto.control_pb2 import (
    ListNodesRequest,
    ListNodesResponse,
    ListRunsRequest,
    ListRunsResponse,
    RegisterNodeRequest,
    RegisterNodeResponse,
    StartRunRequest,
    StartRunResponse,
    StopRunRequest,
)
from flwr.proto.fab_pb2 import Fab
from flwr.proto.node_pb2 import NodeInfo
from google.protobuf.message import Message

from services.training_coordinator.link import EngineUnavailable, Link, NodeState, RunStatus
from services.training_coordinator.settings import CoordinatorSettings

APP: Final = Path(__file__).resolve().parents[1] / "flower/app"
_PROTOBUF: Final = {"content-type": "application/protobuf", "accept": "application/protobuf"}
_KEY_IN_USE: Final = 23


class FlowerLink:
    """Talks to one SuperLink."""

    def __init__(self, http: httpx.AsyncClient, fab: bytes) -> None:
        self._http, self._fab = http, fab

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, settings: CoordinatorSettings) -> AsyncIterator[Link]:
        """Builds the bundle of the Flower App once; nothing is asked of the SuperLink yet."""
        fab = await asyncio.to_thread(build_fab_from_disk, APP)
        tls = ssl.create_default_context(cafile=str(settings.superlink_ca))
        async with httpx.AsyncClient(base_url=f"https://{settings.superlink}", headers=_PROTOBUF, verify=tls, timeout=10) as http:
            yield cls(http, fab)

    @property
    def bundle_sha256(self) -> str:
        return hashlib.sha256(self._fab).hexdigest()

    async def start_run(self, config: dict[str, str | int | float | bool]) -> str:
        fab = Fab(hash_str=self.bundle_sha256, content=self._fab)
        request = StartRunRequest(fab=fab, override_config=user_config_to_proto(config))
        response = StartRunResponse.FromString(await self._call("start-run", request))
        return str(response.run_id)

    async def run_status(self, engine_run_id: str) -> RunStatus:
        try:
            content = await self._call("list-runs", ListRunsRequest(run_id=int(engine_run_id)))
        except _Refused:
            return RunStatus("unknown")
        runs = ListRunsResponse.FromString(content).run_dict
        if int(engine_run_id) not in runs:
            return RunStatus("unknown")
        status = runs[int(engine_run_id)].status
        return RunStatus(status.status, status.sub_status, status.details)

    async def stop_run(self, engine_run_id: str) -> None:
        try:
            await self._call("stop-run", StopRunRequest(run_id=int(engine_run_id)))
        except _Refused:
            return  # it has ended, or was never there: stopped all the same

    async def nodes(self) -> list[NodeState]:
        return [NodeState(str(node.node_id), node.name, node.status == "online") for node in await self._list_nodes()]

    async def register_node(self, public_key: str, name: str) -> str:
        pem = _pem(public_key)
        try:
            content = await self._call("register-node", RegisterNodeRequest(public_key=pem, name=name))
            return str(RegisterNodeResponse.FromString(content).node_id)
        except _Refused as refusal:
            if refusal.code != _KEY_IN_USE:
                raise ValueError(f"the SuperLink refuses the key: {refusal}") from refusal
        for node in await self._list_nodes():
            if node.public_key == pem:
                return str(node.node_id)
        raise ValueError("the key was registered and revoked: make a new one")

    async def check(self) -> None:
        try:
            (await self._http.get("/health", timeout=2)).raise_for_status()
        except httpx.HTTPError as error:
            raise EngineUnavailable(repr(error)) from error

    async def _list_nodes(self) -> list[NodeInfo]:
        return list(ListNodesResponse.FromString(await self._call("list-nodes", ListNodesRequest())).nodes_info)

    async def _call(self, what: str, request: Message) -> bytes:
        try:
            response = await self._http.post(f"/v1/control/{what}", content=request.SerializeToString())
        except httpx.HTTPError as error:
            raise EngineUnavailable(repr(error)) from error
        if response.status_code >= 500:
            raise EngineUnavailable(f"{what}: {response.status_code}")
        if response.is_error:
            raise _Refused.of(what, response)
        return response.content


class _Refused(Exception):
    """The SuperLink answered, and the answer is no."""

    def __init__(self, text: str, code: int | None) -> None:
        super().__init__(text)
        self.code = code

    @classmethod
    def of(cls, what: str, response: httpx.Response) -> _Refused:
        try:
            body = response.json()
            return cls(f"{what}: {body}", body.get("code"))
        except (ValueError, AttributeError):
            return cls(f"{what}: {response.status_code}", None)


def _pem(public_key: str) -> bytes:
    """Flower's form of an OpenSSH public key. Raises ValueError for anything but P-384."""
    try:
        key = serialization.load_ssh_public_key(public_key.encode())
    except (UnsupportedAlgorithm, ValueError) as error:
        raise ValueError("not an OpenSSH public key") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP384R1):
        raise ValueError("not a P-384 key")
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
