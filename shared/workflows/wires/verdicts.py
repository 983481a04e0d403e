"""
May these two nodes be connected? The server's side of what the browser decides while a wire is drawn.

Both sides run ``tests/fixtures/workflows/verdicts.json``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from shared.workflows.compile.read import rule_of
from shared.workflows.drawing.conditions import holds, lookup
from shared.workflows.drawing.graph import DRAWINGS, Edge, Graph, Node
from shared.workflows.drawing.issues import Remedy, add_between
from shared.workflows.kinds import KINDS
from shared.workflows.wires.rules import EdgeType, Match, Rule
from shared.workflows.wires.table import RULES, default_options

REVERSE = Remedy(text="Reverse", action="reverse")
REPLACE = Remedy(text="Replace existing", action="replace")


@dataclass(frozen=True, slots=True)
class Place:
    """One end of a wire: a node, and the handle on it when the wire is not at the card as a whole."""

    node_id: str
    handle: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    Whether and how two nodes may be connected.

    :param rules: ids of the rules that allow it, in the table's order
    :param code: why not: no-rule, reversed, duplicate, source-full, target-full, namespace, cycle, handle-gone, or the
        code of a rule's refusal
    """

    ok: bool
    rules: tuple[str, ...] = ()
    code: str = ""
    message: str = ""
    remedy: Remedy | None = None


def judge(graph: Graph, source: Place, target: Place, edge_type: EdgeType | None = None) -> Verdict:
    """
    Decide whether a new wire may be drawn.

    :param edge_type: None as when people drag: rules that are only offered on request do not count
    """
    start, end = graph.by_id.get(source.node_id), graph.by_id.get(target.node_id)
    if start is None or end is None or _is_gone(start, source.handle) or _is_gone(end, target.handle):
        return Verdict(ok=False, code="handle-gone", message="What was to be connected is not there any more.")
    if start.id == end.id or DRAWINGS & {start.type, end.type}:
        return _no_rule(start, end)
    fitting = _fitting(start, source.handle, end, target.handle, edge_type)
    if not fitting:
        return _unfit(start, source.handle, end, target.handle, edge_type)
    existing = _by_rule(graph)
    refusals = {rule.id: _refusal(graph, rule, existing, source, target) for rule in fitting}
    allowed = tuple(name for name, refusal in refusals.items() if refusal is None)
    if allowed:
        return Verdict(ok=True, rules=allowed)
    return next(refusal for refusal in refusals.values() if refusal is not None)


def _is_gone(node: Node, handle: str | None) -> bool:
    """Whether a handle belongs to an item of a list that the node does not have (any more)."""
    kind = KINDS.get(node.type)
    if handle is None or kind is None:
        return False
    name, separator, item = handle.partition(":")
    found = next((candidate for candidate in kind.handles if candidate.id == name), None)
    if found is None or bool(found.each) != bool(separator):
        return True
    items = lookup(node.data, found.each) if found.each else []
    ids = [entry.get("id") for entry in items if isinstance(entry, Mapping)] if isinstance(items, list) else []
    return bool(found.each) and item not in ids


def _fitting(
    start: Node, source_handle: str | None, end: Node, target_handle: str | None, edge_type: EdgeType | None
) -> list[Rule]:
    return [
        rule
        for rule in RULES
        if (rule.edge_type == edge_type if edge_type else not rule.on_request)
        and rule.fits(start.type, source_handle, end.type, target_handle)
    ]


def _unfit(
    start: Node, source_handle: str | None, end: Node, target_handle: str | None, edge_type: EdgeType | None
) -> Verdict:
    del source_handle, target_handle
    if _fitting(end, None, start, None, edge_type) or _some_handle_fits(end, start):
        return Verdict(
            ok=False,
            code="reversed",
            message=f"A {_title(end)} connects to a {_title(start)}, not the other way round.",
            remedy=REVERSE,
        )
    return _no_rule(start, end)


def _some_handle_fits(start: Node, end: Node) -> bool:
    return any(
        rule.edge_type == "wires"
        and _fits_somewhere(rule.source, start.type)
        and _fits_somewhere(rule.target, end.type)
        for rule in RULES
    )


def _fits_somewhere(match: Match, node_type: str) -> bool:
    return match.types != "*" and node_type in match.types


def _no_rule(start: Node, end: Node) -> Verdict:
    if start.id == end.id:
        return Verdict(ok=False, code="no-rule", message="A node cannot be connected to itself.")
    if DRAWINGS & {start.type, end.type}:
        return Verdict(ok=False, code="no-rule", message="Notes and groups are drawings; they cannot be wired.")
    between = bridge(start.type, end.type)
    message = f"A {_title(start)} cannot be connected to a {_title(end)}."
    if between is None:
        return Verdict(ok=False, code="no-rule", message=message)
    title = KINDS[between].title
    return Verdict(
        ok=False, code="no-rule", message=f"{message} A {title} goes between.", remedy=add_between(between, title)
    )


@cache
def bridge(source_type: str, target_type: str) -> str | None:
    """Return the node type that can stand between two of different types, by wires; the first of the palette."""
    if source_type == target_type:
        return None
    for between in KINDS:
        if _wires(source_type, between) and _wires(between, target_type):
            return between
    return None


def _wires(source_type: str, target_type: str) -> bool:
    return any(
        rule.edge_type == "wires"
        and _fits_somewhere(rule.source, source_type)
        and _fits_somewhere(rule.target, target_type)
        for rule in RULES
    )


def _title(node: Node) -> str:
    return KINDS[node.type].title if node.type in KINDS else node.type


def _by_rule(graph: Graph) -> Mapping[str, list[Edge]]:
    found: dict[str, list[Edge]] = defaultdict(list)
    for edge in graph.edges:
        source, target = graph.by_id.get(edge.source), graph.by_id.get(edge.target)
        rule = rule_of(edge, source.type, target.type) if source and target else None
        if rule is not None:
            found[rule.id].append(edge)
    return found


def _refusal(
    graph: Graph, rule: Rule, existing: Mapping[str, list[Edge]], source: Place, target: Place
) -> Verdict | None:
    """Return why one rule does not allow the wire; the nearest reason first."""
    return (
        _full(graph, rule, existing.get(rule.id, []), source, target)
        or _other_namespace(graph, rule, source, target)
        or _circle(rule, existing, source, target)
        or _own_refusal(graph, rule, source, target)
    )


def _full(graph: Graph, rule: Rule, edges: list[Edge], source: Place, target: Place) -> Verdict | None:
    start, end = graph.by_id[source.node_id], graph.by_id[target.node_id]
    from_here = [edge for edge in edges if _same(edge.source, edge.source_handle, source, rule.source)]
    to_there = [edge for edge in edges if _same(edge.target, edge.target_handle, target, rule.target)]
    both = [edge for edge in from_here if edge in to_there]
    limits = rule.cardinality
    if len(both) >= limits.per_pair:
        return Verdict(ok=False, code="duplicate", message=f"{_name(start)} and {_name(end)} are connected like this.")
    if limits.per_source is not None and len(from_here) >= limits.per_source:
        other = _name(graph.by_id[from_here[0].target])
        return Verdict(
            ok=False, code="source-full", message=f"{_name(start)} {rule.label} {other} already.", remedy=REPLACE
        )
    if limits.per_target is not None and len(to_there) >= limits.per_target:
        other = _name(graph.by_id[to_there[0].source])
        return Verdict(
            ok=False, code="target-full", message=f"{other} is connected to {_name(end)} already.", remedy=REPLACE
        )
    return None


def _same(node_id: str, handle: str | None, place: Place, match: Match) -> bool:
    return node_id == place.node_id and (not match.handle or handle == place.handle)


def _name(node: Node) -> str:
    name = node.data.get("name")
    return name if isinstance(name, str) and name else node.id


def _other_namespace(graph: Graph, rule: Rule, source: Place, target: Place) -> Verdict | None:
    start, end = graph.by_id[source.node_id], graph.by_id[target.node_id]
    if not rule.same_namespace or not (_is_namespaced(start) and _is_namespaced(end)):
        return None
    here, there = _namespace(graph, start), _namespace(graph, end)
    if here == there:
        return None
    where = there or "the workflow's namespace"
    return Verdict(
        ok=False,
        code="namespace",
        message=f"{_name(start)} and {_name(end)} are in different namespaces.",
        remedy=Remedy(
            text=f"Move {_name(start)} to {where}", action="change-field", path="/namespace", value=there or None
        ),
    )


def _is_namespaced(node: Node) -> bool:
    kind = KINDS.get(node.type)
    return kind is not None and kind.namespaced


def _namespace(graph: Graph, node: Node) -> str:
    """Return a node's own namespace, that of its wired namespace node, or nothing for the workflow's."""
    own = node.data.get("namespace")
    if isinstance(own, str) and own:
        return own
    for edge in graph.edges:
        other = graph.by_id.get(edge.source)
        if edge.target == node.id and edge.type == "wires" and other is not None and other.type == "namespace":
            return _name(other)
    return ""


def _circle(rule: Rule, existing: Mapping[str, list[Edge]], source: Place, target: Place) -> Verdict | None:
    if not rule.acyclic:
        return None
    after: dict[str, list[str]] = defaultdict(list)
    for other in RULES:
        if other.acyclic:
            for edge in existing.get(other.id, []):
                after[edge.source].append(edge.target)
    seen, left = {target.node_id}, [target.node_id]
    while left:
        for following in after[left.pop()]:
            if following not in seen:
                seen.add(following)
                left.append(following)
    if source.node_id not in seen:
        return None
    return Verdict(ok=False, code="cycle", message="They would wait for each other, and none could ever start.")


def _own_refusal(graph: Graph, rule: Rule, source: Place, target: Place) -> Verdict | None:
    start, end = graph.by_id[source.node_id], graph.by_id[target.node_id]
    scope: dict[str, Any] = {
        "source": {"id": start.id, "type": start.type, "data": start.data},
        "target": {"id": end.id, "type": end.type, "data": end.data},
        "edge": {"data": default_options(rule)},
    }
    for refusal in rule.refusals:
        if holds(refusal.when, scope):
            return Verdict(ok=False, code=refusal.code, message=refusal.message, remedy=refusal.remedy)
    return None
