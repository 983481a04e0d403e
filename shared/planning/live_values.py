"""Values that only the cluster knows and that an apply must not lose: keys of secrets, and numbers of replicas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from shared.kubernetes.client import ClusterClient
from shared.kubernetes.labels import FIELD_MANAGER
from shared.kubernetes.objects import Manifest, ObjectRef
from shared.planning.plan import Step
from shared.workflows.compile.manifests import Item


def keep_live_values(client: ClusterClient, item: Item, ref: ObjectRef) -> tuple[Item, Step | None]:
    """Keep the live values of keys that have none stored: leaving them out would remove them."""
    live = client.get(ref)
    present = (live or {}).get("data") or {}
    lacking = [key for key in item.unset_keys if key not in present]
    if lacking:
        text = f"{ref} has no value for: {', '.join(lacking)}. Enter it on the node, then run again."
        return item, Step(item, item.manifest, "invalid", reason=text, code="secret-unset")
    kept = {key: present[key] for key in item.unset_keys}
    data = {**kept, **(item.manifest.get("data") or {})}
    return replace(item, manifest={**item.manifest, "data": data}), None


def keep_live_replicas(item: Item, live: Manifest | None) -> Item:
    """
    Keep the number of replicas while nobody but us manages it.

    A workload whose replicas are left to an autoscaler says none. Leaving out a field that only we manage removes it,
    and the API server would fall back to one replica until the autoscaler acts.
    https://kubernetes.io/docs/reference/using-api/server-side-apply/#transferring-ownership
    """
    spec = item.manifest.get("spec")
    if live is None or not isinstance(spec, Mapping) or "replicas" in spec:
        return item
    present = (live.get("spec") or {}).get("replicas")
    if present is None or _managers_of_replicas(live) != {FIELD_MANAGER}:
        return item
    return replace(item, manifest={**item.manifest, "spec": {**spec, "replicas": present}})


def _managers_of_replicas(live: Manifest) -> set[str]:
    return {
        str(entry.get("manager"))
        for entry in live["metadata"].get("managedFields") or []
        if "f:replicas" in ((entry.get("fieldsV1") or {}).get("f:spec") or {})
    }
