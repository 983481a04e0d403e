"""What browsers allow and refuse while a wire is drawn, and what validation says of the wire afterwards, agree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from shared.workflows.compile.checks import validate
from shared.workflows.drawing.graph import Edge, Graph
from shared.workflows.wires.rules import Rule
from shared.workflows.wires.table import BY_ID, RULES, default_options
from tests.fixtures.workflows.helpers import CONTEXT

FIXTURE = json.loads(Path("tests/fixtures/workflows/verdicts.json").read_text())
GRAPHS = {name: Graph.model_validate(graph) for name, graph in FIXTURE["graphs"].items()}
ALLOWED = [case for case in FIXTURE["cases"] if case["expected"]["ok"]]
REFUSED = [
    case
    for case in FIXTURE["cases"]
    # a stored wire has both its ends, whatever was dragged
    if not case["expected"]["ok"] and case["source"]["node_id"] in GRAPHS[case["graph"]].by_id
]
CONNECTION_CODES = {"no-rule", "duplicate", "source-full", "target-full", "cycle", "external-name", "dangling-edge"}
ALSO_SAID = {"reversed": {"no-rule"}, "handle-gone": {"no-rule"}, "no-rule": {"cycle"}}
"""Codes that make sense only while somebody draws, and what a stored wire of that kind may be called instead."""


def codes(graph: Graph) -> set[str]:
    return {issue.code for issue in validate(graph, CONTEXT)}


def with_wire(case: dict[str, Any], rule: Rule | None) -> set[str]:
    """Return what is wrong with the graph of a case only since its wire was drawn by a rule."""
    graph = GRAPHS[case["graph"]]
    edge = Edge(
        id="new",
        source=case["source"]["node_id"],
        source_handle=case["source"].get("handle"),
        target=case["target"]["node_id"],
        target_handle=case["target"].get("handle"),
        type=rule.edge_type if rule else "wires",
        data=default_options(rule) if rule else {},
    )
    kept = [issue.code for issue in validate(graph, CONTEXT)]
    for issue in validate(Graph(nodes=graph.nodes, edges=[*graph.edges, edge]), CONTEXT):
        if issue.code in kept:
            kept.remove(issue.code)
        else:
            return {issue.code} | (codes(Graph(nodes=graph.nodes, edges=[*graph.edges, edge])) - codes(graph))
    return set()


def fitting(case: dict[str, Any]) -> list[Rule]:
    graph = GRAPHS[case["graph"]].by_id
    start, end = graph[case["source"]["node_id"]], graph[case["target"]["node_id"]]
    wanted = case.get("edge_type")
    return [
        rule
        for rule in RULES
        if (rule.edge_type == wanted if wanted else not rule.on_request)
        and rule.fits(start.type, case["source"].get("handle"), end.type, case["target"].get("handle"))
    ]


def test_every_rule_is_allowed_in_some_case() -> None:
    assert {rule for case in ALLOWED for rule in case["expected"]["rules"]} == set(BY_ID)


@pytest.mark.parametrize("case", ALLOWED, ids=lambda case: case["name"])
def test_what_is_allowed_is_no_mistake_afterwards(case: dict[str, Any]) -> None:
    for rule_id in case["expected"]["rules"]:
        assert not with_wire(case, BY_ID[rule_id]) & CONNECTION_CODES


@pytest.mark.parametrize("case", ALLOWED, ids=lambda case: case["name"])
def test_the_rules_of_an_allowed_wire_are_those_that_fit(case: dict[str, Any]) -> None:
    assert set(case["expected"]["rules"]) <= {rule.id for rule in fitting(case)}


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["name"])
def test_what_is_refused_is_called_the_same_when_it_is_stored(case: dict[str, Any]) -> None:
    code = case["expected"]["code"]
    rules: list[Rule | None] = [*fitting(case)] or [None]
    said = set().union(*(with_wire(case, rule) for rule in rules))
    assert said & {code, *ALSO_SAID.get(code, ())}
