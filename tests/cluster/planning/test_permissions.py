"""Credentials that may do little: a plan says everything they may not, at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.kubernetes.client import ClusterClient
from shared.kubernetes.connection.credentials import parse_kubeconfig
from shared.planning import permissions
from shared.planning.prune import Decision, decide
from shared.planning.survey import survey
from tests.cluster.planning.test_plan import Ground
from tests.fixtures.workflows.helpers import node, web
from tests.support.kube import Kube

ROLE = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "Role",
    "metadata": {"name": "little"},
    "rules": [
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "watch", "create", "patch"]},
        {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "list", "watch"]},
        {"apiGroups": [""], "resources": ["services"], "verbs": ["get", "list", "watch", "patch"]},
    ],
}


@pytest.fixture
def little(kube: Kube, namespace: str) -> Iterator[Ground]:
    """A workflow whose cluster's credentials are those of a service account with few rights in one namespace."""
    kube.run("create", "serviceaccount", "little", "-n", namespace)
    kube.apply(ROLE, namespace=namespace)
    kube.run(
        "create", "rolebinding", "little", "--role=little", f"--serviceaccount={namespace}:little", "-n", namespace
    )
    token = kube.run("create", "token", "little", "-n", namespace).strip()
    whole = parse_kubeconfig(kube.text)
    limited = whole.model_copy(update={"token": token, "client_certificate": None, "client_key": None})
    client = ClusterClient(limited)
    yield Ground(client, namespace)
    client.close()


def test_everything_that_is_denied_is_said_at_once(little: Ground) -> None:
    plan = little.plan(
        web(replicas=0),
        node("shop", "service", ports=[{"name": "http", "port": 80}]),
        node("settings", "configmap", data={"A": "1"}),
    )
    checked, _ = permissions.with_denials(little.client, plan, Decision((), (), ()), at_once=4)
    found = {step.item.node_id: (step.action, step.reason) for step in checked.steps}
    assert found["settings"] == ("create", "")
    assert found["web"][0] == "denied"
    assert "patch deployments or create deployments" in found["web"][1]
    assert found["shop"][0] == "denied"
    assert "create services" in found["shop"][1]
    assert f"in the namespace {little.namespace}" in found["shop"][1]


def test_what_may_not_be_deleted_is_kept_with_the_reason(little: Ground) -> None:
    little.deploy(node("settings", "configmap", data={"A": "1"}), node("other", "configmap", data={"A": "1"}))
    plan = little.plan(node("settings", "configmap", data={"A": "1"}))
    ground = survey(little.client, little.workflow_id, [("v1", "ConfigMap", little.namespace)], at_once=1)
    decision = decide(little.inventory.values(), {("ConfigMap", little.namespace, "settings")}, ground)
    assert [entry.name for entry, _ in decision.delete] == ["other"]
    _, checked = permissions.with_denials(little.client, plan, decision, at_once=4)
    assert checked.delete == ()
    assert [(keep.entry.name, keep.why) for keep in checked.keep] == [
        ("other", "the cluster's credentials may not delete configmaps")
    ]
