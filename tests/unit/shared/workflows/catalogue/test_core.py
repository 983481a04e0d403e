from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from deploy.node_types_docs import PAGE, render
from shared.workflows.catalogue.core import node_types, node_types_json
from shared.workflows.catalogue.hints import title_of
from shared.workflows.catalogue.schema import foreign_keywords, form_schema
from shared.workflows.kinds import KINDS
from shared.workflows.kinds.fields.base import Fields, Kind
from tests.fixtures.workflows.goldens import all_goldens
from tests.fixtures.workflows.write import NODE_TYPES

SERVED = json.loads(node_types_json())


@pytest.mark.parametrize("kind", node_types().items, ids=lambda item: item.type)
def test_a_form_stays_within_the_subset(kind: Any) -> None:
    assert list(foreign_keywords(kind.json_schema)) == []
    jsonschema.Draft202012Validator.check_schema(kind.json_schema)


@pytest.mark.parametrize("rule", node_types().rules, ids=lambda rule: rule.id)
def test_a_wires_form_stays_within_the_subset(rule: Any) -> None:
    assert list(foreign_keywords(rule.edge_schema)) == []
    jsonschema.Draft202012Validator(rule.edge_schema).validate(rule.edge_defaults)


class Conditional(Fields):
    value: int | str


def test_the_guard_notices_what_is_outside_the_subset() -> None:
    assert list(foreign_keywords(form_schema(Conditional))) == ["/properties/value/anyOf"]
    assert list(foreign_keywords({"if": {}, "$ref": "https://example.com"})) == ["/if", "/$ref"]


def test_the_fixture_is_what_is_served() -> None:
    assert json.loads(NODE_TYPES.read_text()) == SERVED, "run python -m tests.fixtures.workflows.write"


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.type)
def test_defaults_need_nothing_but_what_a_person_must_say(kind: Kind[Any]) -> None:
    schema = form_schema(kind.model)
    data = {"name": kind.name_pattern.format(n=1), **kind.defaults}
    missing = {error.validator for error in jsonschema.Draft202012Validator(schema).iter_errors(data)}
    assert missing <= {"required"}


@pytest.mark.parametrize("golden", all_goldens(), ids=lambda golden: golden.name)
def test_the_form_takes_what_the_compiler_takes(golden: Any) -> None:
    for node in golden.graph.real_nodes:
        jsonschema.Draft202012Validator(form_schema(KINDS[node.type].model)).validate(node.data)


def pointers(schema: dict[str, Any], root: dict[str, Any], path: str = "") -> set[str]:
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    found: set[str] = set()
    for name, member in schema.get("properties", {}).items():
        found |= {f"{path}/{name}"} | pointers(member, root, f"{path}/{name}")
    for variant in schema.get("oneOf", []):
        found |= pointers(variant, root, path)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            found |= pointers(schema[key], root, f"{path}/*")
    return found


@pytest.mark.parametrize("served", SERVED["items"], ids=lambda item: item["type"])
def test_every_field_has_a_hint_and_every_hint_a_field(served: dict[str, Any]) -> None:
    assert pointers(served["schema"], served["schema"]) == set(served["ui"])


@pytest.mark.parametrize("served", SERVED["items"], ids=lambda item: item["type"])
def test_a_card_shows_at_most_three_rows_of_fields_that_exist(served: dict[str, Any]) -> None:
    assert len(served["card"]) <= 3
    assert {row["path"] for row in served["card"]} <= set(served["ui"])


@pytest.mark.parametrize("rule", SERVED["rules"], ids=lambda rule: rule["id"])
def test_a_rule_speaks_of_types_handles_and_fields_that_exist(rule: dict[str, Any]) -> None:
    items = {item["type"]: item for item in SERVED["items"]}
    for end in ("source", "target"):
        match = rule[end]
        types = set(items) if match["types"] == "*" else set(match["types"])
        assert types <= set(items)
        for name in types:
            handles = {handle["id"] for handle in items[name]["handles"]}
            assert match["handle"] is None or match["handle"] in handles
            mirrors = {mirror["path"] for mirror in rule["effect"]["mirrors"] if mirror["on"] == end}
            assert mirrors <= set(items[name]["ui"])


def test_names_become_titles() -> None:
    assert [title_of(name) for name in ("host_pid", "image_pull_policy", "fs_group", "period_seconds")] == [
        "Host PID",
        "Image pull policy",
        "FS group",
        "Period",
    ]


def test_the_documentation_is_written_from_the_types() -> None:
    assert PAGE.read_text() == render(), "run: python -m deploy.node_types_docs"
