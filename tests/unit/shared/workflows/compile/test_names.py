"""Names that a custom resource takes from its wires."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shared.workflows.compile.manifests import preview
from shared.workflows.drawing.graph import Edge, Node
from tests.fixtures.workflows.helpers import CONTEXT, errors, graph, manifests, node


def resource(identity: str = "cert", **data: Any) -> Node:
    return node(identity, "custom-resource", api_version="cert-manager.io/v1", kind="Certificate", **data)


def names(path: str, target: str = "key", source: str = "cert") -> Edge:
    return Edge(id=f"to-{target}", source=source, target=target, data={"rule": "resource-names", "path": path})


KEY = node("key", "secret", keys=["a"])
WITH_KEY = replace(CONTEXT, secrets={"key": {"a": b"x"}}, secret_versions={"key": "v1"})


@pytest.mark.parametrize(
    ("given", "path", "expected"),
    [
        ({}, "/spec/secretName", {"spec": {"secretName": "key"}}),
        ({"spec": {"a": 1}}, "/spec/b/c", {"spec": {"a": 1, "b": {"c": "key"}}}),
        (
            {"spec": {"refs": [{"kind": "Secret"}]}},
            "/spec/refs/0/name",
            {"spec": {"refs": [{"kind": "Secret", "name": "key"}]}},
        ),
        ({"spec": {"refs": ["x"]}}, "/spec/refs/1", {"spec": {"refs": ["x", "key"]}}),
        ({}, "/spec/refs/0/name", {"spec": {"refs": [{"name": "key"}]}}),
        ({"body": {"data": {"x": None}}}, "/body/data/a~1b", {"data": {"a/b": "key"}}),
        ({"spec": {"secretName": "key"}}, "/spec/secretName", {"spec": {"secretName": "key"}}),
    ],
)
def test_a_custom_resource_names_what_it_is_wired_to(
    given: dict[str, Any], path: str, expected: dict[str, Any]
) -> None:
    made = manifests(resource(**given), KEY, names(path), context=WITH_KEY)["cert"]
    assert {name: value for name, value in made.items() if name not in {"apiVersion", "kind", "metadata"}} == expected


@pytest.mark.parametrize(
    ("given", "path", "place", "code"),
    [
        ({"spec": {"secretName": "other"}}, "/spec/secretName", "cert/spec/secretName", "name-and-wire"),
        ({"spec": {"secretName": {"deep": 1}}}, "/spec/secretName", "cert/spec/secretName", "name-and-wire"),
        ({"spec": {"secretName": "x"}}, "/spec/secretName/deeper", "to-key/path", "path-blocked"),
        ({"spec": {"refs": []}}, "/spec/refs/5", "to-key/path", "path-blocked"),
        ({"spec": {"refs": []}}, "/spec/refs/x", "to-key/path", "path-blocked"),
        ({}, "/body/metadata/name", "to-key/path", "invalid-value"),
        ({}, "/metadata/name", "to-key/path", "invalid-value"),
        ({}, "spec", "to-key/path", "invalid-value"),
    ],
)
def test_a_name_has_to_have_its_place(given: dict[str, Any], path: str, place: str, code: str) -> None:
    found = errors(resource(**given), KEY, names(path))
    assert (place, code) in found
    # and what can be made is made all the same
    preview(graph(resource(**given), KEY, names(path)), CONTEXT)


def test_two_names_have_no_room_in_one_field() -> None:
    two = (KEY, node("other", "secret", keys=["a"]))
    found = errors(resource(), *two, names("/spec/secretName"), names("/spec/secretName", "other"))
    assert found == [("cert/spec/secretName", "named-twice")]
