"""Fixes as changes of a graph, and the digest of a preview of one. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import orjson

from shared.diagnostics.models import Fix, NewWire
from shared.json_diff import Change, walk
from shared.planning.items import PlanItem
from shared.workflows.drawing.graph import Edge, Graph, Node


def changed(graph: Graph, node_id: str, fix: Fix) -> Graph:
    """Return the graph with a fix in it: fields of the one node, and wires that begin or end at it."""
    data: Any = graph.by_id[node_id].data
    for change in fix.changes:
        data = _put(data, change.path.split("/")[1:], change.value)
    nodes = [_with(node, data) if node.id == node_id else node for node in graph.nodes]
    edges = [*graph.edges]
    for wire in fix.wires:
        edges.append(_edge(wire, {edge.id for edge in edges}))
    return Graph(nodes=nodes, edges=edges)


def _with(node: Node, data: dict[str, Any]) -> Node:
    return node.model_copy(update={"data": data})


def _put(value: Any, path: Sequence[str], new: Any) -> Any:
    """Return a copy with one place changed; objects on the way are made, items of lists must be there."""
    if not path:
        return new
    key, *rest = path
    if isinstance(value, list):
        index = int(key)
        return [_put(item, rest, new) if position == index else item for position, item in enumerate(value)]
    key = key.replace("~1", "/").replace("~0", "~")
    known = dict(value) if isinstance(value, dict) else {}
    return {**known, key: _put(known.get(key), rest, new)}


def _edge(wire: NewWire, taken: set[str]) -> Edge:
    name = hashlib.sha256(f"{wire.source}|{wire.target}|{wire.rule}".encode()).hexdigest()[:12]
    identity = f"wire-{name}"
    while identity in taken:
        identity += "x"
    return Edge(id=identity, source=wire.source, target=wire.target, data={"rule": wire.rule})


def differences(before: Graph, after: Graph) -> list[Change]:
    """Return the fields of the graph that a fix changes."""
    return list(walk(before.model_dump(mode="json"), after.model_dump(mode="json")))


def digest_of(fix: Fix, revision: int, items: Sequence[PlanItem]) -> str:
    """Return the digest of a preview: of the fix, the graph it is for, and its effects on the objects."""
    planned = [
        (item.object, item.action, item.needs, item.reason, [change.model_dump() for change in item.diff])
        for item in items
    ]
    content = orjson.dumps([fix.model_dump(), revision, planned], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(content).hexdigest()
