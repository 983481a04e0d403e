"""Checks of pods that are not made or have no machine, and of what they refer to."""

from __future__ import annotations

from typing import Any

import pytest

from shared.diagnostics.checks.scheduling import obstacles
from shared.diagnostics.models import FieldChange
from tests.fixtures.workflows.helpers import node, web, wire
from tests.unit.shared.diagnostics.scenes import (
    Json,
    around,
    checks,
    event,
    live,
    named,
    pod,
    replica_set,
    scene,
    the_pod,
    waiting,
)


@pytest.mark.parametrize(
    ("message", "codes"),
    [
        ("0/5 nodes are available: 5 Insufficient cpu. preemption: 0/5 nodes are available: 5 No victims", ["cpu"]),
        ("0/2 nodes are available: 1 Insufficient memory, 1 Too many pods.", ["memory", "pods"]),
        ("0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.", ["selector"]),
        (
            (
                "0/3 nodes are available: 1 node(s) had untolerated taint {dedicated: gpu}, 2 node(s) had volume node "
                "affinity conflict."
            ),
            ["taint", "volume-zone"],
        ),
        ("0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.", ["unbound-claim"]),
        ('0/1 nodes are available: persistentvolumeclaim "data" not found.', ["claim-missing"]),
        ("0/1 nodes are available: 1 Insufficient nvidia.com/gpu.", ["resource"]),
        ("0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules.", ["anti-affinity"]),
        ("0/2 nodes are available: 2 node(s) were unschedulable.", ["cordoned"]),
        ("no nodes available to schedule pods", ["none"]),
        ("something new", []),
    ],
)
def test_the_schedulers_words_are_taken_apart(message: str, codes: list[str]) -> None:
    assert [item.code for item in obstacles(message)] == codes


def test_a_pod_without_a_machine_says_how_many_stand_in_its_way() -> None:
    drawn = web(resources={"requests": {"cpu": "100"}})
    one = the_pod(drawn, scheduled="0/5 nodes are available: 2 Insufficient cpu, 3 node(s) were unschedulable.")
    machine = named("Node", "m", status={"allocatable": {"cpu": "8"}})
    found = checks(around(drawn, pods=[one], related=(machine,)))["scheduling"]
    assert "2 machines with too little free CPU; 3 machines with no new pods at all" in found.detail
    assert "pod web-1: spec.containers[web].resources.requests.cpu = 100" in found.evidence
    assert "node m: status.allocatable.cpu = 8" in found.evidence
    words = obstacles("0/1 nodes are available: 1 node(s) had untolerated taint {dedicated: gpu}.")[0].words
    assert "{dedicated: gpu}" in words


@pytest.mark.parametrize(
    ("labels", "kept"),
    [([{"disk": "ssd"}], {"disk": "ssd", "os": "linux"}), ([{"disk": "a"}, {"disk": "b"}], {"os": "linux"})],
)
def test_labels_that_no_machine_has_are_corrected_or_taken_away(labels: list[Json], kept: Json) -> None:
    drawn = web(node_selector={"disk": "sdd", "os": "linux"})
    one = the_pod(drawn, scheduled="0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.")
    machines = tuple(
        named("Node", f"m{index}", metadata={"labels": {"os": "linux", **found}}) for index, found in enumerate(labels)
    )
    fix = checks(around(drawn, pods=[one], related=machines))["scheduling"].fix
    assert fix is not None
    assert fix.changes == (FieldChange(path="/node_selector", value=kept),)


def refused(message: str, **data: Any) -> Any:
    drawn = web(**data)
    item = live("web", drawn, replicas=0, updatedReplicas=0)
    made = replica_set(item, conditions=[{"type": "ReplicaFailure", "status": "True", "message": message}])
    return checks(scene("web", drawn, objects=(item,), related=(made,)))["creation"]


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (
            'pods "web" is forbidden: exceeded quota: few, requested: pods=1, used: pods=3, limited: pods=3',
            "the quota few is used up: pods=1 more asked for, pods=3 used, pods=3 allowed",
        ),
        (
            "forbidden: failed quota: few: must specify limits.cpu for: web",
            "wants every container to say limits.cpu for: web",
        ),
        ('error looking up service account shop/bot: serviceaccount "bot" not found', "account bot does not exist"),
        ('violates PodSecurity "restricted:latest": runAsNonRoot != true', "only pods of the level restricted:latest"),
        ('admission webhook "policy.example.com" denied the request: no :latest', "policy.example.com refuses them"),
        ("something new", "something new"),
    ],
)
def test_what_forbids_pods_is_explained(message: str, words: str) -> None:
    found = refused(message)
    assert (found.state, words in found.detail) == ("fail", True), found.detail
    assert found.evidence == [f"replicaSet web-1: status.conditions[ReplicaFailure].message = {message}"]


def test_a_limit_outside_the_namespaces_range_is_brought_into_it() -> None:
    data = {"resources": {"limits": {"memory": "2Gi"}, "requests": {"memory": "1Gi"}}}
    found = refused("maximum memory usage per Container is 512Mi, but limit is 2Gi", **data)
    assert found.fix is not None
    assert found.fix.changes == (
        FieldChange(path="/resources/limits/memory", value="512Mi"),
        FieldChange(path="/resources/requests/memory", value="512Mi"),
    )
    found = refused(
        "minimum cpu usage per Container is 100m, but request is 50m", resources={"requests": {"cpu": "50m"}}
    )
    assert found.fix is not None
    assert found.fix.changes == (FieldChange(path="/resources/requests/cpu", value="100m"),)


def test_an_old_event_counts_only_while_pods_are_missing() -> None:
    drawn = node("web", "statefulset", image="nginx:1", replicas=1)
    item = live("web", drawn, replicas=1, readyReplicas=1)
    told = event(item, "FailedCreate", "exceeded quota: few, requested: pods=1, used: pods=3, limited: pods=3")
    there = pod(item, ready=True, owned_by=item["metadata"]["uid"])
    assert checks(scene("web", drawn, objects=(item,), related=(told, there)))["creation"].state == "pass"
    assert checks(scene("web", drawn, objects=(item,), related=(told,)))["creation"].state == "fail"


def test_missing_references_are_named_with_what_makes_them() -> None:
    drawn = (
        web(service_account="bot"),
        node("settings", "configmap", data={"A": "1"}),
        wire("settings", "web", "config-env"),
    )
    account = named("ServiceAccount", "bot")
    found = checks(around(*drawn, related=(account,)))["references"]
    assert "ConfigMap settings does not exist" in found.detail
    assert found.remedy == "The node settings makes it: run the workflow."
    there = named("ConfigMap", "settings", data={"A": "1"})
    assert checks(around(*drawn, related=(account, there)))["references"].state == "pass"
    found = checks(around(*drawn, related=(there,)))["references"]
    assert "ServiceAccount bot does not exist" in found.detail


def test_a_missing_key_of_a_secret_is_seen_without_its_values() -> None:
    drawn = web(env=[{"source": "secret", "name": "PIN", "secret": "key", "key": "pin"}])
    fields = [{"manager": "kubectl", "fieldsV1": {"f:data": {".": {}, "f:other": {}}}}]
    found = checks(around(drawn, related=(named("Secret", "key", metadata={"managedFields": fields}),)))["references"]
    assert "Secret key has no key pin (it has other)" in found.detail
    fields[0]["fieldsV1"] = {"f:data": {"f:pin": {}}}
    there = named("Secret", "key", metadata={"managedFields": fields})
    assert checks(around(drawn, related=(there,)))["references"].state == "pass"
    # nobody says which keys it has
    assert checks(around(drawn, related=(named("Secret", "key"),)))["references"].state == "pass"


def test_the_kubelets_own_words_are_shown() -> None:
    one = the_pod(web(service_account="bot"), container=waiting("CreateContainerConfigError", "couldn't find key A"))
    found = checks(around(web(service_account="bot"), pods=[one], related=(named("ServiceAccount", "bot"),)))
    assert "couldn't find key A" in found["references"].detail


def test_what_may_not_be_looked_at_is_left_open() -> None:
    given = around(web(service_account="bot"))
    given = type(given)(**{**vars(given), "unseen": {"ServiceAccount": "forbidden"}})
    assert checks(given)["references"].state == "skip"


def test_claims_of_pods_are_looked_at() -> None:
    drawn = (web(), node("data", "persistentvolumeclaim", storage="1Gi"), wire("data", "web"))
    found = checks(around(*drawn))["volumes"]
    assert "the claim data does not exist" in found.detail
    waits = named("PersistentVolumeClaim", "data", status={"phase": "Pending"})
    told = event(waits, "ProvisioningFailed", "no such class")
    found = checks(around(*drawn, related=(waits, told)))["volumes"]
    assert "the claim data is Pending (no such class)" in found.detail
    bound = named("PersistentVolumeClaim", "data", status={"phase": "Bound"})
    assert checks(around(*drawn, related=(bound,)))["volumes"].state == "pass"
