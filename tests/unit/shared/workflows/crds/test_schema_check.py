from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.workflows.crds.schema_check import MOST_FAULTS, dotted, faults_of
from tests.fixtures.workflows.crds import (
    ANYTHING,
    DATABASE,
    DATABASE_FAULTS,
    DATABASE_RIGHT,
    DATABASE_SPEC,
    PALETTE,
    changed,
    text,
)


def database(changes: dict[str, Any]) -> dict[str, Any]:
    metadata = {"name": "db", "labels": {"a": "b"}}
    return {
        "apiVersion": "shop.example.com/v1",
        "kind": "Database",
        "metadata": metadata,
        "spec": changed(DATABASE_SPEC, changes),
    }


def found(schema: dict[str, Any], value: Any) -> list[tuple[str, str]]:
    """Check a value as a field of a spec."""
    whole = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"x": schema}}}}
    return [(dotted(fault.path), fault.code) for fault in faults_of({"spec": {"x": value}}, whole)]


@pytest.mark.parametrize("name", DATABASE_FAULTS)
def test_what_a_definition_does_not_allow_is_found_at_its_place(name: str) -> None:
    changes, expected = DATABASE_FAULTS[name]
    assert {(dotted(fault.path), fault.code) for fault in faults_of(database(changes), DATABASE)} == expected


@pytest.mark.parametrize("name", DATABASE_RIGHT)
def test_what_it_allows_is_not_called_wrong(name: str) -> None:
    assert faults_of(database(DATABASE_RIGHT[name]), DATABASE) == []


def test_words_say_what_would_be_right() -> None:
    said = {
        name: {f"{dotted(fault.path)} {fault.words}" for fault in faults_of(database(changes), DATABASE)}
        for name, (changes, _) in DATABASE_FAULTS.items()
    }
    assert said["unknown"] == {"spec.engin is not known to this kind; did you mean engine?"}
    assert said["none of the alternatives"] == {"spec must have exactly one of: backup, noBackup"}
    assert said["no choice"] == {"spec.engine must be one of: postgres, mysql"}
    assert said["true for a number or text"] == {"spec.port must be a whole number or a text"}
    assert said["too small, exclusively"] == {"spec.copies must be more than 0"}
    assert said["twice by its key"] == {"spec.users[1] has the same name as item 1 of the list again"}


def test_fields_beside_the_spec_are_checked_as_well() -> None:
    assert [(dotted(f.path), f.code) for f in faults_of({"colours": "red", "x": 1}, PALETTE)] == [
        ("colours", "wrong-type"),
        ("x", "unknown-field"),
    ]
    assert faults_of({"anything": {"at": ["all"]}}, ANYTHING) == []


def test_a_kind_that_insists_on_a_spec_misses_it() -> None:
    assert [(dotted(fault.path), fault.code) for fault in faults_of({"kind": "Database"}, DATABASE)] == [
        ("spec", "required")
    ]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "format": "date-time"}, "whenever"),
        ({"anyOf": [{"required": ["a"]}, {"maxProperties": 0}]}, {"b": 1}),
        ({"oneOf": [{"required": ["a"]}, {"required": ["b"], "properties": {}}]}, {}),
        ({"anyOf": [{"required": ["a"]}]}, {"a": None}),
        ({"anyOf": [{"required": []}, 5]}, {}),
        ({"$ref": "#/components/schemas/Meta"}, {"any": "thing"}),
        ({"type": "strange"}, 5),
        ({}, {"a": 1}["a"]),
        ({"type": "string", "pattern": "^[a-z]+$"}, "A" * 257),
        ({"type": "string", "pattern": "^(a"}, "b"),
        ({"type": "string", "pattern": r"(\pL{0,30}.){30}"}, "b"),
        ({"type": "string", "pattern": "^a$"}, "\ud800"),
        ({"type": "object", "additionalProperties": True}, {"a": 1}),
        ({"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"]}, [{}, {}]),
        ({"type": "array", "x-kubernetes-list-type": "map"}, [{}, {}]),
        ({"type": "integer", "multipleOf": 0.1}, 5),
        ({"required": "name", "type": "object", "properties": 5, "enum": 5}, {}),
    ],
)
def test_what_is_not_known_for_sure_is_left_to_the_api_server(schema: dict[str, Any], value: Any) -> None:
    assert [code for _, code in found(schema, value) if code != "required"] == []


@pytest.mark.parametrize(("choices", "value"), [([1, 2], True), ([True], 1), ([0], False)])
def test_a_number_is_no_truth(choices: list[Any], value: Any) -> None:
    assert found({"enum": choices}, value) == [("spec.x", "not-a-choice")]


def test_alternatives_name_the_fields_that_they_need() -> None:
    schema = {
        "anyOf": [{"required": ["a", "b"]}, {"required": ["c"]}],
        "properties": {"a": text(default="x"), "b": text(), "c": text()},
    }
    assert found(schema, {}) == [("spec.x", "one-of")]
    assert found(schema, {"b": "y"}) == []
    assert found(schema, {"b": "y", "c": "z"}) == []


def test_a_multiple_is_one() -> None:
    assert found({"type": "integer", "multipleOf": 5}, 12) == [("spec.x", "not-a-multiple")]
    assert found({"type": "integer", "multipleOf": 5}, 15) == []


def test_of_many_faults_the_first_are_told() -> None:
    assert len(found({"type": "array", "items": text()}, list(range(500)))) == MOST_FAULTS


@pytest.mark.parametrize(
    "pattern",
    [
        *("^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "^((a+)b?)*$", "^(a?){40}a{40}$", "^a*a*a*a*a*b$", "^(a{0,9}){0,99}$"),
        f"^{'(a|aa)' * 40}$",
    ],
)
def test_no_pattern_takes_long(pattern: str) -> None:
    began = time.process_time()
    assert found({"type": "string", "pattern": pattern}, "a" * 60 + "!") == [("spec.x", "pattern")]
    # Python's own would take hours
    assert time.process_time() - began < 2


def test_a_text_ends_where_it_ends() -> None:
    assert found({"type": "string", "pattern": "^a$"}, "a\n") == [("spec.x", "pattern")]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from([0.5, 2.0]) | st.text("ab", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
PARTS = [
    "type",
    "properties",
    "items",
    "enum",
    "required",
    "minimum",
    "pattern",
    "maxLength",
    "nullable",
    "x-kubernetes-",
]


@given(JSON, st.dictionaries(st.sampled_from(PARTS), JSON, max_size=5))
def test_no_schema_and_no_value_breaks_it(value: Any, schema: dict[str, Any]) -> None:
    for fault in faults_of({"spec": value}, {"type": "object", "properties": {"spec": schema}}):
        assert fault.path[0] == "spec"
        assert fault.words


@st.composite
def pairs(draw: st.DrawFn, depth: int = 3) -> tuple[dict[str, Any], Any]:
    """Draw a schema and a value it allows."""
    kinds = ["string", "integer", "boolean", "either", *(["object", "array", "map"] if depth else [])]
    kind = draw(st.sampled_from(kinds))
    if kind == "object":
        members = draw(st.dictionaries(st.sampled_from("abcd"), pairs(depth - 1), max_size=3))
        present = draw(st.sets(st.sampled_from(sorted(members)))) if members else set()
        schema = {"type": "object", "properties": {name: pair[0] for name, pair in members.items()}}
        schema["required"] = draw(st.lists(st.sampled_from(sorted(present)), unique=True)) if present else []
        return schema, {name: members[name][1] for name in present}
    if kind in {"array", "map"}:
        inner, value = draw(pairs(depth - 1))
        count = draw(st.integers(0, 3))
        if kind == "array":
            return {"type": "array", "items": inner, "maxItems": 3}, [value] * count
        return {"type": "object", "additionalProperties": inner}, {str(n): value for n in range(count)}
    values: dict[str, tuple[dict[str, Any], Any]] = {
        "string": ({"type": "string", "minLength": 1, "pattern": "^[a-c]+$"}, draw(st.text("abc", min_size=1))),
        "integer": ({"type": "integer", "minimum": -5, "maximum": 5}, draw(st.integers(-5, 5))),
        "boolean": ({"type": "boolean"}, draw(st.booleans())),
        "either": ({"x-kubernetes-int-or-string": True}, draw(st.integers() | st.text())),
    }
    return values[kind]


@given(pairs())
def test_a_value_made_by_its_schema_is_right(pair: tuple[dict[str, Any], Any]) -> None:
    assert found(*pair) == []


@given(pairs(), st.sampled_from([object, 5j]))
def test_a_value_of_no_type_that_json_has_is_wrong(pair: tuple[dict[str, Any], Any], wrong: Any) -> None:
    assert [code for _, code in found(pair[0], wrong)] == ["wrong-type"]
