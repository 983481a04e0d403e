"""Forms of plugins: their fields as a structural schema, made into a form as a cluster's own schemas are."""

from __future__ import annotations

from copy import deepcopy
from itertools import pairwise
from typing import Any

from shared.plugins.models import DEEPEST_PATH, QUANTITY, PluginDefinition, PluginField, PluginNodeType
from shared.workflows.catalogue.plugin_presets import Offer
from shared.workflows.crds.forms import CrdForm, form_of
from shared.workflows.drawing.issues import pointer

Json = dict[str, Any]
LONG_TEXT = 65_536


def offers_of(plugin: PluginDefinition) -> list[Offer]:
    """Return the node types of a plugin as the palette takes them."""
    return [_offer(plugin, item) for item in plugin.node_types]


def _offer(plugin: PluginDefinition, item: PluginNodeType) -> Offer:
    return Offer(
        type=f"plugin:{plugin.id}/{item.id}",
        plugin=plugin.name,
        homepage=plugin.homepage,
        title=item.title,
        description=item.description,
        category=plugin.category,
        keywords=tuple(item.keywords),
        group=item.group,
        versions=tuple(item.versions),
        kind=item.kind,
        plural=item.plural,
        namespaced=item.namespaced,
        form=short_form(item),
        defaults=defaults_of(item),
    )


def short_form(item: PluginNodeType) -> CrdForm:
    """Return a form of the fields, in their order; other content of an object is left alone."""
    form = form_of(schema_of(item.fields), deepest=DEEPEST_PATH + 1)
    places = {hint_path(field): (number, field) for number, field in enumerate(item.fields)}
    first: dict[str, int] = {}
    for path, (number, _) in places.items():
        for length in range(1, path.count("/") + 1):
            parent = "/".join(path.split("/")[: length + 1])
            first[parent] = min(first.get(parent, number), number)
    hints: dict[str, Json] = {}
    for path in sorted(form.hints, key=lambda path: (first.get(path, 0), path.count("/"))):
        hint = {name: value for name, value in form.hints[path].items() if name != "advanced"}
        placeholder = places[path][1].placeholder if path in places else ""
        hints[path] = hint | ({"placeholder": placeholder} if placeholder else {})
    return CrdForm(form.spec, form.body, form.required, hints, form.cut)


def hint_path(field: PluginField) -> str:
    """Return the JSON pointer of a field's hint: places in lists are any."""
    return pointer(*("*" if isinstance(token, int) else token for token in field.tokens))


def schema_of(fields: list[PluginField]) -> Json:
    """Return a structural schema in which only these fields are known."""
    root: Json = {"type": "object", "properties": {}}
    mixed = _lists_of_different_items(fields)
    for field in fields:
        _add(root, field, mixed)
    return root


def _lists_of_different_items(fields: list[PluginField]) -> set[tuple[str | int, ...]]:
    """Return the lists of which fields know several items; no field is needed in all items then."""
    places: dict[tuple[str | int, ...], set[int]] = {}
    for field in fields:
        tokens = _in_object(field)
        for length, token in enumerate(tokens):
            if isinstance(token, int):
                places.setdefault(tokens[:length], set()).add(token)
    return {path for path, found in places.items() if len(found) > 1}


def _in_object(field: PluginField) -> tuple[str | int, ...]:
    """Return the steps in the object itself, where what a node has in its body stands beside the spec."""
    return field.tokens if field.place == "spec" else field.tokens[1:]


def _add(root: Json, field: PluginField, mixed: set[tuple[str | int, ...]]) -> None:
    at, needed = root, field.required
    tokens = _in_object(field)
    for length, (token, following) in enumerate(pairwise(tokens)):
        inside: Json = {"type": "array"} if isinstance(following, int) else _open_object()
        if isinstance(token, int):
            at = at.setdefault("items", inside)
            needed = needed and tokens[:length] not in mixed
        else:
            at = _member(at, token, inside, is_needed=needed)
            if needed and isinstance(following, int):
                at["minItems"] = 1
    _member(at, str(tokens[-1]), _leaf(field), is_needed=needed)


def _open_object() -> Json:
    return {"type": "object", "properties": {}, "x-kubernetes-preserve-unknown-fields": True}


def _member(at: Json, name: str, schema: Json, *, is_needed: bool) -> Json:
    found: Json = at["properties"].setdefault(name, schema)
    if is_needed and name not in at.setdefault("required", []):
        at["required"].append(name)
    return found


def _leaf(field: PluginField) -> Json:
    made: Json = {"title": field.title, "description": field.help}
    if field.default is not None:
        made["default"] = field.default
    match field.type:
        case "quantity":
            return made | {"x-kubernetes-int-or-string": True, "pattern": QUANTITY}
        case "list":
            return made | {"type": "array", "items": {"type": "string"}} | ({"minItems": 1} if field.required else {})
        case "map":
            return made | {"type": "object", "additionalProperties": {"type": "string"}}
        case "integer" | "number":
            limits = {"minimum": field.minimum, "maximum": field.maximum}
            return made | {"type": field.type} | {name: value for name, value in limits.items() if value is not None}
        case "boolean":
            return made | {"type": "boolean"}
    made |= {"type": "string"} | ({"maxLength": LONG_TEXT} if field.type == "text" else {})
    made |= {"minLength": 1} if field.required and not field.options else {}
    return (
        made
        | ({"enum": field.options} if field.options else {})
        | ({"pattern": field.pattern} if field.pattern else {})
    )


def defaults_of(item: PluginNodeType) -> Json:
    """Return ``spec`` and ``body`` of a new node: what every one has, and the defaults of the fields."""
    data: Json = {"spec": deepcopy(item.spec)}
    for field in item.fields:
        if field.default is not None:
            put(data, field.tokens, deepcopy(field.default))
    return {name: value for name, value in data.items() if value}


def example_of(item: PluginNodeType) -> Json:
    """Return ``spec`` and ``body`` of the example."""
    is_whole = bool(item.example) and item.example.keys() <= {"spec", "body"}
    return dict(item.example) if is_whole else {"spec": item.example}


def put(data: Json, tokens: tuple[str | int, ...], value: Any) -> None:
    """Put a value at the end of a path, making objects and lists on the way; nothing else stands in its way."""
    at: Any = data
    for token, following in pairwise(tokens):
        if isinstance(token, int):
            at.extend({} for _ in range(token + 1 - len(at)))
            at = at[token]
        else:
            at = at.setdefault(token, [] if isinstance(following, int) else {})
    at[tokens[-1]] = value
