"""Over TLS the session's cookie is one that browsers take from this very host alone."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from services.gateway import cookies


def scope(scheme: str, *headers: tuple[str, str], method: str = "POST") -> dict[str, Any]:
    given = [(name.encode(), value.encode()) for name, value in headers]
    return {"type": "http", "scheme": scheme, "method": method, "headers": given}


def test_over_tls_the_cookie_is_secure_and_bound_to_the_host() -> None:
    answer = Response()
    cookies.put(answer, scope("https"), "oes_a_b", lasts_s=60)

    [said] = answer.headers.getlist("set-cookie")
    assert said == "__Host-oe_session=oes_a_b; HttpOnly; Max-Age=60; Path=/; SameSite=strict; Secure"


def test_a_cookie_that_plain_http_could_have_planted_is_not_taken_over_tls() -> None:
    planted = ("cookie", "oe_session=oes_a_b")

    assert cookies.session_of(scope("http", planted)) == "oes_a_b"
    assert cookies.session_of(scope("https", planted)) is None
    assert cookies.session_of(scope("https", ("cookie", "__Host-oe_session=oes_a_b"))) == "oes_a_b"


def test_two_exchanges_on_one_machine_hold_their_sessions_apart() -> None:
    both = ("cookie", "oe_session_8000=oes_a_b; oe_session_9000=oes_c_d")

    assert cookies.session_of(scope("http", both, ("host", "127.0.0.1:8000"))) == "oes_a_b"
    assert cookies.session_of(scope("http", both, ("host", "[::1]:9000"))) == "oes_c_d"
    for elsewhere in ("127.0.0.1:7000", "127.0.0.1", "[::8000]", "x:8000; y", "x:123456", ""):
        assert cookies.session_of(scope("http", both, ("host", elsewhere))) is None, elsewhere


def test_the_port_is_in_the_name_over_tls_too_and_the_one_that_is_given_is_the_one_that_is_taken_back() -> None:
    given, taken = Response(), Response()
    here = scope("https", ("host", "exchange.example:8443"))
    cookies.put(given, here, "oes_a_b", lasts_s=None)
    cookies.take_back(taken, here)

    assert given.headers["set-cookie"].startswith("__Host-oe_session_8443=oes_a_b; ")
    assert taken.headers["set-cookie"].startswith('__Host-oe_session_8443=""; ')
