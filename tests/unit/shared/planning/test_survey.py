from __future__ import annotations

from typing import Any

import pytest

from shared.errors import ClusterRefused
from shared.kubernetes.objects import ObjectRef
from shared.planning.survey import owned_hash, survey
from tests.support.fakes.cluster import FakeCluster

SETTINGS = ObjectRef("v1", "ConfigMap", "shop", "settings")
KINDS = [("v1", "ConfigMap", "shop"), ("apps/v1", "Deployment", "shop"), ("v1", "ConfigMap", "shop")]


def put(cluster: FakeCluster, name: str, workflow_id: str) -> None:
    metadata = {"name": name, "namespace": "shop", "labels": {"kubeorch.io/workflow": workflow_id}}
    cluster.put({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})


@pytest.fixture
def cluster() -> FakeCluster:
    made = FakeCluster("shop")
    put(made, "settings", "w1")
    put(made, "theirs", "w2")
    return made


def test_a_workflow_s_objects_are_found_by_its_label_one_list_per_kind(cluster: FakeCluster) -> None:
    found = survey(cluster, "w1", KINDS, at_once=2)
    assert set(found.objects) == {("ConfigMap", "shop", "settings")}
    live = found.get(SETTINGS)
    assert live is not None
    assert (live["apiVersion"], live["kind"]) == ("v1", "ConfigMap")
    assert sorted(cluster.asked[-2:]) == [("list", "ConfigMap"), ("list", "Deployment")]


def test_of_a_kind_that_the_cluster_does_not_know_there_are_no_objects(cluster: FakeCluster) -> None:
    assert survey(cluster, "w1", [("shop.example.com/v1", "Database", "shop")], at_once=2).objects == {}
    cluster.answers["list", "ConfigMap"] = [ClusterRefused("gone", code="cluster-not-found")]
    assert survey(cluster, "w1", KINDS, at_once=2).objects == {}


def test_a_list_that_is_refused_is_no_empty_cluster(cluster: FakeCluster) -> None:
    cluster.denied = {("list", "configmaps")}
    with pytest.raises(ClusterRefused):
        survey(cluster, "w1", KINDS, at_once=2)


def managed(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"managedFields": list(entries)}}


def test_the_hash_is_over_our_fields_alone() -> None:
    ours = {"manager": "kubeorch", "fieldsV1": {"f:data": {"f:A": {}, "f:B": {}}}}
    same = {"manager": "kubeorch", "fieldsV1": {"f:data": {"f:B": {}, "f:A": {}}}}
    other = {"manager": "kubectl", "fieldsV1": {"f:data": {"f:C": {}}}}
    status = {"manager": "kubeorch", "subresource": "status", "fieldsV1": {}}
    assert owned_hash(managed(other, status, ours)) == owned_hash(managed(same)) != ""
    less = {"manager": "kubeorch", "fieldsV1": {"f:data": {"f:A": {}}}}
    assert owned_hash(managed(less)) != owned_hash(managed(ours))


@pytest.mark.parametrize("live", [{}, {"metadata": {"managedFields": None}}, managed({"manager": "kubectl"})])
def test_who_owns_no_field_has_no_hash(live: dict[str, Any]) -> None:
    assert owned_hash(live) == ""
