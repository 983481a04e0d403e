"""
Presets of the custom resource: a form for the objects of one kind, whoever described the kind.

What a cluster's definitions say (crd_types) and what plugins say (offers) become node types here, of one shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import orjson

from shared.workflows.catalogue.core import NodeType, NodeTypeCardRow, NodeTypeHandle
from shared.workflows.catalogue.hints import form_hints
from shared.workflows.catalogue.schema import form_schema
from shared.workflows.crds.forms import CrdForm
from shared.workflows.drawing.issues import pointer
from shared.workflows.kinds.custom import CUSTOM, CustomFields

_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class PresetKind:
    """The kind of objects that a preset is for."""

    group: str
    version: str
    kind: str
    namespaced: bool

    @property
    def api_version(self) -> str:
        """As a manifest names it."""
        return f"{self.group}/{self.version}"

    @property
    def is_possible(self) -> bool:
        """Whether the custom resource takes this kind; it refuses names no API server would give."""
        try:
            CustomFields.model_validate({"name": "x", "api_version": self.api_version, "kind": self.kind})
        except ValueError:
            return False
        return True


def preset(
    kind: PresetKind,
    form: CrdForm,
    *,
    name: str,
    title: str,
    description: str,
    category: str,
    keywords: list[str],
    source: Literal["plugin", "crd"],
    anything: bool = False,
    open_body: bool = False,
    defaults: Mapping[str, Any] | None = None,
) -> NodeType:
    """
    Return a node type whose nodes are custom resources of one kind.

    :param name: its ``type``
    :param anything: a form without a spec still has one, as YAML
    :param open_body: beside the spec there may be more than the form knows
    :param defaults: ``spec`` and ``body`` of a new node
    """
    fixed = {"api_version": kind.api_version, "kind": kind.kind, "cluster_scoped": not kind.namespaced}
    schema = _schema(fixed, form, anything=anything, open_body=open_body)
    return NodeType(
        type=name,
        node_type=CUSTOM.type,
        applies_when={"all": [{"path": pointer(name), "equals": fixed[name]} for name in ("api_version", "kind")]},
        kind=kind.kind,
        title=title,
        description=description,
        category=category,
        icon=CUSTOM.icon,
        keywords=keywords,
        source=source,
        json_schema=schema,
        ui=_hints(form, schema["properties"]),
        defaults={name: value for name, value in fixed.items() if value is not False} | dict(defaults or {}),
        name_pattern=f"{kind.kind.lower()[:_LONGEST_NAME]}-{{n}}",
        handles=[NodeTypeHandle(id=handle.id, side=handle.side, title=handle.title) for handle in CUSTOM.handles],
        card=[NodeTypeCardRow(path=row.path, label=row.label, format=row.format) for row in CUSTOM.card],
        actions=list(CUSTOM.actions),
    )


def _schema(fixed: Mapping[str, Any], form: CrdForm, *, anything: bool, open_body: bool) -> dict[str, Any]:
    """Return the custom resource's own schema, fixed values as constants and the form in place of YAML."""
    schema, _ = _own_form()
    properties = {**schema["properties"], **{name: {"const": value} for name, value in fixed.items()}}
    needed = ["name", "api_version", "kind"]
    if fixed["cluster_scoped"]:
        needed.append("cluster_scoped")
    else:
        properties["cluster_scoped"]["default"] = False
    properties.pop("spec")
    properties.pop("body")
    if form.spec is not None:
        properties["spec"] = form.spec
        needed += ["spec"] if "spec" in form.required else []
    elif anything:
        properties["spec"] = {"type": "object"}
    if form.body:
        among = [name for name in form.required if name != "spec"]
        inside: dict[str, Any] = {"type": "object", "properties": dict(form.body)}
        inside |= {} if open_body else {"additionalProperties": False}
        properties["body"] = inside | ({"required": among} if among else {})
        needed += ["body"] if among else []
    return {**schema, "properties": properties, "required": needed}


@cache
def _own_form() -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Return the custom resource's own schema and hints; made once, and never changed."""
    return form_schema(CustomFields), form_hints(CustomFields)


def _hints(form: CrdForm, properties: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the custom resource's own hints with those of the form in place of its YAML fields."""
    _, all_own = _own_form()
    own = {path: hint for path, hint in all_own.items() if path not in {"/spec", "/body"}}
    hints: dict[str, dict[str, Any]] = {}
    for path, hint in own.items():
        is_fixed = "const" in properties[path.strip("/")]
        hints[path] = {**hint, "widget": "read-only", "advanced": True} if is_fixed else dict(hint)
        if is_fixed:
            hints[path].pop("options_from", None)
    # of no use to what belongs to no namespace, but a node that has one is not wrong
    hints["/namespace"]["visible_when"] = {"not": {"path": "/cluster_scoped", "equals": True}}
    if "spec" in properties and "/spec" not in form.hints:
        hints["/spec"] = all_own["/spec"]
    if "body" in properties:
        hints["/body"] = {"group": "fields", "order": 0, "widget": "object", "title": "Fields"}
    hints |= form.hints
    return {path: {**hint, "order": order} for order, (path, hint) in enumerate(hints.items())}


def size_of(item: NodeType) -> int:
    """Return the bytes of a preset's form as JSON."""
    return len(orjson.dumps([item.json_schema, item.ui]))


def without_form(item: NodeType) -> NodeType:
    """Return a preset whose fields are edited as YAML, because all forms together are too much."""
    schema = item.json_schema
    properties = {
        name: {"type": "object"} if name in {"spec", "body"} else value for name, value in schema["properties"].items()
    }
    kept = [path for path in item.ui if not path.startswith(("/spec/", "/body/"))]
    ui = {
        path: {**item.ui[path], **({"widget": "code"} if path in {"/spec", "/body"} else {}), "order": order}
        for order, path in enumerate(kept)
    }
    return item.model_copy(update={"json_schema": {**schema, "properties": properties}, "ui": ui})
