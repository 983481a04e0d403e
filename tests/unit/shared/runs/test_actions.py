from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from shared.access import Actor, Role
from shared.clock import now
from shared.errors import Conflict, NotFound
from shared.planning.consent import Consent
from shared.queues import TaskName
from shared.runs.actions import Runs
from shared.runs.models import Run, RunKind, RunStatus
from shared.runs.options import RunOptions
from shared.runs.starting import Wanted
from shared.workflows.models import Workflow, WorkflowStatus
from tests.fixtures.workflows.helpers import node, web
from tests.support.fakes.engine import WORKFLOW, Engine
from tests.support.fakes.runs import queued

ACTOR = Actor("ada", Role.MEMBER, "s1", "Ada")
STRANGER = Actor("bob", Role.ADMIN, "s2", "Bob")
RESTING: dict[str, Any] = {"status": RunStatus.PLANNED, "active": None, "lease": None, "plan_digest": "d"}
ENDED: dict[str, Any] = {"status": RunStatus.FAILED, "active": None, "lease": None}


@pytest.fixture
def engine() -> Engine:
    return Engine(web())


@pytest.fixture
def runs(engine: Engine) -> Runs:
    return engine.actions()


def start(runs: Runs, key: str = "", **wanted: Any) -> tuple[Run, bool]:
    return runs.start(ACTOR, WORKFLOW, Wanted(**wanted), key=key)


def test_runs_are_seen_by_their_owner_alone(engine: Engine, runs: Runs) -> None:
    run, _ = start(runs)
    engine.plans.rows[run.id] = []
    assert runs.get(ACTOR, run.id).id == run.id
    assert [found.id for found in runs.list(ACTOR, limit=10, cursor=None)[0]] == [run.id]
    assert [found.id for found in runs.list_of(ACTOR, WORKFLOW, limit=10, cursor=None)[0]] == [run.id]
    assert runs.plan_of(ACTOR, run.id, action=None, limit=10, cursor=None) == ([], 0, None)
    assert runs.list(STRANGER, limit=10, cursor=None)[0] == []
    with pytest.raises(NotFound, match="There is no such run"):
        runs.get(STRANGER, run.id)
    with pytest.raises(NotFound, match="There is no such workflow"):
        runs.list_of(STRANGER, WORKFLOW, limit=10, cursor=None)
    with pytest.raises(NotFound):
        runs.plan_of(STRANGER, run.id, action=None, limit=10, cursor=None)


@pytest.mark.parametrize("verb", ["start", "confirm", "retry", "cancel", "archive", "delete"])
def test_nobody_else_does_anything_with_them(engine: Engine, runs: Runs, verb: str) -> None:
    run = engine.runs.get(engine.taken(**RESTING).id)
    deeds: dict[str, Callable[[], object]] = {
        "start": lambda: runs.start(STRANGER, WORKFLOW, Wanted()),
        "confirm": lambda: runs.confirm(STRANGER, run.id, "d", Consent()),
        "retry": lambda: runs.retry(STRANGER, run.id),
        "cancel": lambda: runs.cancel(STRANGER, run.id),
        "archive": lambda: runs.set_status(STRANGER, WORKFLOW, WorkflowStatus.ARCHIVED, Consent()),
        "delete": lambda: runs.delete_workflow(STRANGER, WORKFLOW, None, Consent()),
    }
    with pytest.raises(NotFound):
        deeds[verb]()
    assert (engine.queue.sent, engine.runs.get(run.id), engine.workflow.deleted_at) == ([], run, None)


def test_a_key_starts_one_run_a_day(runs: Runs) -> None:
    first, made = start(runs, "k1")
    again, made_again = start(runs, "k1")
    assert (again.id, made, made_again) == (first.id, True, False)
    assert first.triggered_by.user_id == "ada"
    with pytest.raises(Conflict) as caught:
        start(runs, "k2")
    assert caught.value.details == {"run_id": first.id}


def test_a_plan_is_confirmed_in_the_name_of_who_looked_at_it(engine: Engine, runs: Runs) -> None:
    rests = engine.taken(**RESTING, plan_expires_at=now() + timedelta(hours=1))
    confirmed = runs.confirm(ACTOR, rests.id, "d", Consent())
    assert confirmed.confirmed_by is not None
    assert (confirmed.confirmed_by.user_id, confirmed.status) == ("ada", RunStatus.QUEUED)


def test_a_run_is_tried_again_in_the_name_of_who_asked(engine: Engine, runs: Runs) -> None:
    ended = engine.taken(**ENDED)
    again = runs.retry(ACTOR, ended.id)
    assert (again.version, again.triggered_by.user_id, again.status) == (1, "ada", RunStatus.QUEUED)


def test_a_run_at_work_is_asked_to_end(engine: Engine, runs: Runs) -> None:
    run = engine.taken()
    asked = runs.cancel(ACTOR, run.id, rollback=True)
    assert (asked.status, asked.cancel_requested, asked.rollback_requested) == (RunStatus.RUNNING, True, True)


@pytest.mark.parametrize("waiting", [True, False])
def test_a_run_that_nobody_has_taken_ends_at_once(engine: Engine, runs: Runs, *, waiting: bool) -> None:
    engine.runs.keep(queued(active=None if waiting else True, waiting=waiting))
    assert runs.cancel(ACTOR, "run1").status is RunStatus.CANCELLED
    assert engine.updates.events() == ["cancelled"]


def test_a_run_that_is_taken_in_the_same_moment_is_asked_to_end(engine: Engine, runs: Runs) -> None:
    engine.runs.keep(queued())
    engine.runs.after_cancel = lambda: engine.runs.take("run1", "worker2", 15)
    asked = runs.cancel(ACTOR, "run1")
    assert (asked.status, asked.cancel_requested) == (RunStatus.QUEUED, True)
    assert engine.runs.get("run1").status is RunStatus.RUNNING


def test_a_plan_that_rests_is_discarded(engine: Engine, runs: Runs) -> None:
    rests = engine.taken(**RESTING)
    assert runs.cancel(ACTOR, rests.id).status is RunStatus.CANCELLED


def test_what_has_ended_cannot_be_cancelled(engine: Engine, runs: Runs) -> None:
    with pytest.raises(Conflict) as caught:
        runs.cancel(ACTOR, engine.taken(**ENDED).id)
    assert caught.value.code == "run-ended"


def test_workflows_are_archived_and_deleted_through_it(engine: Engine, runs: Runs) -> None:
    moved = runs.set_status(ACTOR, WORKFLOW, WorkflowStatus.ARCHIVED, Consent())
    assert isinstance(moved, Workflow)
    assert runs.delete_workflow(ACTOR, WORKFLOW, None, Consent()) is None
    assert engine.workflow.deleted_at is not None


def test_a_run_is_done_once(engine: Engine, runs: Runs) -> None:
    run, _ = start(runs)
    with capture_logs() as lines:
        assert runs.execute(run.id, "worker1") is RunStatus.COMPLETED
        assert runs.execute(run.id, "worker2") is None
    assert engine.cluster.names("Deployment") == ["web"]
    assert engine.updates.events()[-1] == "complete"
    assert (engine.workflow.deployed_version, engine.workflow.active_run_id) == (1, None)
    events = [line["event"] for line in lines]
    assert (events[0], events[-1]) == ("run_started", "run_not_taken")


def test_a_run_that_is_not_there_is_nothing_to_do(runs: Runs) -> None:
    assert runs.execute("ghost", "worker1") is None


def test_whoever_lost_it_on_the_way_has_no_end_to_tell(engine: Engine, runs: Runs) -> None:
    run, _ = start(runs)

    def steal() -> None:
        taken = engine.runs.get(run.id)
        assert taken.lease is not None
        engine.runs.finish(run.id, taken.lease.token, {"status": "cancelled"})

    engine.cluster.answers["patch", "web"] = [steal]
    with capture_logs():
        assert runs.execute(run.id, "worker1") is None
    assert engine.runs.get(run.id).status is RunStatus.CANCELLED


def test_from_a_deploy_to_a_failure_and_back(engine: Engine, runs: Runs) -> None:
    first, _ = start(runs)
    with capture_logs():
        runs.execute(first.id, "worker1")
        engine.draw(web(image="nginx:2"), node("settings", "configmap", data={"A": "1"}))
        engine.cluster.denied = {("patch", "configmaps")}
        second, _ = start(runs, options=RunOptions(rollback_on_failure=True))
        assert runs.execute(second.id, "worker1") is RunStatus.FAILED
        back_id = engine.queue.ids(TaskName.RUNS_EXECUTE)[-1]
        assert runs.execute(back_id, "worker1") is RunStatus.COMPLETED
    back = engine.runs.get(back_id)
    assert (back.kind, back.version) == (RunKind.ROLLBACK, 1)
    assert (engine.workflow.success_count, engine.workflow.failure_count) == (2, 1)


def test_what_a_dead_worker_left_is_taken_up(engine: Engine, runs: Runs) -> None:
    run, _ = start(runs)
    engine.runs.take(run.id, "dead", -1)
    with capture_logs():
        assert runs.reap() == 1
        assert runs.execute(run.id, "worker2") is RunStatus.COMPLETED
    assert engine.runs.get(run.id).attempts == 2
