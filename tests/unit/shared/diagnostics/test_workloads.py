"""Checks of workloads as a whole: what is there, its rollout and its replicas."""

from __future__ import annotations

from shared.diagnostics.models import FieldChange
from tests.fixtures.workflows.helpers import node, web
from tests.unit.shared.diagnostics.scenes import (
    RUNS,
    Json,
    around,
    checks,
    ended,
    live,
    pod,
    replica_set,
    scene,
    the_pod,
)


def test_a_healthy_deployment_passes_every_check() -> None:
    found = checks(around(pods=[the_pod(ready=True)], readyReplicas=1, availableReplicas=1, observedGeneration=1))
    assert {check.state for check in found.values()} == {"pass"}, found
    assert {"exists", "rollout", "replicas", "creation", "scheduling", "image", "crash"} <= set(found)
    assert found["replicas"].detail == "1 of 1 ready."
    assert all(check.evidence for name, check in found.items() if name != "crash")


def test_what_is_not_there_asks_for_a_run() -> None:
    found = checks(scene("web", web(), live=False))
    assert list(found) == ["exists"]
    assert (found["exists"].state, found["exists"].detail) == ("fail", "Deployment shop/web is not on the cluster.")
    assert "Run the workflow" in found["exists"].remedy


def test_what_belongs_to_somebody_else_is_not_looked_into() -> None:
    item = live("web", web())
    item["metadata"]["labels"] = {}
    item["metadata"]["managedFields"] = [{"manager": "helm"}]
    found = checks(scene("web", web(), objects=(item,), related=(pod(item, phase="Failed"),)))
    assert list(found) == ["exists"]
    assert "somebody else (helm)" in found["exists"].detail
    item["metadata"]["labels"] = {
        "app.kubernetes.io/managed-by": "kubeorch",
        "kubeorch.io/workflow": "other",
        "kubeorch.io/node": "web",
    }
    found = checks(scene("web", web(), objects=(item,)))
    assert "another node or workflow (other/web)" in found["exists"].detail


def test_mistakes_and_changes_that_have_not_run_are_told() -> None:
    found = checks(scene("web", web(image="")))
    assert found["form"].state == "fail"
    found = checks(scene("web", web(), unapplied=("Deployment shop/web",)))
    assert (found["applied"].state, "Run the workflow" in found["applied"].remedy) == ("warn", True)


def test_what_is_being_deleted_says_what_holds_it() -> None:
    item = live("web", web())
    item["metadata"] |= {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["example.com/hold"]}
    found = checks(scene("web", web(), objects=(item,)))["exists"]
    assert (found.state, "example.com/hold" in found.detail) == ("warn", True)


LATE: Json = {"conditions": [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]}


def test_a_slow_rollout_gets_more_time_and_a_broken_one_does_not() -> None:
    drawn = web(progress_deadline_seconds=30)
    slow = the_pod(drawn, phase="Running", container=RUNS)
    found = checks(around(drawn, pods=[slow], **LATE))["rollout"]
    assert found.fix is not None
    assert found.fix.changes == (FieldChange(path="/progress_deadline_seconds", value=60),)
    broken = the_pod(drawn, container=ended(1))
    found = checks(around(drawn, pods=[broken], **LATE))["rollout"]
    assert (found.state, found.fix) == ("fail", None)


def test_a_paused_rollout_can_go_on() -> None:
    fix = checks(around(web(paused=True)))["rollout"].fix
    assert fix is not None
    assert fix.changes == (FieldChange(path="/paused", value=False),)


def test_a_change_that_the_controller_has_not_seen_is_told_first() -> None:
    item = live("web", web(), observedGeneration=1)
    item["metadata"]["generation"] = 2
    found = checks(scene("web", web(), objects=(item,)))
    assert found["observed"].state == "warn"
    assert "replicas" not in found


def test_only_the_newest_pods_count() -> None:
    item = live("web", web(), replicas=2, updatedReplicas=1, readyReplicas=1)
    old, new = pod(item, "web-old", container=ended(1)), pod(item, "web-new", ready=True, owned_by="uid-rs-2")
    found = checks(scene("web", web(), objects=(item,), related=(replica_set(item), replica_set(item, 2), old, new)))
    assert found["crash"].state == "pass"
    assert found["rollout"].state == "warn"


def test_scaled_to_zero_is_told() -> None:
    found = checks(around(web(replicas=0), pods=[], replicas=0, updatedReplicas=0))["replicas"]
    assert (found.state, "scaled to zero" in found.detail) == ("warn", True)


def test_a_daemon_set_without_machines_is_told() -> None:
    drawn = node("web", "daemonset", image="nginx:1")
    item = live("web", drawn, desiredNumberScheduled=0)
    assert checks(scene("web", drawn, objects=(item,)))["replicas"].state == "warn"
    item = live("web", drawn, desiredNumberScheduled=2, numberReady=2)
    assert checks(scene("web", drawn, objects=(item,)))["replicas"].state == "pass"
