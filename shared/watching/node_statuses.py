"""
From objects to node statuses: pure, over the objects that informers hold and those that the inventory lists.

A node is as bad as its worst object; an object of the inventory that no informer holds is missing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from shared.kubernetes.objects import Manifest
from shared.kubernetes.status import MISSING, State, Status, extract
from shared.owned.models import OwnedObject
from shared.watching.store import NodeStatus, ObservedObject

Node = tuple[str, str]
"""Workflow id and node id."""

WORST_FIRST = [
    State.MISSING,
    State.ERROR,
    State.DEGRADED,
    State.UNKNOWN,
    State.PENDING,
    State.PROGRESSING,
    State.SUSPENDED,
    State.COMPLETED,
    State.HEALTHY,
]
_DROPPED = ("managedFields", "selfLink")


def slim(item: Manifest) -> Manifest:
    """Return an object with the fields that statuses need: no managed fields, no values of secrets or config maps."""
    metadata = {key: value for key, value in item["metadata"].items() if key not in _DROPPED}
    kept = {**item, "metadata": metadata}
    for field in ("data", "binaryData", "stringData"):
        if field in kept:
            kept[field] = dict.fromkeys(kept[field] or {}, "")
    return kept


def status_of(
    node: Node,
    entries: Sequence[OwnedObject],
    objects: Iterable[Manifest],
    *,
    cluster_id: str,
    at: datetime,
    denied: Collection[str] = (),
) -> NodeStatus | None:
    """
    Return the status of a node, or None for one without an entry in the inventory.

    :param objects: everything that carries the node's labels, pods and endpoint slices included
    :param denied: kinds that the credentials may not look at; their objects are unknown, not missing
    """
    held = list(objects)
    live = {(item["kind"], item["metadata"].get("namespace"), item["metadata"]["name"]): item for item in held}
    if not entries:
        return None
    statuses = [(entry, _object_status(entry, live, held, denied)) for entry in entries]
    worst = min((status for _, status in statuses), key=lambda status: WORST_FIRST.index(status.state))
    first = statuses[0][0]
    return NodeStatus(
        id=f"{node[0]}:{node[1]}",
        workflow_id=node[0],
        node_id=node[1],
        cluster_id=cluster_id,
        type=first.kind.lower(),
        state=worst.state.value,
        message=worst.message,
        reason=worst.reason,
        ready=worst.ready,
        desired=worst.desired,
        address=worst.address,
        details=dict(worst.details),
        objects=[_observed(entry, live) for entry in entries],
        observed_at=at,
    )


def _object_status(
    entry: OwnedObject, live: Mapping[Any, Manifest], held: Sequence[Manifest], denied: Collection[str]
) -> Status:
    item = live.get((entry.kind, entry.namespace, entry.name))
    if item is None and entry.kind in denied:
        text = f"The cluster's credentials may not look at objects of the kind {entry.kind}."
        return Status(State.UNKNOWN, text, reason="Forbidden")
    return MISSING if item is None else extract(item, held)


def _observed(entry: OwnedObject, live: Mapping[Any, Manifest]) -> ObservedObject:
    item = live.get((entry.kind, entry.namespace, entry.name))
    return ObservedObject(
        api_version=entry.api_version,
        kind=entry.kind,
        namespace=entry.namespace,
        name=entry.name,
        uid=str(item["metadata"].get("uid", "")) if item else "",
    )


def differs(before: NodeStatus | None, after: NodeStatus) -> bool:
    """Whether people would see a difference; the time of observation alone is none."""
    if before is None:
        return True
    ignored = {"observed_at"}
    return before.model_dump(exclude=ignored) != after.model_dump(exclude=ignored)
