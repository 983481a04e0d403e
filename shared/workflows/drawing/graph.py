"""
The graph as it is drawn and stored: nodes, edges, their limits.

A draft may be incomplete or wrong in every field of its nodes; that is for :mod:`shared.workflows.compile.checks`.
Here is only what a stored graph must keep: known shapes, unique ids, no loose ends, sizes that MongoDB and a browser
bear.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.errors import FieldError, InvalidInput

MOST_NODES = 1000
MOST_EDGES = 4000
LARGEST_GRAPH_BYTES = 8 * 1024 * 1024
"""Half of what a MongoDB document holds: as BSON a graph of texts is hardly larger than as JSON."""
DEEPEST_DATA = 24
FARTHEST = 1_000_000
LARGEST_INTEGER = 2**53 - 1
"""What a browser can hold without rounding; below what MongoDB can."""

DRAWINGS = frozenset({"note", "group"})
"""Node types that exist on the canvas only."""

GraphId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$")]
"""A node's or edge's id: also a label value on a cluster and a key in documents, so no dots."""


class Position(BaseModel):
    """Where a card stands, in pixels of the canvas."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    x: float = Field(0.0, ge=-FARTHEST, le=FARTHEST, allow_inf_nan=False)
    y: float = Field(0.0, ge=-FARTHEST, le=FARTHEST, allow_inf_nan=False)


class Node(BaseModel):
    """One card; ``data`` are the values of its type's form, stored as drawn."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: GraphId
    type: str = Field(min_length=1, max_length=64)
    position: Position = Position()
    data: dict[str, Any] = Field(default_factory=dict)
    parent: GraphId | None = Field(None, description="The group node that frames this one.")

    @property
    def is_drawing(self) -> bool:
        """Whether the node never reaches a cluster."""
        return self.type in DRAWINGS


class Edge(BaseModel):
    """One wire; ``data`` holds its rule and that rule's options."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: GraphId
    source: GraphId
    source_handle: str | None = Field(None, max_length=128)
    target: GraphId
    target_handle: str | None = Field(None, max_length=128)
    type: Literal["wires", "depends_on"] = "wires"
    data: dict[str, Any] = Field(default_factory=dict)


class Graph(BaseModel):
    """All nodes and edges of a workflow."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    nodes: list[Node] = Field(default_factory=list)
    edges: list[Edge] = Field(default_factory=list)

    @cached_property
    def by_id(self) -> dict[str, Node]:
        """Every node by its id."""
        return {node.id: node for node in self.nodes}

    @property
    def real_nodes(self) -> list[Node]:
        """The nodes that may become objects."""
        return [node for node in self.nodes if not node.is_drawing]

    @property
    def secret_node_ids(self) -> list[str]:
        """The ids of the nodes whose values are stored beside the graph."""
        return [node.id for node in self.nodes if node.type == "secret"]

    def to_raw(self) -> dict[str, Any]:
        """Return plain values, as stored."""
        return self.model_dump(exclude_none=True)


def check_shape(graph: Graph, known_types: Sequence[str]) -> None:
    """
    Raise ``InvalidInput`` unless the graph may be stored.

    :param known_types: node types that exist, drawings left out
    :raises InvalidInput: too large (code ``graph-too-large``), repeated ids, loose ends, unknown types, values that
        cannot be stored; ``fields`` says where
    """
    _check_limits(graph)
    known = {*known_types, *DRAWINGS}
    mistakes = [
        *_repeated("nodes", [node.id for node in graph.nodes]),
        *_repeated("edges", [edge.id for edge in graph.edges]),
        *_unknown_types(graph, known),
        *_loose_ends(graph),
        *_wrong_parents(graph),
        *_unstorable(graph),
    ]
    if mistakes:
        first = mistakes[0]
        more = f" ({len(mistakes) - 1} more)" if len(mistakes) > 1 else ""
        raise InvalidInput(
            f"The graph cannot be saved: {first.path} {first.message}{more}", code="invalid-graph", fields=mistakes
        )


def _check_limits(graph: Graph) -> None:
    for name, count, limit in (("nodes", len(graph.nodes), MOST_NODES), ("edges", len(graph.edges), MOST_EDGES)):
        if count > limit:
            raise InvalidInput(
                f"A workflow has at most {limit} {name}; this one has {count}.",
                code="graph-too-large",
                fields=[FieldError(name, f"at most {limit}")],
                details={"limit": limit, "what": name},
            )
    try:
        size = len(orjson.dumps(graph.to_raw()))
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput("The graph holds values that are not JSON.", code="invalid-graph") from error
    if size > LARGEST_GRAPH_BYTES:
        raise InvalidInput(
            f"A workflow has at most {LARGEST_GRAPH_BYTES // 1024 // 1024} MiB; this one has {size:,} bytes.",
            code="graph-too-large",
            fields=[FieldError("nodes", f"at most {LARGEST_GRAPH_BYTES} bytes together with the edges")],
            details={"limit": LARGEST_GRAPH_BYTES, "what": "bytes"},
        )


def _repeated(name: str, ids: Sequence[str]) -> Iterator[FieldError]:
    seen: set[str] = set()
    for index, identity in enumerate(ids):
        if identity in seen:
            yield FieldError(f"{name}.{index}.id", f"repeats the id {identity}; ids are unique within a workflow")
        seen.add(identity)


def _unknown_types(graph: Graph, known: set[str]) -> Iterator[FieldError]:
    for index, node in enumerate(graph.nodes):
        if node.type not in known:
            yield FieldError(
                f"nodes.{index}.type", f"there is no node type {node.type!r}; known: {', '.join(sorted(known))}"
            )


def _loose_ends(graph: Graph) -> Iterator[FieldError]:
    for index, edge in enumerate(graph.edges):
        for end in ("source", "target"):
            if getattr(edge, end) not in graph.by_id:
                yield FieldError(f"edges.{index}.{end}", f"there is no node {getattr(edge, end)}")


def _wrong_parents(graph: Graph) -> Iterator[FieldError]:
    for index, node in enumerate(graph.nodes):
        if node.parent is None:
            continue
        parent = graph.by_id.get(node.parent)
        if parent is None or parent.type != "group" or node.type == "group":
            yield FieldError(f"nodes.{index}.parent", "must name a group node, and groups do not nest")


def _unstorable(graph: Graph) -> Iterator[FieldError]:
    for index, node in enumerate(graph.nodes):
        yield from _check_value(node.data, f"nodes.{index}.data", DEEPEST_DATA)
    for index, edge in enumerate(graph.edges):
        yield from _check_value(edge.data, f"edges.{index}.data", DEEPEST_DATA)


def _check_value(value: object, path: str, depth: int) -> Iterator[FieldError]:
    """Yield the values that JSON can say and MongoDB cannot keep, or not keep unchanged."""
    if depth == 0:
        yield FieldError(path, f"is nested deeper than {DEEPEST_DATA} levels")
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or key.startswith("$") or "\0" in key:
                yield FieldError(path, f"has the key {str(key)[:40]!r}; keys are text without NUL or a leading $")
            else:
                yield from _check_value(item, f"{path}.{key}", depth - 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _check_value(item, f"{path}.{index}", depth - 1)
    elif (isinstance(value, int) and abs(value) > LARGEST_INTEGER) or (
        isinstance(value, float) and not math.isfinite(value)
    ):
        yield FieldError(path, f"is not a number between -{LARGEST_INTEGER} and {LARGEST_INTEGER}")
