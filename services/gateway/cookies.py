"""The cookie in which a browser holds its session, and how a request that another site had it send is told apart. Pure.

A browser sends a cookie along whoever made it ask, so a change that comes with one must show that a page of ours asked:
`Sec-Fetch-Site: same-origin`, or, from a browser that does not say so (on plain HTTP away from localhost none does), an `Origin` that
is this host. No script can set either. A double-submit token would be a second secret that scripts have to read, and one that a
page on another port of the same host could plant, as cookies know no ports. For the same reason the port is part of the cookie's name:
two exchanges on one machine would else sign each other's browsers out.
"""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import Scope

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_NAME: Final = "oe_session"
_SIGN_IN: Final = "oe_sign_in"
_PORT: Final = re.compile(r":([0-9]{1,5})\Z")


def _is_secure(scope: Scope) -> bool:
    """Whether the client came over TLS, to here or to a trusted proxy."""
    return bool(scope["scheme"] == "https")


def name_for(scope: Scope, what: str = _NAME) -> str:
    """The name under the port that the browser asked, if it is not the scheme's own.

    Over TLS a name with which browsers take the cookie from this very host alone (RFC 6265bis, `__Host-`).
    """
    port = _PORT.search(Headers(scope=scope).get("host", ""))
    name = f"{what}_{port[1]}" if port else what
    return f"__Host-{name}" if _is_secure(scope) else name


def session_of(scope: Scope) -> str | None:
    """The session that a request brings along. What it says itself (`Authorization`) goes before what its browser adds."""
    headers = Headers(scope=scope)
    if "authorization" in headers:
        return None
    return cookie_parser(headers.get("cookie", "")).get(name_for(scope))


def is_forged(scope: Scope) -> bool:
    """Whether a change that came with a cookie does not show that a page of this origin asked for it."""
    if scope["method"] in _SAFE:
        return False
    headers = Headers(scope=scope)
    if sites := headers.getlist("sec-fetch-site"):
        return sites != ["same-origin"]
    origins, hosts = headers.getlist("origin"), headers.getlist("host")
    if len(origins) != 1 or len(hosts) != 1:
        return True
    try:
        return urlsplit(origins[0]).netloc.lower() != hosts[0].lower()
    except ValueError:
        return True


def put(response: Response, scope: Scope, session: str, *, lasts_s: int | None) -> None:
    """Hands the session over. Without `lasts_s` the browser forgets it when it is closed."""
    response.set_cookie(name_for(scope), session, max_age=lasts_s, **_attributes(scope))


def take_back(response: Response, scope: Scope) -> None:
    response.delete_cookie(name_for(scope), **_attributes(scope))


def put_sign_in(response: Response, scope: Scope, secret: str, *, lasts_s: int) -> None:
    """For the way to an identity provider and back. Lax: the way back begins on the provider's page."""
    response.set_cookie(name_for(scope, _SIGN_IN), secret, max_age=lasts_s, **_attributes(scope, "lax"))


def sign_in_of(scope: Scope) -> str | None:
    return cookie_parser(Headers(scope=scope).get("cookie", "")).get(name_for(scope, _SIGN_IN))


def take_back_sign_in(response: Response, scope: Scope) -> None:
    response.delete_cookie(name_for(scope, _SIGN_IN), **_attributes(scope, "lax"))


def _attributes(scope: Scope, same_site: str = "strict") -> dict[str, Any]:
    return {"path": "/", "httponly": True, "samesite": same_site, "secure": _is_secure(scope)}
