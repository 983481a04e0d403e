from __future__ import annotations

from datetime import timedelta

import pytest

from shared.clock import now
from shared.jobs.journal import Journal, Outbox
from shared.jobs.lease import Lease, LeaseLost
from shared.runs.ending import Ending, Outcome, end_updates
from shared.runs.execute.progress import Progress
from shared.runs.models import Run, RunFailure, RunKind, RunStatus
from tests.support.fakes.runs import FakeRuns, FakeWorkflows, make_run
from tests.support.fakes.updates import FakeUpdates


class House:
    """One run, and everybody who learns of its end."""

    def __init__(self, run: Run | None = None) -> None:
        self.runs = FakeRuns(run)
        self.workflows = FakeWorkflows()
        self.updates = FakeUpdates()
        self.called: list[str] = []
        first, second = lambda run: self.called.append(f"first {run.id}"), lambda _: self.called.append("second")
        self.ending = Ending(self.runs, self.workflows, self.updates, [first, second])
        self.outbox = Outbox(self.updates)
        self.journal = Journal("run1", lambda values, logs: self.runs.write("run1", 1, values, logs), self.outbox)
        self.progress = Progress(self.runs.run, self.journal)

    def end(self, outcome: Outcome, *, token: int = 1) -> Run:
        """End it as its worker does."""
        return self.ending.of_worker(self.runs.run, token, outcome, self.journal, self.outbox)


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
    assert (house.updates.published, house.workflows.finished, house.called) == ([], [], [])


def test_what_comes_after_a_run_is_called_in_the_order_of_the_table(house: House) -> None:
    house.end(Outcome(RunStatus.FAILED, RunFailure(message="no", code="node-failed", node_id="web")))
    assert house.called == ["first run1", "second"]
    last, succeeded, removed = house.workflows.finished[0]
    assert (last.status, succeeded, removed) == ("failed", False, False)


@pytest.mark.parametrize(
    ("kind", "status", "counted"),
    [
        (RunKind.DEPLOY, RunStatus.COMPLETED, (True, False)),
        (RunKind.TEARDOWN, RunStatus.COMPLETED, (True, True)),
        (RunKind.DEPLOY, RunStatus.CANCELLED, (None, False)),
    ],
)
def test_the_workflow_learns_how_it_ended(kind: RunKind, status: RunStatus, counted: tuple[bool | None, bool]) -> None:
    house = House(make_run(kind=kind))
    house.end(Outcome(status))
    assert [told[1:] for told in house.workflows.finished] == [counted]


def test_a_plan_that_rests_is_no_end_for_the_workflow(house: House) -> None:
    house.end(Outcome(RunStatus.PLANNED))
    assert (house.workflows.rested, house.workflows.finished) == (["workflow1/run1"], [])
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
        [(topic, event, sorted(dict(data)["run"])) for topic, event, data in house.updates.published]  # type: ignore[call-overload]
        for house in (by_worker, by_reaper)
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
    assert resting.ending.discarded(resting.runs.run) is not None
    assert resting.updates.events() == ["cancelled"]
    assert running.ending.discarded(running.runs.run) is None


def test_an_end_that_was_never_told_is_told_again(house: House) -> None:
    house.ending.again(make_run(status=RunStatus.COMPLETED, lease=None, finished_at=now()))
    assert house.updates.events() == ["complete"]
    assert house.called == ["first run1", "second"]


def test_those_who_look_at_the_workflow_get_no_node_states() -> None:
    (_, _, whole), (_, _, small) = end_updates(make_run(status=RunStatus.FAILED))
    assert set(whole["run"]) - set(small["run"]) == {"node_states"}  # type: ignore[call-overload]
