from __future__ import annotations

from typing import Any

import pytest

from shared.kubernetes.objects import ObjectRef
from shared.runs.execute.readiness import Readiness, read_readiness
from tests.support.fakes.cluster import FakeCluster

DEPLOYMENT = ObjectRef("apps/v1", "Deployment", "shop", "web")


def cluster(*objects: dict[str, Any]) -> FakeCluster:
    """Return a cluster with objects as they are."""
    made = FakeCluster("shop")
    made.objects |= {(each["kind"], "shop", each["metadata"]["name"]): each for each in objects}
    return made


def make(
    kind: str, name: str, *, node: str = "web", labels: dict[str, str] | None = None, **more: Any
) -> dict[str, Any]:
    named = {"kubeorch.io/workflow": "w1", "kubeorch.io/node": node, **(labels or {})}
    metadata = {"name": name, "namespace": "shop", "uid": f"uid-{name}", "labels": named, **more.pop("metadata", {})}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **more}


def verdict(ref: ObjectRef, *objects: dict[str, Any]) -> Readiness:
    return read_readiness(cluster(*objects), "w1", {"web": [ref]}, at_once=4)["web"]


def deployment(**status: Any) -> dict[str, Any]:
    figures = {"replicas": 1, "updatedReplicas": 1, **status}
    return make("Deployment", "web", spec={"replicas": 1}, status=figures)


def test_a_node_waits_for_its_pods_and_is_ready_with_them() -> None:
    assert verdict(DEPLOYMENT, deployment()).state == "waiting"
    assert verdict(DEPLOYMENT, deployment(readyReplicas=1, availableReplicas=1)).state == "ready"


def test_an_object_that_is_not_there_is_waited_for() -> None:
    assert verdict(DEPLOYMENT).state == "waiting"


def test_a_pod_that_cannot_start_is_told_while_waiting() -> None:
    broken = {"name": "main", "state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}}
    found = verdict(DEPLOYMENT, deployment(), make("Pod", "web-1", status={"containerStatuses": [broken]}))
    assert found.state == "waiting"
    assert "no such image" in found.message


def test_what_cannot_become_right_any_more_has_failed() -> None:
    deadline = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
    assert verdict(DEPLOYMENT, deployment(conditions=[deadline])).state == "failed"


@pytest.mark.parametrize(
    ("kind", "version", "status", "state"),
    [
        ("Ingress", "networking.k8s.io/v1", {}, "ready"),
        ("HorizontalPodAutoscaler", "autoscaling/v2", {}, "ready"),
        ("CronJob", "batch/v1", {}, "ready"),
        ("PersistentVolumeClaim", "v1", {"phase": "Pending"}, "ready"),
        ("PersistentVolumeClaim", "v1", {"phase": "Lost"}, "failed"),
        ("ConfigMap", "v1", {}, "ready"),
    ],
)
def test_what_others_bring_about_later_is_not_waited_for(
    kind: str, version: str, status: dict[str, Any], state: str
) -> None:
    assert verdict(ObjectRef(version, kind, "shop", "web"), make(kind, "web", status=status)).state == state


def test_a_service_is_ready_with_or_without_endpoints_but_not_while_it_is_missing() -> None:
    ref = ObjectRef("v1", "Service", "shop", "web")
    service = make("Service", "web", spec={"selector": {"a": "b"}, "clusterIP": "10.0.0.1", "ports": [{"port": 80}]})
    slices = make("EndpointSlice", "web-x", labels={"kubernetes.io/service-name": "web"}, endpoints=[{}])
    assert verdict(ref, service).state == "ready"
    assert verdict(ref, service, slices).message == "1 endpoint ready."
    assert verdict(ref).state == "waiting"


def test_a_node_of_several_objects_is_as_far_as_the_last_of_them() -> None:
    refs = [ObjectRef("v1", "ConfigMap", "shop", "web"), DEPLOYMENT]
    found = read_readiness(cluster(make("ConfigMap", "web"), deployment()), "w1", {"web": refs}, at_once=4)
    assert found["web"].state == "waiting"


def test_the_number_of_requests_depends_on_kinds_alone() -> None:
    nodes = {f"web-{number}": [ObjectRef("apps/v1", "Deployment", "shop", f"web-{number}")] for number in range(50)}
    client = cluster()
    read_readiness(client, "w1", nodes, at_once=4)
    assert sorted(name for verb, name in client.asked if verb == "list") == ["Deployment", "Pod", "ReplicaSet"]


def test_slices_of_other_services_say_nothing_about_this_one() -> None:
    ref = ObjectRef("v1", "Service", "shop", "web")
    service = make("Service", "web", spec={"selector": {"a": "b"}, "clusterIP": "10.0.0.1", "ports": [{"port": 80}]})
    other = make("EndpointSlice", "other-x", labels={"kubernetes.io/service-name": "other"}, endpoints=[{}])
    assert verdict(ref, service, other).message != "1 endpoint ready."


def test_what_has_no_pods_is_asked_for_alone() -> None:
    client = cluster(make("ConfigMap", "web"))
    read_readiness(client, "w1", {"web": [ObjectRef("v1", "ConfigMap", "shop", "web")]}, at_once=1)
    assert [name for verb, name in client.asked if verb == "list"] == ["ConfigMap"]


def test_a_node_that_is_as_far_with_all_its_objects_says_what_the_first_says() -> None:
    refs = [ObjectRef("v1", "ConfigMap", "shop", "web"), ObjectRef("v1", "Secret", "shop", "web")]
    found = read_readiness(cluster(make("ConfigMap", "web"), make("Secret", "web")), "w1", {"web": refs}, at_once=1)
    assert (found["web"].state, found["web"].message) == ("ready", "0 keys.")
