"""Readiness of the nodes of a run: the cluster is asked for all waiting nodes at once, one list per kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from shared.kubernetes.client import ClusterClient
from shared.kubernetes.labels import NODE
from shared.kubernetes.objects import Manifest, ObjectRef
from shared.kubernetes.status import MISSING, State, Status, extract
from shared.parallel import in_parallel
from shared.planning.survey import LiveObjects, survey

WITH_PODS = {"Deployment", "StatefulSet", "DaemonSet", "Job"}
SLICES = ("discovery.k8s.io/v1", "EndpointSlice")
SERVICE_NAME = "kubernetes.io/service-name"
_READY = {State.HEALTHY, State.COMPLETED, State.SUSPENDED}


@dataclass(frozen=True, slots=True)
class Readiness:
    """
    The readiness of one node.

    :param state: ``failed`` only when waiting cannot help
    :param message: what is waited for, in words
    """

    state: Literal["ready", "waiting", "failed"]
    message: str
    status: Status


def read_readiness(
    client: ClusterClient, workflow_id: str, nodes: Mapping[str, list[ObjectRef]], *, at_once: int
) -> dict[str, Readiness]:
    """Return the readiness of each node, from fresh reads."""
    kinds = {(ref.api_version, ref.kind, ref.namespace) for refs in nodes.values() for ref in refs}
    live_objects = survey(client, workflow_id, kinds, at_once=at_once)
    related = _related(client, workflow_id, nodes, at_once=at_once)
    return {node_id: readiness_of(refs, live_objects, related.get(node_id, [])) for node_id, refs in nodes.items()}


def _related(
    client: ClusterClient, workflow_id: str, nodes: Mapping[str, list[ObjectRef]], *, at_once: int
) -> dict[str, list[Manifest]]:
    wanted: set[tuple[str, str, str | None]] = set()
    services: dict[tuple[str | None, str], str] = {}
    for node_id, refs in nodes.items():
        for ref in refs:
            if ref.kind in WITH_PODS:
                wanted |= {("v1", "Pod", ref.namespace)}
                wanted |= {("apps/v1", "ReplicaSet", ref.namespace)} if ref.kind == "Deployment" else set()
            if ref.kind == "Service":
                services[ref.namespace, ref.name] = node_id
    found: dict[str, list[Manifest]] = defaultdict(list)
    for item in survey(client, workflow_id, wanted, at_once=at_once).objects.values():
        node_id = (item["metadata"].get("labels") or {}).get(NODE, "")
        found[node_id].append(item)
    namespaces = sorted({namespace or "" for namespace, _ in services})
    lists = in_parallel(
        lambda namespace: client.list(*SLICES, namespace=namespace, label_selector=SERVICE_NAME)[0],
        namespaces,
        at_once=at_once,
    )
    for namespace, items in zip(namespaces, lists, strict=True):
        for item in items:
            service = (item["metadata"].get("labels") or {}).get(SERVICE_NAME, "")
            owner = services.get((namespace, service))
            if owner:
                found[owner].append({**item, "kind": "EndpointSlice"})
    return found


def readiness_of(refs: Iterable[ObjectRef], live_objects: LiveObjects, related: list[Manifest]) -> Readiness:
    """
    Return the readiness of one node from its live objects. Pure.

    :param related: its pods, their replica sets, its endpoint slices; they explain why a node is not ready
    """
    worst: Readiness | None = None
    for ref in refs:
        live = live_objects.get(ref)
        status = extract(live, related) if live is not None else MISSING
        readiness = _of(ref, status)
        if worst is None or _RANK[readiness.state] > _RANK[worst.state]:
            worst = readiness
    return worst or Readiness("ready", "", Status(State.HEALTHY, ""))


_RANK = {"ready": 0, "waiting": 1, "failed": 2}


def _of(ref: ObjectRef, status: Status) -> Readiness:
    if status.state in _READY or _needs_no_waiting(ref, status):
        return Readiness("ready", status.message, status)
    if status.final:
        return Readiness("failed", status.message, status)
    return Readiness("waiting", status.message, status)


def _needs_no_waiting(ref: ObjectRef, status: Status) -> bool:
    """
    Some things become ready only through what comes after them, or never, and that is no failure of the run.

    A claim waits for its first pod, an ingress for a controller that may not be there, a service whose workload is
    scaled to zero has no endpoints, an autoscaler may lack metrics.
    """
    if ref.kind in {"Ingress", "HorizontalPodAutoscaler", "CronJob"}:
        return status.state is not State.MISSING
    if ref.kind == "PersistentVolumeClaim":
        return status.state is State.PENDING
    return ref.kind == "Service" and status.reason == "NoEndpoints"
