"""ConfigMaps, Secrets, claims, autoscalers and definitions of kinds."""

from __future__ import annotations

from collections.abc import Sequence

from shared.kubernetes.objects import Manifest
from shared.kubernetes.status.model import State, Status, condition, conditions, words


def configmap(live: Manifest, _related: Sequence[Manifest]) -> Status:
    """A ConfigMap that exists is healthy."""
    keys = len(live.get("data") or {}) + len(live.get("binaryData") or {})
    return Status(State.HEALTHY, f"{keys} {'key' if keys == 1 else 'keys'}.", details={"keys": keys})


def secret(live: Manifest, _related: Sequence[Manifest]) -> Status:
    """A Secret that exists is healthy; its values are never looked at."""
    return Status(State.HEALTHY, "Created.", details={"type": live.get("type", "")})


def definition(live: Manifest, _related: Sequence[Manifest]) -> Status:
    """Judge a CustomResourceDefinition by whether the cluster serves its kind yet."""
    found = conditions(live)
    refused = condition(found, "NamesAccepted")
    if refused is not None and refused.get("status") == "False":
        return Status(State.ERROR, words(refused.get("message", "")), str(refused.get("reason", "")))
    established = condition(found, "Established")
    if established is not None and established.get("status") == "True":
        return Status(State.HEALTHY, "Established.")
    return Status(State.PROGRESSING, "The cluster does not serve the kind yet.")


def claim(live: Manifest, _related: Sequence[Manifest]) -> Status:
    """Judge a PersistentVolumeClaim by its phase."""
    phase = str((live.get("status") or {}).get("phase", "Pending"))
    if phase == "Bound":
        size = ((live.get("status") or {}).get("capacity") or {}).get("storage", "")
        return Status(State.HEALTHY, f"Bound, {size}." if size else "Bound.")
    if phase == "Lost":
        return Status(State.ERROR, "Its volume is lost.", reason="Lost", final=True)
    text = "Pending: a volume is made, or it waits for the first pod that uses it (WaitForFirstConsumer)."
    return Status(State.PENDING, text, reason="Pending")


def autoscaler(live: Manifest, _related: Sequence[Manifest]) -> Status:
    """Judge a HorizontalPodAutoscaler by whether it can read its metrics."""
    status = live.get("status") or {}
    current, desired = int(status.get("currentReplicas", 0)), int(status.get("desiredReplicas", 0))
    found = conditions(live)
    for name in ("AbleToScale", "ScalingActive"):
        entry = condition(found, name)
        if entry is not None and entry.get("status") == "False" and entry.get("reason") != "ScalingDisabled":
            text = words(entry.get("message", ""))
            return Status(State.DEGRADED, text, str(entry.get("reason", "")), ready=current, desired=desired)
    return Status(State.HEALTHY, f"{current} replicas, {desired} wanted.", ready=current, desired=desired)
