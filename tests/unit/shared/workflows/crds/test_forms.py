"""Forms of custom resources, each rule by an example."""

from __future__ import annotations

import time
from typing import Any

import jsonschema
import pytest

from shared.workflows.crds.forms import LARGEST_FORM, MOST_FIELDS, form_of
from shared.workflows.crds.words import title_of
from tests.fixtures.workflows.crd_schemas import Json, accepts
from tests.fixtures.workflows.crds import ANYTHING, DATABASE, DATABASE_SPEC, PALETTE, deep, text

FORM = form_of(DATABASE)


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


def test_no_form_is_larger_than_the_limit() -> None:
    for width in (10, 60, 200):
        form = form_of(deep(6, width))
        assert len(str(form.spec)) + len(str(dict(form.hints))) < 2 * LARGEST_FORM
