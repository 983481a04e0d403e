from __future__ import annotations

from hypothesis import given

from shared.workflows.drawing.graph import Graph, Node, Position
from shared.workflows.versions.compare import Side, compare
from tests.fixtures.workflows.helpers import graph, node, web, wire
from tests.fixtures.workflows.strategies import any_graphs


def side(drawn: Graph, namespace: str = "shop", **secrets: str) -> Side:
    return Side(drawn, namespace, secrets)


def test_what_was_added_removed_and_changed_is_told_with_the_field() -> None:
    old = graph(web(replicas=1), node("old", "configmap"))
    new = graph(web(replicas=3), node("key", "secret", keys=["a"]), wire("key", "web", "secret-env"))
    found = compare(side(old), side(new))
    assert [(change.node_id, change.change, change.name) for change in found.nodes] == [
        ("key", "added", "key"),
        ("old", "removed", "old"),
        ("web", "changed", "web"),
    ]
    assert [(c.path, c.old, c.new) for c in found.nodes[2].changes] == [("data.replicas", 1, 3)]
    assert [(e.edge_id, e.change, e.source, e.target) for e in found.edges] == [
        ("key-web-secret-env", "added", "key", "web")
    ]
    assert not found.identical


def test_a_moved_card_is_no_other_graph() -> None:
    moved = Graph(nodes=[Node(id="web", type="deployment", data=web().data, position=Position(x=9, y=9))])
    found = compare(side(graph(web())), side(moved))
    assert (found.moved, found.nodes, found.identical) == (["web"], [], True)


def test_other_secret_values_and_another_namespace_count() -> None:
    drawn = graph(node("key", "secret", keys=["a"]))
    found = compare(side(drawn, "shop", key="v1"), side(drawn, "prod", key="v2"))
    assert found.secrets == ["key"]
    assert [(c.path, c.old, c.new) for c in found.settings] == [("namespace", "shop", "prod")]
    assert not found.identical


@given(any_graphs())
def test_a_graph_is_like_itself_in_any_order(drawn: Graph) -> None:
    turned = Graph(nodes=drawn.nodes[::-1], edges=drawn.edges[::-1])
    found = compare(side(drawn), side(turned))
    assert found.identical
    assert found.moved == []


@given(any_graphs(), any_graphs())
def test_the_way_back_is_the_mirror_of_the_way_there(old: Graph, new: Graph) -> None:
    there, back = compare(side(old), side(new)), compare(side(new), side(old))
    mirror = {"added": "removed", "removed": "added", "changed": "changed"}
    assert [(c.node_id, mirror[c.change]) for c in there.nodes] == [(c.node_id, c.change) for c in back.nodes]
    assert [(c.edge_id, mirror[c.change]) for c in there.edges] == [(c.edge_id, c.change) for c in back.edges]
