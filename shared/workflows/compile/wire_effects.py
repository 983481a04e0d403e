"""
Changes that single wires make in manifests: both ends of a wire compiled with it and without it. Pure.

A wire that only says an order writes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from shared.errors import FieldError, InvalidInput
from shared.json_diff import walk
from shared.workflows.compile.overlay import manifests_of
from shared.workflows.compile.read import Analysis, analyse, wired_namespace
from shared.workflows.drawing.effects import Contribution, Wired
from shared.workflows.drawing.graph import Edge, Graph
from shared.workflows.kinds.fields.base import CompileContext, Manifest, ObjectFields, Subject
from shared.workflows.models import WireEffect, WrittenObject
from shared.workflows.wires.rules import Wire


def effects(graph: Graph, edge_ids: Sequence[str], context: CompileContext) -> list[WireEffect]:
    """
    Return the fields that each of these wires writes, in the order in which the wires are named.

    An end that cannot be read has no effects, as it has no manifests. ``before`` is the value without the wire, None
    where there is none; an object that exists only with or only without the wire is one effect with an empty path.

    :raises InvalidInput: code ``wire-unknown``; ``fields`` names each by its place
    """
    edges = {edge.id: edge for edge in graph.edges}
    unknown = [(index, edge_id) for index, edge_id in enumerate(edge_ids) if edge_id not in edges]
    if unknown:
        raise InvalidInput(
            f"The graph has no wire {', '.join(edge_id for _, edge_id in unknown)}.",
            code="wire-unknown",
            fields=[FieldError(f"wires.{index}", f"there is no wire {edge_id}") for index, edge_id in unknown],
        )
    ends = Ends(graph, analyse(graph, context), context)
    return [effect for edge_id in dict.fromkeys(edge_ids) for effect in ends.all_effects(edges[edge_id])]


class Ends:
    """
    The nodes of a graph, each with what its wires contribute; one wire may be thought away.

    :param overlays: whether manifests are as they are applied, or as forms and wires alone make them
    """

    def __init__(self, graph: Graph, analysis: Analysis, context: CompileContext, *, overlays: bool = True) -> None:
        self._overlays = overlays
        self._graph = graph
        self._analysis = analysis
        self._context = context
        self._wires: dict[str, list[Wire]] = defaultdict(list)
        for wire in analysis.wires:
            for node_id in {wire.source.id, wire.target.id}:
                self._wires[node_id].append(wire)
        self._contributions: dict[str, list[tuple[str, Contribution]]] = {}

    def with_all(self, node_id: str) -> list[Manifest]:
        """Return a node's manifests as the graph is."""
        subject = self._analysis.subjects.get(node_id)
        return [] if subject is None else self._made(subject, self._analysis.wired[node_id])

    def without(self, edge: Edge, node_id: str) -> list[Manifest]:
        """Return a node's manifests as they were if one wire did not exist."""
        subject = self._analysis.subjects.get(node_id)
        if subject is None:
            return []
        left = [wire for wire in self._wires[node_id] if wire.edge.id != edge.id]
        alone = self._in_its_namespace(subject, edge)
        if alone is subject:
            found = [item for wire in left for item in self._contributed(wire)]
        else:
            found = [item for wire in left for item in _contributed(_moved(wire, alone), self._context)]
        return self._made(alone, Wired(item for place, item in found if place == node_id))

    def all_effects(self, edge: Edge) -> Iterator[WireEffect]:
        """Yield the fields that a wire writes at both its ends."""
        for node_id in dict.fromkeys((edge.source, edge.target)):
            yield from self.effects(edge, node_id)

    def effects(self, edge: Edge, node_id: str) -> Iterator[WireEffect]:
        """Yield the fields that a wire writes at one of its ends."""
        before, after = _by_name(self.without(edge, node_id)), _by_name(self.with_all(node_id))
        for key in [*before, *(key for key in after if key not in before)]:
            shown = _object(after.get(key) or before[key])
            for change in walk(before.get(key), after.get(key)):
                yield WireEffect(
                    edge_id=edge.id,
                    node_id=node_id,
                    object=shown,
                    path=change.path,
                    before=change.old,
                    after=change.new,
                )

    def _made(self, subject: Subject[Any], wired: Wired) -> list[Manifest]:
        if self._overlays:
            return manifests_of(subject, wired, self._context)
        return list(subject.kind.manifests(subject, wired, self._context))

    def _contributed(self, wire: Wire) -> list[tuple[str, Contribution]]:
        found = self._contributions.get(wire.edge.id)
        if found is None:
            found = self._contributions[wire.edge.id] = _contributed(wire, self._context)
        return found

    def _in_its_namespace(self, subject: Subject[Any], edge: Edge) -> Subject[Any]:
        """Return a node where it would be without a wire, which may be the one that says its namespace."""
        if subject.id != edge.target or not isinstance(subject.data, ObjectFields):
            return subject
        namespace = subject.data.namespace or wired_namespace(self._graph, subject.id, without=edge.id)
        namespace = namespace or self._context.namespace
        return subject if namespace == subject.namespace else replace(subject, namespace=namespace)


def _contributed(wire: Wire, context: CompileContext) -> list[tuple[str, Contribution]]:
    """Return a wire's contributions, each with the id of the node it is for."""
    ends = {"source": wire.source.id, "target": wire.target.id}
    return [(ends[end], item) for end, item in wire.rule.effect(wire, context)]


def _moved(wire: Wire, subject: Subject[Any]) -> Wire:
    """Return a wire with one of its ends in another namespace."""
    source = subject if wire.source.id == subject.id else wire.source
    target = subject if wire.target.id == subject.id else wire.target
    return replace(wire, source=source, target=target)


def _by_name(manifests: Sequence[Manifest]) -> Mapping[tuple[str, str, str, int], Manifest]:
    """Return a node's manifests by kind and name; a number tells those apart that differ in their namespace only."""
    found: dict[tuple[str, str, str, int], Manifest] = {}
    for manifest in manifests:
        key = (manifest["apiVersion"], manifest["kind"], manifest["metadata"]["name"])
        number = 0
        while (*key, number) in found:
            number += 1
        found[*key, number] = manifest
    return found


def _object(manifest: Manifest) -> WrittenObject:
    metadata = manifest["metadata"]
    return WrittenObject(
        api_version=manifest["apiVersion"],
        kind=manifest["kind"],
        namespace=metadata.get("namespace", ""),
        name=metadata["name"],
    )
