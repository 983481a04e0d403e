from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.workflows.drawing.conditions import ABSENT, evaluate, holds, lookup, same
from shared.workflows.wires.table import BY_ID
from tests.fixtures.workflows.strategies import json_values

FIXTURES = Path("tests/fixtures/workflows")
LANGUAGE = json.loads((FIXTURES / "conditions.json").read_text())
MIRRORS = json.loads((FIXTURES / "mirrors.json").read_text())


@pytest.mark.parametrize("case", LANGUAGE["conditions"], ids=lambda case: case["name"])
def test_a_condition(case: dict[str, Any]) -> None:
    assert holds(case["condition"], case["scope"]) is case["expected"]


@pytest.mark.parametrize("case", LANGUAGE["expressions"], ids=lambda case: case["name"])
def test_an_expression(case: dict[str, Any]) -> None:
    value = evaluate(case["expression"], case["scope"])
    assert value is ABSENT if case["expected"] is None else value == case["expected"]["value"]


@pytest.mark.parametrize("case", MIRRORS, ids=lambda case: case["name"])
def test_a_mirror(case: dict[str, Any]) -> None:
    scope = {end: case[end] for end in ("source", "target", "edge")}
    shown = [(mirror, evaluate(mirror.value, scope)) for mirror in BY_ID[case["rule"]].mirrors]
    assert case["expected"] == [
        {"on": mirror.on, "path": mirror.path, "value": value, "mode": mirror.mode}
        for mirror, value in shown
        if value is not ABSENT
    ]


def test_every_rule_with_mirrors_has_a_case() -> None:
    assert {rule.id for rule in BY_ID.values() if rule.mirrors} <= {case["rule"] for case in MIRRORS}


@pytest.mark.parametrize("broken", [{}, {"path": "/a"}, {"equals": 1}])
def test_what_is_no_condition_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not a condition"):
        holds(broken, {})


def test_what_is_no_expression_is_refused() -> None:
    with pytest.raises(ValueError, match="not an expression"):
        evaluate({"path": "/a"}, {})


@given(json_values)
def test_every_value_is_the_same_as_itself(value: object) -> None:
    assert same(value, json.loads(json.dumps(value)))


@given(json_values, st.text(max_size=8))
def test_following_a_path_never_fails(value: object, path: str) -> None:
    lookup(value, path)
    lookup(value, f"/{path}")
