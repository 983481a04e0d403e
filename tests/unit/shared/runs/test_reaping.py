from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from shared.clock import now
from shared.jobs.lease import Lease
from shared.queues import TaskName
from shared.runs.models import Run, RunStatus
from shared.runs.reaping import is_forgotten
from tests.fixtures.workflows.helpers import web
from tests.support.fakes.engine import WORKFLOW, Engine
from tests.support.fakes.runs import make_run, queued

LONG_AGO = now() - timedelta(minutes=5)
OVER = Lease(owner="dead", token=1, expires_at=LONG_AGO)


@pytest.fixture
def engine() -> Engine:
    return Engine(web())


def left(engine: Engine, **more: Any) -> Run:
    """Leave a run behind as a dead worker does."""
    run = engine.taken(**{"lease": OVER, **more})
    engine.workflows.run_started(WORKFLOW, run.id)
    return run


def test_what_a_dead_worker_left_is_sent_to_another(engine: Engine) -> None:
    run = left(engine, attempts=1)
    with capture_logs() as lines:
        assert engine.reaping.reap() == 1
    assert engine.queue.ids(TaskName.RUNS_EXECUTE) == [run.id]
    assert [(line["event"], line["attempts"]) for line in lines] == [("run_revived", 1)]
    assert engine.runs.get(run.id).status is RunStatus.RUNNING


def test_a_message_that_got_lost_is_sent_again(engine: Engine) -> None:
    engine.runs.keep(queued(created_at=LONG_AGO))
    assert engine.reaping.reap() == 1
    assert engine.queue.ids(TaskName.RUNS_EXECUTE) == ["run1"]
    assert engine.reaping.reap() == 0, "it is on its way now"


def test_who_is_at_work_or_on_the_way_is_left_alone(engine: Engine) -> None:
    engine.taken()
    engine.runs.keep(queued(id="fresh"))
    assert engine.reaping.reap() == 0
    assert engine.queue.sent == []


def test_a_run_that_kills_its_workers_fails(engine: Engine) -> None:
    run = left(engine, attempts=3)
    assert engine.reaping.reap() == 1
    failed = engine.runs.get(run.id)
    assert failed.error is not None
    assert (failed.status, failed.error.code) == (RunStatus.FAILED, "worker-lost")
    assert failed.error.message == "The worker died 3 times during this run. Look at its log, then run again."
    assert (engine.workflow.active_run_id, engine.workflow.failure_count) == (None, 1)
    assert engine.updates.events() == ["failed"]


def test_a_run_that_was_cancelled_ends_before_another_attempt(engine: Engine) -> None:
    run = left(engine, attempts=3, cancel_requested=True)
    engine.reaping.reap()
    assert engine.runs.get(run.id).status is RunStatus.CANCELLED
    assert engine.queue.sent == []


def test_what_waits_behind_nobody_begins(engine: Engine) -> None:
    engine.runs.keep(queued(id="waiting", active=None, waiting=True))
    assert engine.reaping.reap() == 0
    assert engine.queue.ids(TaskName.RUNS_EXECUTE) == ["waiting"]


def test_an_end_that_was_never_told_is_told(engine: Engine) -> None:
    over = {"status": RunStatus.COMPLETED, "lease": None, "active": None, "finished_at": LONG_AGO}
    run = left(engine, **over)
    assert engine.reaping.reap() == 1
    assert (engine.workflow.active_run_id, engine.workflow.success_count) == (None, 1)
    assert engine.updates.events() == ["complete"]
    assert engine.reaping.reap() == 0
    engine.workflows.run_started(WORKFLOW, run.id)
    engine.runs.delete([run.id])
    assert engine.reaping.reap() == 0, "a run that is gone has nothing to tell"


@pytest.mark.parametrize(
    ("status", "seconds_ago", "expected"),
    [
        (RunStatus.COMPLETED, 60, True),
        (RunStatus.PLANNED, 60, True),
        (RunStatus.COMPLETED, 1, False),
        (RunStatus.COMPLETED, None, False),
        (RunStatus.RUNNING, 60, False),
    ],
)
def test_who_was_forgotten(status: RunStatus, seconds_ago: int | None, *, expected: bool) -> None:
    at = now()
    finished_at = None if seconds_ago is None else at - timedelta(seconds=seconds_ago)
    run = make_run(status=status, finished_at=finished_at)
    assert is_forgotten(run, at - timedelta(seconds=10)) is expected


def test_a_queue_that_is_away_holds_up_only_what_must_be_sent(engine: Engine) -> None:
    lost, cancelled = (
        left(engine, id="lost", attempts=1),
        left(engine, id="cancelled", attempts=1, cancel_requested=True),
    )
    engine.queue.is_away = True
    with capture_logs() as lines:
        assert engine.reaping.reap() == 1
    assert engine.runs.get(cancelled.id).status is RunStatus.CANCELLED
    assert engine.runs.get(lost.id).status is RunStatus.RUNNING
    told = [(line["event"], line["run_id"], line["reason"]) for line in lines if line["event"] == "run_not_sent"]
    assert told == [("run_not_sent", "lost", "queue-unavailable")]
    engine.queue.is_away = False
    with capture_logs() as lines:
        assert engine.reaping.reap() == 1
    assert [line["event"] for line in lines] == ["run_revived"]
    assert engine.queue.ids(TaskName.RUNS_EXECUTE) == ["lost"]


def test_each_run_that_cannot_be_sent_is_told(engine: Engine) -> None:
    for number in range(3):
        left(engine, id=f"run{number}", attempts=1)
    engine.queue.is_away = True
    with capture_logs() as lines:
        assert engine.reaping.reap() == 0
    assert [line["run_id"] for line in lines if line["event"] == "run_not_sent"] == ["run0", "run1", "run2"]
