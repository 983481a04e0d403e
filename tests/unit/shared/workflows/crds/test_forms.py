from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.workflows.catalogue.schema import foreign_keywords
from shared.workflows.crds.forms import LARGEST_FORM, MOST_FIELDS, form_of
from shared.workflows.crds.words import title_of
from shared.workflows.drawing.issues import pointer
from tests.fixtures.workflows.crds import ANYTHING, DATABASE, DATABASE_SPEC, PALETTE, deep, text

Json = dict[str, Any]

FORM = form_of(DATABASE)


def accepts(schema: Json, value: Any) -> bool:
    return bool(jsonschema.Draft202012Validator(schema).is_valid(value))


def spec_of(schema: Json) -> Any:
    """Return the form of one field, as part of a spec."""
    form = form_of({"type": "object", "properties": {"spec": {"type": "object", "properties": {"x": schema}}}})
    assert form.spec is not None
    return form.spec["properties"]["x"], form.hints["/spec/x"]


def test_a_spec_that_people_would_write_is_accepted() -> None:
    assert FORM.spec is not None
    jsonschema.Draft202012Validator(FORM.spec).validate(DATABASE_SPEC)


@pytest.mark.parametrize(
    "change",
    [
        {"engine": "oracle"},
        {"copies": 0},
        {"copies": 2**31},
        {"storage": "ten"},
        {"storage": 1.5},
        {"hostName": "-"},
        {"ratio": 1.1},
        {"dnsNames": ["a"] * 11},
        {"users": [{}]},
        {"backup": {}},
        {"noBackup": {"really": True}},
        {"unknown": 1},
    ],
)
def test_what_the_cluster_would_refuse_is_refused(change: Json) -> None:
    assert FORM.spec is not None
    assert not accepts(FORM.spec, {**DATABASE_SPEC, **change})


def test_metadata_and_status_are_left_out() -> None:
    assert FORM.body == {}
    assert FORM.required == ("spec",)
    assert not [path for path in FORM.hints if not path.startswith("/spec")]


def test_widgets_follow_the_schema() -> None:
    found = {path.removeprefix("/spec/"): hint["widget"] for path, hint in FORM.hints.items()}
    assert found == {
        "/spec": "object",
        "engine": "select",
        "storage": "quantity",
        "backup": "object",
        "backup/schedule": "text",
        "backup/keepUntil": "text",
        "copies": "number",
        "dnsNames": "list",
        "extra": "code",
        "hostName": "text",
        "languageTag": "text",
        "nickname": "text",
        "noBackup": "object",
        "parameters": "map",
        "podTemplate": "code",
        "port": "int-or-string",
        "ratio": "number",
        "users": "repeater",
        "users/*/name": "text",
        "users/*/isAdmin": "toggle",
        "tuning": "object",
        "tuning/memory": "object",
        "tuning/memory/limit": "text",
    }


def test_what_the_form_cannot_check_is_said() -> None:
    helps = {path: hint.get("help", "") for path, hint in FORM.hints.items()}
    assert helps["/spec"] == "What is wanted. No ratio. Exactly one of backup, noBackup."
    assert helps["/spec/dnsNames"] == "Each item once."
    assert helps["/spec/users"] == "Each name once."
    assert helps["/spec/languageTag"] == r"Matches ^\pL+$"
    assert FORM.hints["/spec/backup/keepUntil"]["placeholder"] == "2030-01-31T12:00:00Z"


def test_fields_that_must_be_filled_in_come_first() -> None:
    assert FORM.spec is not None
    assert list(FORM.spec["properties"])[:3] == ["engine", "storage", "backup"]
    assert FORM.spec["properties"]["copies"]["default"] == 1


def test_numbers_keep_to_their_limits_and_formats() -> None:
    assert spec_of({"type": "integer", "minimum": 1.5, "maximum": 9, "exclusiveMaximum": True})[0] == {
        "type": "integer",
        "minimum": 2,
        "maximum": 8,
    }
    assert spec_of({"type": "number", "minimum": 0, "exclusiveMinimum": True})[0] == {
        "type": "number",
        "exclusiveMinimum": 0,
    }
    limited, hint = spec_of({"type": "number", "maximum": 1, "exclusiveMaximum": True, "multipleOf": 0.1})
    assert limited == {"type": "number", "maximum": 1}
    assert hint["help"] == "A multiple of 0.1. Less than 1."


def test_a_null_is_no_choice_and_no_default() -> None:
    made, _ = spec_of(text(nullable=True, enum=["a", None], default=None))
    assert made == {"type": "string", "enum": ["a"]}


def test_objects_that_say_nothing_of_their_fields_are_yaml() -> None:
    assert spec_of({"type": "object", "x-kubernetes-preserve-unknown-fields": True}) == (
        {"type": "object"},
        {"group": "spec", "order": 1, "widget": "code", "title": "X"},
    )
    assert spec_of({"x-kubernetes-preserve-unknown-fields": True})[0] == {}
    assert spec_of({"type": "object", "additionalProperties": True})[0] == {"type": "object"}
    assert spec_of({"$ref": "#/components/schemas/Other"})[0] == {"type": "object"}


def test_an_open_object_with_known_fields_takes_others_too() -> None:
    made, hint = spec_of({"type": "object", "properties": {"a": text()}, "x-kubernetes-preserve-unknown-fields": True})
    assert accepts(made, {"a": "x", "b": 1})
    assert not accepts(made, {"a": 1})
    assert hint["widget"] == "object"


def test_a_field_called_like_the_wildcard_has_no_form() -> None:
    assert spec_of({"type": "object", "properties": {"*": text()}})[1]["widget"] == "code"


def test_a_kind_without_a_spec_has_its_own_fields() -> None:
    form = form_of(PALETTE)
    assert (form.spec, list(form.body)) == (None, ["colours"])
    assert list(form.hints) == ["/body/colours"]


def test_a_kind_that_takes_anything_has_no_form() -> None:
    form = form_of(ANYTHING)
    assert (form.spec, form.body, form.hints) == (None, {}, {})


def test_a_deep_schema_is_cut_where_it_becomes_too_deep() -> None:
    form = form_of(deep(12, 2))
    assert form.cut == ("/spec" + "".join(f"/level{level}" for level in range(11, 3, -1)),)
    assert form.hints[form.cut[0]]["widget"] == "code"


def test_a_large_schema_is_made_shallower_until_it_fits() -> None:
    started = time.monotonic()
    form = form_of(deep(8, 120))
    assert time.monotonic() - started < 2
    assert 120 < len(form.hints) <= MOST_FIELDS
    assert form.cut


def test_a_first_level_that_is_too_large_is_yaml() -> None:
    form = form_of(deep(1, MOST_FIELDS + 1))
    assert form.spec == {"type": "object"}
    body = {"type": "object", "properties": {f"field{number}": text() for number in range(MOST_FIELDS + 1)}}
    assert form_of(body).body == {}


def test_deep_and_many_fields_are_folded_away() -> None:
    hints = form_of(deep(5, 2)).hints
    assert "advanced" not in hints["/spec/field0"]
    assert hints["/spec/level4/level3/level2"]["advanced"] is True
    assert form_of(deep(1, 30)).hints["/spec/field0"]["advanced"] is True


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("secretName", "Secret name"),
        ("dnsNames", "DNS names"),
        ("ipAddresses", "IP addresses"),
        ("caBundle", "CA bundle"),
        ("podCIDRs", "Pod CIDRs"),
        ("x-y", "X y"),
        ("___", "___"),
    ],
)
def test_names_become_titles(name: str, title: str) -> None:
    assert title_of(name) == title


# -- any structural schema ----------------------------------------------------------------------------------------

NAMES = st.sampled_from(["a", "b", "$ref", "default", "x/y", "~", "properties", "type", "dnsNames"])
LEAVES = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("string")},
        optional={
            "minLength": st.integers(0, 3),
            "pattern": st.sampled_from(["^[ab]*$", r"\d", "(?i)x", "^.?$"]),
            "nullable": st.booleans(),
            "description": st.text(max_size=20),
        },
    ),
    st.fixed_dictionaries({"type": st.just("string"), "enum": st.just(["a", "b", None])}),
    st.fixed_dictionaries(
        {"type": st.just("integer")},
        optional={
            "minimum": st.integers(-5, 5),
            "exclusiveMinimum": st.booleans(),
            "maximum": st.floats(8, 10),
            "exclusiveMaximum": st.booleans(),
            "format": st.sampled_from(["int32", "int64"]),
        },
    ),
    st.fixed_dictionaries(
        {"type": st.just("number")}, optional={"minimum": st.integers(-5, 5), "exclusiveMinimum": st.booleans()}
    ),
    st.fixed_dictionaries({"type": st.just("boolean")}),
    st.just({"x-kubernetes-int-or-string": True}),
    st.just({"x-kubernetes-preserve-unknown-fields": True}),
    st.just({"type": "object", "x-kubernetes-preserve-unknown-fields": True}),
    st.just({"type": "object"}),
)


def _objects(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    properties = st.dictionaries(NAMES, inner, min_size=1, max_size=4)
    fields = properties.flatmap(
        lambda found: st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.just(found)},
            optional={
                "required": st.lists(st.sampled_from(sorted(found)), unique=True),
                "x-kubernetes-preserve-unknown-fields": st.just(True),
                "maxProperties": st.integers(4, 6),
            },
        )
    )
    maps = st.fixed_dictionaries({"type": st.just("object"), "additionalProperties": inner})
    lists = st.fixed_dictionaries(
        {"type": st.just("array"), "items": inner}, optional={"minItems": st.integers(0, 2), "nullable": st.booleans()}
    )
    return st.one_of(fields, maps, lists)


SCHEMAS = st.recursive(LEAVES, _objects, max_leaves=12)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=4,
)


def values(schema: Json) -> st.SearchStrategy[Any]:
    """Return values that a form's schema accepts, mostly."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema.get("type")
    if kind in ("integer", "number"):
        low = schema.get("minimum", -20)
        return st.integers(low, schema.get("maximum", low + 40)) if kind == "integer" else st.floats(-10, 10)
    makers: dict[Any, Callable[[Json], st.SearchStrategy[Any]]] = {
        "string": lambda _: st.text(alphabet="ab01x", min_size=schema.get("minLength", 0), max_size=4),
        "boolean": lambda _: st.booleans(),
        "array": _lists_for,
        "object": _objects_for,
    }
    if isinstance(kind, str):
        return makers[kind](schema)
    return st.integers() | st.text(max_size=3) if kind else ANY_JSON.filter(lambda value: value is not None)


def _lists_for(schema: Json) -> st.SearchStrategy[Any]:
    least = schema.get("minItems", 0)
    return st.lists(values(schema.get("items", {})), min_size=least, max_size=least + 2)


def _objects_for(schema: Json) -> st.SearchStrategy[Any]:
    if isinstance(schema.get("additionalProperties"), dict):
        return st.dictionaries(NAMES, values(schema["additionalProperties"]), max_size=2)
    members = {name: values(member) for name, member in schema.get("properties", {}).items()}
    needed = {name: members.pop(name) for name in schema.get("required", [])}
    known = st.fixed_dictionaries(needed, optional=members)
    if schema.get("additionalProperties") is False:
        return known
    others = st.dictionaries(st.text(max_size=2), ANY_JSON, max_size=1)
    return st.tuples(others, known).map(lambda both: {**both[0], **both[1]})


def cluster_accepts(schema: Json, value: Any) -> bool:
    """Judge a value as an API server does with strict validation, over what the strategy above can say."""
    if schema.get("x-kubernetes-int-or-string"):
        return isinstance(value, (int, str)) and not isinstance(value, bool)
    kind = schema.get("type")
    if kind is None:
        return value is not None
    return {
        "string": _text_is_right,
        "integer": _number_is_right,
        "number": _number_is_right,
        "boolean": lambda _, given: isinstance(given, bool),
        "array": _list_is_right,
        "object": _object_is_right,
    }[kind](schema, value)


def _text_is_right(schema: Json, value: Any) -> bool:
    if not isinstance(value, str) or len(value) < schema.get("minLength", 0):
        return False
    pattern = schema.get("pattern")
    if pattern == "(?i)x":
        # not in the subset: the field says so, and a dry run tells
        return True
    return value in schema.get("enum", [value]) and (pattern is None or re.search(pattern, value) is not None)


def _number_is_right(schema: Json, value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    if schema["type"] == "integer" and value != math.floor(value):
        return False
    low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    below = value <= low if schema.get("exclusiveMinimum") and "minimum" in schema else value < low
    above = value >= high if schema.get("exclusiveMaximum") and "maximum" in schema else value > high
    bits = 31 if schema.get("format") == "int32" else 63
    return not below and not above and (schema["type"] == "number" or -(2**bits) <= value < 2**bits)


def _list_is_right(schema: Json, value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) >= schema.get("minItems", 0)
        and all(cluster_accepts(schema["items"], item) for item in value)
    )


def _object_is_right(schema: Json, value: Any) -> bool:
    if not isinstance(value, dict) or len(value) > schema.get("maxProperties", math.inf):
        return False
    if isinstance(schema.get("additionalProperties"), dict):
        return all(cluster_accepts(schema["additionalProperties"], item) for item in value.values())
    members = schema.get("properties", {})
    is_open = schema.get("x-kubernetes-preserve-unknown-fields", False)
    return (
        set(schema.get("required", [])) <= value.keys()
        and (is_open or value.keys() <= members.keys())
        and all(cluster_accepts(members[name], item) for name, item in value.items() if name in members)
    )


def pointers(schema: Json, path: str = "") -> set[str]:
    """Return the pointers of all fields of a form."""
    found: set[str] = set()
    for name, member in schema.get("properties", {}).items():
        here = path + pointer(name)
        found |= {here} | pointers(member, here)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            found |= pointers(schema[key], f"{path}/*")
    return found


def _root(schema: Json) -> Json:
    return {"type": "object", "properties": {"spec": schema, "status": {"type": "object"}}, "required": ["spec"]}


@given(SCHEMAS)
def test_every_structural_schema_gives_a_form_in_the_subset(schema: Json) -> None:
    form = form_of(_root(schema))
    assert form.spec is not None
    assert list(foreign_keywords(form.spec)) == []
    jsonschema.Draft202012Validator.check_schema(form.spec)
    assert pointers({"properties": {"spec": form.spec}}) == set(form.hints)
    assert [hint["order"] for hint in form.hints.values()] == list(range(len(form.hints)))


@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(st.data())
def test_what_a_form_accepts_the_cluster_accepts(data: st.DataObject) -> None:
    schema = data.draw(SCHEMAS)
    form = form_of(_root(schema))
    assert form.spec is not None
    value = data.draw(values(form.spec))
    if accepts(form.spec, value):
        assert cluster_accepts(schema, value)


def test_no_form_is_larger_than_the_limit() -> None:
    for width in (10, 60, 200):
        form = form_of(deep(6, width))
        assert len(str(form.spec)) + len(str(dict(form.hints))) < 2 * LARGEST_FORM
