from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.workflows.compile.checks import validate
from shared.workflows.drawing.graph import Edge, Graph
from shared.workflows.wires.table import BY_ID, default_options
from shared.workflows.wires.verdicts import Place, judge
from tests.fixtures.workflows.helpers import CONTEXT
from tests.fixtures.workflows.strategies import any_graphs

FIXTURE = json.loads(Path("tests/fixtures/workflows/verdicts.json").read_text())
GRAPHS = {name: Graph.model_validate(graph) for name, graph in FIXTURE["graphs"].items()}


def place(raw: dict[str, str]) -> Place:
    return Place(raw["node_id"], raw.get("handle"))


@pytest.mark.parametrize("case", FIXTURE["cases"], ids=lambda case: case["name"])
def test_a_verdict(case: dict[str, Any]) -> None:
    verdict = judge(GRAPHS[case["graph"]], place(case["source"]), place(case["target"]), case.get("edge_type"))
    found: dict[str, Any] = {"ok": verdict.ok}
    if verdict.ok:
        found["rules"] = list(verdict.rules)
    else:
        found["code"] = verdict.code
        assert verdict.message
        if verdict.remedy:
            found["remedy"] = verdict.remedy.action
    assert found == case["expected"]


def test_every_rule_is_allowed_in_some_case() -> None:
    allowed = {rule for case in FIXTURE["cases"] for rule in case["expected"].get("rules", [])}
    assert allowed == set(BY_ID)


@given(any_graphs(), st.data())
def test_judging_never_fails(graph: Graph, data: st.DataObject) -> None:
    if not graph.nodes:
        return
    source, target = (data.draw(st.sampled_from(graph.nodes)) for _ in range(2))
    handle = data.draw(st.none() | st.sampled_from(["in", "out", "path:a", "rule:b", ":", "x"]))
    verdict = judge(graph, Place(source.id, handle), Place(target.id))
    assert verdict.ok == bool(verdict.rules)
    assert verdict.ok != bool(verdict.code)


CONNECTION_CODES = {"no-rule", "duplicate", "source-full", "target-full", "cycle", "external-name", "dangling-edge"}


@pytest.mark.parametrize("case", [case for case in FIXTURE["cases"] if case["expected"]["ok"]], ids=lambda c: c["name"])
def test_what_is_allowed_is_no_mistake_afterwards(case: dict[str, Any]) -> None:
    graph = GRAPHS[case["graph"]]
    before = {issue.code for issue in validate(graph, CONTEXT)}
    for rule_id in case["expected"]["rules"]:
        rule = BY_ID[rule_id]
        edge = Edge(
            id="new",
            source=case["source"]["node_id"],
            source_handle=case["source"].get("handle"),
            target=case["target"]["node_id"],
            target_handle=case["target"].get("handle"),
            type=rule.edge_type,
            data=default_options(rule),
        )
        wired = Graph(nodes=graph.nodes, edges=[*graph.edges, edge])
        assert not {issue.code for issue in validate(wired, CONTEXT)} - before & CONNECTION_CODES
