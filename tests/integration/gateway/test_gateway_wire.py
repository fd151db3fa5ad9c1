"""What the gateway makes of bytes that no honest client sends, and that it speaks TLS where it has a certificate."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import ipaddress
import json
import re
import ssl
import warnings
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from services.gateway.app import SERVICE
from services.gateway.settings import GatewaySettings
from shared.contracts.errors import ErrorCode
from shared.kit.service import build, server
from tests.integration.gateway.conftest import KEYS, Exchange
from tests.seen import CODES

AUTH = f"authorization: Bearer {KEYS['operator']}\r\n"


async def said(exchange: Exchange, request: str | bytes) -> bytes:
    """Everything the gateway answers on one connection, until it closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", exchange.http.base_url.port)
    try:
        with contextlib.suppress(ConnectionError):
            writer.write(request if isinstance(request, bytes) else request.encode("latin-1"))
            async with asyncio.timeout(20):
                return await reader.read()
        return b""
    finally:
        writer.close()


def statuses(answers: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", answers)]


def refusal(answer: bytes) -> tuple[int, str]:
    """Status and code of the one answer. What the protocol refuses is seen here: it never reaches the app."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert len(statuses(answer)) == 1, answer
    assert b"application/problem+json" in head, answer
    assert b"\r\nserver:" not in head.lower()
    found = str(json.loads(body)["code"])
    CODES.add(ErrorCode(found))
    return int(head.split()[1]), found


# A second request rides in the first one's body; a gateway that reads the length otherwise than a proxy before it answers both.
RIDER = f"GET /escrow/trial_balance HTTP/1.1\r\nhost: x\r\n{AUTH}\r\n"
POST = f"POST /marketplace/offers HTTP/1.1\r\nhost: x\r\n{AUTH}"
SMUGGLED = {
    "length and chunks": f"{POST}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{RIDER}",
    "chunks and length": f"{POST}transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n{RIDER}",
    "two lengths": f"{POST}content-length: 0\r\ncontent-length: {len(RIDER)}\r\n\r\n{RIDER}",
    "the same length twice": f"{POST}content-length: 2\r\ncontent-length: 2\r\n\r\n{{}}{RIDER}",
    "a list of lengths": f"{POST}content-length: 2, 2\r\n\r\n{{}}{RIDER}",
    "a length with a sign": f"{POST}content-length: +2\r\n\r\n{{}}{RIDER}",
    "a negative length": f"{POST}content-length: -2\r\n\r\n{{}}{RIDER}",
    "a length in hex": f"{POST}content-length: 0x2\r\n\r\n{{}}{RIDER}",
    "an empty length": f"{POST}content-length: \r\n\r\n{RIDER}",
    "a length that overflows": f"{POST}content-length: {2**64 + 2}\r\n\r\n{{}}{RIDER}",
    "an unknown coding": f"{POST}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n{RIDER}",
    "chunks of chunks": f"{POST}transfer-encoding: chunked, chunked\r\n\r\n0\r\n\r\n{RIDER}",
    "two codings": f"{POST}transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n{RIDER}",
    "identity": f"{POST}transfer-encoding: identity\r\n\r\n{RIDER}",
    "a quoted coding": f'{POST}transfer-encoding: "chunked"\r\n\r\n0\r\n\r\n{RIDER}',
    "a space before the colon": f"{POST}transfer-encoding : chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n{RIDER}",
    "a folded header": f"{POST}transfer-encoding:\r\n chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n{RIDER}",
    "a bare line feed": f"{POST}x: y\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n{RIDER}",
    "a bare carriage return": f"{POST}x: y\rtransfer-encoding: chunked\r\n\r\n0\r\n\r\n{RIDER}",
    "a zero in a name": f"{POST}transfer\x00-encoding: chunked\r\n\r\n0\r\n\r\n{RIDER}",
    "chunks in 1.0": f"{POST.replace('1.1', '1.0')}transfer-encoding: chunked\r\n\r\n0\r\n\r\n{RIDER}",
    "no host": "GET /health HTTP/1.1\r\n\r\n",
    "two hosts": f"GET /health HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n{RIDER}",
    "no HTTP": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "an unknown version": "GET /health HTTP/3.7\r\nhost: x\r\n\r\n",
    "a tunnel": "CONNECT elsewhere.example:443 HTTP/1.1\r\nhost: elsewhere.example:443\r\n\r\n",
    "a path that is no text": "GET /\xff\xfe HTTP/1.1\r\nhost: x\r\n\r\n",
}


async def test_a_request_that_has_two_readings_is_refused_and_what_follows_it_never_read(exchange: Exchange) -> None:
    wrong = {}
    for name, request in SMUGGLED.items():
        answer = await said(exchange, request)
        if not answer.startswith(b"HTTP/1.1 400 ") or refusal(answer) != (400, "malformed_request"):
            wrong[name] = answer
    assert wrong == {}
    assert (await exchange.ok("GET", "/marketplace/offers"))["count"] == 0


BROKEN_CHUNKS = {
    "a size that is none": f"{POST}transfer-encoding: chunked\r\n\r\nz\r\n{{}}\r\n0\r\n\r\n{RIDER}",
    "a size that overflows": f"{POST}transfer-encoding: chunked\r\n\r\n{'f' * 17}\r\n{{}}\r\n0\r\n\r\n{RIDER}",
    "a size that is too small": f"{POST}transfer-encoding: chunked\r\n\r\n1\r\n{{}}\r\n0\r\n\r\n{RIDER}",
}


async def test_chunks_that_cannot_be_read_end_the_connection(exchange: Exchange) -> None:
    for name, request in BROKEN_CHUNKS.items():
        assert refusal(await said(exchange, request)) == (400, "malformed_request"), name
    assert (await exchange.ok("GET", "/marketplace/offers"))["count"] == 0


async def test_honest_chunks_and_pipelined_requests_are_served(exchange: Exchange) -> None:
    offer = json.dumps({"seller_node_id": "s", "dataset_fingerprint": "f"}).encode()
    chunked = f"{POST}transfer-encoding: chunked\r\n\r\n{len(offer):x};note=1\r\n".encode() + offer + b"\r\n0\r\n\r\n"
    last = f"GET /session/me HTTP/1.1\r\nhost: x\r\n{AUTH}connection: close\r\n\r\n".encode()

    answer = await said(exchange, chunked + last)

    assert statuses(answer) == [201, 200]


async def test_a_head_has_its_bounds(exchange: Exchange) -> None:
    start = f"GET /session/me HTTP/1.1\r\nhost: x\r\n{AUTH}connection: close\r\n"
    few = start + "".join(f"x-{number}: y\r\n" for number in range(90)) + "\r\n"
    many = start + "".join(f"x-{number}: y\r\n" for number in range(100)) + "\r\n"
    long = f"{start}x-long: {'y' * 65_536}\r\n\r\n"
    far = start.replace("/session/me", f"/session/me?{'y' * 65_536}") + "\r\n"

    assert (await said(exchange, few)).startswith(b"HTTP/1.1 200 ")
    for request in (many, long, far):
        assert refusal(await said(exchange, request)) == (431, "headers_too_large")


@pytest.mark.parametrize(
    "header",
    ["authorization: Bearer x", "Idempotency-Key: a", "content-type: text/plain", "origin: http://x", "sec-fetch-site: none"],
)
async def test_a_header_that_is_there_twice_is_refused(exchange: Exchange, header: str) -> None:
    for pair in (f"{header}\r\n{header}\r\n", f"{header}\r\n{header.upper()}\r\n"):
        key = "" if "authorization" in header else AUTH
        answer = await said(exchange, f"POST /marketplace/offers HTTP/1.1\r\nhost: x\r\n{key}{pair}connection: close\r\n\r\n")
        assert refusal(answer) == (400, "duplicate_header")
        assert f'"header": "{header.split(":")[0].lower()}"'.encode() in answer


TRICKS = [
    "/marketplace/%2e%2e/escrow/trial_balance",
    "/marketplace/%2E%2E%2Fescrow/trial_balance",
    "/marketplace/..%2fescrow/trial_balance",
    "/marketplace/offers/..%2f..%2fescrow%2ftrial_balance",
    "/marketplace/%252e%252e/escrow/trial_balance",
    "/marketplace/..;/escrow/trial_balance",
    "/marketplace/..\\escrow\\trial_balance",
    "/marketplace/..%5cescrow%5ctrial_balance",
    "/marketplace/.%00./escrow",
    "//marketplace/offers",
    "/marketplace//offers",
    "///escrow/trial_balance",
    "/escrow//trial_balance",
    "/training/runs//model",
    "/training//runs/run-1/claim",
    "/training/runs/run-1//claim",
    "/training/runs/run-1/%63laim",
    "/training/runs/run-1/claim%2f",
    "/training/runs/run-1/claim/.",
    "/Marketplace/offers",
    "/marketplace%2foffers",
    "/match/select",
    "/marketplace/../match/select",
    "/app/../../../etc/passwd",
    "/app/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/app/..%2f..%2f..%2fetc%2fpasswd",
    "/app//etc/passwd.x",
    "/app/a//b",
    "*",
]


async def test_a_path_that_plays_tricks_reaches_nothing(exchange: Exchange, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    (tmp_path / "none/index.html").write_text("the app")
    wrong = {}
    for path in TRICKS:
        for method in ("GET", "POST"):
            request = f"{method} {path} HTTP/1.1\r\nhost: x\r\n{AUTH}content-length: 0\r\nconnection: close\r\n\r\n"
            answer = await said(exchange, request)
            if statuses(answer) not in ([400], [404], [405]):
                wrong[f"{method} {path}"] = answer
    assert wrong == {}
    elsewhere = f"GET http://elsewhere.example/session/me HTTP/1.1\r\nhost: x\r\n{AUTH}connection: close\r\n\r\n"
    assert b'"operator"' in await said(exchange, elsewhere), "an absolute target is this server's own path, never a place to fetch"


# --- TLS --------------------------------------------------------------------------------------------------------------
def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gateway")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    key_file.write_bytes(pem)
    return cert_file, key_file


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Before the gateway reads its settings: a certificate, and what trusts it."""
    cert_file, key_file = certificate(tmp_path)
    monkeypatch.setenv("TLS_CERT_FILE", str(cert_file))
    monkeypatch.setenv("TLS_KEY_FILE", str(key_file))
    return ssl.create_default_context(cafile=str(cert_file))


async def test_with_a_certificate_the_gateway_speaks_tls_and_nothing_else(tls: ssl.SSLContext, exchange: Exchange) -> None:
    url = exchange.url.replace("http:", "https:")
    async with httpx.AsyncClient(base_url=url, verify=tls, trust_env=False) as http:
        answer = await http.post("/session", json={}, headers={"authorization": f"Bearer {KEYS['operator']}"})
        assert answer.status_code == 201, answer.text
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        assert answer.headers["set-cookie"].startswith(f"__Host-oe_session_{url.rpartition(':')[2]}=oes_")
        assert "; Secure" in answer.headers["set-cookie"]
        assert (await http.get("/session/me")).json()["role"] == "operator", "the cookie came back"
        ours = {"origin": url}
        assert (await http.delete("/session", headers=ours)).status_code == 204
        assert (await http.get("/session/me")).status_code == 401

    with pytest.raises(httpx.HTTPError):
        await exchange.http.get("/health")
    untrusting = ssl.create_default_context()
    old = ssl.create_default_context(cafile=None)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    for context in (untrusting, old):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.open_connection("127.0.0.1", exchange.http.base_url.port, ssl=context, server_hostname="127.0.0.1")


async def test_a_certificate_that_cannot_be_used_stops_the_start_with_one_line(tmp_path: Path) -> None:
    cert_file, _ = certificate(tmp_path)
    plain = {"keys_file": tmp_path, "token_signing_key_file": tmp_path, "database_url": SecretStr("x")}
    for key_file in (cert_file, tmp_path / "missing.pem"):
        settings = GatewaySettings(**plain, tls_cert_file=cert_file, tls_key_file=key_file)  # type: ignore[arg-type]
        with pytest.raises(SystemExit, match="TLS_CERT_FILE or TLS_KEY_FILE"):
            server(build(SERVICE, settings), settings)
    with pytest.raises(ValueError, match="set together"):
        GatewaySettings(**plain, tls_cert_file=cert_file)  # type: ignore[arg-type]
