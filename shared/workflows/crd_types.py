"""
Node types for the kinds of a cluster's extensions: presets of the custom resource, each with a form for its kind.

A node made from one is a ``custom-resource`` like any other: which kind it is stands in its data, so it is validated,
compiled and exported without a cluster, and goes on working when the cluster is away or another one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

from shared.kubernetes.crds import Crd, CrdVersion
from shared.workflows.catalog import NodeType, NodeTypeCardRow, NodeTypeHandle, form_hints, form_schema
from shared.workflows.crd_forms import CrdForm, form_of, title_of
from shared.workflows.issues import pointer
from shared.workflows.kinds.custom import CUSTOM, CustomFields

LARGEST_CATALOGUE = 2 * 1024 * 1024
"""Bytes of all forms of one cluster. Over it the largest forms are left out and those kinds are edited as YAML."""
_LONGEST_NAME = 40


def type_name(group: str, version: str, kind: str) -> str:
    """Return what a preset is called: ``crd:cert-manager.io/v1/Certificate``."""
    return f"crd:{group}/{version}/{kind}"


@lru_cache(maxsize=16)
def crd_node_types(crds: tuple[Crd, ...]) -> tuple[NodeType, ...]:
    """
    Return one preset per kind that the cluster serves, in the order of the kinds.

    Made once per set of definitions: schemas count by their digests.
    """
    found = [preset for crd in crds if (preset := _preset(crd)) is not None]
    room = LARGEST_CATALOGUE
    with_form: set[str] = set()
    for item in sorted(found, key=lambda item: (_size(item), item.type)):
        room -= _size(item)
        if room >= 0:
            with_form.add(item.type)
    return tuple(item if item.type in with_form else _without_form(item) for item in found)


def has_form(version: CrdVersion) -> bool:
    """Whether there is more to offer for a version than YAML."""
    return bool(version.schema) and any(hint["widget"] != "code" for hint in form_for(version).hints.values())


def form_for(version: CrdVersion) -> CrdForm:
    """Return the form of a version; made once per schema."""
    return _form(version.digest, _Schema(version.schema))


class _Schema:
    """A schema that is no part of a cache's key; its digest is."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self.schema = schema

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Schema)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=1024)
def _form(digest: str, holder: _Schema) -> CrdForm:
    del digest
    return form_of(holder.schema)


def _size(item: NodeType) -> int:
    return len(orjson.dumps([item.json_schema, item.ui]))


def _preset(crd: Crd) -> NodeType | None:
    """Return the preset of a kind's best version; None when the kind cannot be a custom resource node."""
    version = crd.best
    if version is None or not _is_possible(crd, version):
        return None
    form = form_for(version)
    api_version = f"{crd.group}/{version.name}"
    schema = form_schema(CustomFields)
    fixed = {"api_version": api_version, "kind": crd.kind, "cluster_scoped": not crd.namespaced}
    properties = {**schema["properties"], **{name: {"const": value} for name, value in fixed.items()}}
    if crd.namespaced:
        properties["cluster_scoped"]["default"] = False
    properties.pop("spec")
    properties.pop("body")
    needed = ["name", "api_version", "kind"] + ([] if crd.namespaced else ["cluster_scoped"])
    if form.spec is not None:
        properties["spec"] = form.spec
        needed += ["spec"] if "spec" in form.required else []
    elif not version.schema or version.schema.get("x-kubernetes-preserve-unknown-fields"):
        properties["spec"] = {"type": "object"}
    if form.body:
        among = [name for name in form.required if name != "spec"]
        inside: dict[str, Any] = {"type": "object", "properties": dict(form.body), "additionalProperties": False}
        properties["body"] = inside | ({"required": among} if among else {})
        needed += ["body"] if among else []
    return NodeType(
        type=type_name(crd.group, version.name, crd.kind),
        node_type=CUSTOM.type,
        applies_when={"all": [{"path": pointer(name), "equals": fixed[name]} for name in ("api_version", "kind")]},
        kind=crd.kind,
        title=title_of(crd.kind),
        description=crd.description or f"{crd.kind} of {crd.group}.",
        category="extensions",
        icon=CUSTOM.icon,
        keywords=[*dict.fromkeys([crd.group, crd.plural, *crd.words])],
        source="crd",
        json_schema={**schema, "properties": properties, "required": needed},
        ui=_hints(form, properties),
        defaults={name: value for name, value in fixed.items() if value is not False},
        name_pattern=f"{crd.kind.lower()[:_LONGEST_NAME]}-{{n}}",
        handles=[NodeTypeHandle(id=handle.id, side=handle.side, title=handle.title) for handle in CUSTOM.handles],
        card=[NodeTypeCardRow(path=row.path, label=row.label, format=row.format) for row in CUSTOM.card],
        actions=list(CUSTOM.actions),
    )


def _is_possible(crd: Crd, version: CrdVersion) -> bool:
    """Whether the custom resource takes this kind; it refuses names no API server would give."""
    data = {"name": "x", "api_version": f"{crd.group}/{version.name}", "kind": crd.kind}
    try:
        CustomFields.model_validate(data)
    except ValueError:
        return False
    return True


def _hints(form: CrdForm, properties: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the custom resource's own hints with those of the form in place of its YAML fields."""
    own = {path: hint for path, hint in form_hints(CustomFields).items() if path not in {"/spec", "/body"}}
    hints: dict[str, dict[str, Any]] = {}
    for path, hint in own.items():
        is_fixed = "const" in properties[path.strip("/")]
        hints[path] = {**hint, "widget": "read-only", "advanced": True} if is_fixed else dict(hint)
        if is_fixed:
            hints[path].pop("options_from", None)
    # of no use to what belongs to no namespace, but a node that has one is not wrong
    hints["/namespace"]["visible_when"] = {"not": {"path": "/cluster_scoped", "equals": True}}
    if "spec" in properties and "/spec" not in form.hints:
        hints["/spec"] = form_hints(CustomFields)["/spec"]
    if "body" in properties:
        hints["/body"] = {"group": "fields", "order": 0, "widget": "object", "title": "Fields"}
    hints |= form.hints
    return {path: {**hint, "order": order} for order, (path, hint) in enumerate(hints.items())}


def _without_form(item: NodeType) -> NodeType:
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
