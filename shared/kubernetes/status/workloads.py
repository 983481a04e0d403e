"""Deployments, StatefulSets, DaemonSets, ReplicaSets and pods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.kubernetes.objects import Manifest
from shared.kubernetes.status.model import State, Status, condition, conditions, of_kind, words
from shared.kubernetes.status.pods import is_ready, pod_trouble, restarts, trouble


def deployment(live: Manifest, related: Sequence[Manifest]) -> Status:
    """Judge a Deployment by its newest rollout; pods of older ReplicaSets never count."""
    spec, status = live.get("spec") or {}, live.get("status") or {}
    desired = int(spec.get("replicas", 1))
    ready, updated = int(status.get("readyReplicas", 0)), int(status.get("updatedReplicas", 0))
    pods = _newest_pods(live, related)
    figures: dict[str, Any] = {"ready": ready, "desired": desired}
    available = int(status.get("availableReplicas", 0))
    details: dict[str, Any] = {"updated": updated, "available": available, "restarts": restarts(pods)}
    if desired == 0 and not status.get("replicas") and not spec.get("paused"):
        # also before its controller has seen it: there is nothing to come
        return Status(State.HEALTHY, "Scaled to zero.", **figures, details=details)
    if _unseen(live):
        return Status(State.PROGRESSING, "The rollout is starting.", **figures, details=details)
    if spec.get("paused"):
        return Status(State.SUSPENDED, "The rollout is paused.", reason="Paused", **figures, details=details)
    progress = condition(conditions(live), "Progressing") or {}
    cause = trouble(pods) or _quota(live, related)
    if progress.get("reason") == "ProgressDeadlineExceeded":
        text = cause.message if cause else words(progress.get("message", "It did not become ready in time."))
        details["exceeded_at"] = str(progress.get("lastTransitionTime", ""))
        return Status(State.ERROR, text, reason="ProgressDeadlineExceeded", **figures, details=details, final=True)
    complete = updated >= desired and int(status.get("replicas", 0)) <= updated
    if complete and available >= desired and ready >= desired:
        return Status(State.HEALTHY, f"{ready} of {desired} ready.", **figures, details=details)
    return _on_the_way(cause, figures, details, rolling=not complete)


def stateful_set(live: Manifest, related: Sequence[Manifest]) -> Status:
    """Judge a StatefulSet by its update revision and its ready replicas."""
    spec, status = live.get("spec") or {}, live.get("status") or {}
    desired, ready = int(spec.get("replicas", 1)), int(status.get("readyReplicas", 0))
    pods = of_kind(related, "Pod")
    figures: dict[str, Any] = {"ready": ready, "desired": desired}
    details = {"updated": int(status.get("updatedReplicas", 0)), "restarts": restarts(pods)}
    if desired == 0 and not status.get("replicas"):
        return Status(State.HEALTHY, "Scaled to zero.", **figures, details=details)
    if _unseen(live):
        return Status(State.PROGRESSING, "The rollout is starting.", **figures, details=details)
    partition = int(((spec.get("updateStrategy") or {}).get("rollingUpdate") or {}).get("partition", 0))
    current = status.get("currentRevision") == status.get("updateRevision")
    rolled = current or int(status.get("updatedReplicas", 0)) >= desired - partition
    if ready >= desired and rolled:
        return Status(State.HEALTHY, f"{ready} of {desired} ready.", **figures, details=details)
    return _on_the_way(trouble(pods), figures, details, rolling=not rolled)


def daemon_set(live: Manifest, related: Sequence[Manifest]) -> Status:
    """Judge a DaemonSet by the machines it should be on."""
    status = live.get("status") or {}
    desired, ready = int(status.get("desiredNumberScheduled", 0)), int(status.get("numberReady", 0))
    pods = of_kind(related, "Pod")
    figures: dict[str, Any] = {"ready": ready, "desired": desired}
    details = {"updated": int(status.get("updatedNumberScheduled", 0)), "restarts": restarts(pods)}
    if _unseen(live):
        return Status(State.PROGRESSING, "The rollout is starting.", **figures, details=details)
    if desired == 0:
        return Status(State.HEALTHY, "No machine matches its node selector.", **figures, details=details)
    rolled = int(status.get("updatedNumberScheduled", 0)) >= desired
    if rolled and ready >= desired and int(status.get("numberAvailable", 0)) >= desired:
        return Status(State.HEALTHY, f"{ready} of {desired} ready.", **figures, details=details)
    return _on_the_way(trouble(pods), figures, details, rolling=not rolled)


def replica_set(live: Manifest, related: Sequence[Manifest]) -> Status:
    """Judge a ReplicaSet by its ready replicas."""
    desired = int((live.get("spec") or {}).get("replicas", 1))
    ready = int((live.get("status") or {}).get("readyReplicas", 0))
    if ready >= desired:
        text = f"{ready} of {desired} ready." if desired else "Scaled to zero."
        return Status(State.HEALTHY, text, ready=ready, desired=desired)
    return _on_the_way(trouble(of_kind(related, "Pod")), {"ready": ready, "desired": desired}, {}, rolling=False)


def pod(live: Manifest, _related: Sequence[Manifest]) -> Status:
    """Judge one pod."""
    if (live.get("status") or {}).get("phase") == "Succeeded":
        return Status(State.COMPLETED, "It has done its work.")
    if is_ready(live):
        return Status(State.HEALTHY, "Ready.", details={"restarts": restarts([live])})
    return pod_trouble(live) or Status(State.UNKNOWN, "Nothing is known about it yet.")


def _unseen(live: Manifest) -> bool:
    observed = int((live.get("status") or {}).get("observedGeneration", 0))
    return observed < int(live["metadata"].get("generation", 0))


def _on_the_way(cause: Status | None, figures: dict[str, Any], details: dict[str, Any], *, rolling: bool) -> Status:
    ready, desired = figures["ready"], figures["desired"]
    if cause is None or cause.state is State.PROGRESSING:
        text = f"{ready} of {desired} ready. {cause.message if cause else 'Waiting for pods.'}"
        return Status(State.PROGRESSING, text, reason=cause.reason if cause else "", **figures, details=details)
    if ready and not rolling:
        text = f"{ready} of {desired} ready. {cause.message}"
        return Status(State.DEGRADED, text, reason=cause.reason, **figures, details=details)
    return Status(cause.state, cause.message, reason=cause.reason, **figures, details=details)


def _newest_pods(live: Manifest, related: Sequence[Manifest]) -> list[Manifest]:
    """Return pods of the Deployment's newest ReplicaSet; all its pods when ReplicaSets are not at hand."""
    pods = of_kind(related, "Pod")
    sets = [item for item in of_kind(related, "ReplicaSet") if _owned_by(item, live["metadata"].get("uid"))]
    if not sets:
        return pods
    newest = max(sets, key=_revision)
    return [item for item in pods if _owned_by(item, newest["metadata"]["uid"])]


def _revision(replica_set_object: Manifest) -> int:
    annotations = replica_set_object["metadata"].get("annotations") or {}
    text = str(annotations.get("deployment.kubernetes.io/revision", "0"))
    return int(text) if text.isdigit() else 0


def _owned_by(item: Manifest, uid: object) -> bool:
    return any(owner.get("uid") == uid for owner in item["metadata"].get("ownerReferences") or [])


def _quota(live: Manifest, related: Sequence[Manifest]) -> Status | None:
    """Return the trouble for which pods are not even created: a quota, a webhook, a missing service account."""
    for item in [live, *of_kind(related, "ReplicaSet")]:
        found = condition(conditions(item), "ReplicaFailure")
        if found is not None and found.get("status") == "True":
            text = words(found.get("message", "Pods cannot be created."))
            return Status(State.ERROR, text, reason=str(found.get("reason") or "FailedCreate"))
    return None
