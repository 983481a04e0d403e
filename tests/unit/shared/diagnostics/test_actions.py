"""Diagnoses and fixes as people ask for them: offered, shown, and done exactly as shown."""

from __future__ import annotations

from typing import Any

import pytest

from shared.access import Actor, Role
from shared.diagnostics.actions import Diagnostics
from shared.diagnostics.models import Check
from shared.errors import (
    ClusterRefused,
    ClusterUnreachable,
    Conflict,
    InvalidInput,
    KubeOrchError,
    NeedsReentry,
    NotFound,
)
from shared.kubernetes.objects import ObjectRef
from shared.workflows.drawing.graph import Edge, Node
from tests.fixtures.workflows.helpers import node, web, wire
from tests.support.fakes.engine import CLUSTER, WORKFLOW, Engine
from tests.unit.shared.diagnostics.scenes import HTTP, JOB

ADA, EVE = Actor("ada", Role.MEMBER, "s1", "Ada"), Actor("eve", Role.MEMBER, "s2", "Eve")
WRONG_PORT = (
    web(**HTTP),
    node("front", "service", ports=[{"port": 80, "target_port": "9090"}]),
    wire("front", "web", "service-selects"),
)


class House:
    """The noun over a workflow that was deployed."""

    def __init__(self, *parts: Node | Edge, deployed: bool = True) -> None:
        self.engine = Engine(*parts)
        if deployed:
            self.engine.deploy(*parts)
        engine = self.engine
        self.diagnostics = Diagnostics(
            engine.people(), engine.clusters_of_people(), engine.secrets, engine.owned, engine.stores.clients
        )

    def checks(self, node_id: str, actor: Actor = ADA) -> dict[str, Check]:
        return {check.id: check for check in self.diagnostics.diagnose(actor, WORKFLOW, node_id).checks}

    def start_pod(self) -> None:
        """Be the controller of the deployment ``web``."""
        live = self.engine.cluster.get(ObjectRef("apps/v1", "Deployment", "shop", "web"))
        assert live is not None
        template = live["spec"]["template"]
        metadata = {"name": "web-1", "namespace": "shop", "labels": template["metadata"]["labels"]}
        self.engine.cluster.put({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]})

    def data(self, node_id: str) -> Any:
        return self.engine.workflow.graph.by_id[node_id].data


@pytest.fixture
def wrong_port() -> House:
    house = House(*WRONG_PORT)
    house.start_pod()
    return house


def test_what_runs_passes_and_a_diagnosis_is_as_bad_as_its_worst_check() -> None:
    house = House(web())
    found = house.diagnostics.diagnose(ADA, WORKFLOW, "web")
    assert (found.state, found.checks[0].id, found.checks[0].state) == ("pass", "exists", "pass")
    house.engine.cluster.vanish(ObjectRef("apps/v1", "Deployment", "shop", "web"))
    found = house.diagnostics.diagnose(ADA, WORKFLOW, "web")
    assert (found.state, [check.id for check in found.checks]) == ("fail", ["exists"])


def test_what_has_not_run_yet_is_told() -> None:
    house = House(web())
    house.engine.draw(web(replicas=2))
    assert house.checks("web")["applied"].state == "warn"


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (ClusterUnreachable("no such name", details={"reason": "dns"}), "Check the name"),
        (ClusterUnreachable("refused", details={"reason": "connect"}), "Check that the API server runs"),
        (ClusterUnreachable("slow", details={"reason": "timeout"}), "Check that the API server is well"),
        (ClusterUnreachable("untrusted", details={"reason": "tls"}), "Add the cluster's CA certificate"),
        (ClusterRefused("who are you", code="cluster-unauthorized"), "Enter new credentials"),
        (NeedsReentry("sealed elsewhere"), "Enter the cluster's credentials again"),
        (ClusterUnreachable("odd", details={"reason": "odd"}), "Test the cluster's connection"),
    ],
)
def test_a_cluster_that_cannot_be_asked_is_the_one_check(error: KubeOrchError, remedy: str) -> None:
    house = House(web())
    house.engine.cluster.answers["get", "web"] = [error]
    [check] = house.checks("web").values()
    assert (check.id, check.state) == ("cluster", "fail")
    assert error.message in check.detail
    assert check.remedy.startswith(remedy)


@pytest.mark.parametrize(("actor", "node_id"), [(EVE, "web"), (ADA, "ghost")])
def test_what_may_not_be_seen_is_not_found(actor: Actor, node_id: str) -> None:
    house = House(web())
    for ask in (
        lambda: house.diagnostics.diagnose(actor, WORKFLOW, node_id),
        lambda: house.diagnostics.preview_fix(actor, WORKFLOW, node_id, "image"),
        lambda: house.diagnostics.apply_fix(actor, WORKFLOW, node_id, "image", "x"),
    ):
        with pytest.raises(NotFound):
            ask()


def test_drawings_have_nothing_to_diagnose() -> None:
    with pytest.raises(InvalidInput) as caught:
        House(node("text", "note")).diagnostics.diagnose(ADA, WORKFLOW, "text")
    assert caught.value.code == "nothing-to-diagnose"


def test_a_workflow_needs_a_cluster_that_its_owner_sees() -> None:
    house = House(web())
    house.engine.stores.clusters.delete(CLUSTER)
    with pytest.raises(NotFound) as gone:
        house.diagnostics.diagnose(ADA, WORKFLOW, "web")
    assert gone.value.code == "cluster-not-found"
    house.engine.workflow.cluster_id = None
    with pytest.raises(InvalidInput) as none:
        house.diagnostics.diagnose(ADA, WORKFLOW, "web")
    assert none.value.code == "no-cluster"


def test_a_fix_of_the_graph_is_shown_and_then_saved_as_shown(wrong_port: House) -> None:
    shown = wrong_port.diagnostics.preview_fix(ADA, WORKFLOW, "front", "service-target-port")
    assert [(change.path, change.old, change.new) for change in shown.graph] == [
        ("nodes[front].data.ports[0].target_port", "9090", "http")
    ]
    assert [(item.object, item.action) for item in shown.objects] == [("Service shop/front", "update")]
    assert shown.acts == []
    assert wrong_port.data("front")["ports"][0]["target_port"] == "9090", "showing changes nothing"
    done = wrong_port.diagnostics.apply_fix(ADA, WORKFLOW, "front", "service-target-port", shown.digest)
    assert (done.next, done.revision) == ("run", wrong_port.engine.workflow.revision)
    assert wrong_port.data("front")["ports"][0]["target_port"] == "http"
    with pytest.raises(InvalidInput) as again:
        wrong_port.diagnostics.apply_fix(ADA, WORKFLOW, "front", "service-target-port", shown.digest)
    assert again.value.code == "fix-not-offered"


def test_a_fix_that_is_not_offered_names_those_that_are(wrong_port: House) -> None:
    with pytest.raises(InvalidInput) as caught:
        wrong_port.diagnostics.preview_fix(ADA, WORKFLOW, "front", "image")
    assert caught.value.code == "fix-not-offered"
    assert caught.value.details["offered"] == ["service-target-port"]
    assert "it offers: service-target-port." in caught.value.message
    with pytest.raises(InvalidInput, match="it offers: none"):
        wrong_port.diagnostics.preview_fix(ADA, WORKFLOW, "web", "image")


def test_what_was_saved_meanwhile_is_not_overwritten(wrong_port: House) -> None:
    shown = wrong_port.diagnostics.preview_fix(ADA, WORKFLOW, "front", "service-target-port")
    wrong_port.engine.people().save(
        ADA, WORKFLOW, wrong_port.engine.workflow.graph, revision=wrong_port.engine.workflow.revision
    )
    with pytest.raises(Conflict) as caught:
        wrong_port.diagnostics.apply_fix(ADA, WORKFLOW, "front", "service-target-port", shown.digest)
    assert caught.value.code == "fix-changed"
    assert wrong_port.data("front")["ports"][0]["target_port"] == "9090"


@pytest.fixture
def failed_job() -> House:
    house = House(JOB)
    status = {"failed": 1, "conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}]}
    house.engine.cluster.change(ObjectRef("batch/v1", "Job", "shop", "task"), status=status)
    return house


def test_a_fix_on_the_cluster_says_its_acts_and_does_them(failed_job: House) -> None:
    shown = failed_job.diagnostics.preview_fix(ADA, WORKFLOW, "task", "delete-job")
    assert (shown.acts, shown.graph, shown.objects) == (["Delete Job shop/task."], [], [])
    before = failed_job.engine.workflow.revision
    done = failed_job.diagnostics.apply_fix(ADA, WORKFLOW, "task", "delete-job", shown.digest)
    assert (done.done, done.next, done.revision) == (["Deleted Job shop/task."], "run", before)
    assert failed_job.engine.cluster.names("Job") == []


def test_an_object_that_was_replaced_meanwhile_is_left_alone(failed_job: House) -> None:
    shown = failed_job.diagnostics.preview_fix(ADA, WORKFLOW, "task", "delete-job")
    failed_job.engine.cluster.answers["delete", "task"] = [ClusterRefused("other uid", code="cluster-conflict")]
    with pytest.raises(Conflict) as caught:
        failed_job.diagnostics.apply_fix(ADA, WORKFLOW, "task", "delete-job", shown.digest)
    assert (caught.value.code, caught.value.details) == ("fix-changed", {"digest": shown.digest})
    assert failed_job.engine.cluster.names("Job") == ["task"]


def test_a_refusal_of_the_cluster_is_passed_on(failed_job: House) -> None:
    shown = failed_job.diagnostics.preview_fix(ADA, WORKFLOW, "task", "delete-job")
    failed_job.engine.cluster.denied = {("delete", "jobs")}
    with pytest.raises(ClusterRefused) as caught:
        failed_job.diagnostics.apply_fix(ADA, WORKFLOW, "task", "delete-job", shown.digest)
    assert caught.value.code == "cluster-forbidden"


def test_another_digest_is_another_fix(failed_job: House) -> None:
    with pytest.raises(Conflict) as caught:
        failed_job.diagnostics.apply_fix(ADA, WORKFLOW, "task", "delete-job", "x")
    assert caught.value.code == "fix-changed"
    assert failed_job.engine.cluster.names("Job") == ["task"]
