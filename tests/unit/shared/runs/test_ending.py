from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.clock import now
from shared.jobs.journal import Journal, Outbox
from shared.jobs.lease import Lease, LeaseLost
from shared.runs.ending import Ending, Outcome, end_updates
from shared.runs.execute.progress import Progress
from shared.runs.models import Run, RunFailure, RunKind, RunStatus
from shared.workflows.models import Workflow
from tests.fixtures.workflows.helpers import graph
from tests.support.fakes.engine import ADA
from tests.support.fakes.runs import FakeRunStore, make_run
from tests.support.fakes.updates import FakeUpdates
from tests.support.fakes.workflows import FakeWorkflowStore


class House:
    """One run, and everybody who learns of its end."""

    def __init__(self, run: Run | None = None) -> None:
        self.run = run or make_run()
        self.runs = FakeRunStore(self.run)
        made = Workflow.new("Shop", graph(), owner=ADA)
        self.workflows = FakeWorkflowStore(made.model_copy(update={"id": "workflow1"}))
        self.workflows.run_started("workflow1", "run1")
        self.updates = FakeUpdates()
        self.called: list[str] = []
        first, second = lambda run: self.called.append(f"first {run.id}"), lambda _: self.called.append("second")
        self.ending = Ending(self.runs, self.workflows, self.updates, [first, second])
        self.outbox = Outbox(self.updates)
        self.journal = Journal("run1", lambda values, logs: self.runs.write("run1", 1, values, logs), self.outbox)
        self.progress = Progress(self.run, self.journal)

    def end(self, outcome: Outcome, *, token: int = 1) -> Run:
        """End it as its worker does."""
        return self.ending.of_worker(self.run, token, outcome, self.journal, self.outbox)

    @property
    def workflow(self) -> Workflow:
        """The workflow as it is now."""
        return self.workflows.get("workflow1")

    def told(self) -> list[tuple[str, str, Any]]:
        """Return what was published."""
        return list(self.updates.published)


@pytest.fixture
def house() -> House:
    return House()


def test_the_end_takes_what_has_not_been_told_along(house: House) -> None:
    house.progress.node("web", "ready")
    ended = house.end(Outcome(RunStatus.COMPLETED))
    assert (ended.status, ended.lease, house.runs.values["status"]) == (RunStatus.COMPLETED, None, "completed")
    assert house.runs.values["node_states.web"]["state"] == "ready"
    told = [(topic.partition(":")[0], event) for topic, event, _ in house.updates.published]
    assert told == [("run", "node_state"), ("run", "complete"), ("workflow", "run_update")]


def test_the_end_is_told_when_redis_is_back(house: House) -> None:
    house.updates.away = 2
    house.progress.node("web", "ready")
    house.end(Outcome(RunStatus.COMPLETED))
    assert house.updates.events() == ["node_state", "complete"]


def test_an_end_under_a_lost_lease_changes_and_tells_nothing(house: House) -> None:
    with pytest.raises(LeaseLost):
        house.end(Outcome(RunStatus.COMPLETED), token=7)
    assert (house.updates.published, house.workflow.active_run_id, house.called) == ([], "run1", [])


def test_what_comes_after_a_run_is_called_in_the_order_of_the_table(house: House) -> None:
    house.end(Outcome(RunStatus.FAILED, RunFailure(message="no", code="node-failed", node_id="web")))
    assert house.called == ["first run1", "second"]
    assert house.workflow.last_run is not None
    assert (house.workflow.last_run.status, house.workflow.failure_count) == ("failed", 1)


@pytest.mark.parametrize(
    ("kind", "status", "counts", "deployed"),
    [
        (RunKind.DEPLOY, RunStatus.COMPLETED, (1, 0), 1),
        (RunKind.TEARDOWN, RunStatus.COMPLETED, (1, 0), None),
        (RunKind.DEPLOY, RunStatus.FAILED, (0, 1), 7),
        (RunKind.DEPLOY, RunStatus.CANCELLED, (0, 0), 7),
    ],
)
def test_the_workflow_learns_how_it_ended(
    kind: RunKind, status: RunStatus, counts: tuple[int, int], deployed: int | None
) -> None:
    house = House(make_run(kind=kind))
    house.workflows.rows["workflow1"].deployed_version = 7
    house.end(Outcome(status))
    assert (house.workflow.success_count, house.workflow.failure_count) == counts
    assert (house.workflow.deployed_version, house.workflow.active_run_id) == (deployed, None)


def test_a_plan_that_rests_is_no_end_for_the_workflow(house: House) -> None:
    house.end(Outcome(RunStatus.PLANNED))
    assert (house.workflow.active_run_id, house.workflow.last_run, house.workflow.run_count) == (None, None, 0)
    assert house.updates.events() == ["complete"]
    assert house.called == ["first run1", "second"]


def test_a_run_that_nobody_works_on_ends_with_the_same_payload() -> None:
    at = now() - timedelta(minutes=1)
    run = make_run(lease=Lease(owner="dead", token=1, expires_at=at), started_at=at)
    by_worker, by_reaper = House(make_run(started_at=at)), House(run)
    by_worker.end(Outcome(RunStatus.CANCELLED))
    ended = by_reaper.ending.unowned(run, Outcome(RunStatus.CANCELLED))
    assert ended is not None
    assert (ended.duration_seconds or 0) >= 60
    shapes = [
        [(topic, event, sorted(data["run"])) for topic, event, data in house.told()] for house in (by_worker, by_reaper)
    ]
    assert shapes[0] == shapes[1]
    assert by_reaper.called == by_worker.called


def test_a_run_that_somebody_works_on_is_left_to_them() -> None:
    run = make_run(lease=Lease(owner="alive", token=1, expires_at=now() + timedelta(minutes=1)))
    house = House(run)
    assert house.ending.unowned(run, Outcome(RunStatus.CANCELLED)) is None
    assert (house.updates.published, house.called) == ([], [])


def test_only_what_rests_is_discarded() -> None:
    resting, running = House(make_run(status=RunStatus.PLANNED, lease=None)), House()
    assert resting.ending.discarded(resting.run) is not None
    assert resting.updates.events() == ["cancelled"]
    assert running.ending.discarded(running.run) is None


def test_an_end_that_was_never_told_is_told_again(house: House) -> None:
    house.ending.again(make_run(status=RunStatus.COMPLETED, lease=None, finished_at=now()))
    assert house.updates.events() == ["complete"]
    assert house.called == ["first run1", "second"]


def test_those_who_look_at_the_workflow_get_no_node_states() -> None:
    updates: list[tuple[str, str, dict[str, Any]]] = end_updates(make_run(status=RunStatus.FAILED))
    (_, _, whole), (_, _, small) = updates
    assert set(whole["run"]) - set(small["run"]) == {"node_states"}
