"""
The catalogue of ``GET /node-types``: every node type with its form, every rule, as the browser needs them.

Forms are JSON Schema in a subset the browser can compile without ``eval``: draft 2020-12, local ``$ref``, ``oneOf``
with a ``const`` that tells the variants apart, nothing conditional. Hints are keyed by JSON pointers into the data,
where ``*`` stands for any item of a list or value of a map.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any, Literal

import orjson
from pydantic import BaseModel, Field

from shared.workflows.catalogue.hints import form_hints
from shared.workflows.catalogue.schema import form_schema
from shared.workflows.drawing.graph import MOST_EDGES, MOST_NODES
from shared.workflows.drawing.issues import Remedy
from shared.workflows.kinds import KINDS
from shared.workflows.kinds.fields.base import Kind
from shared.workflows.wires.rules import Match, Rule
from shared.workflows.wires.table import RULES, default_options


class NodeTypeHandle(BaseModel):
    """Where wires begin or end on a card."""

    id: str
    side: Literal["in", "out"]
    title: str
    each: str | None = Field(None, description="JSON pointer to a list: one handle per item, `<id>:<item's id>`.")


class NodeTypeCardRow(BaseModel):
    """One line on a card."""

    path: str
    label: str
    format: str


class Availability(BaseModel):
    """Whether the type can be used on a cluster; unknown while the cluster does not answer."""

    state: Literal["ok", "missing_crd", "denied", "disabled", "unknown"] = "ok"
    reason: str | None = None


class NodeType(BaseModel):
    """A node type, or a preset of one: a form for the nodes of ``node_type`` whose data are of one kind."""

    type: str
    node_type: str = Field(description="Type of the nodes made from it; `type` itself but for presets.")
    applies_when: dict[str, Any] | None = Field(
        None, description="For presets: a condition on the data of nodes of `node_type`; then this form is theirs."
    )
    kind: str
    title: str
    description: str
    category: str
    icon: str
    keywords: list[str]
    source: Literal["core", "plugin", "crd"] = "core"
    json_schema: dict[str, Any] = Field(serialization_alias="schema")
    ui: dict[str, dict[str, Any]]
    defaults: dict[str, Any]
    name_pattern: str
    handles: list[NodeTypeHandle]
    card: list[NodeTypeCardRow]
    actions: list[str]
    availability: Availability = Availability()


class RuleMatch(BaseModel):
    """Which nodes may stand at one end of a rule."""

    types: list[str] | Literal["*"]
    handle: str | None = None


class RuleCardinality(BaseModel):
    """How many wires of one rule there may be; null: any number."""

    per_source: int | None
    per_target: int | None
    per_pair: int


class RuleMirror(BaseModel):
    """An effect of a wire that is shown before it is compiled."""

    on: Literal["source", "target"]
    path: str
    value: dict[str, Any]
    mode: Literal["set", "append"]


class RuleEffect(BaseModel):
    """The effect of a wire."""

    text: str
    mirrors: list[RuleMirror]


class RuleRefusal(BaseModel):
    """A connection that the types allow and the data do not."""

    code: str
    when: dict[str, Any]
    message: str
    remedy: Remedy | None


class WiringRule(BaseModel):
    """One way to connect two nodes."""

    id: str
    edge_type: Literal["wires", "depends_on"]
    source: RuleMatch
    target: RuleMatch
    label: str
    line: Literal["traffic", "config", "storage", "scaling", "policy", "order"]
    cardinality: RuleCardinality
    same_namespace: bool
    acyclic: bool
    on_request: bool = Field(description="Not offered where people drag, only where they ask for an order.")
    edge_schema: dict[str, Any]
    edge_ui: dict[str, dict[str, Any]]
    edge_defaults: dict[str, Any] = Field(description="`data` of a new wire.")
    effect: RuleEffect
    refusals: list[RuleRefusal]


class GraphLimits(BaseModel):
    """How large a graph may be."""

    nodes: int = MOST_NODES
    edges: int = MOST_EDGES


class NodeTypes(BaseModel):
    """All node types and rules; `revision` changes when anything in them does."""

    items: list[NodeType]
    rules: list[WiringRule]
    limits: GraphLimits = GraphLimits()
    revision: str
    total: int
    next_cursor: None = None


@cache
def node_types() -> NodeTypes:
    """Return the catalogue; made once per process."""
    return catalogue_of([_node_type(kind) for kind in KINDS.values()], [_rule(rule) for rule in RULES])


def catalogue_of(items: list[NodeType], rules: list[WiringRule]) -> NodeTypes:
    """Return a catalogue with its revision."""
    content = orjson.dumps([item.model_dump() for item in (*items, *rules)], option=orjson.OPT_SORT_KEYS)
    return NodeTypes(items=items, rules=rules, revision=hashlib.sha256(content).hexdigest()[:16], total=len(items))


@cache
def node_types_json() -> bytes:
    """Return the catalogue as clients receive it; ``revision`` is its ETag."""
    return orjson.dumps(node_types().model_dump(by_alias=True))


def _node_type(kind: Kind[Any]) -> NodeType:
    return NodeType(
        type=kind.type,
        node_type=kind.type,
        kind=kind.kind,
        title=kind.title,
        description=kind.description,
        category=kind.category,
        icon=kind.icon,
        keywords=list(kind.keywords),
        json_schema=form_schema(kind.model),
        ui=form_hints(kind.model),
        defaults=dict(kind.defaults),
        name_pattern=kind.name_pattern,
        handles=[
            NodeTypeHandle(id=handle.id, side=handle.side, title=handle.title, each=handle.each or None)
            for handle in kind.handles
        ],
        card=[NodeTypeCardRow(path=row.path, label=row.label, format=row.format) for row in kind.card],
        actions=list(kind.actions),
    )


def _rule(rule: Rule) -> WiringRule:
    cardinality = rule.cardinality
    return WiringRule(
        id=rule.id,
        edge_type=rule.edge_type,
        source=_match(rule.source),
        target=_match(rule.target),
        label=rule.label,
        line=rule.line,
        cardinality=RuleCardinality(
            per_source=cardinality.per_source, per_target=cardinality.per_target, per_pair=cardinality.per_pair
        ),
        same_namespace=rule.same_namespace,
        acyclic=rule.acyclic,
        on_request=rule.on_request,
        edge_schema=form_schema(rule.options),
        edge_ui=form_hints(rule.options),
        edge_defaults=default_options(rule),
        effect=RuleEffect(
            text=rule.text,
            mirrors=[
                RuleMirror(on=mirror.on, path=mirror.path, value=dict(mirror.value), mode=mirror.mode)
                for mirror in rule.mirrors
            ],
        ),
        refusals=[
            RuleRefusal(code=item.code, when=dict(item.when), message=item.message, remedy=item.remedy)
            for item in rule.refusals
        ],
    )


def _match(match: Match) -> RuleMatch:
    types: list[str] | Literal["*"] = "*" if match.types == "*" else list(match.types)
    return RuleMatch(types=types, handle=match.handle or None)
