"""
Kinds that a run brings itself: CustomResourceDefinitions among its objects, and the objects that have to wait for them.

Objects of such a kind cannot be tried before the definition is on the cluster; their definition is, and they are when
they are applied.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shared.kubernetes.objects import Manifest

CRD = ("apiextensions.k8s.io/v1", "CustomResourceDefinition")

KindKey = tuple[str, str]
"""API version and kind."""


def kinds_defined(manifests: Iterable[Manifest]) -> frozenset[KindKey]:
    """Return the kinds that these definitions bring, in every version they serve."""
    found: set[KindKey] = set()
    for manifest in manifests:
        if (manifest["apiVersion"], manifest["kind"]) == CRD:
            found |= _served(manifest.get("spec"))
    return frozenset(found)


def _served(spec: Any) -> set[KindKey]:
    names = spec.get("names") if isinstance(spec, dict) else None
    versions = spec.get("versions") if isinstance(spec, dict) else None
    if not isinstance(names, dict) or not isinstance(versions, list):
        return set()
    return {
        (f"{spec.get('group')}/{version.get('name')}", str(names.get("kind")))
        for version in versions
        if isinstance(version, dict) and version.get("served") is True
    }
