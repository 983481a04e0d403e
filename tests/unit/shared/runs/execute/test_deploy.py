from __future__ import annotations

import json

import pytest

from shared.clock import now
from shared.errors import ClusterUnreachable, InvalidInput, NotFound, StorageUnavailable
from shared.kubernetes.objects import ObjectRef
from shared.planning.consent import Consent
from shared.planning.diff import MASK
from shared.runs.execute.context import RunFailed
from shared.runs.models import RunKind, RunStatus
from shared.runs.values import TriggerData, ValuesGone
from shared.workflows.drawing.graph import Node
from tests.fixtures.workflows.helpers import node, web
from tests.support.fakes.engine import ADA, CLUSTER, WORKFLOW, Engine, Working
from tests.support.fakes.runs import make_run

SETTINGS = node("settings", "configmap", data={"A": "1"})
KEY = node("key", "secret", keys=["PIN", "NAME"])
FAST = TriggerData(env_vars={"web": {"MODE": "tiger-1"}})


def env(engine: Engine) -> dict[str, str]:
    """Return the variables of the workload on the cluster."""
    containers = engine.cluster.objects["Deployment", "shop", "web"]["spec"]["template"]["spec"]["containers"]
    return {entry["name"]: entry["value"] for entry in containers[0].get("env") or []}


def test_a_deploy_goes_through_its_phases() -> None:
    engine = Engine()
    engine.deploy(SETTINGS)
    told = [data["phase"] for topic, event, data in engine.updates.published if event == "phase"]
    assert told == ["planning", "applying", "waiting", "pruning"]


def test_a_plan_rests_and_changes_nothing() -> None:
    engine = Engine()
    working = engine.deploy(SETTINGS, plan_first=True, kind=RunKind.PLAN)
    assert working.status is RunStatus.PLANNED
    assert engine.cluster.sent == []
    assert (working.stored.plan_summary, working.nodes) == ({"create": 1}, {"settings": "pending"})
    assert working.stored.plan_expires_at is not None
    assert [item.action for item in engine.plans.rows["run1"]] == ["create"]


def test_what_the_graph_has_no_longer_goes_and_can_be_read_later() -> None:
    engine = Engine()
    engine.deploy(SETTINGS, web())
    engine.workflow.deployed_version = 1
    working = engine.deploy(web())
    assert engine.cluster.names("ConfigMap") == []
    [tombstone] = working.stored.tombstones
    assert (tombstone.node_id, tombstone.object, tombstone.version) == ("settings", "ConfigMap shop/settings", 1)
    assert set(engine.objects()) == {"Deployment shop/web"}


@pytest.mark.parametrize(
    ("parts", "line"),
    [
        ((), "Version 1: 0 objects."),
        ((SETTINGS,), "Version 1: 1 object."),
        ((SETTINGS, web()), "Version 1: 2 objects."),
    ],
)
def test_the_log_begins_with_the_number_of_objects(parts: tuple[Node, ...], line: str) -> None:
    assert line in Engine().deploy(*parts).log


def test_what_holds_data_stays_until_it_is_named() -> None:
    engine = Engine()
    claim = node("data", "persistentvolumeclaim", storage="1Gi")
    engine.deploy(claim, web())
    working = engine.deploy(web())
    assert "Kept PersistentVolumeClaim shop/data: it holds data." in working.log
    engine.deploy(consent=Consent(delete=["PersistentVolumeClaim shop/data"]))
    assert engine.cluster.names("PersistentVolumeClaim") == []


def test_a_workflow_that_moved_takes_its_objects_off_the_cluster_before() -> None:
    engine = Engine()
    engine.deploy(SETTINGS)
    other = engine.add_cluster("cluster2", "shop")
    engine.workflow.cluster_id = "cluster2"
    working = engine.deploy(cluster_id="cluster2")
    assert other.names("ConfigMap") == ["settings"]
    assert engine.cluster.names("ConfigMap") == []
    assert [entry.cluster_id for entry in engine.owned.rows.values()] == ["cluster2"]
    assert working.status is RunStatus.COMPLETED


def test_what_is_on_a_cluster_that_was_disconnected_is_forgotten_and_the_log_says_so() -> None:
    engine = Engine()
    engine.deploy(SETTINGS)
    engine.add_cluster("cluster2", "shop")
    engine.stores.clusters.delete(CLUSTER)
    working = engine.deploy(cluster_id="cluster2")
    assert "1 object left in place: the cluster was removed from the platform." in working.log
    assert engine.cluster.names("ConfigMap") == ["settings"]
    assert {entry.cluster_id for entry in engine.owned.rows.values()} == {"cluster2"}


def test_stored_values_reach_the_cluster_and_those_of_the_run_go_before_them() -> None:
    engine = Engine()
    engine.secrets.put(WORKFLOW, "key", {"PIN": "stored-pin", "NAME": "stored-name"}, by=ADA)
    working = engine.deploy(KEY, values=TriggerData(secrets={"key": {"PIN": "tiger-1"}}))
    data = engine.cluster.objects["Secret", "shop", "key"]["data"]
    assert data == {"PIN": "dGlnZXItMQ==", "NAME": "c3RvcmVkLW5hbWU="}
    written = working.stored.model_dump_json() + json.dumps([item.model_dump() for item in engine.plans.rows["run1"]])
    assert "tiger-1" not in written
    assert "dGlnZXItMQ==" not in written


def test_a_run_without_its_values_fails() -> None:
    engine = Engine(web())
    working = engine.working(engine.taken(values=FAST))
    engine.stores.values.forget("run1")
    with pytest.raises(ValuesGone) as caught:
        working.deploy()
    assert caught.value.code == "run-values-gone"
    assert engine.cluster.sent == []


def test_variables_of_one_run_are_applied_and_shown_to_nobody() -> None:
    engine = Engine()
    engine.deploy(web(env=[{"source": "value", "name": "MODE", "value": "slow"}]))
    working = engine.deploy(values=FAST)
    assert env(engine) == {"MODE": "tiger-1"}
    [item] = engine.plans.rows["run2"]
    assert [(change.old, change.new) for change in item.diff] == [("slow", MASK)]
    assert engine.objects()["Deployment shop/web"].run_env == ["MODE"]
    assert "tiger-1" not in working.stored.model_dump_json()


def test_what_an_earlier_run_brought_is_not_shown_when_it_goes() -> None:
    engine = Engine()
    engine.deploy(web(), values=FAST)
    engine.deploy()
    [item] = engine.plans.rows["run2"]
    assert "tiger-1" not in item.model_dump_json()
    assert MASK in item.model_dump_json()
    assert engine.objects()["Deployment shop/web"].run_env == []


def test_what_the_cluster_says_of_a_value_is_cleaned() -> None:
    engine = Engine()
    engine.deploy(web(image="nginx:1"), values=FAST)
    engine.cluster.put(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"replicas": 7},
        },
        manager="tiger-1",
    )
    with pytest.raises(RunFailed, match=f"somebody else manages fields of it: .spec.replicas \\({MASK}\\)"):
        engine.deploy(web(replicas=2))


def test_a_graph_with_mistakes_is_not_deployed() -> None:
    engine = Engine(Node(id="web", type="deployment", data={"name": "web"}))
    with pytest.raises(InvalidInput) as caught:
        engine.deploy()
    assert caught.value.code == "graph-invalid"
    assert engine.cluster.sent == []


def test_a_cluster_that_is_gone_fails_the_run() -> None:
    engine = Engine(SETTINGS)
    with pytest.raises(NotFound) as caught:
        engine.deploy(cluster_id="ghost")
    assert caught.value.code == "cluster-not-found"


def test_a_cluster_that_is_away_while_it_is_planned_on_is_asked_again() -> None:
    engine = Engine()
    engine.cluster.away = 2
    assert engine.deploy(SETTINGS).status is RunStatus.COMPLETED
    engine.cluster.away = 100_000
    with pytest.raises(ClusterUnreachable):
        engine.deploy()


def test_what_may_not_be_done_is_refused_before_anything_is_changed() -> None:
    engine = Engine()
    engine.cluster.denied = {("patch", "deployments")}
    working = engine.working(engine.taken())
    engine.draw(SETTINGS, web())
    working.run.version = engine.version().version
    with pytest.raises(RunFailed, match="the cluster's credentials may not patch deployments") as caught:
        working.deploy()
    assert (caught.value.node_id, caught.value.code) == ("web", "cluster-forbidden")
    assert engine.cluster.sent == []
    assert working.nodes == {"settings": "pending", "web": "failed"}


def test_a_note_that_was_not_written_fails_a_run_that_went_well() -> None:
    engine = Engine()
    engine.deploy(SETTINGS)
    engine.owned.rows.clear()
    engine.owned.failure = StorageUnavailable("away")
    with pytest.raises(StorageUnavailable):
        engine.deploy()


@pytest.mark.parametrize("kind", [RunKind.DEPLOY, RunKind.ROLLBACK])
def test_a_version_is_deployed_as_it_was_then(kind: RunKind) -> None:
    engine = Engine()
    engine.deploy(web(image="nginx:1"))
    engine.deploy(web(image="nginx:2"))
    working = engine.working(engine.taken(kind=kind, version=1))
    working.deploy()
    live = engine.cluster.get(ObjectRef("apps/v1", "Deployment", "shop", "web"))
    assert live is not None
    assert live["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:1"


def confirmed(engine: Engine, run_id: str) -> Working:
    """Take a run again whose plan somebody has confirmed."""
    at = now()
    again = {"status": RunStatus.RUNNING, "confirmed_at": at, "lease": make_run().lease}
    run = engine.runs.get(run_id).model_copy(update=again)
    engine.runs.keep(run)
    return engine.working(run)


def test_a_confirmed_plan_is_done() -> None:
    engine = Engine()
    engine.deploy(SETTINGS, plan_first=True)
    assert confirmed(engine, "run1").deploy() is RunStatus.COMPLETED
    assert engine.cluster.names("ConfigMap") == ["settings"]


def test_a_confirmed_plan_that_would_do_more_by_now_changes_nothing() -> None:
    engine = Engine()
    engine.deploy(SETTINGS, web())
    engine.deploy(node("settings", "configmap", data={"A": "2"}), web(), plan_first=True)
    engine.cluster.vanish(ObjectRef("apps/v1", "Deployment", "shop", "web"))
    engine.cluster.sent.clear()
    working = confirmed(engine, "run2")
    with pytest.raises(RunFailed, match=r"it would now also create Deployment shop/web\.") as caught:
        working.deploy()
    assert (caught.value.code, caught.value.node_id) == ("plan-changed", "web")
    assert "Not in the confirmed plan: create Deployment shop/web." in working.log
    assert engine.cluster.sent == []
