"""What is read of a cluster for the checks: as much as a node's trouble needs, and what may not be seen is said."""

from __future__ import annotations

from typing import Any

import pytest

from shared.diagnostics.gather import MOST_EXPLAINED, MOST_LOGS, gather
from shared.diagnostics.scene import Scene
from shared.errors import ClusterRefused, ClusterUnreachable
from shared.kubernetes.objects import Manifest, ObjectRef, ref_of
from shared.workflows.drawing.graph import Edge, Node
from tests.fixtures.workflows.helpers import node, web, wire
from tests.support.fakes.cluster import FakeCluster
from tests.unit.shared.diagnostics.scenes import Json, ended, event, named, pod, replica_set, scene

FORBIDDEN = ClusterRefused("pods is forbidden", code="cluster-forbidden")


class Place:
    """A cluster with what a graph makes of one node, as a run has applied it."""

    def __init__(self, of: str, *parts: Node | Edge) -> None:
        self.cluster = FakeCluster("shop", "kube-system")
        self.cluster.controller = lambda _: None
        self.of, self.parts = of, parts
        self.own = [self.keep(item) for item in self.bare().expected]

    def bare(self) -> Scene:
        return scene(self.of, *self.parts, live=False)

    def keep(self, item: Manifest) -> Manifest:
        """Put an object on the cluster, with the uid that the cluster gives it."""
        content = {key: value for key, value in item.items() if key not in {"metadata", "status"}}
        metadata = {key: value for key, value in item["metadata"].items() if key not in {"uid", "generation"}}
        live = self.cluster.put({**content, "metadata": metadata})
        if "status" in item:
            self.cluster.change(ref_of(live), status=item["status"])
        return live

    def pods(self, *names: str, **more: Any) -> list[Manifest]:
        """Put pods of the deployment's one ReplicaSet on it."""
        newest = replica_set(self.own[0])
        newest["metadata"]["labels"] = self.own[0]["spec"]["template"]["metadata"]["labels"]
        owner = self.keep(newest)["metadata"]["uid"]
        return [self.keep(pod(self.own[0], name, owned_by=owner, **more)) for name in names]

    def seen(self, *, with_logs: bool = False) -> Scene:
        self.cluster.asked.clear()
        return gather(self.cluster, self.bare(), with_logs=with_logs)

    def asked(self, verb: str) -> list[str]:
        return [what for found, what in self.cluster.asked if found == verb]


def kinds(found: Scene) -> dict[str, list[str]]:
    made: dict[str, list[str]] = {}
    for item in found.related:
        made.setdefault(item["kind"], []).append(item["metadata"]["name"])
    return made


def test_a_workload_is_read_with_its_sets_and_pods() -> None:
    place = Place("web", web())
    place.pods("web-1", "web-2", ready=True)
    found = place.seen()
    assert [item["kind"] for item in found.objects] == ["Deployment"]
    assert kinds(found) == {"Pod": ["web-1", "web-2"], "ReplicaSet": ["web-1"]}
    assert (found.unseen, found.logs) == ({}, ())
    assert found.at is not None


def test_what_is_not_there_has_nothing_around_it() -> None:
    place = Place("web", web())
    place.cluster.vanish(ref_of(place.own[0]))
    found = place.seen()
    assert (found.objects, found.related, found.unseen) == ((), (), {})
    assert "Event" not in place.asked("list")


def test_pods_of_others_do_not_count() -> None:
    place = Place("web", web())
    place.keep(pod(place.own[0], "stranger", labels={"kubeorch.io/node": "other"}))
    assert kinds(place.seen()) == {}


def test_events_are_read_about_what_is_in_trouble() -> None:
    place = Place("web", web())
    [one] = place.pods("web-1")
    place.keep(event(one, "Failed", "no such image"))
    place.keep(event({"metadata": {"uid": "elsewhere"}}, "Failed", "not ours"))
    [told] = place.seen().all("Event")
    assert told["message"] == "no such image"


def test_of_many_pods_a_few_are_explained_those_that_are_late_first() -> None:
    place = Place("web", web())
    ready = place.pods(*(f"ready-{number}" for number in range(MOST_EXPLAINED)), ready=True)
    owner = ready[0]["metadata"]["ownerReferences"][0]["uid"]
    late = place.keep(pod(place.own[0], "late", owned_by=owner))
    place.keep(event(late, "Failed", "late"))
    found = place.seen()
    assert [item["message"] for item in found.all("Event")] == ["late"]
    # the deployment, its set, and as many pods
    assert place.asked("list").count("Event") == 2 + MOST_EXPLAINED


@pytest.mark.parametrize(
    ("changes", "machines"),
    [
        ({"ready": True}, []),
        ({"scheduled": "0/1 nodes are available: 1 Insufficient cpu."}, ["m1"]),
        ({"container": {"state": {"waiting": {"reason": "ImagePullBackOff"}}}}, ["m1"]),
        ({"container": {"state": {"waiting": {"reason": "CrashLoopBackOff"}}}}, []),
    ],
)
def test_machines_are_read_where_they_say_something(changes: Json, machines: list[str]) -> None:
    place = Place("web", web())
    place.keep(
        {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "m1"}, "status": {"allocatable": {"cpu": "8"}}}
    )
    place.pods("web-1", **changes)
    assert kinds(place.seen()).get("Node", []) == machines


def test_references_are_read_and_of_secrets_nothing_but_names() -> None:
    drawn = web(service_account="bot", env=[{"source": "secret", "name": "PIN", "secret": "key", "key": "pin"}])
    place = Place("web", drawn)
    place.keep({**named("Secret", "key"), "data": {"pin": "dmVyeSBzZWNyZXQ="}})
    place.keep(named("ServiceAccount", "bot"))
    found = place.seen()
    secret = found.find("Secret", "key")
    assert secret is not None
    assert set(secret) == {"apiVersion", "kind", "metadata"}
    assert "f:pin" in str(secret["metadata"]["managedFields"])
    assert found.find("ServiceAccount", "bot") is not None


@pytest.mark.parametrize(("with_logs", "words"), [(True, ("panic: no route",)), (False, ())])
def test_last_lines_are_read_for_who_may_see_them(*, with_logs: bool, words: tuple[str, ...]) -> None:
    place = Place("web", web())
    place.pods("web-1", container=ended(1))
    place.cluster.words["web-1", "web", True] = "panic: no route\n"
    found = place.seen(with_logs=with_logs)
    assert tuple(line for log in found.logs for line in log.lines) == words


def test_of_many_that_ended_a_few_logs_are_read() -> None:
    place = Place("web", web())
    names = [f"web-{number}" for number in range(1, MOST_LOGS + 3)]
    place.pods(*names, container=ended(1))
    for name in names:
        place.cluster.words[name, "web", True] = f"{name} ended"
    assert len(place.seen(with_logs=True).logs) == MOST_LOGS


def test_what_ended_well_has_no_last_words() -> None:
    place = Place("web", web())
    place.pods("web-1", container=ended(0, "Completed"))
    place.cluster.words["web-1", "web", True] = "done"
    assert place.seen(with_logs=True).logs == ()
    assert place.asked("logs") == []


SERVICE = (
    web(ports=[{"name": "http", "container_port": 8080}]),
    node("front", "service", ports=[{"port": 80, "target_port": "http"}]),
    wire("front", "web", "service-selects"),
)


@pytest.mark.parametrize(("kind", "machines"), [("ClusterIP", 0), ("NodePort", 1), ("LoadBalancer", 1)])
def test_a_service_is_read_with_its_pods_endpoints_and_dns(kind: str, machines: int) -> None:
    front = node("front", "service", type=kind, ports=[{"port": 80, "target_port": "http"}])
    place = Place("front", SERVICE[0], front, SERVICE[2])
    labels = place.own[0]["spec"]["selector"]
    place.keep({**named("Pod", "web-1", metadata={"labels": labels}), "spec": {"containers": []}})
    for name, service, namespace in (("a", "front", "shop"), ("b", "other", "shop"), ("c", "kube-dns", "kube-system")):
        place.keep(
            {
                "apiVersion": "discovery.k8s.io/v1",
                "kind": "EndpointSlice",
                "metadata": {"name": name, "namespace": namespace, "labels": {"kubernetes.io/service-name": service}},
                "addressType": "IPv4",
            }
        )
    found = place.seen()
    assert kinds(found)["Pod"] == ["web-1"]
    assert sorted(kinds(found)["EndpointSlice"]) == ["a", "c"]
    assert place.asked("list").count("Node") == machines


def test_a_kind_that_may_not_be_read_is_unseen_and_the_rest_is_read() -> None:
    place = Place("front", *SERVICE)
    place.cluster.denied = {("list", "endpointslices")}
    found = place.seen()
    assert set(found.unseen) == {"EndpointSlice", "DNS"}
    assert "endpointslices" in found.unseen["EndpointSlice"]
    assert [item["kind"] for item in found.objects] == ["Service"]


@pytest.mark.parametrize(
    "error",
    [ClusterRefused("who are you", code="cluster-unauthorized"), ClusterUnreachable("cut", details={"reason": "x"})],
    ids=["not signed in", "away"],
)
def test_a_cluster_that_does_not_answer_is_an_error(error: Exception) -> None:
    place = Place("web", web())
    place.cluster.answers["get", "web"] = [error]
    with pytest.raises(type(error)) as caught:
        gather(place.cluster, place.bare(), with_logs=False)
    assert caught.value is error


def test_a_kind_that_the_cluster_lacks_is_as_good_as_none() -> None:
    place = Place("web", web())
    place.cluster.answers["list", "ReplicaSet"] = [ClusterRefused("no such", code="cluster-not-found")]
    assert place.seen().unseen == {}


def test_an_ingress_is_read_with_its_classes_backends_and_certificates() -> None:
    paths = [{"id": "a", "path": "/", "service": "front", "port": "80"}]
    place = Place("gate", node("gate", "ingress", paths=paths, tls=[{"hosts": ["a.example.com"], "secret": "cert"}]))
    place.keep({**named("Service", "front"), "spec": {"ports": [{"port": 80}]}})
    place.keep({**named("Service", "other"), "spec": {"ports": [{"port": 80}]}})
    place.keep({**named("Secret", "cert"), "data": {"tls.key": "c2VjcmV0"}})
    place.keep({"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": {"name": "nginx"}})
    found = kinds(place.seen())
    assert found == {"IngressClass": ["nginx"], "Service": ["front"], "Secret": ["cert"]}


@pytest.mark.parametrize(("phase", "pods"), [("Bound", []), ("Pending", ["web-1"])])
def test_of_a_claim_that_waits_its_pods_are_read(phase: str, pods: list[str]) -> None:
    place = Place("data", node("data", "persistentvolumeclaim", storage="1Gi"))
    place.cluster.change(ref_of(place.own[0]), status={"phase": phase})
    place.keep({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "disk"}})
    place.keep({**named("Pod", "web-1"), "spec": {"containers": []}})
    found = kinds(place.seen())
    assert (found["StorageClass"], found.get("Pod", [])) == (["disk"], pods)


def test_of_a_policy_the_pods_it_selects_are_read() -> None:
    drawn = (web(), node("wall", "networkpolicy"), wire("wall", "web", "policy-protects"))
    place = Place("wall", *drawn)
    labels = place.own[0]["spec"]["podSelector"]["matchLabels"]
    place.keep({**named("Pod", "web-1", metadata={"labels": labels}), "spec": {"containers": []}})
    place.keep({**named("Pod", "other"), "spec": {"containers": []}})
    assert kinds(place.seen()) == {"Pod": ["web-1"]}


def test_what_a_run_has_made_and_the_graph_no_longer_makes_is_read_too() -> None:
    place = Place("web", web())
    place.keep({**named("ConfigMap", "before"), "data": {"A": "1"}})
    before = ObjectRef("v1", "ConfigMap", "shop", "before")
    bare = scene("web", web(), live=False, recorded=(before, ref_of(place.own[0])))
    found = gather(place.cluster, bare, with_logs=False)
    assert [item["metadata"]["name"] for item in found.objects] == ["web", "before"]
