"""Mistakes in ingresses: paths, ports behind them, and hosts that two of them serve."""

from __future__ import annotations

from typing import Any

import pytest

from shared.workflows.drawing.graph import Edge, Node
from tests.fixtures.workflows.helpers import (
    codes,
    errors,
    node,
    wire,
)

PATHS = [{"id": "root", "path": "/"}]
WEB_SERVICE = node("svc", "service", selector={"a": "b"}, ports=[{"port": 80}])
TWO_PORTS = node("svc", "service", selector={"a": "b"}, ports=[{"port": 80, "name": "a"}, {"port": 81, "name": "b"}])


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({}, [("i/paths", "ingress-without-target")]),
        ({"paths": PATHS}, [("i/paths/0", "path-without-service")]),
        ({"paths": [{"path": "/"}]}, [("i/paths/0/id", "required")]),
        ({"paths": [{**PATHS[0], "path": "x", "service": "s", "port": "1"}]}, [("i/paths/0/path", "invalid-value")]),
        ({"paths": [{**PATHS[0], "service": "s"}]}, [("i/paths/0/port", "port-not-offered")]),
        ({"hosts": ["http://a"], "paths": []}, [("i/hosts/0", "invalid-value")]),
        (
            {
                "paths": [
                    {**PATHS[0], "service": "s", "port": "1"},
                    {**PATHS[0], "path": "/b", "service": "s", "port": "1"},
                ]
            },
            [("i/paths/1/id", "duplicate-item")],
        ),
        (
            {"paths": [{"id": n, "path": "/a", "service": "s", "port": "1"} for n in ("a", "b")]},
            [("i/paths/1/path", "duplicate-route")],
        ),
    ],
)
def test_a_mistake_in_an_ingress(data: dict[str, Any], found: list[tuple[str, str]]) -> None:
    assert errors(node("i", "ingress", **data)) == found


def test_ports_behind_an_ingress_exist() -> None:
    ingress = node("i", "ingress", paths=PATHS)
    assert errors(ingress, WEB_SERVICE, wire("i", "svc")) == []
    assert errors(ingress, TWO_PORTS, wire("i", "svc")) == [("i/paths/0/port", "port-not-offered")]
    assert errors(ingress, TWO_PORTS, wire("i", "svc", port="b")) == []
    assert errors(ingress, TWO_PORTS, wire("i", "svc", port="c")) == [("i-svc-wire/port", "port-not-offered")]
    assert errors(node("i", "ingress"), TWO_PORTS, wire("i", "svc")) == [("i", "port-not-offered")]


def test_a_wire_from_a_path_that_is_gone() -> None:
    ingress = node("i", "ingress", paths=[{**PATHS[0], "service": "s", "port": "1"}])
    old = Edge(id="e", source="i", source_handle="path:old", target="svc")
    assert errors(ingress, WEB_SERVICE, old) == [("e", "handle-gone")]


def test_a_host_and_path_is_served_once_per_class() -> None:
    def ingress(identity: str, **data: Any) -> Node:
        return node(
            identity, "ingress", hosts=["a.example.com"], paths=[{**PATHS[0], "service": "s", "port": "1"}], **data
        )

    assert errors(ingress("i"), ingress("j")) == [("j/paths/0/path", "duplicate-route")]
    assert errors(ingress("i"), ingress("j", ingress_class="other")) == []


def test_a_tls_host_nobody_serves_is_a_doubt() -> None:
    ingress = node(
        "i", "ingress", paths=[{**PATHS[0], "service": "s", "port": "1"}], tls=[{"hosts": ["a.example.com"]}]
    )
    assert codes(ingress) == [("i/tls/0/hosts", "tls-host-unknown")]
