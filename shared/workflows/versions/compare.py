"""The difference between two graphs: nodes and wires added, removed and changed, field by field. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel

from shared.json_diff import Change, walk
from shared.workflows.drawing.graph import Edge, Graph, Node

How = Literal["added", "removed", "changed"]


REMOVES = "(removes the field)"


class NodeChange(BaseModel):
    """One node; ``changes`` is empty for what was added or removed whole."""

    node_id: str
    change: How
    type: str
    name: str
    changes: list[Change]


class EdgeChange(BaseModel):
    """One wire, named by its ends as well: its id says nothing to people."""

    edge_id: str
    change: How
    source: str
    target: str
    changes: list[Change]


class Comparison(BaseModel):
    """
    The difference from one graph to another, in a fixed order.

    :param moved: nodes that only stand elsewhere
    :param settings: what differs outside the graph: ``namespace``
    :param secrets: secret nodes that have other values; never the values
    """

    nodes: list[NodeChange]
    edges: list[EdgeChange]
    moved: list[str]
    settings: list[Change]
    secrets: list[str]
    identical: bool


@dataclass(frozen=True, slots=True)
class Side:
    """One of two graphs; ``secret_versions`` is node id → id of the stored values."""

    graph: Graph
    namespace: str
    secret_versions: Mapping[str, str] = field(default_factory=dict)


def compare(old: Side, new: Side) -> Comparison:
    """Return the changes that make one graph into another; moved cards are listed apart."""
    nodes = list(_nodes(old.graph, new.graph))
    edges = list(_edges(old.graph, new.graph))
    settings = list(walk({"namespace": old.namespace}, {"namespace": new.namespace}))
    both = set(old.graph.by_id) & set(new.graph.by_id)
    moved = sorted(node for node in both if old.graph.by_id[node].position != new.graph.by_id[node].position)
    secrets = sorted(
        node
        for node in {*old.secret_versions, *new.secret_versions}
        if old.secret_versions.get(node) != new.secret_versions.get(node)
    )
    identical = not (nodes or edges or settings or secrets)
    return Comparison(nodes=nodes, edges=edges, moved=moved, settings=settings, secrets=secrets, identical=identical)


def _nodes(old: Graph, new: Graph) -> Iterator[NodeChange]:
    for node_id in sorted({*old.by_id, *new.by_id}):
        before, after = old.by_id.get(node_id), new.by_id.get(node_id)
        shown = after or before
        changes = list(walk(_said(before), _said(after))) if before and after else []
        if shown and (changes or not (before and after)):
            yield NodeChange(
                node_id=node_id, change=_how(before, after), type=shown.type, name=name_of(shown), changes=changes
            )


def _edges(old: Graph, new: Graph) -> Iterator[EdgeChange]:
    befores, afters = {edge.id: edge for edge in old.edges}, {edge.id: edge for edge in new.edges}
    for edge_id in sorted({*befores, *afters}):
        before, after = befores.get(edge_id), afters.get(edge_id)
        shown = after or before
        changes = list(walk(_said(before), _said(after))) if before and after else []
        if shown and (changes or not (before and after)):
            yield EdgeChange(
                edge_id=edge_id,
                change=_how(before, after),
                source=shown.source,
                target=shown.target,
                changes=changes,
            )


def _how(before: Node | Edge | None, after: Node | Edge | None) -> How:
    if before is None:
        return "added"
    return "removed" if after is None else "changed"


def _said(item: Node | Edge | None) -> dict[str, Any]:
    if item is None:
        return {}
    said = item.model_dump(exclude={"id", "position"}, exclude_none=True)
    if "overlay" in said["data"]:
        said["data"]["overlay"] = _with_removals(said["data"]["overlay"])
    return said


def _with_removals(overlay: Any) -> Any:
    """Return an overlay with a word in place of null: in a comparison null is a field that is not there."""
    if isinstance(overlay, dict):
        return {name: REMOVES if item is None else _with_removals(item) for name, item in overlay.items()}
    return overlay


def name_of(node: Node) -> str:
    """Return the name of a node as people call it, or its id where it has none."""
    name = node.data.get("name")
    return name if isinstance(name, str) and name else node.id
