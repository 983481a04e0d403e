from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from shared.clock import now
from shared.errors import StorageUnavailable
from shared.kubernetes.masking import MASK
from shared.runs.execute.progress import Progress
from shared.runs.models import LogEntry, Phase, Run, RunStatus, Trigger
from shared.runs.store import LeaseLost
from tests.support.wait import eventually


class FakeRuns:
    """Keeps what is written; fails as often as it is told."""

    def __init__(self) -> None:
        self.failures: list[Exception] = []
        self.values: dict[str, Any] = {}
        self.logs: list[str] = []
        self.writes = 0

    def write(self, _run_id: str, _token: int, values: Mapping[str, Any], logs: Sequence[LogEntry] = ()) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.writes += 1
        self.values |= values
        self.logs += [entry.text for entry in logs]

    def finish(self, _run_id: str, token: int, values: Mapping[str, Any], logs: Sequence[LogEntry] = ()) -> Run:
        self.write(_run_id, token, values, logs)
        return make_run().model_copy(update={"status": RunStatus(values["status"])})


class FakeUpdates:
    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.away = 0

    def publish_many(self, updates: Sequence[tuple[str, str, Mapping[str, object]]]) -> list[str]:
        if self.away:
            self.away -= 1
            return []
        self.sent += [(topic.partition(":")[0], event) for topic, event, _ in updates]
        return ["1-0" for _ in updates]

    def events(self) -> list[str]:
        return [event for topic, event in self.sent if topic == "run"]


def make_run() -> Run:
    return Run(
        id="run1",
        workflow_id="workflow1",
        owner_id="ada",
        cluster_id="cluster1",
        namespace="shop",
        version=1,
        triggered_by=Trigger(),
        created_at=now(),
    )


@contextmanager
def telling(progress: Progress) -> Iterator[list[Exception]]:
    stop, raised = threading.Event(), list[Exception]()

    def tell() -> None:
        try:
            progress.keep_telling(stop)
        except LeaseLost as error:
            raised.append(error)

    thread = threading.Thread(target=tell)
    thread.start()
    try:
        yield raised
    finally:
        stop.set()
        progress.wake()
        thread.join(5)
    assert not thread.is_alive()


@pytest.fixture
def runs() -> FakeRuns:
    return FakeRuns()


@pytest.fixture
def updates() -> FakeUpdates:
    return FakeUpdates()


@pytest.fixture
def progress(runs: FakeRuns, updates: FakeUpdates) -> Progress:
    return Progress(make_run(), 1, runs=runs, updates=updates)  # type: ignore[arg-type]


def test_the_last_thing_is_told_although_nothing_comes_after_it(
    progress: Progress, runs: FakeRuns, updates: FakeUpdates
) -> None:
    with telling(progress):
        progress.phase(Phase.WAITING)
        progress.node("web", "applying")
        eventually(lambda: updates.events() == ["phase", "node_state"], timeout=15)
        progress.node("web", "waiting", "Pod web-1 is starting.")
        eventually(lambda: len(updates.events()) == 3, timeout=15)
    assert updates.events() == ["phase", "node_state", "node_state"]
    assert runs.values["node_states.web"]["message"] == "Pod web-1 is starting."


def test_of_the_states_that_gather_the_last_is_told(progress: Progress, runs: FakeRuns, updates: FakeUpdates) -> None:
    progress.node("web", "applying")
    progress.log("Created web.")
    progress.node("web", "waiting", "Applied.")
    progress.node("db", "applying")
    progress.flush()
    assert updates.events() == ["log", "node_state", "node_state"]
    assert runs.values["node_states.web"]["state"] == "waiting"
    progress.node("web", "ready")
    progress.flush()
    assert updates.events()[3:] == ["node_state"]


def test_many_things_at_once_are_few_writes(progress: Progress, runs: FakeRuns, updates: FakeUpdates) -> None:
    with telling(progress):
        for number in range(500):
            progress.log(f"line {number}")
        eventually(lambda: len(updates.events()) == 500, timeout=15)
    assert runs.logs == [f"line {number}" for number in range(500)]
    assert runs.writes <= 5


def test_what_could_not_be_written_is_kept_in_order(progress: Progress, runs: FakeRuns, updates: FakeUpdates) -> None:
    runs.failures = [StorageUnavailable("away"), StorageUnavailable("away")]
    with telling(progress):
        progress.log("first")
        eventually(lambda: not runs.failures, timeout=15)
        progress.log("second")
        eventually(lambda: runs.logs == ["first", "second"], timeout=15)
    assert updates.events() == ["log", "log"]


def test_telling_ends_with_the_lease(progress: Progress, runs: FakeRuns, updates: FakeUpdates) -> None:
    runs.failures = [LeaseLost()]
    with telling(progress) as raised:
        progress.log("too late")
        eventually(lambda: raised, timeout=15)
    assert updates.events() == []


def test_the_end_takes_what_has_not_been_told_along(progress: Progress, runs: FakeRuns, updates: FakeUpdates) -> None:
    progress.node("web", "ready")
    progress.finish({"status": "completed"})
    progress.tell_the_end()
    assert runs.values["status"] == "completed"
    assert updates.sent == [("run", "node_state"), ("run", "complete"), ("workflow", "run_update")]


def test_the_same_state_is_told_once(progress: Progress, updates: FakeUpdates) -> None:
    progress.node("web", "waiting", "0 of 1 ready.")
    progress.node("web", "waiting", "0 of 1 ready.")
    progress.flush()
    assert updates.events() == ["node_state"]


def test_a_node_begins_when_something_is_done_with_it(progress: Progress) -> None:
    progress.node("web", "pending")
    pending = progress.states["web"]
    progress.node("web", "applying")
    applying = progress.states["web"]
    progress.node("web", "ready", "1 of 1 ready.")
    ready = progress.states["web"]
    assert (pending.started_at, pending.finished_at, applying.finished_at) == (None, None, None)
    assert applying.started_at is not None
    assert ready.started_at == applying.started_at
    assert ready.finished_at is not None


def test_what_redis_does_not_take_is_told_when_it_is_back(progress: Progress, updates: FakeUpdates) -> None:
    updates.away = 3
    with telling(progress):
        progress.log("first")
        eventually(lambda: updates.away < 3, timeout=15)
        progress.log("second")
        eventually(lambda: len(updates.events()) == 2, timeout=15)
    assert updates.events() == ["log", "log"]


def test_the_end_is_told_when_redis_is_back(progress: Progress, updates: FakeUpdates) -> None:
    updates.away = 2
    progress.node("web", "ready")
    progress.finish({"status": "completed"})
    progress.tell_the_end()
    assert updates.events() == ["node_state", "complete"]


def test_a_redis_that_stays_away_does_not_hold_the_worker_for_ever(progress: Progress, updates: FakeUpdates) -> None:
    updates.away = 1000
    progress.finish({"status": "completed"})
    progress.tell_the_end(patience_seconds=0.3)
    assert updates.events() == []


def test_what_is_concealed_stands_in_no_text(progress: Progress, runs: FakeRuns) -> None:
    progress.conceal({"tiger-1", "tiger-12"})
    progress.node("web", "failed", 'Invalid value: "tiger-12"')
    progress.log("refused: tiger-1, tiger-12")
    progress.flush()
    assert runs.values["node_states.web"]["message"] == f'Invalid value: "{MASK}"'
    assert runs.logs == [f"refused: {MASK}, {MASK}"]
    assert progress.clean("was tiger-1") == f"was {MASK}"
