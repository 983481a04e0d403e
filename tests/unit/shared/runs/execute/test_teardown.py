from __future__ import annotations

from typing import Any

import pytest

from shared.jobs.keeper import Cancelled
from shared.kubernetes.objects import ObjectRef
from shared.planning.consent import Consent
from shared.planning.survey import LiveObjects
from shared.runs.execute.context import RunFailed
from shared.runs.execute.teardown import still_there
from shared.runs.models import RunKind, RunStatus
from tests.fixtures.workflows.helpers import node, web
from tests.support.fakes.engine import Engine, Working

SETTINGS = node("settings", "configmap", data={"A": "1"})
REF = ObjectRef("v1", "ConfigMap", "shop", "settings")


def tear_down(engine: Engine, **more: Any) -> Working:
    working = engine.working(engine.taken(kind=RunKind.TEARDOWN, **more))
    working.deploy()
    return working


@pytest.fixture
def engine() -> Engine:
    engine = Engine()
    engine.deploy(SETTINGS, web())
    engine.cluster.sent.clear()
    return engine


def hold(engine: Engine, *finalizers: str) -> None:
    """Have finalizers hold the settings."""
    engine.cluster.objects["ConfigMap", "shop", "settings"]["metadata"]["finalizers"] = list(finalizers)


def test_everything_goes_and_nothing_is_noted_any_more(engine: Engine) -> None:
    working = tear_down(engine)
    assert working.status is RunStatus.COMPLETED
    assert engine.cluster.sent == [
        ("delete", "Deployment shop/web", "Foreground"),
        ("delete", "ConfigMap shop/settings", "Background"),
    ]
    assert engine.owned.rows == {}
    assert working.nodes == {"settings": "pruned", "web": "pruned"}
    assert working.stored.plan_summary == {"prune": 2}
    assert [tombstone.object for tombstone in working.stored.tombstones] == [
        "Deployment shop/web",
        "ConfigMap shop/settings",
    ]


def test_a_planned_teardown_rests(engine: Engine) -> None:
    working = tear_down(engine, plan_first=True)
    assert working.status is RunStatus.PLANNED
    assert engine.cluster.sent == []
    assert [item.action for item in engine.plans.of_run(working.run.id)] == ["prune", "prune"]


def test_it_ends_when_the_last_finalizer_is_through(engine: Engine) -> None:
    hold(engine, "shop.example.com/backup")
    engine.clock.at(12, lambda: engine.cluster.vanish(REF))
    assert tear_down(engine).status is RunStatus.COMPLETED
    assert 12 <= engine.clock.monotonic() < 14


@pytest.mark.parametrize(
    ("finalizers", "held"),
    [(("shop.example.com/a", "shop.example.com/b"), "shop.example.com/a, shop.example.com/b"), ((), "its pods to end")],
)
def test_what_does_not_go_is_named_with_what_holds_it(engine: Engine, finalizers: tuple[str, ...], held: str) -> None:
    hold(engine, *(finalizers or ["shop.example.com/a"]))

    def change() -> None:
        hold(engine, *finalizers)

    engine.clock.at(1, change)
    words = rf"^ConfigMap shop/settings is still there after 60 s; it waits for {held}\.$"
    with pytest.raises(RunFailed, match=words) as caught:
        tear_down(engine)
    assert caught.value.code == "delete-timeout"


def test_what_is_kept_is_told_and_stays(engine: Engine) -> None:
    claim = node("data", "persistentvolumeclaim", storage="1Gi")
    engine.deploy(claim)
    working = tear_down(engine)
    assert working.log == ["Kept PersistentVolumeClaim shop/data: it holds data."]
    assert set(engine.objects()) == {"PersistentVolumeClaim shop/data"}
    tear_down(engine, consent=Consent(delete=["PersistentVolumeClaim shop/data"]))
    assert engine.cluster.names("PersistentVolumeClaim") == []


def test_what_may_not_be_deleted_is_kept(engine: Engine) -> None:
    engine.cluster.denied = {("delete", "configmaps")}
    working = tear_down(engine)
    assert "Kept ConfigMap shop/settings: the cluster's credentials may not delete configmaps." in working.log
    assert engine.cluster.names("ConfigMap") == ["settings"]


def test_it_takes_a_workflow_off_all_its_clusters(engine: Engine) -> None:
    other = engine.add_cluster("cluster2", "shop")
    for entry in list(engine.owned.rows.values()):
        other.put({**engine.cluster.objects[entry.kind, "shop", entry.name]})
        live = other.objects[entry.kind, "shop", entry.name]
        there = {"id": f"{entry.id}-2", "cluster_id": "cluster2", "uid": live["metadata"]["uid"]}
        engine.owned.put([entry.model_copy(update=there)])
    tear_down(engine)
    assert (other.names("Deployment"), engine.cluster.names("Deployment")) == ([], [])
    assert engine.owned.rows == {}


def test_an_object_that_is_gone_already_is_forgotten(engine: Engine) -> None:
    engine.cluster.vanish(REF)
    working = tear_down(engine)
    assert engine.owned.rows == {}
    assert [tombstone.node_id for tombstone in working.stored.tombstones] == ["web"]


def test_who_cancels_in_the_middle_keeps_what_is_not_deleted_yet(engine: Engine) -> None:
    working = engine.working(engine.taken(kind=RunKind.TEARDOWN))
    engine.cluster.answers["delete", "web"] = [working.context.signals.cancelled.set]
    with pytest.raises(Cancelled):
        working.deploy()
    assert engine.cluster.names("ConfigMap") == ["settings"]
    assert set(engine.objects()) == {"ConfigMap shop/settings"}
    assert [tombstone.node_id for tombstone in working.stored.tombstones] == ["web"]


def test_who_cancels_while_it_waits_for_the_end_has_deleted_everything(engine: Engine) -> None:
    hold(engine, "shop.example.com/backup")
    working = engine.working(engine.taken(kind=RunKind.TEARDOWN))
    engine.clock.at(1, working.context.signals.cancelled.set)
    with pytest.raises(Cancelled):
        working.deploy()
    assert engine.owned.rows == {}


def test_a_workflow_that_has_nothing_is_through_at_once() -> None:
    engine = Engine(SETTINGS)
    assert tear_down(engine).status is RunStatus.COMPLETED
    assert engine.cluster.asked == []


def test_a_failure_names_what_is_no_longer_seen_as_well(engine: Engine) -> None:
    entry = engine.objects()["ConfigMap shop/settings"]
    assert "it waits for its pods to end" in still_there(entry, LiveObjects({}), 60).message
