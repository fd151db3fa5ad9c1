"""How a container recognises the machine that it runs on."""

from __future__ import annotations

from services.gateway.session import host_address

INTERNAL = "eth1\t000014AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
DEFAULT = "eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
HEAD = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"


def test_the_machine_is_the_default_routes_address() -> None:
    assert host_address(HEAD + INTERNAL + DEFAULT) == "172.17.0.1"


def test_without_a_default_route_nobody_is_the_machine() -> None:
    assert host_address(HEAD + INTERNAL) is None
    assert host_address(HEAD) is None
