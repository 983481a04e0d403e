"""
Validate a graph: its mistakes and doubts, each with the place, the reason and the remedy.

Errors block a run, never a save.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from shared.workflows.compile.overlay_checks import overlay_issues
from shared.workflows.compile.read import Analysis, analyse
from shared.workflows.drawing.conditions import holds
from shared.workflows.drawing.effects import After
from shared.workflows.drawing.graph import Graph
from shared.workflows.drawing.issues import Issue, Remedy, change, pointer
from shared.workflows.kinds.fields.base import CompileContext, Subject
from shared.workflows.kinds.ingress import IngressFields, hosts_of
from shared.workflows.wires.rules import Rule, Wire


def validate(graph: Graph, context: CompileContext) -> tuple[Issue, ...]:
    """Return all issues: errors first, then by node or edge and path; never raises on a graph that could be stored."""
    return issues_of(graph, analyse(graph, context), context)


def issues_of(graph: Graph, analysis: Analysis, context: CompileContext) -> tuple[Issue, ...]:
    """Return all issues of a graph that was read."""
    issues = list(analysis.issues)
    for subject in analysis.subjects.values():
        if subject.kind.checks is not None:
            issues += subject.kind.checks(subject, analysis.wired[subject.id], context)
    for wire in analysis.wires:
        if wire.rule.checks is not None:
            issues += wire.rule.checks(wire, context)
    issues += overlay_issues(graph, analysis, context)
    for graph_check in CHECKS:
        issues += graph_check(graph, analysis)
    return in_order(issues)


def in_order(issues: list[Issue]) -> tuple[Issue, ...]:
    """Return issues as people read them: errors first, then by node or edge and path; each once."""
    return tuple(sorted(set_of(issues), key=_order))


def set_of(issues: list[Issue]) -> list[Issue]:
    """Return issues without those that two checks have found alike."""
    seen: dict[tuple[object, ...], Issue] = {}
    for issue in issues:
        seen.setdefault((issue.node_id, issue.edge_id, issue.path, issue.code, issue.message), issue)
    return list(seen.values())


def _order(issue: Issue) -> tuple[bool, str, str, str, str, str]:
    return not issue.is_error, issue.node_id or "", issue.edge_id or "", issue.path, issue.code, issue.message


def _duplicate_objects(graph: Graph, analysis: Analysis) -> Iterator[Issue]:
    del graph
    seen: dict[tuple[str, str | None, str], Subject[Any]] = {}
    for subject in sorted(analysis.subjects.values(), key=lambda subject: subject.id):
        for key in _objects_of(subject, analysis):
            other = seen.get(key)
            seen.setdefault(key, subject)
            if other is not None:
                kind, namespace, name = key
                where = f" in the namespace {namespace}" if namespace else ""
                yield subject.error(
                    "duplicate-object",
                    f"{other.name} makes a {kind or 'object'} called {name}{where} as well; each needs its own name.",
                    "/name",
                    remedy=change("/name", "Give it another name"),
                )


def _objects_of(subject: Subject[Any], analysis: Analysis) -> Iterator[tuple[str, str | None, str]]:
    if subject.kind.kind:
        yield subject.kind.kind, subject.namespace, subject.name
    if subject.kind.also_makes is not None:
        yield from subject.kind.also_makes(subject, analysis.wired[subject.id])


def _cardinality(graph: Graph, analysis: Analysis) -> Iterator[Issue]:
    del graph
    places: dict[tuple[str, str], list[Wire]] = defaultdict(list)
    for wire in sorted(analysis.wires, key=lambda wire: wire.edge.id):
        for name, place in _places(wire.rule, wire):
            places[name, place].append(wire)
    for (name, _), wires in places.items():
        limit = getattr(wires[0].rule.cardinality, name)
        for wire in wires[limit:] if limit is not None else ():
            yield wire.error(*_too_many(name, wire), remedy=Remedy(text="Remove this wire", action="remove"))


def _places(rule: Rule, wire: Wire) -> Iterator[tuple[str, str]]:
    """Yield the places whose wires are counted: of a rule from one place, to one place, between two nodes."""
    edge = wire.edge
    yield "per_source", f"{rule.id} {edge.source} {edge.source_handle if rule.source.handle else ''}"
    yield "per_target", f"{rule.id} {edge.target} {edge.target_handle if rule.target.handle else ''}"
    handles = f"{edge.source_handle if rule.source.handle else ''} {edge.target_handle if rule.target.handle else ''}"
    yield "per_pair", f"{rule.id} {edge.source} {edge.target} {handles}"


def _too_many(name: str, wire: Wire) -> tuple[str, str]:
    source, target = wire.source.name, wire.target.name
    if name == "per_source":
        return "source-full", f"{source} {wire.rule.label} another node already."
    if name == "per_target":
        return "target-full", f"Another node is connected to {target} in this way already."
    return "duplicate", f"{source} and {target} are connected in this way already."


def _namespaces(graph: Graph, analysis: Analysis) -> Iterator[Issue]:
    del graph
    for wire in analysis.wires:
        source, target = wire.source, wire.target
        if not wire.rule.same_namespace or None in (source.namespace, target.namespace):
            continue
        if source.namespace != target.namespace:
            yield wire.error(
                "namespace",
                f"{source.name} is in the namespace {source.namespace} and {target.name} in {target.namespace}; "
                "they must be in one.",
                remedy=Remedy(
                    text=f"Move {source.name} to the namespace {target.namespace}",
                    action="change-field",
                    path="/namespace",
                    value=target.namespace,
                ),
            )


def _refusals(graph: Graph, analysis: Analysis) -> Iterator[Issue]:
    for wire in analysis.wires:
        scope = scope_of(graph, wire.edge.source, wire.edge.target, wire.edge.data)
        for refusal in wire.rule.refusals:
            if holds(refusal.when, scope):
                yield wire.error(refusal.code, refusal.message, remedy=refusal.remedy)


def scope_of(graph: Graph, source_id: str, target_id: str, edge_data: Mapping[str, Any]) -> dict[str, object]:
    """Return the values over which conditions of refusals are evaluated."""
    source, target = graph.by_id[source_id], graph.by_id[target_id]
    return {
        "source": {"id": source.id, "type": source.type, "data": source.data},
        "target": {"id": target.id, "type": target.type, "data": target.data},
        "edge": {"data": dict(edge_data)},
    }


def _circles(graph: Graph, analysis: Analysis) -> Iterator[Issue]:
    """Yield one circle per group of nodes that wait for each other."""
    del graph
    after = {
        node_id: sorted({item.node_id for item in wired.all(After)} & analysis.subjects.keys())
        for node_id, wired in analysis.wired.items()
    }
    for circle in _find_circles(after):
        names = " → ".join(analysis.subjects[node_id].name for node_id in (*circle, circle[0]))
        first = analysis.subjects[circle[0]]
        yield first.error(
            "cycle",
            f"These wait for each other and none could ever start: {names}.",
            remedy=Remedy(text="Remove one of these wires", action="remove"),
        )


def _find_circles(after: Mapping[str, list[str]]) -> list[list[str]]:
    """Depth-first search with its own stack; every node is entered once."""
    state: dict[str, int] = {}
    circles: list[list[str]] = []
    for start in sorted(after):
        if start in state:
            continue
        way = [start]
        state[start] = 1
        left = [iter(after[start])]
        while left:
            following = next(left[-1], None)
            if following is None:
                left.pop()
                state[way.pop()] = 2
            elif state.get(following) == 1:
                circles.append(_rotated(way[way.index(following) :]))
            elif following not in state:
                state[following] = 1
                way.append(following)
                left.append(iter(after[following]))
    return circles


def _rotated(circle: list[str]) -> list[str]:
    least = circle.index(min(circle))
    return circle[least:] + circle[:least]


def _routes(graph: Graph, analysis: Analysis) -> Iterator[Issue]:
    """Yield each host and path that two ingresses of one class serve, or one serves twice."""
    del graph
    seen: dict[tuple[str, str, str, str], str] = {}
    for subject in sorted(analysis.subjects.values(), key=lambda subject: subject.id):
        if not isinstance(subject.data, IngressFields):
            continue
        for index, path in enumerate(subject.data.paths):
            for host in hosts_of(path, subject.data):
                key = (subject.data.ingress_class or "", host, path.path, path.path_type)
                other = seen.setdefault(key, f"{subject.name} (path {index + 1})")
                if other != f"{subject.name} (path {index + 1})":
                    yield subject.error(
                        "duplicate-route",
                        f"{host or 'Any host'}{path.path} is served by {other} already.",
                        pointer("paths", index, "path"),
                    )


CHECKS: tuple[Callable[[Graph, Analysis], Iterator[Issue]], ...] = (
    _duplicate_objects,
    _cardinality,
    _namespaces,
    _refusals,
    _circles,
    _routes,
)
