from __future__ import annotations

from typing import Any

import pytest

from shared.planning.permissions import with_denials
from shared.planning.plan import Plan, Step
from shared.planning.prune import Decision, Keep
from shared.workflows.compile.manifests import Item
from tests.support.fakes.cluster import FakeCluster
from tests.support.planning import entry, live

NOTHING = Decision((), (), ())
KINDS = {"ConfigMap": "v1", "Deployment": "apps/v1", "Database": "shop.example.com/v1", "ClusterRole": "x"}
OLD = entry("ConfigMap", "old")
DELETES = Decision(((OLD, live(OLD)),), (Keep(entry("Secret", "key"), "it holds values"),), (entry("Role", "gone"),))


def step(kind: str, action: Any = "create", *, namespace: str | None = "shop", **more: Any) -> Step:
    api_version = "rbac.authorization.k8s.io/v1" if kind == "ClusterRole" else KINDS[kind]
    metadata = {"name": "web", "namespace": namespace}
    manifest = {"apiVersion": api_version, "kind": kind, "metadata": metadata}
    return Step(Item(0, kind, manifest, "d"), manifest, action, **more)


def denied(kind: str, reason: str = "no") -> Step:
    return step(kind, "denied", code="cluster-forbidden", reason=reason)


@pytest.fixture
def cluster() -> FakeCluster:
    return FakeCluster("shop")


def asked(cluster: FakeCluster) -> list[str]:
    return sorted(name for verb, name in cluster.asked if verb == "can_i")


def marks(plan: Plan) -> dict[str, tuple[str, str]]:
    return {found.ref.kind: (found.action, found.reason) for found in plan.steps}


def test_what_its_dry_run_has_said_is_not_asked_again(cluster: FakeCluster) -> None:
    plan = Plan((step("ConfigMap"), step("Deployment", "update", live={})))
    assert with_denials(cluster, plan, NOTHING, at_once=2) == (plan, NOTHING)
    assert cluster.asked == []


def test_once_something_is_refused_everything_is_asked(cluster: FakeCluster) -> None:
    cluster.denied = {("patch", "configmaps"), ("create", "configmaps"), ("patch", "deployments")}
    plan = Plan((denied("ConfigMap"), step("Deployment", "update", live={}), step("ClusterRole", namespace=None)))
    checked, _ = with_denials(cluster, plan, NOTHING, at_once=2)
    both = "patch configmaps or create configmaps"
    assert marks(checked) == {
        "ConfigMap": (
            "denied",
            f"ConfigMap shop/web: the cluster's credentials may not {both} in the namespace shop.",
        ),
        "Deployment": (
            "denied",
            "Deployment shop/web: the cluster's credentials may not patch deployments in the namespace shop.",
        ),
        "ClusterRole": ("create", ""),
    }
    assert {found.code for found in checked.refused} == {"cluster-forbidden"}


def test_a_cluster_wide_object_is_told_without_a_namespace(cluster: FakeCluster) -> None:
    cluster.denied = {("create", "clusterroles")}
    checked, _ = with_denials(
        cluster, Plan((denied("ConfigMap"), step("ClusterRole", namespace=None))), NOTHING, at_once=2
    )
    assert marks(checked)["ClusterRole"][1] == (
        "ClusterRole web: the cluster's credentials may not create clusterroles."
    )


def test_a_quota_is_no_lack_of_rights(cluster: FakeCluster) -> None:
    plan = Plan((denied("ConfigMap", "exceeded quota: small"),))
    assert with_denials(cluster, plan, NOTHING, at_once=2) == (plan, NOTHING)
    assert cluster.asked == []


def test_what_no_dry_run_has_tried_is_asked(cluster: FakeCluster) -> None:
    cluster.denied = {("delete", "deployments")}
    replaced = step("Deployment", "replace", live={}, needs="replace")
    checked, _ = with_denials(cluster, Plan((replaced,)), NOTHING, at_once=2)
    [found] = checked.steps
    assert (found.action, found.needs) == ("denied", "")
    assert asked(cluster) == ["delete", "patch"]


def test_what_stands_in_a_namespace_to_come_needs_that_namespace(cluster: FakeCluster) -> None:
    cluster.denied = {("create", "namespaces")}
    plan = Plan((step("ConfigMap", namespace="new"), step("Deployment")), ("new",))
    checked, _ = with_denials(cluster, plan, NOTHING, at_once=2)
    assert marks(checked) == {
        "ConfigMap": (
            "denied",
            "ConfigMap new/web: the cluster's credentials may not create the namespace new.",
        ),
        "Deployment": ("create", ""),
    }


def test_a_kind_that_comes_with_the_plan_is_not_asked_about(cluster: FakeCluster) -> None:
    plan = Plan((denied("ConfigMap"), step("Database")))
    cluster.denied = {("patch", "configmaps")}
    checked, _ = with_denials(cluster, plan, NOTHING, at_once=2)
    assert marks(checked)["Database"] == ("create", "")


def test_what_may_not_be_deleted_is_kept(cluster: FakeCluster) -> None:
    assert with_denials(cluster, Plan(()), DELETES, at_once=2)[1] == DELETES
    cluster.denied = {("delete", "configmaps")}
    _, kept = with_denials(cluster, Plan(()), DELETES, at_once=2)
    assert kept.delete == ()
    assert [(keep.entry.name, keep.why) for keep in kept.keep] == [
        ("key", "it holds values"),
        ("old", "the cluster's credentials may not delete configmaps"),
    ]
    assert kept.forget == DELETES.forget


def test_what_may_be_deleted_goes_beside_what_may_not(cluster: FakeCluster) -> None:
    workload = entry("Deployment", "web", api_version="apps/v1")
    both = Decision((*DELETES.delete, (workload, live(workload))), (), ())
    cluster.denied = {("delete", "configmaps")}
    _, kept = with_denials(cluster, Plan(()), both, at_once=2)
    assert [found.name for found, _ in kept.delete] == ["web"]
