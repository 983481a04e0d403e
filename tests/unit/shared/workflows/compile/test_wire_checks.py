"""Checks of wires: ports, namespaces, rules, circles, and how many there may be."""

from __future__ import annotations

from typing import Any

import pytest

from shared.workflows.drawing.graph import Edge
from tests.fixtures.workflows.helpers import after, errors, issues, node, web, wire

PORTS = [{"name": "http", "container_port": 8080}, {"name": "admin", "container_port": 9000}]


@pytest.mark.parametrize(
    ("port", "target", "found"),
    [
        ({"port": 8080}, 8080, None),
        ({"port": 80, "name": "http"}, "http", None),
        ({"port": 80, "target_port": "admin"}, "admin", None),
        ({"port": 80, "target_port": 9000}, 9000, None),
        ({"port": 80, "target_port": "gone"}, None, "error"),
        ({"port": 80, "target_port": 1}, 1, "warning"),
        ({"port": 80}, None, "error"),
    ],
)
def test_a_port_must_lead_to_one_that_is_offered(port: dict[str, Any], target: object, found: str | None) -> None:
    parts = (web(ports=PORTS), node("svc", "service", ports=[port]), wire("svc", "web"))
    assert [issue.severity for issue in issues(*parts)] == ([found] if found else [])
    if found != "error":
        from tests.fixtures.workflows.helpers import manifest

        assert manifest(*parts, of="svc")["spec"]["ports"][0]["targetPort"] == target


def test_wires_stay_within_a_namespace() -> None:
    parts = (web(namespace="away"), node("cfg", "configmap"), wire("cfg", "web", "config-env"))
    [issue] = issues(*parts)
    assert (issue.edge_id, issue.code) == ("cfg-web-config-env", "namespace")
    assert issue.remedy is not None
    assert issue.remedy.value == "away"


def test_a_wire_that_fits_no_rule_is_an_error_and_no_more() -> None:
    parts = (node("cfg", "configmap"), node("svc", "service", selector={"a": "b"}, ports=[{"port": 1}]))
    assert errors(*parts, wire("cfg", "svc")) == [("cfg-svc-wire", "no-rule")]
    assert errors(*parts, wire("cfg", "svc", "config-env")) == [("cfg-svc-config-env", "no-rule")]
    assert errors(node("n", "note"), web(), wire("n", "web")) == [("n-web-wire", "no-rule")]


def test_options_of_a_wire_are_checked() -> None:
    parts = (web(), node("cfg", "configmap", data={"A": "1"}))
    assert errors(*parts, wire("cfg", "web", "config-files", mount_path="etc")) == [
        ("cfg-web-config-files/mount_path", "invalid-value")
    ]
    assert errors(*parts, wire("cfg", "web", "config-env", keys=[{"key": "B"}])) == [
        ("cfg-web-config-env/keys/0/key", "unknown-key")
    ]
    assert errors(*parts, wire("cfg", "web", "config-env", keys=[{"key": "B"}], optional=True)) == []
    assert errors(*parts, wire("cfg", "web", "config-files", sub_path="B")) == [
        ("cfg-web-config-files/sub_path", "unknown-key")
    ]
    assert errors(*parts, wire("cfg", "web", "config-env", containers=["nobody"])) == [("web", "unknown-container")]


def test_two_wired_volumes_at_one_path_are_an_error() -> None:
    parts = (
        web(),
        node("a", "configmap", data={"A": "1"}),
        node("b", "configmap", data={"B": "1"}),
        wire("a", "web", "config-files"),
        wire("b", "web", "config-files"),
    )
    assert errors(*parts) == [("web/volumes", "duplicate-mount")]


def test_circles_are_named_once_with_their_members() -> None:
    parts = (web("a"), web("b"), web("c"), after("a", "b"), after("b", "c"), after("c", "a"))
    [issue] = issues(*parts)
    assert (issue.node_id, issue.code) == ("a", "cycle")
    assert "a → b → c → a" in issue.message


def test_a_long_circle_is_found() -> None:
    size = 400
    parts = [web(f"w{index}") for index in range(size)]
    order = [after(f"w{index}", f"w{(index + 1) % size}") for index in range(size)]
    assert [issue.code for issue in issues(*parts, *order)] == ["cycle"]


def test_only_jobs_complete() -> None:
    assert errors(web("a"), web("b"), after("a", "b", condition="completed")) == [
        ("a-after-b", "never-completes"),
        ("a-after-b/condition", "never-completes"),
    ]
    assert errors(web("a"), node("b", "job", image="x"), after("a", "b", condition="completed")) == []


def test_cardinality_of_wires_is_checked() -> None:
    parts = (web("a"), web("b"), node("svc", "service", ports=[{"port": 80, "target_port": 80}]))
    wires = (Edge(id="e1", source="svc", target="a"), Edge(id="e2", source="svc", target="b"))
    assert errors(*parts, *wires) == [("e2", "source-full")]
    again = (Edge(id="e1", source="svc", target="a"), Edge(id="e2", source="svc", target="a"))
    assert {code for _, code in errors(*parts, *again)} == {"duplicate", "source-full"}
