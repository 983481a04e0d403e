"""
Forms of custom resources: the structural schema of a CustomResourceDefinition in the subset the browser understands.

Pure. What a form accepts the cluster's own check accepts too, as far as the subset can say it; what it cannot say
(one of several fields, unique items, rules in CEL) stands in the help of the field, and a dry run tells. Objects that
say nothing about their fields, and those too deep for a form, are edited as YAML.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from shared.workflows.crds.patterns import portable
from shared.workflows.crds.words import cut, sentences, title_of
from shared.workflows.drawing.issues import pointer

Json = dict[str, Any]

DEEPEST = 8
"""Objects inside objects inside …; what is deeper is edited as YAML."""
MOST_FIELDS = 400
LARGEST_FORM = 96 * 1024
"""Bytes of a form as JSON. Over either limit the form is made again, one level shallower."""
FOLDED_FROM = 3
MANY_FIELDS = 15
"""Among so many, fields that need not be filled in are folded away."""
LARGEST_DEFAULT = 512
_SAFE = 2**53 - 1
_INT32 = 2**31
_ATOMS = frozenset({"string", "integer", "number", "boolean"})
_EXAMPLES = {
    "date-time": "2030-01-31T12:00:00Z",
    "date": "2030-01-31",
    "duration": "1h30m",
    "uri": "https://example.com",
    "ipv4": "10.0.0.1",
    "ipv6": "2001:db8::1",
    "cidr": "10.0.0.0/8",
    "mac": "02:00:00:00:00:01",
    "email": "name@example.com",
    "hostname": "shop.example.com",
    "uuid": "123e4567-e89b-12d3-a456-426614174000",
}
_WIDGETS = {"duration": "duration", "uri": "url", "cidr": "cidr"}
_LONG_TEXT = 1000
_NEVER: Json = {"type": "object"}


@dataclass(frozen=True, slots=True)
class CrdForm:
    """
    A form for the content of a custom resource.

    :param spec: schema of the spec, or None when the kind has none
    :param body: schemas of the fields beside it, by name
    :param required: which of all these the kind insists on
    :param hints: by JSON pointer into the data of a node, in order
    :param cut: pointers of what is edited as YAML because it is too deep or the form too large
    """

    spec: Json | None
    body: Mapping[str, Json]
    required: tuple[str, ...]
    hints: Mapping[str, Json]
    cut: tuple[str, ...]


def form_of(schema: Mapping[str, Any], *, deepest: int = DEEPEST) -> CrdForm:
    """Return the form of one version's ``openAPIV3Schema``, as deep as the limits allow."""
    for depth in range(deepest, -1, -1):
        try:
            form = _Builder(depth).build(schema)
        except _TooMany:
            continue
        if _size(form) <= LARGEST_FORM:
            return form
    return _bare(schema)


class _TooMany(Exception):
    """More fields than a form may have."""


def _bare(schema: Mapping[str, Any]) -> CrdForm:
    """Return the form of a kind whose first level alone is too much: everything as YAML."""
    has_spec = "spec" in _properties(schema)
    hints = {"/spec": _hint("spec", 0, "code", "spec", {})} if has_spec else {}
    return CrdForm(dict(_NEVER) if has_spec else None, {}, (), hints, ("/spec",) if has_spec else ())


def _size(form: CrdForm) -> int:
    return len(orjson.dumps([form.spec, dict(form.body), dict(form.hints)]))


_NOT_WANTED = frozenset({"apiVersion", "kind", "metadata", "status"})


def _properties(schema: Mapping[str, Any]) -> Json:
    found = schema.get("properties")
    return {name: value for name, value in found.items() if isinstance(value, dict)} if isinstance(found, dict) else {}


@dataclass
class _Builder:
    """One attempt: no object deeper than ``deepest`` becomes fields."""

    deepest: int
    hints: dict[str, Json] = field(default_factory=dict)
    cut: list[str] = field(default_factory=list)

    def build(self, schema: Mapping[str, Any]) -> CrdForm:
        members = {name: value for name, value in _properties(schema).items() if name not in _NOT_WANTED}
        required = tuple(name for name in _required(schema) if name in members)
        spec = None
        if "spec" in members:
            spec = self._member("spec", members.pop("spec"), "/spec", 0, is_needed="spec" in required, group="spec")
        body = {
            name: self._member(name, value, pointer("body", name), 0, is_needed=name in required, group="fields")
            for name, value in sorted(members.items())
        }
        return CrdForm(spec, body, required, self.hints, tuple(self.cut))

    def _member(
        self, name: str, schema: Json, path: str, depth: int, *, is_needed: bool, group: str, among: int = 1
    ) -> Json:
        """Return a field's schema; its hint stands before those of the fields inside it."""
        order = len(self.hints)
        if order >= MOST_FIELDS:
            raise _TooMany
        self.hints[path] = {}
        made, widget = self._shape(schema, path, depth, group)
        is_folded = not is_needed and depth > 0 and (depth >= FOLDED_FROM or among > MANY_FIELDS)
        self.hints[path] = _hint(name, order, widget, group, schema, advanced=is_folded)
        default = schema.get("default")
        if default is not None and widget != "code" and not _has_null(default) and _is_small(default):
            made["default"] = default
        return made

    def _shape(self, schema: Json, path: str, depth: int, group: str) -> tuple[Json, str]:
        if "$ref" in schema or schema.get("x-kubernetes-embedded-resource"):
            return dict(_NEVER), "code"
        if schema.get("x-kubernetes-int-or-string"):
            made = {"type": ["integer", "string"], **_texts(schema), **_choices(schema)}
            return made, "quantity" if "KMGTPE" in str(schema.get("pattern", "")) else "int-or-string"
        kind = schema.get("type")
        if kind == "object":
            return self._object(schema, path, depth, group)
        if kind == "array":
            return self._array(schema, path, depth, group)
        return _atom(kind, schema) if kind in _ATOMS else ({}, "code")

    def _object(self, schema: Json, path: str, depth: int, group: str) -> tuple[Json, str]:
        members, values = _properties(schema), schema.get("additionalProperties")
        is_open = bool(schema.get("x-kubernetes-preserve-unknown-fields"))
        limits = _whole(schema, "maxProperties")
        if members and "*" not in members:
            return self._fields(schema, members, path, depth, group, is_open=is_open)
        if isinstance(values, dict):
            if depth >= self.deepest and not _is_atom(values):
                return self._as_yaml("object", path)
            inside, widget = self._shape(values, f"{path}/*", depth + 1, group)
            return {"type": "object", "additionalProperties": inside, **limits}, "code" if widget == "code" else "map"
        if is_open or values or members:
            return {"type": "object", **limits}, "code"
        # nothing may stand in it, and that it is there says something: ``selfSigned: {}``
        return {"type": "object", "properties": {}, "additionalProperties": False}, "object"

    def _fields(
        self, schema: Json, members: Json, path: str, depth: int, group: str, *, is_open: bool
    ) -> tuple[Json, str]:
        if depth >= self.deepest:
            return self._as_yaml("object", path)
        required = [name for name in _required(schema) if name in members]
        ordered = sorted(members, key=lambda name: (name not in required, name))
        made: Json = {
            "type": "object",
            "properties": {
                name: self._member(
                    name,
                    members[name],
                    path + pointer(name),
                    depth + 1,
                    is_needed=name in required,
                    group=group,
                    among=len(members),
                )
                for name in ordered
            },
        }
        if required:
            made["required"] = required
        if not is_open:
            made["additionalProperties"] = False
        return {**made, **_whole(schema, "maxProperties")}, "object"

    def _array(self, schema: Json, path: str, depth: int, group: str) -> tuple[Json, str]:
        items = schema.get("items")
        limits = _whole(schema, "minItems", "maxItems")
        if not isinstance(items, dict):
            return {"type": "array", **limits}, "code"
        if depth >= self.deepest and not _is_atom(items):
            made, widget = self._as_yaml("array", path)
            return {**made, **limits}, widget
        inside, widget = self._shape(items, f"{path}/*", depth + 1, group)
        shown = "code" if widget == "code" else "list" if _is_atom(items) else "repeater"
        return {"type": "array", "items": inside, **limits}, shown

    def _as_yaml(self, kind: str, path: str) -> tuple[Json, str]:
        self.cut.append(path)
        return {"type": kind}, "code"


def _is_atom(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") in _ATOMS or bool(schema.get("x-kubernetes-int-or-string"))


def _required(schema: Mapping[str, Any]) -> list[str]:
    found = schema.get("required")
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []


def _atom(kind: str, schema: Json) -> tuple[Json, str]:
    choices = _choices(schema)
    if kind == "boolean":
        return {"type": kind, **choices}, "toggle"
    if kind in {"integer", "number"}:
        return {"type": kind, **_bounds(kind, schema), **choices}, "select" if choices else "number"
    widget = _WIDGETS.get(str(schema.get("format")), "text")
    longest = schema.get("maxLength")
    if isinstance(longest, int) and longest >= _LONG_TEXT and widget == "text" and "pattern" not in schema:
        widget = "textarea"
    return {"type": kind, **_texts(schema), **choices}, "select" if choices else widget


def _texts(schema: Json) -> Json:
    pattern = portable(schema["pattern"]) if isinstance(schema.get("pattern"), str) else None
    return {**_whole(schema, "minLength", "maxLength"), **({"pattern": pattern} if pattern else {})}


def _choices(schema: Json) -> Json:
    found = schema.get("enum")
    values = [value for value in found if value is not None] if isinstance(found, list) else []
    return {"enum": values} if values else {}


def _whole(schema: Json, *names: str) -> Json:
    found = {name: schema.get(name) for name in names}
    return {
        name: value
        for name, value in found.items()
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0
    }


def _bounds(kind: str, schema: Json) -> Json:
    """
    Return the limits of a number; OpenAPI 3.0 says whether a limit itself is excluded by a boolean beside it.

    Whole numbers stay within what their format holds and what a browser can write exactly.
    """
    low, high = _number(schema.get("minimum")), _number(schema.get("maximum"))
    if kind == "number":
        if low is None or schema.get("exclusiveMinimum") is not True:
            lowest = {} if low is None else {"minimum": low}
        else:
            lowest = {"exclusiveMinimum": low}
        return {**lowest, **({} if high is None else {"maximum": high})}
    least = None if low is None else math.ceil(low) + (1 if _excludes(schema, "exclusiveMinimum", low) else 0)
    most = None if high is None else math.floor(high) - (1 if _excludes(schema, "exclusiveMaximum", high) else 0)
    if schema.get("format") == "int32":
        least = -_INT32 if least is None else max(least, -_INT32)
        most = _INT32 - 1 if most is None else min(most, _INT32 - 1)
    return {
        **({} if least is None else {"minimum": max(least, -_SAFE)}),
        **({} if most is None else {"maximum": min(most, _SAFE)}),
    }


def _excludes(schema: Json, name: str, limit: float) -> bool:
    """Whether a limit is excluded that a whole number could have."""
    return schema.get(name) is True and float(limit).is_integer()


def _number(value: Any) -> float | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return value
    return None


def _has_null(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_null, value.values()))
    return any(map(_has_null, value)) if isinstance(value, list) else value is None


def _is_small(value: Any) -> bool:
    return len(orjson.dumps(value)) <= LARGEST_DEFAULT


def _hint(name: str, order: int, widget: str, group: str, schema: Mapping[str, Any], *, advanced: bool = False) -> Json:
    title = schema.get("title")
    hint: Json = {
        "group": group,
        "order": order,
        "widget": widget,
        "title": cut(title, 80) if isinstance(title, str) and title else title_of(name),
    }
    help_text = " ".join(sentences(schema))
    optional = {
        "help": help_text,
        "placeholder": _EXAMPLES.get(str(schema.get("format")), ""),
        "advanced": advanced,
    }
    return hint | {key: value for key, value in optional.items() if value}
