from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.clock import now
from shared.errors import Conflict, FieldError, InvalidInput, NotFound
from shared.owned.models import OwnedObject
from shared.planning.consent import Consent
from shared.queues import TaskName
from shared.runs.models import Run, RunKind, RunStatus, Trigger
from shared.runs.options import RunOptions
from shared.runs.starting import Wanted, check_values
from shared.runs.values import TriggerData
from shared.workflows.models import WorkflowStatus
from tests.fixtures.workflows.helpers import graph, node, web
from tests.support.factories import make_cluster
from tests.support.fakes.engine import ADA, CLUSTER, WORKFLOW, Engine
from tests.support.fakes.runs import make_run
from tests.support.planning import entry

BY_ADA = Trigger(user_id="ada", name="Ada")
VALUES = TriggerData(env_vars={"web": {"MODE": "fast"}})


@pytest.fixture
def engine() -> Engine:
    return Engine(web(), node("key", "secret", keys=["PIN"]))


def start(engine: Engine, run_id: str | None = None, **wanted: Any) -> Run:
    return engine.starting.start(engine.workflow, BY_ADA, Wanted(**wanted), run_id=run_id)


def heads(engine: Engine) -> list[str]:
    """Return the statuses of runs that those are told who look at the workflow."""
    told: list[Any] = [data["run"] for _, event, data in engine.updates.published if event == "run_update"]
    return [run["status"] for run in told]


def own(engine: Engine, cluster_id: str) -> OwnedObject:
    """Note an object of the workflow on a cluster."""
    noted = entry("ConfigMap", "settings")
    owned = noted.model_copy(update={"workflow_id": WORKFLOW, "cluster_id": cluster_id, "id": cluster_id})
    engine.owned.put([owned])
    return owned


def test_a_run_is_stored_told_and_sent(engine: Engine) -> None:
    run = engine.starting.start(engine.workflow, BY_ADA)
    assert (run.status, run.kind, run.version, run.namespace) == (RunStatus.QUEUED, RunKind.DEPLOY, 1, "shop")
    assert (run.cluster_id, run.owner_id, run.triggered_by) == (CLUSTER, "ada", BY_ADA)
    assert engine.queue.ids(TaskName.RUNS_EXECUTE) == [run.id]
    assert engine.runs.get(run.id).enqueued_at is not None
    assert (engine.workflow.active_run_id, engine.workflow.run_count, engine.workflow.current_version) == (run.id, 1, 1)
    assert heads(engine) == ["queued"]


def test_it_gets_the_id_that_was_claimed_for_it(engine: Engine) -> None:
    assert start(engine, "claimed").id == "claimed"


def test_the_version_of_what_is_drawn_is_made_once_with_the_values_of_now(engine: Engine) -> None:
    engine.secrets.put(WORKFLOW, "key", {"PIN": "1"}, by=ADA)
    first = start(engine)
    engine.runs.delete([first.id])
    second = start(engine)
    assert (first.version, second.version) == (1, 1)
    version = engine.versions.get(WORKFLOW, 1)
    assert (version.run_id, version.created_by) == (first.id, ADA)
    assert version.secret_versions == engine.secrets.current_versions(WORKFLOW, ["key"])


def test_a_trigger_without_a_person_makes_versions_for_the_owner(engine: Engine) -> None:
    engine.starting.start(engine.workflow, Trigger(kind="schedule", name="nightly"))
    assert engine.versions.get(WORKFLOW, 1).created_by.user_id == "ada"


def test_an_old_version_is_run_as_it_is_and_stays_old(engine: Engine) -> None:
    engine.workflow.namespace = "before"
    engine.version()
    engine.workflow.namespace = "shop"
    engine.draw(web(image="nginx:2"))
    engine.version()
    engine.workflows.set_current_version(WORKFLOW, 2)
    run = start(engine, version=1, kind=RunKind.ROLLBACK)
    assert (run.version, run.namespace, engine.workflow.current_version) == (1, "before", 2)
    with pytest.raises(NotFound):
        start(engine, version=9, queue=True)


@pytest.mark.parametrize(
    ("change", "code"),
    [({"status": WorkflowStatus.ARCHIVED}, "workflow-archived"), ({"cluster_id": None}, "no-cluster")],
)
def test_a_workflow_that_cannot_run_is_refused(engine: Engine, change: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        engine.starting.start(engine.workflow.model_copy(update=change), BY_ADA)
    assert caught.value.code == code
    assert (engine.queue.sent, engine.versions.rows) == ([], {})


def test_a_cluster_of_somebody_else_does_not_exist(engine: Engine) -> None:
    engine.stores.clusters.insert(make_cluster("bob", id="theirs"))
    for cluster_id in ("theirs", "ghost"):
        with pytest.raises(NotFound) as caught:
            engine.starting.start(engine.workflow.model_copy(update={"cluster_id": cluster_id}), BY_ADA)
        assert (caught.value.code, caught.value.message) == ("cluster-not-found", "There is no such cluster.")


def test_a_teardown_goes_where_the_objects_are(engine: Engine) -> None:
    archived = {"status": WorkflowStatus.ARCHIVED}
    teardown = Wanted(kind=RunKind.TEARDOWN, queue=True)
    at_home = engine.starting.start(engine.workflow.model_copy(update=archived), BY_ADA, teardown)
    homeless = engine.workflow.model_copy(update={**archived, "cluster_id": None})
    nowhere = engine.starting.start(homeless, BY_ADA, teardown)
    own(engine, "cluster9")
    elsewhere = engine.starting.start(homeless, BY_ADA, teardown)
    assert [run.cluster_id for run in (at_home, nowhere, elsewhere)] == [CLUSTER, "", "cluster9"]


def test_beside_an_active_run_there_is_no_other(engine: Engine) -> None:
    active = start(engine)
    engine.draw(web(image="nginx:2"))
    with pytest.raises(Conflict) as caught:
        start(engine)
    assert (caught.value.code, caught.value.details) == ("run-active", {"run_id": active.id})
    assert set(engine.versions.rows) == {(WORKFLOW, 1)}, "no version is made for a run that is refused"


def test_a_run_waits_behind_the_active_one_when_that_is_wanted(engine: Engine) -> None:
    active = start(engine)
    waiting = start(engine, queue=True)
    assert (waiting.waiting, waiting.active) == (True, None)
    assert engine.queue.ids(TaskName.RUNS_EXECUTE) == [active.id]
    assert engine.workflow.active_run_id == active.id
    assert heads(engine) == ["queued", "queued"]


def test_what_waits_begins_when_it_is_promoted(engine: Engine) -> None:
    active, waiting = start(engine), start(engine, queue=True)
    assert engine.starting.promote(WORKFLOW) is None
    engine.runs.end_unowned(active.id, {"status": "completed", "finished_at": now()})
    promoted = engine.starting.promote(WORKFLOW)
    assert promoted is not None
    assert (promoted.id, promoted.waiting, engine.workflow.active_run_id) == (waiting.id, False, waiting.id)
    assert engine.queue.ids(TaskName.RUNS_EXECUTE) == [active.id, waiting.id]
    assert engine.starting.promote(WORKFLOW) is None


def test_a_queue_that_does_not_answer_is_left_to_the_reaper(engine: Engine) -> None:
    engine.queue.is_away = True
    run = start(engine)
    assert (engine.runs.get(run.id).status, engine.runs.get(run.id).enqueued_at) == (RunStatus.QUEUED, None)


def test_values_of_a_run_are_kept_until_it_runs(engine: Engine) -> None:
    run = start(engine, values=VALUES)
    assert engine.runs.get(run.id).has_values
    assert engine.stores.values.read(run.id).env_vars == {"web": {"MODE": "fast"}}


def test_values_of_a_run_need_a_place_in_its_version(engine: Engine) -> None:
    with pytest.raises(InvalidInput) as caught:
        start(engine, values=TriggerData(env_vars={"ghost": {"MODE": "fast"}}))
    assert (caught.value.code, caught.value.fields[0].path) == ("unknown-node", "trigger_data.env_vars.ghost")
    assert engine.redis.keys() == []
    assert engine.queue.sent == []


def overtake(engine: Engine, run_id: str) -> None:
    """Have somebody else store a run right after it was seen that there is none."""
    engine.runs.meanwhile = lambda: engine.runs.keep(make_run(id=run_id))


def test_what_a_run_brought_is_forgotten_when_somebody_else_was_faster(engine: Engine) -> None:
    overtake(engine, "fast")
    with pytest.raises(Conflict) as caught:
        start(engine, "late", values=VALUES)
    assert caught.value.details == {"run_id": "fast"}
    assert engine.redis.keys() == []
    overtake(engine, "fast")
    engine.runs.delete(["fast"])
    with pytest.raises(Conflict):
        start(engine, "late")


def test_what_the_same_run_brought_is_kept_when_it_is_sent_twice_at_once(engine: Engine) -> None:
    overtake(engine, "claimed")
    with pytest.raises(Conflict):
        start(engine, "claimed", values=VALUES)
    assert engine.stores.values.read("claimed").env_vars == {"web": {"MODE": "fast"}}


@pytest.mark.parametrize(
    ("values", "mistakes"),
    [
        (TriggerData(secrets={"key": {"PIN": "1"}}, env_vars={"web": {"A": "1"}}), []),
        (
            TriggerData(secrets={"key": {"PIN": "1", "NO": "1"}}),
            [("trigger_data.secrets.key.NO", "is no key of this node")],
        ),
        (
            TriggerData(secrets={"web": {"A": "1"}, "ghost": {"A": "1"}}),
            [
                ("trigger_data.secrets.web", "is no secret node of this version"),
                ("trigger_data.secrets.ghost", "is no secret node of this version"),
            ],
        ),
        (
            TriggerData(secrets={"broken": {"A": "1"}}),
            [("trigger_data.secrets.broken.A", "is no key of this node")],
        ),
        (
            TriggerData(env_vars={"key": {"A": "1"}}),
            [("trigger_data.env_vars.key", "is no workload of this version")],
        ),
    ],
)
def test_every_value_without_a_place_is_named(values: TriggerData, mistakes: list[tuple[str, str]]) -> None:
    drawn = graph(web(), node("key", "secret", keys=["PIN"]), node("broken", "secret", keys="PIN"))
    found: tuple[FieldError, ...] = ()
    try:
        check_values(drawn, values)
    except InvalidInput as error:
        found = error.fields
    assert [(mistake.path, mistake.message) for mistake in found] == mistakes


def planned(engine: Engine, **more: Any) -> Run:
    at = now() + timedelta(hours=1)
    rests = {"status": RunStatus.PLANNED, "lease": None, "active": None, "plan_digest": "d", "plan_expires_at": at}
    return engine.taken(**{**rests, **more})


def test_a_plan_that_was_looked_at_is_sent_to_be_done(engine: Engine) -> None:
    before = planned(engine, kind=RunKind.PLAN, consent=Consent(adopt=["Secret shop/a"]), finished_at=now())
    run = engine.starting.confirm(before, "d", Consent(delete=["Secret shop/b"]), ADA)
    assert (run.status, run.kind, run.confirmed_by, run.finished_at) == (RunStatus.QUEUED, RunKind.DEPLOY, ADA, None)
    assert (run.consent.adopt, run.consent.delete) == (["Secret shop/a"], ["Secret shop/b"])
    assert engine.queue.ids(TaskName.RUNS_EXECUTE) == [run.id]
    assert engine.workflow.active_run_id == run.id


def test_a_planned_teardown_that_is_confirmed_stays_one(engine: Engine) -> None:
    run = engine.starting.confirm(planned(engine, kind=RunKind.TEARDOWN), "d", Consent(), ADA)
    assert run.kind is RunKind.TEARDOWN


@pytest.mark.parametrize(
    ("change", "digest", "code"),
    [
        ({"status": RunStatus.COMPLETED}, "d", "run-not-planned"),
        ({"plan_expires_at": None}, "d", "plan-expired"),
        ({"plan_expires_at": now() - timedelta(seconds=1)}, "d", "plan-expired"),
        ({}, "another", "plan-changed"),
    ],
)
def test_a_plan_that_is_old_or_another_is_not_done(
    engine: Engine, change: dict[str, Any], digest: str, code: str
) -> None:
    with pytest.raises(Conflict) as caught:
        engine.starting.confirm(planned(engine, **change), digest, Consent(), ADA)
    assert caught.value.code == code
    assert engine.queue.sent == []


def test_a_plan_is_not_done_beside_an_active_run(engine: Engine) -> None:
    rests, active = planned(engine), start(engine)
    with pytest.raises(Conflict) as caught:
        engine.starting.confirm(rests, "d", Consent(), ADA)
    assert caught.value.details == {"run_id": active.id}


def test_the_same_is_done_again(engine: Engine) -> None:
    options, consent = RunOptions(node_seconds=9), Consent(adopt=["Secret shop/a"])
    over: dict[str, Any] = {"status": RunStatus.FAILED, "active": None, "lease": None}
    ended = engine.taken(kind=RunKind.TEARDOWN, options=options, consent=consent, after="archive", **over)
    engine.draw(web(image="nginx:2"))
    again = engine.starting.retry(ended, engine.workflow, BY_ADA)
    assert (again.kind, again.version, again.options, again.consent, again.after) == (
        RunKind.TEARDOWN,
        1,
        options,
        consent,
        "archive",
    )
    assert again.id != ended.id


@pytest.mark.parametrize(
    ("change", "error", "code"),
    [
        ({}, Conflict, "run-not-ended"),
        ({"status": RunStatus.PLANNED}, Conflict, "run-not-ended"),
        ({"status": RunStatus.FAILED, "has_values": True}, InvalidInput, "values-needed"),
    ],
)
def test_not_everything_can_be_done_again(
    engine: Engine, change: dict[str, Any], error: type[InvalidInput | Conflict], code: str
) -> None:
    with pytest.raises(error) as caught:
        engine.starting.retry(make_run(**change), engine.workflow, BY_ADA)
    assert caught.value.code == code
    assert engine.queue.sent == []
