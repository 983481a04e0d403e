from __future__ import annotations

from typing import Any

import pytest
from structlog.testing import capture_logs

from shared.queues import TaskName
from shared.runs.models import Run, RunKind, RunStatus, Trigger
from shared.runs.options import RunOptions
from shared.runs.subscribers import subscribers, wants_rollback
from shared.runs.values import TriggerData, ValuesGone
from shared.workflows.models import WorkflowStatus
from tests.fixtures.workflows.helpers import node, web
from tests.support.fakes.engine import ADA, WORKFLOW, Engine
from tests.support.fakes.runs import make_run, queued

VALUES = TriggerData(env_vars={"web": {"MODE": "fast"}})
BACK = RunOptions(rollback_on_failure=True)


@pytest.fixture
def engine() -> Engine:
    return Engine(web())


def ended(engine: Engine, status: RunStatus = RunStatus.COMPLETED, **more: Any) -> Run:
    """Tell everybody of a run that has ended."""
    over: dict[str, Any] = {"status": status, "active": None, "lease": None}
    run = engine.taken(**over, **more)
    for subscriber in subscribers(engine.stores, engine.starting):
        subscriber(run)
    return run


def started(engine: Engine) -> list[Run]:
    return [engine.runs.get(run_id) for run_id in engine.queue.ids(TaskName.RUNS_EXECUTE)]


def test_what_a_run_brought_is_forgotten_with_it_but_not_while_it_rests(engine: Engine) -> None:
    resting = ended(engine, RunStatus.PLANNED, values=VALUES)
    assert not engine.stores.values.read(resting.id).secrets
    over = ended(engine, values=VALUES)
    with pytest.raises(ValuesGone):
        engine.stores.values.read(over.id)


@pytest.mark.parametrize(
    ("kind", "status", "options", "more", "expected"),
    [
        (RunKind.DEPLOY, RunStatus.FAILED, BACK, {}, True),
        (RunKind.DEPLOY, RunStatus.FAILED, RunOptions(), {"rollback_requested": True}, False),
        (RunKind.DEPLOY, RunStatus.CANCELLED, BACK, {}, False),
        (RunKind.DEPLOY, RunStatus.CANCELLED, RunOptions(), {"rollback_requested": True}, True),
        (RunKind.DEPLOY, RunStatus.COMPLETED, BACK, {"rollback_requested": True}, False),
        (RunKind.ROLLBACK, RunStatus.FAILED, BACK, {}, False),
        (RunKind.TEARDOWN, RunStatus.CANCELLED, RunOptions(), {"rollback_requested": True}, False),
    ],
)
def test_who_goes_back_to_what_was_deployed_before(
    kind: RunKind, status: RunStatus, options: RunOptions, more: dict[str, Any], *, expected: bool
) -> None:
    assert wants_rollback(make_run(kind=kind, status=status, options=options, **more)) is expected


def test_a_failure_brings_the_deployed_version_back_in_the_name_of_who_ran_it(engine: Engine) -> None:
    engine.version()
    engine.workflow.deployed_version = 1
    engine.draw(web(image="nginx:2"))
    ended(engine, RunStatus.FAILED, options=BACK)
    [run] = started(engine)
    assert (run.kind, run.version) == (RunKind.ROLLBACK, 1)
    assert run.triggered_by == Trigger(kind="rollback", user_id="ada", name="Ada")


def test_without_a_deployed_version_there_is_no_way_back(engine: Engine) -> None:
    with capture_logs() as lines:
        ended(engine, RunStatus.FAILED, options=BACK)
        engine.workflows.delete(WORKFLOW)
        ended(engine, RunStatus.FAILED, options=BACK)
    assert [line["event"] for line in lines] == ["rollback_not_possible"] * 2
    assert started(engine) == []


def test_a_rollback_makes_way_for_what_was_started_meanwhile(engine: Engine) -> None:
    engine.workflow.deployed_version = 1
    active = queued(id="other")
    engine.runs.keep(active)
    ended(engine, RunStatus.FAILED, options=BACK)
    assert started(engine) == []


def test_a_rollback_goes_before_what_waits(engine: Engine) -> None:
    engine.version()
    engine.workflow.deployed_version = 1
    engine.runs.keep(queued(id="waiting", active=None, waiting=True))
    ended(engine, RunStatus.FAILED, options=BACK)
    assert [run.kind for run in started(engine)] == [RunKind.ROLLBACK]
    assert engine.runs.get("waiting").waiting


@pytest.mark.parametrize("status", [RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.PLANNED])
def test_what_waits_begins_after_every_end(engine: Engine, status: RunStatus) -> None:
    engine.runs.keep(queued(id="waiting", active=None, waiting=True))
    ended(engine, status)
    assert [run.id for run in started(engine)] == ["waiting"]


def test_a_workflow_is_archived_after_its_teardown(engine: Engine) -> None:
    ended(engine, kind=RunKind.TEARDOWN, after="archive")
    assert engine.workflow.status is WorkflowStatus.ARCHIVED


def test_a_workflow_is_deleted_after_its_teardown_with_its_values_and_what_it_kept(engine: Engine) -> None:
    engine.deploy(node("data", "persistentvolumeclaim", storage="1Gi"))
    engine.secrets.put(WORKFLOW, "key", {"PIN": "1"}, by=ADA)
    ended(engine, kind=RunKind.TEARDOWN, after="delete")
    assert engine.workflow.deleted_at is not None
    assert (engine.owned.rows, engine.secrets.current_versions(WORKFLOW, ["key"])) == ({}, {})


@pytest.mark.parametrize(
    ("kind", "status", "after"),
    [
        (RunKind.TEARDOWN, RunStatus.FAILED, "delete"),
        (RunKind.TEARDOWN, RunStatus.COMPLETED, ""),
        (RunKind.DEPLOY, RunStatus.COMPLETED, "delete"),
    ],
)
def test_a_workflow_stays_when_its_teardown_did_not_succeed_or_was_for_nothing_else(
    engine: Engine, kind: RunKind, status: RunStatus, after: str
) -> None:
    ended(engine, status, kind=kind, after=after)
    assert (engine.workflow.deleted_at, engine.workflow.status) == (None, WorkflowStatus.DRAFT)


def test_a_workflow_that_runs_again_or_is_gone_is_left_alone(engine: Engine) -> None:
    engine.workflows.run_started(WORKFLOW, "other")
    ended(engine, kind=RunKind.TEARDOWN, after="delete")
    assert engine.workflow.deleted_at is None
    engine.workflows.run_rests(WORKFLOW, "other")
    engine.workflows.delete(WORKFLOW)
    ended(engine, kind=RunKind.TEARDOWN, after="archive")
    assert engine.workflow.status is WorkflowStatus.DRAFT
