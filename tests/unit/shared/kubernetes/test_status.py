"""What objects' statuses mean, in one word and one sentence."""

from __future__ import annotations

from typing import Any

import pytest

from shared.kubernetes.status import State, Status, extract
from tests.fixtures.workflows.crds import DATABASE, crd, established

Json = dict[str, Any]


def make(kind: str, *, spec: Json | None = None, status: Json | None = None, **metadata: Any) -> Json:
    named = {"name": "web", "namespace": "shop", "uid": f"uid-{kind}", "generation": 1, **metadata}
    return {"kind": kind, "metadata": named, "spec": spec or {}, "status": status or {}}


def pod(name: str = "web-1", *, owner: str = "", ready: bool = False, **status: Any) -> Json:
    conditions = [{"type": "Ready", "status": "True" if ready else "False"}, *status.pop("conditions", [])]
    owners = {"ownerReferences": [{"uid": owner}]} if owner else {}
    return {
        "kind": "Pod",
        "metadata": {"name": name, **owners},
        "status": {"phase": "Running" if ready else "Pending", "conditions": conditions, **status},
    }


def waiting(reason: str, message: str = "", **more: Any) -> Json:
    return {"name": "main", "image": "nginx:1", "state": {"waiting": {"reason": reason, "message": message}}, **more}


def deployment(desired: int = 2, *, conditions: list[Json] | None = None, **figures: Any) -> Json:
    counts = {"observedGeneration": 1, "replicas": desired, "updatedReplicas": desired, **figures}
    return make("Deployment", spec={"replicas": desired}, status={**counts, "conditions": conditions or []})


def ready(count: int) -> Json:
    return {"readyReplicas": count, "availableReplicas": count}


def test_a_deployment_is_healthy_when_all_its_pods_are() -> None:
    found = extract(deployment(2, **ready(2)))
    assert (found.state, found.message, found.ready, found.desired) == (State.HEALTHY, "2 of 2 ready.", 2, 2)


def test_a_deployment_whose_controller_has_not_looked_is_on_its_way() -> None:
    found = extract(deployment(2, **{**ready(2), "observedGeneration": 0}))
    assert (found.state, found.final) == (State.PROGRESSING, False)


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet"])
def test_scaled_to_zero_is_healthy_also_before_its_controller_has_looked(kind: str) -> None:
    found = extract(make(kind, spec={"replicas": 0}))
    assert (found.state, found.message) == (State.HEALTHY, "Scaled to zero.")


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet"])
def test_scaling_to_zero_is_on_its_way_while_pods_are_left(kind: str) -> None:
    found = extract(make(kind, spec={"replicas": 0}, status={"replicas": 2}, generation=2))
    assert found.state is State.PROGRESSING


def test_a_paused_deployment_is_suspended() -> None:
    assert extract(make("Deployment", spec={"paused": True}, status={"observedGeneration": 1})).state is State.SUSPENDED


def test_a_rollout_is_not_over_while_old_pods_are_left() -> None:
    found = extract(deployment(2, replicas=3, updatedReplicas=2, **ready(3)))
    assert found.state is State.PROGRESSING


def test_an_exceeded_deadline_is_final_and_names_the_cause() -> None:
    deadline = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "too long"}
    broken = pod(containerStatuses=[waiting("ImagePullBackOff", "no such image")])
    found = extract(deployment(1, conditions=[deadline]), [broken])
    assert (found.state, found.final, found.reason) == (State.ERROR, True, "ProgressDeadlineExceeded")
    assert "no such image" in found.message


def test_pods_of_an_older_rollout_do_not_count() -> None:
    def replica_set(uid: str, revision: str) -> Json:
        annotations = {"deployment.kubernetes.io/revision": revision}
        owners = [{"uid": "uid-Deployment"}]
        metadata = {"name": uid, "uid": uid, "annotations": annotations, "ownerReferences": owners}
        return {"kind": "ReplicaSet", "metadata": metadata}

    old, new = replica_set("old", "9"), replica_set("new", "10")
    broken = pod("web-old", owner="old", containerStatuses=[waiting("CrashLoopBackOff")])
    fresh = pod("web-new", owner="new")
    found = extract(deployment(1, updatedReplicas=1, replicas=2), [old, new, broken, fresh])
    assert found.state is State.PROGRESSING
    assert "web-old" not in found.message


def test_some_broken_pods_make_it_degraded_and_all_make_it_an_error() -> None:
    broken = pod(containerStatuses=[waiting("CrashLoopBackOff", restartCount=3)])
    assert extract(deployment(2, **ready(1)), [broken]).state is State.DEGRADED
    assert extract(deployment(2, **ready(0)), [broken]).state is State.ERROR


def test_a_quota_that_keeps_pods_from_being_made_is_said() -> None:
    denied = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota: few"}
    found = extract(deployment(1, conditions=[denied]))
    assert (found.state, found.message, found.reason) == (State.ERROR, "exceeded quota: few", "FailedCreate")


EXIT: Json = {"lastState": {"terminated": {"exitCode": 3, "reason": "Error"}}}
KILLED: Json = {"lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}}


@pytest.mark.parametrize(
    ("status", "state", "reason", "words"),
    [
        ({"containerStatuses": [waiting("ErrImagePull", "not found")]}, State.ERROR, "ErrImagePull", "not found"),
        ({"containerStatuses": [waiting("ImagePullBackOff")]}, State.ERROR, "ImagePullBackOff", "nginx:1"),
        (
            {"containerStatuses": [waiting("CrashLoopBackOff", restartCount=4, **EXIT)]},
            State.ERROR,
            "CrashLoopBackOff",
            "exit code 3; restarted 4 times",
        ),
        ({"containerStatuses": [waiting("CrashLoopBackOff", **KILLED)]}, State.ERROR, "CrashLoopBackOff", "OOMKilled"),
        (
            {"containerStatuses": [waiting("CreateContainerConfigError", 'secret "keys" not found')]},
            State.ERROR,
            "CreateContainerConfigError",
            'secret "keys" not found',
        ),
        ({"initContainerStatuses": [waiting("ErrImagePull", "init image")]}, State.ERROR, "ErrImagePull", "init image"),
        (
            {"conditions": [{"type": "PodScheduled", "status": "False", "message": "0/3 nodes are available"}]},
            State.PENDING,
            "Unschedulable",
            "0/3 nodes are available",
        ),
        ({"phase": "Failed", "reason": "Evicted", "message": "low on memory"}, State.ERROR, "Evicted", "low on memory"),
        (
            {"phase": "Running", "containerStatuses": [{"name": "main", "ready": False, "state": {"running": {}}}]},
            State.PROGRESSING,
            "NotReady",
            "main not ready yet (readiness probe)",
        ),
        ({}, State.PROGRESSING, "ContainerCreating", "is starting"),
    ],
)
def test_a_pod_says_why_it_is_not_ready(status: Json, state: State, reason: str, words: str) -> None:
    found = extract(pod(**status))
    assert (found.state, found.reason) == (state, reason)
    assert words in found.message


def test_a_pod_that_is_ready_or_done() -> None:
    assert extract(pod(ready=True)).state is State.HEALTHY
    assert extract(pod(phase="Succeeded")).state is State.COMPLETED


def test_an_object_that_is_being_deleted_names_what_holds_it() -> None:
    found = extract(make("ConfigMap", deletionTimestamp="2026-01-01T00:00:00Z", finalizers=["example.com/keep"]))
    assert (found.state, found.reason) == (State.PROGRESSING, "Terminating")
    assert "example.com/keep" in found.message


def stateful_set(**status: Any) -> Json:
    figures = {"observedGeneration": 1, "currentRevision": "a", "updateRevision": "a", "replicas": 2, **status}
    return make("StatefulSet", spec={"replicas": 2, **status.pop("spec", {})}, status=figures)


def test_a_stateful_set_is_healthy_when_ready_and_rolled_out() -> None:
    assert extract(stateful_set(readyReplicas=2)).state is State.HEALTHY
    assert extract(stateful_set(readyReplicas=1)).state is State.PROGRESSING
    assert extract(stateful_set(readyReplicas=2, updateRevision="b", updatedReplicas=1)).state is State.PROGRESSING
    partial = {"updateStrategy": {"rollingUpdate": {"partition": 1}}}
    held = stateful_set(readyReplicas=2, updateRevision="b", updatedReplicas=1, spec=partial)
    assert extract(held).state is State.HEALTHY


def test_a_daemon_set_is_judged_by_the_machines_it_should_be_on() -> None:
    def daemon_set(desired: int, count: int) -> Json:
        figures = {"desiredNumberScheduled": desired, "numberReady": count, "updatedNumberScheduled": count}
        return make("DaemonSet", status={"observedGeneration": 1, "numberAvailable": count, **figures})

    assert extract(daemon_set(3, 3)).state is State.HEALTHY
    assert extract(daemon_set(3, 2)).state is State.PROGRESSING
    assert "No machine" in extract(daemon_set(0, 0)).message


def job(*conditions: Json, **more: Any) -> Status:
    status = {"conditions": list(conditions), **more.pop("status", {})}
    return extract(make("Job", spec=more.pop("spec", {}), status=status), more.pop("related", ()))


def test_a_job_is_completed_failed_suspended_or_on_its_way() -> None:
    assert job({"type": "Complete", "status": "True"}, status={"succeeded": 1}).state is State.COMPLETED
    failed = job({"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "gave up"})
    assert (failed.state, failed.final, failed.reason) == (State.ERROR, True, "BackoffLimitExceeded")
    assert job(spec={"suspend": True}).state is State.SUSPENDED
    going = job(spec={"completions": 5}, status={"succeeded": 2})
    assert (going.state, going.message) == (State.PROGRESSING, "2 of 5 done.")


def test_a_job_whose_pod_cannot_start_says_why() -> None:
    found = job(related=[pod(containerStatuses=[waiting("ImagePullBackOff", "no such image")])])
    assert (found.state, found.final) == (State.ERROR, False)
    assert "no such image" in found.message


def slices(*flags: bool | None) -> Json:
    endpoints = [{"conditions": {} if flag is None else {"ready": flag}} for flag in flags]
    return {"kind": "EndpointSlice", "metadata": {"name": "web-x"}, "endpoints": endpoints}


SERVICE = {"type": "ClusterIP", "clusterIP": "10.96.0.20", "selector": {"a": "b"}, "ports": [{"port": 80}]}


def test_a_service_is_healthy_with_ready_endpoints_and_says_where() -> None:
    found = extract(make("Service", spec=SERVICE), [slices(True, False, None)])
    assert (found.state, found.message, found.address) == (State.HEALTHY, "2 endpoints ready.", "10.96.0.20:80")


def test_a_service_without_ready_endpoints_is_on_its_way() -> None:
    for related, words in (([slices(False)], "No pod behind it is ready."), ([], "No pod matches its selector")):
        found = extract(make("Service", spec=SERVICE), related)
        assert (found.state, found.reason) == (State.PROGRESSING, "NoEndpoints")
        assert words in found.message


@pytest.mark.parametrize(
    ("spec", "status", "state", "address"),
    [
        ({"type": "ExternalName", "externalName": "example.com"}, {}, State.HEALTHY, "example.com"),
        ({**SERVICE, "type": "LoadBalancer"}, {}, State.PROGRESSING, "10.96.0.20:80"),
        ({**SERVICE, "selector": {}}, {}, State.HEALTHY, "10.96.0.20:80"),
        ({**SERVICE, "selector": {}, "clusterIP": "None"}, {}, State.HEALTHY, "web.shop.svc:80"),
        ({**SERVICE, "selector": {}, "clusterIP": "fd00::1"}, {}, State.HEALTHY, "[fd00::1]:80"),
    ],
)
def test_services_of_other_types(spec: Json, status: Json, state: State, address: str) -> None:
    found = extract(make("Service", spec=spec, status=status))
    assert (found.state, found.address) == (state, address)


def test_an_ingress_waits_for_its_controller() -> None:
    spec = {"rules": [{"host": "shop.example.com"}]}
    admitted = {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}
    assert extract(make("Ingress", spec=spec)).reason == "NoAddress"
    found = extract(make("Ingress", spec=spec, status=admitted))
    assert (found.state, found.address) == (State.HEALTHY, "shop.example.com")


@pytest.mark.parametrize(
    ("phase", "state", "final"),
    [("Bound", State.HEALTHY, False), ("Pending", State.PENDING, False), ("Lost", State.ERROR, True)],
)
def test_a_claim_is_judged_by_its_phase(phase: str, state: State, *, final: bool) -> None:
    found = extract(make("PersistentVolumeClaim", status={"phase": phase}))
    assert (found.state, found.final) == (state, final)


def test_an_autoscaler_that_cannot_read_metrics_is_degraded() -> None:
    blind = {"type": "ScalingActive", "status": "False", "reason": "FailedGetResourceMetric", "message": "no metrics"}
    figures = {"currentReplicas": 2, "desiredReplicas": 3}
    scaler = make("HorizontalPodAutoscaler", status={**figures, "conditions": [blind]})
    assert extract(scaler).state is State.DEGRADED
    off = {**blind, "reason": "ScalingDisabled"}
    found = extract(make("HorizontalPodAutoscaler", status={**figures, "conditions": [off]}))
    assert (found.state, found.ready, found.desired) == (State.HEALTHY, 2, 3)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ({}, State.HEALTHY),
        ({"conditions": [{"type": "Ready", "status": "True"}]}, State.HEALTHY),
        ({"conditions": [{"type": "Available", "status": "False", "message": "soon"}]}, State.PROGRESSING),
        ({"observedGeneration": 0, "conditions": [{"type": "Ready", "status": "True"}]}, State.PROGRESSING),
    ],
)
def test_other_kinds_are_judged_by_their_conditions(status: Json, state: State) -> None:
    assert extract(make("Widget", status=status)).state is state


def test_values_of_secrets_and_config_maps_are_never_in_a_status() -> None:
    for kind in ("Secret", "ConfigMap"):
        found = extract({**make(kind), "data": {"token": "hidden-value"}})
        assert found.state is State.HEALTHY
        assert "hidden-value" not in str(found)


def test_a_definition_is_ready_when_the_cluster_serves_its_kind() -> None:
    live = established(crd("Database", DATABASE))
    assert extract(live).state is State.HEALTHY
    assert extract({**live, "status": {}}).state is State.PROGRESSING
    refused = {"type": "NamesAccepted", "status": "False", "reason": "PluralConflict", "message": "databases is taken"}
    status = extract({**live, "status": {"conditions": [refused]}})
    assert (status.state, status.message) == (State.ERROR, "databases is taken")
