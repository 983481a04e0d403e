from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.errors import InvalidInput
from shared.workflows.drawing.graph import MOST_EDGES, MOST_NODES, Edge, Graph, Node, check_shape
from shared.workflows.kinds import TYPES
from tests.fixtures.workflows.helpers import graph, node, wire
from tests.fixtures.workflows.strategies import any_graphs


def refused(broken: Graph) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        check_shape(broken, TYPES)
    return caught.value


def paths(broken: Graph) -> list[str]:
    return [field.path for field in refused(broken).fields]


def test_an_incomplete_draft_may_be_stored() -> None:
    check_shape(graph(Node(id="web", type="deployment", data={"name": "Not Yet", "replicas": -1})), TYPES)


@given(any_graphs())
def test_whatever_may_be_drawn_may_be_stored(drawn: Graph) -> None:
    check_shape(drawn, TYPES)


def test_ids_are_unique() -> None:
    assert paths(graph(node("a", "service"), node("a", "service"))) == ["nodes.1.id"]
    twice = graph(node("a", "service"), node("b", "deployment"), wire("a", "b"), wire("a", "b"))
    assert paths(twice) == ["edges.1.id"]


def test_loose_ends_are_named() -> None:
    broken = graph(node("a", "service"), wire("a", "ghost"), wire("gone", "a"))
    assert paths(broken) == ["edges.0.target", "edges.1.source"]


def test_an_unknown_type_is_refused_with_the_known_ones() -> None:
    error = refused(graph(node("a", "deploymint")))
    assert [field.path for field in error.fields] == ["nodes.0.type"]
    assert "deployment" in error.fields[0].message


@pytest.mark.parametrize("identity", ["", "a.b", "-a", "a-", "a b", "ä", "a" * 64, "$a", "a\n"])
def test_an_id_must_be_a_label_value_without_dots(identity: str) -> None:
    with pytest.raises(ValidationError):
        Node(id=identity, type="note")


def test_too_many_nodes_or_edges_name_the_limit() -> None:
    many = Graph(nodes=[node(f"n{index}", "note") for index in range(MOST_NODES + 1)])
    assert (refused(many).code, refused(many).details) == ("graph-too-large", {"limit": 1000, "what": "nodes"})
    pair = [node("a", "service"), node("b", "deployment")]
    wires = [Edge(id=f"e{index}", source="a", target="b") for index in range(MOST_EDGES + 1)]
    assert refused(Graph(nodes=pair, edges=wires)).details == {"limit": 4000, "what": "edges"}


def test_the_limits_themselves_are_allowed() -> None:
    nodes = [node(f"n{index}", "note") for index in range(MOST_NODES)]
    edges = [Edge(id=f"e{index}", source="n0", target="n1") for index in range(MOST_EDGES)]
    check_shape(Graph(nodes=nodes, edges=edges), TYPES)


def test_more_than_eight_mebibytes_are_refused() -> None:
    large = graph(node("a", "configmap", data={"key": "x" * (8 * 1024 * 1024)}))
    assert refused(large).details == {"limit": 8 * 1024 * 1024, "what": "bytes"}


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"$where": 1}, "nodes.0.data"),
        ({"a": {"b\0": 1}}, "nodes.0.data.a"),
        ({"a": [1, 2**60]}, "nodes.0.data.a.1"),
        ({"a": -(2**60)}, "nodes.0.data.a"),
    ],
)
def test_what_a_document_cannot_hold_is_refused_at_its_place(data: dict[str, Any], path: str) -> None:
    assert paths(graph(Node(id="a", type="note", data=data))) == [path]


def test_deep_nesting_is_refused() -> None:
    value: dict[str, Any] = {}
    for _ in range(40):
        value = {"a": value}
    assert len(paths(graph(Node(id="a", type="note", data=value)))) == 1


@pytest.mark.parametrize("value", ["\ud800", float("nan"), float("inf"), object()])
def test_what_is_no_json_is_refused(value: object) -> None:
    assert refused(graph(Node(id="a", type="note", data={"a": value}))).code == "invalid-graph"


def test_parents_are_groups_that_exist() -> None:
    group, inside = Node(id="g", type="group"), Node(id="a", type="note", parent="g")
    check_shape(graph(group, inside), TYPES)
    assert paths(graph(Node(id="a", type="note", parent="g"))) == ["nodes.0.parent"]
    assert paths(graph(node("b", "note"), Node(id="a", type="note", parent="b"))) == ["nodes.1.parent"]
    assert paths(graph(group, Node(id="h", type="group", parent="g"))) == ["nodes.1.parent"]


@given(st.dictionaries(st.text(max_size=5), st.none() | st.integers(0, 5) | st.text(max_size=5), max_size=4))
def test_data_is_stored_as_drawn(data: dict[str, Any]) -> None:
    drawn = Node(id="a", type="note", data=data)
    assert Graph(nodes=[drawn]).to_raw()["nodes"][0]["data"] == data
