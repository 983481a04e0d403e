from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from shared.clock import now
from shared.people import Person
from shared.runs.execute import removal
from shared.runs.execute.removal import last_version, within_limits
from shared.runs.models import Tombstone
from shared.runs.undo import bring_back, remedy_for
from shared.workflows.drawing.graph import Edge, Graph, Node
from shared.workflows.models import Workflow, WorkflowStatus
from shared.workflows.versions.models import Version
from tests.fixtures.workflows.helpers import graph, node, web, wire

BEFORE = graph(
    web(),
    node("key", "secret", keys=["PIN"]),
    node("door", "service", ports=[{"port": 80}]),
    wire("key", "web", "secret-env"),
    wire("door", "web"),
)


def version(number: int, drawn: Graph) -> Version:
    return Version(
        id=f"v{number}",
        workflow_id="w1",
        version=number,
        nodes=drawn.nodes,
        edges=drawn.edges,
        namespace="shop",
        created_by=Person(user_id="ada"),
        created_at=now(),
        graph_digest="d",
    )


def workflow(drawn: Graph, **more: Any) -> Workflow:
    return Workflow(
        id="w1",
        name="Shop",
        slug="shop",
        owner_id="ada",
        nodes=drawn.nodes,
        edges=drawn.edges,
        created_at=now(),
        updated_at=now(),
        **more,
    )


def tombstone(node_id: str = "door", number: int | None = 3) -> Tombstone:
    return Tombstone(node_id=node_id, object=f"Service shop/{node_id}", yaml="a: b", version=number)


def ids() -> Any:
    numbers = count(1)
    return lambda: f"new{next(numbers)}"


def test_nodes_come_back_with_their_wires() -> None:
    made = bring_back(graph(web()), {"key": BEFORE, "door": BEFORE}, ids())
    assert {node.id for node in made.nodes} == {"web", "key", "door"}
    assert sorted(edge.id for edge in made.edges) == ["door-web-wire", "key-web-secret-env"]
    assert made.by_id["key"] == BEFORE.by_id["key"]


def test_a_wire_to_what_is_not_there_stays_away() -> None:
    made = bring_back(graph(node("other", "configmap")), {"door": BEFORE}, ids())
    assert [node.id for node in made.nodes] == ["other", "door"]
    assert made.edges == []


def test_what_is_there_stays_as_it_is() -> None:
    present = web(image="nginx:9")
    made = bring_back(graph(present), {"door": BEFORE}, ids())
    assert made.by_id["web"] == present


def test_a_wire_whose_id_has_become_anothers_gets_a_new_one() -> None:
    other = Edge(id="door-web-wire", source="settings", target="web")
    made = bring_back(graph(web(), node("settings", "configmap"), other), {"door": BEFORE}, ids())
    assert {edge.id: edge.source for edge in made.edges} == {"door-web-wire": "settings", "new1": "door"}


def test_a_wire_between_nodes_of_two_versions_comes_once() -> None:
    both = graph(web(), node("door", "service"), wire("door", "web"))
    made = bring_back(graph(), {"web": both, "door": both}, ids())
    assert [edge.id for edge in made.edges] == ["door-web-wire"]


FRAME = Node(id="box", type="group", data={"title": "Box"})
FRAMED = graph(FRAME, node("door", "service").model_copy(update={"parent": "box"}))


def test_a_frame_comes_back_with_what_it_frames() -> None:
    made = bring_back(graph(web()), {"door": FRAMED}, ids())
    assert (made.by_id["door"].parent, made.by_id["box"]) == ("box", FRAME)
    moved = FRAME.model_copy(update={"data": {"title": "Other"}})
    assert bring_back(graph(moved), {"door": FRAMED}, ids()).by_id["box"] == moved


def test_a_frame_that_is_no_frame_any_more_frames_nothing() -> None:
    made = bring_back(graph(node("box", "configmap")), {"door": FRAMED}, ids())
    assert (made.by_id["door"].parent, made.by_id["box"].type) == (None, "configmap")


def test_what_can_be_done() -> None:
    kept = {3: version(3, BEFORE)}
    assert remedy_for(tombstone(), workflow(graph(web())), (), kept, again=False) == ("undo", "Version 3 has its node.")
    there = workflow(graph(node("door", "service")))
    made = {("door", "Service shop/door")}
    assert remedy_for(tombstone(), there, made, kept, again=False) == (
        "nothing",
        "Its node is in the graph; the next run makes it again.",
    )
    assert (
        remedy_for(tombstone(), there, made, kept, again=True)[1]
        == "Its node is in the graph; a run has made it again."
    )
    renamed = workflow(graph(node("door", "service", name="gate")))
    assert remedy_for(tombstone(), renamed, {("door", "Service shop/gate")}, kept, again=False) == (
        "roll-back",
        "Its node is in the graph as gate. Roll back to version 3, or rename it back to door.",
    )
    can, why = remedy_for(tombstone(), there, (), kept, again=False)
    assert (can, why.endswith("Roll back to version 3, or change it back.")) == ("roll-back", True)


@pytest.mark.parametrize("kept", [{}, {3: version(3, graph(web()))}])
def test_a_version_that_is_gone_leaves_the_yaml(kept: dict[int, Version]) -> None:
    can, why = remedy_for(tombstone(), workflow(graph(web())), (), kept, again=False)
    assert (can, why) == (
        "nothing",
        "Version 3, which had its node, is not kept any more. The YAML is what is left.",
    )
    renamed = workflow(graph(node("door", "service", name="gate")))
    assert remedy_for(tombstone(), renamed, (), kept, again=False)[0] == "nothing"
    assert remedy_for(tombstone(number=None), workflow(graph(web())), (), kept, again=False)[1].startswith(
        "No version is known"
    )


def test_a_workflow_that_is_gone_or_rests_takes_nothing_back() -> None:
    kept = {3: version(3, BEFORE)}
    assert remedy_for(tombstone(), None, (), kept, again=False)[1].startswith("The workflow was deleted")
    resting = workflow(graph(web()), status=WorkflowStatus.ARCHIVED)
    assert remedy_for(tombstone(), resting, (), kept, again=False) == (
        "nothing",
        "The workflow is archived; unarchive it first.",
    )


@pytest.mark.parametrize(
    ("annotations", "deployed", "expected"),
    [
        ({}, version(4, BEFORE), 4),
        ({"kubeorch.io/version": "2"}, version(4, BEFORE), 4),
        ({"kubeorch.io/version": "5"}, version(4, graph(web())), 5),
        ({"kubeorch.io/version": "5"}, None, 5),
        ({"kubeorch.io/version": "five"}, None, None),
        (None, None, None),
    ],
)
def test_which_version_had_a_node_last(annotations: Any, deployed: Version | None, expected: int | None) -> None:
    assert last_version("door", {"metadata": {"annotations": annotations}}, deployed) == expected


def test_a_run_keeps_no_more_than_its_document_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removal, "LARGEST_TOMBSTONES", 10)
    monkeypatch.setattr(removal, "MOST_TOMBSTONES", 3)
    sizes = [6, 6, 4, 1]
    found = within_limits(Tombstone(node_id="n", object="o", yaml="x" * size) for size in sizes)
    assert [len(item.yaml) for item in found] == [6, 0, 4]
