"""
The meaning of objects' statuses, pure: ``extract(object, related)`` returns one word, one sentence and figures.

States: healthy, progressing, degraded, error, pending, suspended, completed, unknown, missing. Related objects
explain the state: pods of a workload, endpoint slices of a service.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shared.kubernetes.objects import Manifest
from shared.kubernetes.status import configuration, jobs, services, workloads
from shared.kubernetes.status.model import MISSING, State, Status, condition, conditions, terminating

__all__ = ["MISSING", "State", "Status", "extract"]

_EXTRACTORS: dict[str, Callable[[Manifest, Sequence[Manifest]], Status]] = {
    "Deployment": workloads.deployment,
    "StatefulSet": workloads.stateful_set,
    "DaemonSet": workloads.daemon_set,
    "ReplicaSet": workloads.replica_set,
    "Pod": workloads.pod,
    "Job": jobs.job,
    "CronJob": jobs.cron_job,
    "Service": services.service,
    "Ingress": services.ingress,
    "ConfigMap": configuration.configmap,
    "Secret": configuration.secret,
    "PersistentVolumeClaim": configuration.claim,
    "CustomResourceDefinition": configuration.definition,
    "HorizontalPodAutoscaler": configuration.autoscaler,
}


def extract(live: Manifest, related: Sequence[Manifest] = ()) -> Status:
    """
    Return the status of an object.

    :param live: as the API server gives it; managed fields are not needed
    :param related: pods (of any ReplicaSet, old ones are sorted out), endpoint slices, events
    """
    if live.get("metadata", {}).get("deletionTimestamp"):
        return terminating(live)
    known = _EXTRACTORS.get(live.get("kind", ""))
    return known(live, related) if known else _by_conditions(live)


def _by_conditions(live: Manifest) -> Status:
    """Judge any other kind by its ``Ready`` or ``Available`` condition and its observed generation."""
    status = live.get("status") or {}
    observed = status.get("observedGeneration")
    if observed is not None and observed < live["metadata"].get("generation", 0):
        return Status(State.PROGRESSING, "Its controller has not seen the last change yet.")
    for name in ("Ready", "Available"):
        found = condition(conditions(live), name)
        if found:
            words = str(found.get("message") or found.get("reason") or "")
            if found.get("status") == "True":
                return Status(State.HEALTHY, words or name)
            return Status(State.PROGRESSING, words or f"Not {name.lower()} yet.", reason=str(found.get("reason", "")))
    return Status(State.HEALTHY, "Created")
