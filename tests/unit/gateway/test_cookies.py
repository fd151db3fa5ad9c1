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
