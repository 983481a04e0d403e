"""
The live objects of a workflow: one list per kind by our label, however many objects there are.

``owned_hash`` tells whether somebody changed a field of ours: the API server takes a field out of our entry in
``managedFields`` as soon as another writes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from shared.errors import ClusterRefused, NotFound
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.labels import FIELD_MANAGER, WORKFLOW
from shared.kubernetes.objects import Manifest, ObjectRef, ref_of
from shared.parallel import in_parallel

Key = tuple[str, str | None, str]


def key_of(ref: ObjectRef) -> Key:
    """Return the key of an object among those of a workflow; versions of a kind's API are one kind."""
    return ref.kind, ref.namespace, ref.name


@dataclass(frozen=True, slots=True)
class LiveObjects:
    """Live objects that carry a workflow's label, by (kind, namespace, name)."""

    objects: Mapping[Key, Manifest] = field(default_factory=dict)

    def get(self, ref: ObjectRef) -> Manifest | None:
        """Return a live object."""
        return self.objects.get(key_of(ref))


def survey(
    client: ClusterClient, workflow_id: str, kinds: Iterable[tuple[str, str, str | None]], *, at_once: int
) -> LiveObjects:
    """
    Return the live objects of a workflow.

    :param kinds: (api version, kind, namespace) to list
    """

    def list_kind(wanted: tuple[str, str, str | None]) -> list[Manifest]:
        api_version, kind, namespace = wanted
        try:
            items, _ = client.list(api_version, kind, namespace=namespace, label_selector=f"{WORKFLOW}={workflow_id}")
        except (ClusterRefused, NotFound) as error:
            if error.code in {"cluster-not-found", "kind-unknown"}:
                # where a kind is not known, there are no objects of it
                return []
            raise
        # objects inside a list do not say what they are
        return [{**item, "apiVersion": api_version, "kind": kind} for item in items]

    by_kind = in_parallel(list_kind, sorted(set(kinds), key=str), at_once=at_once)
    return LiveObjects({key_of(ref_of(item)): item for items in by_kind for item in items})


def owned_hash(live: Mapping[str, Any]) -> str:
    """Return a hash over the fields we own on an object; empty when we own none."""
    for entry in live.get("metadata", {}).get("managedFields") or []:
        if entry.get("manager") == FIELD_MANAGER and not entry.get("subresource"):
            return hashlib.sha256(orjson.dumps(entry.get("fieldsV1"), option=orjson.OPT_SORT_KEYS)).hexdigest()[:24]
    return ""
