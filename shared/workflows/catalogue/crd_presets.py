"""
Node types for the kinds of a cluster's extensions: presets of the custom resource, each with a form for its kind.

A node made from one is a ``custom-resource`` like any other: which kind it is stands in its data, so it is validated,
compiled and exported without a cluster, and goes on working when the cluster is away or another one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from shared.kubernetes.crds import Crd, CrdVersion
from shared.workflows.catalogue.core import NodeType
from shared.workflows.catalogue.presets import PresetKind, preset, size_of, without_form
from shared.workflows.crds.forms import CrdForm, form_of
from shared.workflows.crds.words import title_of

LARGEST_CATALOGUE = 2 * 1024 * 1024
"""Bytes of all forms of one cluster. Over it the largest forms are left out and those kinds are edited as YAML."""


def type_name(group: str, version: str, kind: str) -> str:
    """Return the name of a preset: ``crd:cert-manager.io/v1/Certificate``."""
    return f"crd:{group}/{version}/{kind}"


@lru_cache(maxsize=16)
def crd_node_types(crds: tuple[Crd, ...]) -> tuple[NodeType, ...]:
    """
    Return one preset per kind that the cluster serves, in the order of the kinds.

    Made once per set of definitions: schemas count by their digests.
    """
    found = [made for crd in crds if (made := _preset(crd)) is not None]
    room = LARGEST_CATALOGUE
    with_form: set[str] = set()
    for item in sorted(found, key=lambda item: (size_of(item), item.type)):
        room -= size_of(item)
        if room >= 0:
            with_form.add(item.type)
    return tuple(item if item.type in with_form else without_form(item) for item in found)


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


def _preset(crd: Crd) -> NodeType | None:
    """Return the preset of a kind's best version; None when the kind cannot be a custom resource node."""
    version = crd.best
    kind = PresetKind(crd.group, version.name, crd.kind, crd.namespaced) if version is not None else None
    if version is None or kind is None or not kind.is_possible:
        return None
    return preset(
        kind,
        form_for(version),
        name=type_name(crd.group, version.name, crd.kind),
        title=title_of(crd.kind),
        description=crd.description or f"{crd.kind} of {crd.group}.",
        category="extensions",
        keywords=[*dict.fromkeys([crd.group, crd.plural, *crd.words])],
        source="crd",
        anything=takes_anything(version),
    )


def takes_anything(version: CrdVersion) -> bool:
    """Whether a version says nothing about its fields."""
    return not version.schema or bool(version.schema.get("x-kubernetes-preserve-unknown-fields"))
