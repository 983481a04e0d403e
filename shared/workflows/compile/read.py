"""
Read a graph: the values of each node, the rule and options of each edge, and the issues on the way.

The first half of both validation and compilation. Pure, and made never to raise on anything a stored graph can hold.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from shared.workflows.drawing.effects import Contribution, Wired
from shared.workflows.drawing.graph import DRAWINGS, Edge, Graph, Node
from shared.workflows.drawing.issues import Issue, Remedy, pointer
from shared.workflows.kinds import KINDS
from shared.workflows.kinds.fields.base import CompileContext, ObjectFields, Subject
from shared.workflows.kinds.fields.structure import place_in_data
from shared.workflows.wires.rules import Rule, Wire
from shared.workflows.wires.table import RULES

UNREADABLE = "invalid-value"


@dataclass(frozen=True, slots=True)
class Analysis:
    """
    A graph that was read.

    :param subjects: the nodes whose own data is valid, by id
    :param wires: the edges whose ends and options are valid
    :param wired: what the wires contribute to each subject
    """

    subjects: Mapping[str, Subject[Any]]
    wires: tuple[Wire, ...]
    wired: Mapping[str, Wired]
    issues: tuple[Issue, ...]


def analyse(graph: Graph, context: CompileContext) -> Analysis:
    """Read every node and every edge; those that cannot be read are left out and stand in ``issues``."""
    issues: list[Issue] = []
    namespaces = _wired_namespaces(graph)
    subjects: dict[str, Subject[Any]] = {}
    for node in graph.real_nodes:
        subject = _subject(node, namespaces.get(node.id), context, issues)
        if subject is not None:
            subjects[node.id] = subject
    wires = [wire for edge in graph.edges if (wire := _wire(edge, graph, subjects, issues)) is not None]
    wires.sort(key=_wire_order)
    return Analysis(subjects, tuple(wires), _contributions(subjects, wires, context), tuple(issues))


def _wired_namespaces(graph: Graph) -> dict[str, str]:
    """Return the namespace each node gets from a wired namespace node."""
    names = {node.id: node.data.get("name") for node in graph.nodes if node.type == "namespace"}
    return {
        edge.target: name
        for edge in sorted(graph.edges, key=lambda edge: edge.id, reverse=True)
        if edge.type == "wires" and isinstance(name := names.get(edge.source), str)
    }


def wired_namespace(graph: Graph, node_id: str, *, without: str) -> str | None:
    """Return the namespace that a node gets from a wired namespace node if one wire did not exist."""
    edges = [edge for edge in graph.edges if edge.target == node_id and edge.id != without]
    nodes = [graph.by_id[edge.source] for edge in edges if edge.source in graph.by_id]
    return _wired_namespaces(Graph(nodes=nodes, edges=edges)).get(node_id)


def _subject(
    node: Node, wired_namespace: str | None, context: CompileContext, issues: list[Issue]
) -> Subject[Any] | None:
    kind = KINDS.get(node.type)
    if kind is None:
        issues.append(Issue(node_id=node.id, code="unknown-type", message=f"There is no node type {node.type[:64]!r}."))
        return None
    overlay = node.data.get("overlay") if kind.is_typed else None
    form = {name: value for name, value in node.data.items() if name != "overlay" or not kind.is_typed}
    if overlay is not None and not isinstance(overlay, dict):
        issues.append(
            Issue(node_id=node.id, path="/overlay", code="overlay-shape", message="must be a part of the object")
        )
        overlay = None
    try:
        data = kind.model.model_validate(without_nulls(form))
    except ValidationError as error:
        issues += [
            Issue(node_id=node.id, path=path, code=code, message=message)
            for path, code, message in explain(error, kind.model)
        ]
        return None
    namespace = (data.namespace or wired_namespace or context.namespace) if isinstance(data, ObjectFields) else None
    return Subject(id=node.id, kind=kind, data=data, name=data.name, namespace=namespace, overlay=overlay)


def without_nulls(value: Any) -> Any:
    """Leave out fields that are null: empty is empty, whether a form leaves the field out or says null."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value


def explain(error: ValidationError, model: type[BaseModel]) -> Iterator[tuple[str, str, str]]:
    """Yield path, code and sentence for each mistake of a form."""
    for item in error.errors(include_url=False, include_input=True):
        place = list(place_in_data(item["loc"], model))
        if item["type"] == "union_tag_not_found":
            place.append(str(item["ctx"]["discriminator"]).strip("'"))
        yield pointer(*place), _code(item), _sentence(item, model)


def _code(item: ErrorDetails) -> str:
    if item["type"] in {"missing", "union_tag_not_found"}:
        return "required"
    return "unknown-field" if item["type"] == "extra_forbidden" else UNREADABLE


def _sentence(item: ErrorDetails, model: type[BaseModel]) -> str:
    kind = item["type"]
    if kind in {"missing", "union_tag_not_found"}:
        return "is needed"
    if kind == "union_tag_invalid":
        return f"must be one of {item['ctx']['expected_tags']}"
    if kind == "extra_forbidden":
        name = str(item["loc"][-1])
        near = difflib.get_close_matches(name, model.model_fields, n=1) if len(item["loc"]) == 1 else []
        return f"is no field here; did you mean {near[0]}?" if near else "is no field here"
    if kind == "not-right":
        return str(item.get("ctx", {}).get("right", item["msg"]))
    text = item["msg"]
    for before, after in SENTENCES:
        if text.startswith(before):
            return after + text.removeprefix(before)
    return text[:1].lower() + text[1:]


SENTENCES = (
    ("Input should be a valid ", "must be a "),
    ("Input should be ", "must be "),
    ("String should have ", "must have "),
    ("List should have ", "must have "),
    ("Dictionary should have ", "must have "),
    ("String should match pattern ", "must match "),
)


def rule_of(edge: Edge, source_type: str, target_type: str) -> Rule | None:
    """Return the rule an edge follows: the one it names, else the first that fits."""
    wanted = edge.data.get("rule")
    for rule in RULES:
        if rule.edge_type != edge.type or wanted not in (None, rule.id):
            continue
        if rule.fits(source_type, edge.source_handle, target_type, edge.target_handle):
            return rule
    return None


def _wire(edge: Edge, graph: Graph, subjects: Mapping[str, Subject[Any]], issues: list[Issue]) -> Wire | None:
    source, target = graph.by_id.get(edge.source), graph.by_id.get(edge.target)
    if source is None or target is None:
        missing = edge.source if source is None else edge.target
        issues.append(
            Issue(
                edge_id=edge.id,
                code="dangling-edge",
                message=f"There is no node {missing}.",
                remedy=Remedy(text="Remove the wire", action="remove"),
            )
        )
        return None
    rule = rule_of(edge, source.type, target.type)
    if rule is None:
        issues.append(_no_rule(edge, source, target))
        return None
    options = _options(edge, rule, issues)
    if options is None or edge.source not in subjects or edge.target not in subjects:
        return None
    return Wire(edge, rule, subjects[edge.source], subjects[edge.target], options)


def _no_rule(edge: Edge, source: Node, target: Node) -> Issue:
    if DRAWINGS & {source.type, target.type}:
        text = "Notes and groups are drawings; they cannot be wired."
    else:
        names = [KINDS[node.type].title if node.type in KINDS else node.type for node in (source, target)]
        text = f"A {names[0]} cannot be connected to a {names[1]} in this way."
    return Issue(edge_id=edge.id, code="no-rule", message=text, remedy=Remedy(text="Remove the wire", action="remove"))


def _options(edge: Edge, rule: Rule, issues: list[Issue]) -> BaseModel | None:
    try:
        return rule.options.model_validate(without_nulls(edge.data))
    except ValidationError as error:
        issues += [
            Issue(edge_id=edge.id, path=path, code=code, message=message)
            for path, code, message in explain(error, rule.options)
        ]
        return None


_RULE_ORDER = {rule.id: index for index, rule in enumerate(RULES)}


def _wire_order(wire: Wire) -> tuple[int, str, str, str]:
    """Order wires so that the same graph gives the same bytes, however its lists are ordered."""
    return _RULE_ORDER[wire.rule.id], wire.source.name, wire.target.name, wire.edge.id


def _contributions(subjects: Iterable[str], wires: Iterable[Wire], context: CompileContext) -> dict[str, Wired]:
    found: dict[str, list[Contribution]] = defaultdict(list)
    for wire in wires:
        for end, contribution in wire.rule.effect(wire, context):
            found[wire.source.id if end == "source" else wire.target.id].append(contribution)
    return {node_id: Wired(found.get(node_id, ())) for node_id in subjects}
