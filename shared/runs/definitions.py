"""
Kinds that a run brings itself: CustomResourceDefinitions among its objects, and what has to wait for them.

Objects of such a kind cannot be tried before the definition is on the cluster; their definition is, and they are when
they are applied.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from shared.errors import ClusterRefused, NotFound
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.objects import Manifest, ObjectRef
from shared.runs.work import RunFailed, Work

CRD = ("apiextensions.k8s.io/v1", "CustomResourceDefinition")
SERVED_SECONDS = 30.0
_ABSENT = frozenset({"kind-unknown", "cluster-not-found"})

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


def is_absent(client: ClusterClient, ref: ObjectRef) -> bool:
    """Whether the cluster does not serve a kind (yet)."""
    try:
        client.list(ref.api_version, ref.kind, namespace=ref.namespace, most=1)
    except (ClusterRefused, NotFound) as error:
        # who may not list them learns from applying
        return error.code in _ABSENT
    return False


def wait_until_served(work: Work, client: ClusterClient, refs: Iterable[ObjectRef]) -> None:
    """
    Wait until the cluster serves the kinds of these objects: that takes a moment after their definition was applied.

    :raises RunFailed: it still does not
    """
    ends = time.monotonic() + SERVED_SECONDS
    for ref in {(ref.api_version, ref.kind): ref for ref in refs}.values():
        while work.patient(lambda ref=ref: is_absent(client, ref)):  # type: ignore[misc]
            if time.monotonic() > ends:
                msg = f"{ref}: its definition is there, but after {SERVED_SECONDS:.0f} s the cluster does not serve it."
                raise RunFailed(msg, code="kind-unknown")
            work.look_around()
            work.stop.wait(0.1)
