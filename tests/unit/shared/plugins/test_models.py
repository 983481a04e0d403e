"""Definitions of plugins: what is refused, and with which sentence."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from shared.plugins.models import (
    DEEPEST_PATH,
    LARGEST_PLUGIN,
    MOST_FIELDS,
    MOST_NODE_TYPES,
    PluginDefinition,
    PluginField,
    PluginNodeType,
    tokens_of,
)

Json = dict[str, Any]
SIZE: Json = {"path": "/size", "title": "Size", "type": "integer"}
QUEUE: Json = {
    "id": "queue",
    "title": "Queue",
    "description": "A queue of messages.",
    "group": "queues.example.com",
    "versions": ["v1"],
    "kind": "Queue",
    "plural": "queues",
    "fields": [SIZE],
}
PLUGIN: Json = {
    "id": "queues",
    "name": "Queues",
    "description": "Queues of messages.",
    "category": "messaging",
    "version": "1.2.3",
    "homepage": "https://queues.example.com/docs",
    "node_types": [QUEUE],
}


def objections(model: type[Any], given: Json) -> list[tuple[str, str]]:
    """Return the places of all mistakes and their sentences."""
    try:
        model.model_validate(given)
    except ValidationError as error:
        return [(".".join(map(str, item["loc"])), item["msg"]) for item in error.errors()]
    return []


def of_field(**changes: Any) -> list[tuple[str, str]]:
    return objections(PluginField, {**SIZE, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"path": "/a/0/b"},
        {"path": "/a~1b/~0c"},
        {"path": "/" + "/".join("a" * DEEPEST_PATH)},
        {"path": "/colours", "in": "body"},
        {"type": "string", "options": ["a", "b"], "default": "b"},
        {"type": "string", "pattern": "^[a-z]+$", "default": "abc"},
        {"minimum": 1, "maximum": 1, "default": 1},
        {"type": "number", "minimum": 0, "default": 0.5},
        {"type": "quantity", "default": "10Gi"},
        {"type": "quantity", "default": 1},
        {"type": "boolean", "default": False},
        {"type": "list", "default": []},
        {"type": "map", "default": {"a": "b"}},
    ],
)
def test_a_field_that_is_right(changes: Json) -> None:
    assert of_field(**changes) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"path": "/0/a"}, "begins and ends with a name"),
        ({"path": "/a/0"}, "for a whole list, take the type list"),
        ({"path": "/a/10/b"}, "places in lists are at most 9"),
        ({"path": "/" + "/".join("a" * (DEEPEST_PATH + 1))}, f"at most {DEEPEST_PATH} steps"),
        ({"path": "size"}, "should match pattern"),
        ({"path": "/a/~2"}, "should match pattern"),
        ({"path": "/metadata/name", "in": "body"}, "a field beside apiVersion, kind, metadata, spec, status"),
        ({"options": ["a"]}, "of type string, when it has options"),
        ({"type": "boolean", "minimum": 1}, "a number, when it has a minimum or maximum"),
        ({"minimum": 2, "maximum": 1}, "minimum is not above its maximum"),
        ({"pattern": "^a$"}, "a text without options, when it has a pattern"),
        ({"type": "string", "options": ["a"], "pattern": "^a$"}, "a text without options, when it has a pattern"),
        ({"type": "string", "pattern": "(?=a)"}, "a pattern that Go, Python and browsers read alike"),
        ({"title": " Size"}, "should match pattern"),
        ({"title": "a\x07b"}, "text without control characters"),
        ({"help": "a\x00"}, "text without control characters"),
        ({"surprise": 1}, "Extra inputs are not permitted"),
    ],
)
def test_a_field_that_is_refused(changes: Json, sentence: str) -> None:
    [(_, found)] = of_field(**changes)
    assert sentence in found


@pytest.mark.parametrize(
    ("kind", "more", "value", "demand"),
    [
        ("integer", {}, 1.5, "a whole number"),
        ("integer", {}, True, "a whole number"),
        ("integer", {}, 2**53, "a whole number"),
        ("integer", {"minimum": 1}, 0, "within its minimum and maximum"),
        ("integer", {"maximum": 3}, 4, "within its minimum and maximum"),
        ("number", {}, "1", "a number"),
        ("number", {}, False, "a number"),
        ("boolean", {}, 0, "true or false"),
        ("quantity", {}, "ten", "a quantity, such as 500m or 10Gi"),
        ("quantity", {}, True, "a quantity, such as 500m or 10Gi"),
        ("list", {}, ["a", 1], "a list of texts"),
        ("list", {}, "a", "a list of texts"),
        ("map", {}, {"a": 1}, "an object whose values are texts"),
        ("map", {}, ["a"], "an object whose values are texts"),
        ("text", {}, 1, "a text"),
        ("string", {"options": ["a", "b"]}, "c", "one of a, b"),
        ("string", {"pattern": "^a+$"}, "b", "as its pattern says"),
    ],
)
def test_a_default_meets_what_its_field_asks_for(kind: str, more: Json, value: object, demand: str) -> None:
    field = PluginField.model_validate({**SIZE, "type": kind, **more})
    assert field.objection(value) == demand
    [(_, sentence)] = of_field(type=kind, default=value, **more)
    assert sentence == f"must be a field whose default is {demand}"


@pytest.mark.parametrize(
    ("path", "tokens"),
    [
        ("/a", ["a"]),
        ("/a/0/b", ["a", 0, "b"]),
        ("/a/10", ["a", 10]),
        ("/a/100", ["a", "100"]),
        ("/a/01", ["a", "01"]),
        ("/a~1b/~0", ["a/b", "~"]),
    ],
)
def test_digits_alone_are_places_in_lists(path: str, tokens: list[str | int]) -> None:
    assert tokens_of(path) == tokens


@pytest.mark.parametrize(
    ("paths", "refused"),
    [
        (["/a", "/b"], None),
        (["/a/b", "/a/c"], None),
        (["/a/0/b", "/a/1/b"], None),
        (["/a", "/a"], "/a stands twice or has fields inside"),
        (["/a/b", "/a"], "/a stands twice or has fields inside"),
        (["/a", "/a/b"], "/a/b does not with one before it"),
        (["/a/0/b", "/a/b/c"], "/a/b/c does not with one before it"),
    ],
)
def test_paths_of_a_node_type_agree(paths: list[str], refused: str | None) -> None:
    found = objections(PluginNodeType, {**QUEUE, "fields": [{**SIZE, "path": path} for path in paths]})
    assert [sentence.partition("; ")[2] for _, sentence in found] == ([refused] if refused else [])


@pytest.mark.parametrize(
    ("spec", "path", "is_refused"),
    [
        ({"limits": {"cpu": "1"}}, "/limits/memory", False),
        ({"limits": {"memory": "1"}}, "/limits/memory", False),
        ({"limits": "none"}, "/limits/memory", True),
        ({"limits": []}, "/limits/memory", True),
        ({"limits": [{"kind": "a"}]}, "/limits/0/size", False),
        ({"limits": [{"kind": "a"}]}, "/limits/1/size", False),
        ({"limits": {"a": 1}}, "/limits/0/size", True),
        ({"limits": ["a"]}, "/limits/0/size", True),
    ],
)
def test_what_every_node_has_leaves_room_for_the_fields(spec: Json, path: str, *, is_refused: bool) -> None:
    found = objections(PluginNodeType, {**QUEUE, "spec": spec, "fields": [{**SIZE, "path": path}]})
    expected = [("", f"must be a node type whose spec leaves room for {path}")]
    assert found == (expected if is_refused else [])


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"group": "apps"}, "group"),
        ({"group": "Queues.example.com"}, "group"),
        ({"versions": []}, "versions"),
        ({"versions": ["1"]}, "versions.0"),
        ({"kind": "queue"}, "kind"),
        ({"plural": "Queues"}, "plural"),
        ({"id": "-queue"}, "id"),
        ({"fields": []}, "fields"),
        ({"fields": [{**SIZE, "path": f"/f{number}"} for number in range(MOST_FIELDS + 1)]}, "fields"),
    ],
)
def test_a_node_type_that_is_refused(changes: Json, place: str) -> None:
    assert [found for found, _ in objections(PluginNodeType, {**QUEUE, **changes})] == [place]


@pytest.mark.parametrize(
    ("changes", "place", "sentence"),
    [
        ({"id": "enabled"}, "id", "an id that is no address of the API"),
        ({"id": "Queues"}, "id", "should match pattern"),
        ({"category": "toys"}, "category", "Input should be"),
        ({"homepage": "ftp://example.com"}, "homepage", "a link that begins with https:// or http://"),
        ({"homepage": "javascript:alert(1)"}, "homepage", "a link that begins with https:// or http://"),
        ({"homepage": "https://a b"}, "homepage", "a link that begins with https:// or http://"),
        ({"node_types": []}, "node_types", "at least 1 item"),
        ({"node_types": [QUEUE] * (MOST_NODE_TYPES + 1)}, "node_types", f"at most {MOST_NODE_TYPES} items"),
        ({"node_types": [QUEUE, {**QUEUE, "kind": "Topic"}]}, "", "node types have different ids"),
        ({"node_types": [QUEUE, {**QUEUE, "id": "other"}]}, "", "node types have different kinds"),
        ({"node_types": [{**QUEUE, "example": {"a": {1, 2}}}]}, "", "a plugin of plain JSON values"),
        ({"node_types": [{**QUEUE, "example": {"a": "x" * LARGEST_PLUGIN}}]}, "", "at most 32 KiB of JSON, not 33"),
    ],
)
def test_a_plugin_that_is_refused(changes: Json, place: str, sentence: str) -> None:
    [(found, words)] = objections(PluginDefinition, {**PLUGIN, **changes})
    assert found == place
    assert sentence in words


def test_one_kind_in_two_groups_is_two_kinds() -> None:
    other = {**QUEUE, "id": "other", "group": "other.example.com"}
    plugin = PluginDefinition.model_validate({**PLUGIN, "node_types": [QUEUE, other]})
    assert list(plugin.kinds) == ["Queue", "Queue"]
