"""Every route of every service has a row in the table of who may do what, and lets in exactly the roles of its row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import SecretStr

from services.escrow.app import service_of
from services.escrow.settings import EscrowSettings
from services.gateway import app as gateway
from services.marketplace import app as marketplace
from services.matching import app as matching
from services.training_coordinator import app as training_coordinator
from shared.contracts.access import ACCESS, ALIKE, HANDED_ON, access_to
from shared.kit.service import build
from shared.kit.settings import DatabaseSettings, Settings

PLAIN: dict[str, Any] = {"port": 1, "keys_file": Path("unused")}
OWNER: dict[str, Any] = {**PLAIN, "database_url": SecretStr("unused")}


def _apps() -> dict[str, FastAPI]:
    owner, money = DatabaseSettings(**OWNER), EscrowSettings(**OWNER)
    return {
        "marketplace": build(marketplace.SERVICE, owner),
        "matching": build(matching.SERVICE, Settings(**PLAIN)),
        "escrow": build(service_of(money), money),
        "training_coordinator": build(training_coordinator.SERVICE, owner),
        "gateway": build(gateway.SERVICE, owner),
    }


APPS = _apps()


def routes_of(place: Any) -> Iterator[Any]:
    """The routes of an app, those of its routers among them."""
    for route in place.routes:
        inner = getattr(route, "original_router", None)
        if inner is None:
            yield route
        else:
            yield from routes_of(inner)


def calls(service: str) -> dict[tuple[str, str], Any]:
    """Every call that the service itself answers: method and template, and its route."""
    found: dict[tuple[str, str], Any] = {}
    for route in routes_of(APPS[service]):
        path = getattr(route, "path", "")
        for method in sorted(getattr(route, "methods", None) or ()):
            if method != "HEAD" and (service != "gateway" or path not in HANDED_ON):
                found.setdefault((method, path), route)
    return found


def roles_in(dependant: Dependant) -> frozenset[str] | None:
    """The roles that a route's dependencies let in; None where none of them asks."""
    for inner in dependant.dependencies:
        allowed = getattr(inner.call, "__dict__", {}).get("allowed")
        if allowed is not None:
            return frozenset(map(str, allowed))
        if (deeper := roles_in(inner)) is not None:
            return deeper
    return None


@pytest.mark.parametrize("service", APPS)
def test_every_route_has_a_row_and_every_row_a_route(service: str) -> None:
    routes = set(calls(service))

    assert {call for call in routes if access_to(service, *call) is None} == set(), "add a row to shared/contracts/access.py"
    assert set(ACCESS[service]) - routes == set(), "rows of routes that are gone"
    assert {call for call in ALIKE if call in ACCESS[service]} == set(), "a row twice"


@pytest.mark.parametrize("service", APPS)
def test_every_route_lets_in_the_roles_of_its_row(service: str) -> None:
    wrong = {}
    for call, route in calls(service).items():
        access = access_to(service, *call)
        if not isinstance(route, APIRoute) or access is None or access.roles == frozenset():  # the run's token opens the latter
            continue
        if (found := roles_in(route.dependant)) != access.roles:
            wrong[call] = (found, access.roles)
    assert wrong == {}


def test_the_gateway_hands_on_what_the_table_says() -> None:
    assert {route.path for route in routes_of(APPS["gateway"])} >= HANDED_ON
