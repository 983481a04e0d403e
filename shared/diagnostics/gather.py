"""
Reads the objects that the checks need from a cluster: our own, their pods and events, and those that they name.

A kind that may not be read is kept as unseen and does not stop the rest; a cluster that does not answer does. Of
secrets only the metadata is asked for, so their values never leave the cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from shared.clock import now
from shared.diagnostics import read
from shared.diagnostics.checks.addresses import DNS_LABEL, DNS_NAME, DNS_NAMESPACE
from shared.diagnostics.checks.images import PULLING
from shared.diagnostics.checks.ingresses import backends_of
from shared.diagnostics.checks.references import pod_spec, references_of
from shared.diagnostics.scene import CONTROLLERS, Scene
from shared.errors import ClusterRefused, NotFound
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.labels import NODE, WORKFLOW
from shared.kubernetes.last_words import LastWords, read_last_words
from shared.kubernetes.objects import Manifest, ObjectRef, ref_of
from shared.parallel import in_parallel

AT_ONCE = 8
MOST_PODS = 500
MOST_MACHINES = 200
MOST_EVENTS = 50
MOST_EXPLAINED = 6
"""Pods whose events are read, those that are not ready first."""
MOST_LOGS = 2
MOST_DNS = 200
SERVICE_NAME = "kubernetes.io/service-name"
_SLICES = ("discovery.k8s.io/v1", "EndpointSlice")

Fetch = Callable[[], list[Manifest]]


@dataclass
class _Gathering:
    """The objects that were read until now, and the kinds that could not be."""

    client: ClusterClient
    found: list[Manifest] = field(default_factory=list)
    unseen: dict[str, str] = field(default_factory=dict)

    def all(self, fetches: Iterable[tuple[str, Fetch]]) -> list[Manifest]:
        """
        Read several things at the same time; returns the objects of them all.

        :param fetches: each with its name among the unseen, should it be forbidden
        """
        wanted = list(fetches)
        answers = in_parallel(self._fetch, wanted, at_once=AT_ONCE)
        fresh = [item for answer in answers for item in answer]
        self.found += fresh
        return fresh

    def _fetch(self, wanted: tuple[str, Fetch]) -> list[Manifest]:
        name, fetch = wanted
        try:
            return fetch()
        except (ClusterRefused, NotFound) as error:
            if error.code == "cluster-not-found":
                return []
            if error.code == "cluster-unauthorized":
                raise
            self.unseen[name] = error.message
            return []

    def listed(self, version: str, kind: str, called: str = "", **how: object) -> tuple[str, Fetch]:
        """Return the fetch of a list; its objects get the kind and version that they lack inside it."""

        def fetch() -> list[Manifest]:
            items, _ = self.client.list(version, kind, **how)  # type: ignore[arg-type]
            return [{**item, "apiVersion": version, "kind": kind} for item in items]

        return called or kind, fetch

    def one(self, ref: ObjectRef) -> tuple[str, Fetch]:
        """Return the fetch of one object; of a secret its metadata alone."""

        def fetch() -> list[Manifest]:
            item = self.client.get_metadata(ref) if ref.kind == "Secret" else self.client.get(ref)
            return [] if item is None else [item]

        return ref.kind, fetch


def gather(client: ClusterClient, scene: Scene, *, with_logs: bool) -> Scene:
    """
    Fill a scene with the objects, events and logs of the cluster.

    :param scene: with the node, the graph and the node's manifests
    :param with_logs: also the last lines of containers that ended
    :raises TemporaryError: the cluster does not answer
    """
    gathering = _Gathering(client)
    objects = gathering.all(_own(gathering, scene))
    own = {_identity(item): item for item in objects if item.get("kind") not in {"Pod", "ReplicaSet"}}
    related = [item for item in objects if item.get("kind") in {"Pod", "ReplicaSet"}]
    scene = replace(scene, objects=tuple(own.values()), related=tuple(related), unseen=gathering.unseen)
    gathering.found = related
    gathering.all(_around(gathering, scene))
    scene = _seen(scene, gathering)
    gathering.all(_events(gathering, scene))
    scene = _seen(scene, gathering)
    return replace(scene, logs=tuple(_logs(client, scene)) if with_logs else (), at=now())


def _seen(scene: Scene, gathering: _Gathering) -> Scene:
    unique = {_identity(item): item for item in gathering.found}
    return replace(scene, related=tuple(unique.values()), unseen=dict(gathering.unseen))


def _identity(item: Manifest) -> tuple[str, str, str]:
    return read.text(item, "kind"), read.text(item, "metadata", "namespace"), read.name(item)


def _own(gathering: _Gathering, scene: Scene) -> Iterator[tuple[str, Fetch]]:
    """Yield fetches of the node's own objects: those the graph makes now, and those that a run has made."""
    refs = list(dict.fromkeys([*(ref_of(item) for item in scene.expected), *scene.recorded]))
    yield from (gathering.one(ref) for ref in refs)
    labels = f"{WORKFLOW}={scene.workflow_id},{NODE}={scene.node.id}"
    for namespace in {ref.namespace for ref in refs if ref.kind in CONTROLLERS}:
        yield gathering.listed("v1", "Pod", namespace=namespace, label_selector=labels, most=MOST_PODS)
        if any(ref.kind == "Deployment" for ref in refs if ref.namespace == namespace):
            yield gathering.listed("apps/v1", "ReplicaSet", namespace=namespace, label_selector=labels, most=MOST_PODS)


def _around(gathering: _Gathering, scene: Scene) -> Iterator[tuple[str, Fetch]]:
    """Yield fetches of the objects that the node's own select and name."""
    live = scene.main
    if live is None:
        return
    kind, namespace = read.text(live, "kind"), read.text(live, "metadata", "namespace")
    if kind == "Service":
        yield from _of_service(gathering, live, namespace)
    elif kind == "Ingress":
        yield from _of_ingress(gathering, live, namespace)
    elif kind in CONTROLLERS:
        yield from _of_workload(gathering, scene, live, namespace)
    elif kind == "PersistentVolumeClaim":
        yield gathering.listed("storage.k8s.io/v1", "StorageClass")
        if read.text(live, "status", "phase") != "Bound":
            yield gathering.listed("v1", "Pod", namespace=namespace, most=MOST_PODS)
    elif kind == "NetworkPolicy":
        yield gathering.listed("v1", "Pod", namespace=namespace, label_selector=_equalities(live), most=MOST_PODS)


def _equalities(policy: Manifest) -> str | None:
    labels = read.mapping(policy, "spec", "podSelector", "matchLabels")
    return ",".join(f"{key}={value}" for key, value in labels.items()) or None


def _of_service(gathering: _Gathering, live: Manifest, namespace: str) -> Iterator[tuple[str, Fetch]]:
    selector = read.mapping(live, "spec", "selector")
    if read.text(live, "spec", "type") == "ExternalName":
        return
    if selector:
        words = ",".join(f"{key}={value}" for key, value in selector.items())
        yield gathering.listed("v1", "Pod", namespace=namespace, label_selector=words, most=MOST_PODS)
    words = f"{SERVICE_NAME}={read.name(live)}"
    yield gathering.listed(*_SLICES, namespace=namespace, label_selector=words)
    if read.text(live, "spec", "type") in {"NodePort", "LoadBalancer"}:
        yield gathering.listed("v1", "Node", most=MOST_MACHINES)
    yield gathering.listed("v1", "Service", "DNS", namespace=DNS_NAMESPACE, label_selector=f"{DNS_LABEL}={DNS_NAME}")
    yield gathering.listed(*_SLICES, "DNS", namespace=DNS_NAMESPACE, most=MOST_DNS)


def _of_ingress(gathering: _Gathering, live: Manifest, namespace: str) -> Iterator[tuple[str, Fetch]]:
    yield gathering.listed("networking.k8s.io/v1", "IngressClass")
    for name in sorted({backend.service for backend in backends_of(live)} - {""}):
        yield gathering.one(ObjectRef("v1", "Service", namespace, name))
        yield gathering.listed(*_SLICES, namespace=namespace, label_selector=f"{SERVICE_NAME}={name}")
    for name in sorted({read.text(entry, "secretName") for entry in read.maps(live, "spec", "tls")} - {""}):
        yield gathering.one(ObjectRef("v1", "Secret", namespace, name))


def _of_workload(gathering: _Gathering, scene: Scene, live: Manifest, namespace: str) -> Iterator[tuple[str, Fetch]]:
    if live.get("kind") == "CronJob":
        labels = f"{WORKFLOW}={scene.workflow_id},{NODE}={scene.node.id}"
        yield gathering.listed("batch/v1", "Job", namespace=namespace, label_selector=labels)
    specs = [pod_spec(live), *(read.mapping(pod, "spec") for pod in scene.pods[:MOST_EXPLAINED])]
    wanted = {(item.kind, item.name) for spec in specs for item in references_of(spec)}
    yield from (gathering.one(ObjectRef("v1", kind, namespace, name)) for kind, name in sorted(wanted))
    if any(_needs_machines(pod) for pod in scene.pods):
        yield gathering.listed("v1", "Node", most=MOST_MACHINES)


def _needs_machines(pod: Manifest) -> bool:
    """Whether the machines' labels, room or images say something about a pod's trouble."""
    if read.text(read.condition(pod, "PodScheduled"), "status") == "False":
        return True
    return any(read.text(item.status, "state", "waiting", "reason") in PULLING for item in read.containers(pod))


def _events(gathering: _Gathering, scene: Scene) -> Iterator[tuple[str, Fetch]]:
    """Yield fetches of the events about the objects that are in trouble."""
    live = scene.main
    if live is None:
        return
    about = [live]
    if live.get("kind") in CONTROLLERS:
        late = [pod for pod in scene.pods if not read.is_ready(pod)]
        about += [item for item in (scene.newest_set,) if item is not None]
        about += [*late, *(pod for pod in scene.pods if pod not in late)][:MOST_EXPLAINED]
        about += scene.all("Job")[-MOST_EXPLAINED:]
        about += [
            claim for claim in scene.all("PersistentVolumeClaim") if read.text(claim, "status", "phase") != "Bound"
        ][:MOST_EXPLAINED]
    for item in about:
        identity = read.uid(item)
        if identity:
            yield gathering.listed(
                "v1",
                "Event",
                namespace=read.text(item, "metadata", "namespace") or None,
                field_selector=f"involvedObject.uid={identity}",
                most=MOST_EVENTS,
            )


def _logs(client: ClusterClient, scene: Scene) -> Iterator[LastWords]:
    """Read the last lines of containers that ended badly; a log that cannot be read explains nothing, that is all."""
    ended = [
        (container, place)
        for pod in scene.pods
        for container in read.containers(pod)
        for place, last in [container.ended]
        if last and read.number(last, "exitCode")
    ]
    for container, place in ended[:MOST_LOGS]:
        found = read_last_words(
            client,
            read.text(container.pod, "metadata", "namespace"),
            read.name(container.pod),
            container.name,
            previous=place.startswith("lastState"),
        )
        if found is not None:
            yield found


def restart(client: ClusterClient, ref: ObjectRef, uid: str, at: str) -> None:
    """
    Have a workload's pods replaced, as ``kubectl rollout restart`` does, without touching a field of the graph.

    :param uid: only this very object
    :raises ClusterRefused: ``cluster-conflict``: it is gone, or another has taken its name
    """
    client.apply(
        {
            "apiVersion": ref.api_version,
            "kind": ref.kind,
            "metadata": {"name": ref.name, "namespace": ref.namespace, "uid": uid},
            "spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": at}}}},
        },
        field_manager="kubeorch-restart",
        force=True,
    )
