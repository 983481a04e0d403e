"""
What ``GET /node-types`` serves: every node type with its form, every rule, as the browser needs them.

Forms are JSON Schema in a subset the browser can compile without ``eval``: draft 2020-12, local ``$ref``, ``oneOf``
with a ``const`` that tells the variants apart, nothing conditional. Hints are keyed by JSON pointers into the data,
where ``*`` stands for any item of a list or value of a map.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import orjson
from pydantic import BaseModel, Field
from pydantic.fields import FieldInfo

from shared.workflows.drawing.graph import MOST_EDGES, MOST_NODES
from shared.workflows.drawing.issues import Remedy, pointer
from shared.workflows.kinds import KINDS
from shared.workflows.kinds.fields.base import Hint, Kind
from shared.workflows.kinds.fields.structure import Shape, shape_of
from shared.workflows.wires.rules import Match, Rule
from shared.workflows.wires.table import RULES, default_options

ALLOWED_KEYWORDS = frozenset(
    {
        *("type", "properties", "required", "additionalProperties", "propertyNames", "items", "enum", "const"),
        *("oneOf", "$ref", "$defs", "minimum", "maximum", "exclusiveMinimum", "minLength", "maxLength", "pattern"),
        *("minItems", "maxItems", "maxProperties", "description", "default"),
    }
)


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
    """What a wire will do, shown before it is compiled."""

    on: Literal["source", "target"]
    path: str
    value: dict[str, Any]
    mode: Literal["set", "append"]


class RuleEffect(BaseModel):
    """What a wire does."""

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
    """Return the catalogue as it goes out; ``revision`` is its ETag."""
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


def form_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return a form's JSON Schema in the subset the browser understands."""
    raw = model.model_json_schema(mode="validation")
    cleaned: dict[str, Any] = _clean(raw)
    return cleaned


def _clean(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_clean(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "anyOf" in schema:
        options = [option for option in schema["anyOf"] if option != {"type": "null"}]
        if len(options) == 1:
            schema = {**options[0], **{key: value for key, value in schema.items() if key != "anyOf"}}
    if "patternProperties" in schema:
        [(pattern, values)] = schema["patternProperties"].items()
        names = {**schema.get("propertyNames", {}), "pattern": pattern}
        schema = {**schema, "propertyNames": names, "additionalProperties": values}
    dropped = {"title", "discriminator", "patternProperties"}
    if schema.get("default", 0) is None:
        dropped.add("default")
    return {
        key: _clean_members(value) if key in {"properties", "$defs"} else _clean_keyword(key, value)
        for key, value in schema.items()
        if key not in dropped
    }


def _clean_members(members: Mapping[str, Any]) -> dict[str, Any]:
    """Clean each schema of a map of schemas, whose keys are names and no keywords."""
    return {name: _clean(schema) for name, schema in members.items()}


def _clean_keyword(keyword: str, value: Any) -> Any:
    return value if keyword in {"default", "const", "enum", "required"} else _clean(value)


def foreign_keywords(schema: Any, place: str = "") -> Iterator[str]:
    """Yield the place of every keyword outside the subset."""
    if isinstance(schema, list):
        for index, item in enumerate(schema):
            yield from foreign_keywords(item, f"{place}/{index}")
    elif isinstance(schema, dict):
        for keyword, value in schema.items():
            here = f"{place}/{keyword}"
            if keyword not in ALLOWED_KEYWORDS:
                yield here
            elif keyword in {"properties", "$defs"}:
                for name, member in value.items():
                    yield from foreign_keywords(member, f"{here}/{name}")
            elif keyword == "$ref" and not str(value).startswith("#/$defs/"):
                yield here
            elif keyword not in {"default", "const", "enum", "required"}:
                yield from foreign_keywords(value, here)


def form_hints(model: type[BaseModel]) -> dict[str, dict[str, Any]]:
    """Return a form's hints by JSON pointer, in the order of the fields."""
    hints: dict[str, dict[str, Any]] = {}
    for path, name, info in _walk(Shape("model", model=model), ""):
        if path not in hints:
            hints[path] = _hint(name, info, len(hints))
    return hints


def _walk(shape: Shape, path: str) -> Iterator[tuple[str, str, FieldInfo]]:
    if shape.kind == "model" and shape.model is not None:
        for name, info in shape.model.model_fields.items():
            here = path + pointer(name)
            yield here, name, info
            yield from _walk(shape_of(info.annotation), here)
    elif shape.kind == "union":
        for variant in shape.variants.values():
            yield from _walk(Shape("model", model=variant), path)
    elif shape.kind in {"list", "map"}:
        yield from _walk(shape_of(shape.item), f"{path}/*")


def _hint(name: str, info: FieldInfo, order: int) -> dict[str, Any]:
    hint = next((item for item in info.metadata if isinstance(item, Hint)), Hint())
    values: dict[str, Any] = {
        "group": hint.group or "general",
        "order": order,
        "widget": hint.widget or _widget(info),
        "title": hint.title or title_of(name),
    }
    optional = {
        "help": hint.help,
        "unit": hint.unit,
        "placeholder": hint.placeholder,
        "advanced": hint.advanced,
        "immutable": hint.immutable,
        "options_from": hint.options_from,
        "visible_when": dict(hint.visible_when) if hint.visible_when else None,
    }
    return values | {key: value for key, value in optional.items() if value}


def _widget(info: FieldInfo) -> str:
    shape = shape_of(info.annotation)
    if shape.kind == "list":
        return "list" if shape_of(shape.item).kind == "leaf" else "repeater"
    if shape.kind != "leaf":
        return {"model": "object", "map": "map", "union": "one-of"}[shape.kind]
    kinds = set(_leaves(info.annotation))
    if bool in kinds:
        return "toggle"
    if "choice" in kinds:
        return "select"
    return "number" if int in kinds else "text"


def _leaves(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _leaves(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for part in get_args(annotation):
            yield from _leaves(part)
    elif origin is Literal:
        yield "choice"
    else:
        yield annotation


_CAPITALS = {
    **{word: word.upper() for word in ("dns", "ip", "tcp", "http", "tls", "cpu", "tty", "pid", "url", "ttl", "uid")},
    "id": "ID",
    "fs": "FS",
    "linux": "Linux",
}


def title_of(name: str) -> str:
    """Return a field's name as a person reads it: ``host_pid`` is *Host PID*."""
    words = [_CAPITALS.get(word, word) for word in name.removesuffix("_seconds").split("_")]
    first = words[0] if words[0] != words[0].lower() else words[0].capitalize()
    return " ".join([first, *words[1:]])
