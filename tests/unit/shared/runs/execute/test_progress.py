from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from shared.errors import StorageUnavailable
from shared.jobs.journal import Journal, Outbox
from shared.jobs.lease import LeaseLost
from shared.kubernetes.masking import MASK
from shared.runs.execute.progress import Progress
from shared.runs.models import Phase, Run
from tests.support.fakes.runs import FakeRunStore, make_run
from tests.support.fakes.updates import FakeUpdates
from tests.support.wait import eventually


@contextmanager
def telling(journal: Journal) -> Iterator[list[Exception]]:
    stop, raised = threading.Event(), list[Exception]()

    def tell() -> None:
        try:
            journal.keep_telling(stop)
        except LeaseLost as error:
            raised.append(error)

    thread = threading.Thread(target=tell)
    thread.start()
    try:
        yield raised
    finally:
        stop.set()
        journal.wake()
        thread.join(5)
    assert not thread.is_alive()


@pytest.fixture
def run() -> Run:
    return make_run()


@pytest.fixture
def runs(run: Run) -> FakeRunStore:
    return FakeRunStore(run)


@pytest.fixture
def updates() -> FakeUpdates:
    return FakeUpdates()


@pytest.fixture
def journal(runs: FakeRunStore, updates: FakeUpdates) -> Journal:
    return Journal("run1", lambda values, logs: runs.write("run1", 1, values, logs), Outbox(updates))


@pytest.fixture
def progress(run: Run, journal: Journal) -> Progress:
    return Progress(run, journal)


def test_the_last_thing_is_told_although_nothing_comes_after_it(
    journal: Journal, progress: Progress, runs: FakeRunStore, updates: FakeUpdates
) -> None:
    with telling(journal):
        progress.phase(Phase.WAITING)
        progress.node("web", "applying")
        eventually(lambda: updates.events() == ["phase", "node_state"], timeout=15)
        progress.node("web", "waiting", "Pod web-1 is starting.")
        eventually(lambda: len(updates.events()) == 3, timeout=15)
    assert updates.events() == ["phase", "node_state", "node_state"]
    assert runs.values["node_states.web"]["message"] == "Pod web-1 is starting."


def test_of_the_states_that_gather_the_last_is_told(
    journal: Journal, progress: Progress, runs: FakeRunStore, updates: FakeUpdates
) -> None:
    progress.node("web", "applying")
    progress.log("Created web.")
    progress.node("web", "waiting", "Applied.")
    progress.node("db", "applying")
    journal.flush()
    assert updates.events() == ["log", "node_state", "node_state"]
    assert runs.values["node_states.web"]["state"] == "waiting"
    progress.node("web", "ready")
    journal.flush()
    assert updates.events()[3:] == ["node_state"]


def test_many_things_at_once_are_few_writes(
    journal: Journal, progress: Progress, runs: FakeRunStore, updates: FakeUpdates
) -> None:
    with telling(journal):
        for number in range(500):
            progress.log(f"line {number}")
        eventually(lambda: len(updates.events()) == 500, timeout=15)
    assert runs.logs == [f"line {number}" for number in range(500)]
    assert runs.writes <= 5


def test_what_could_not_be_written_is_kept_in_order(
    journal: Journal, progress: Progress, runs: FakeRunStore, updates: FakeUpdates
) -> None:
    runs.failures = [StorageUnavailable("away"), StorageUnavailable("away")]
    with telling(journal):
        progress.log("first")
        eventually(lambda: not runs.failures, timeout=15)
        progress.log("second")
        eventually(lambda: runs.logs == ["first", "second"], timeout=15)
    assert updates.events() == ["log", "log"]


def test_telling_ends_with_the_lease(
    journal: Journal, progress: Progress, runs: FakeRunStore, updates: FakeUpdates
) -> None:
    runs.failures = [LeaseLost()]
    with telling(journal) as raised:
        progress.log("too late")
        eventually(lambda: raised, timeout=15)
    assert updates.events() == []


def test_the_same_state_is_told_once(journal: Journal, progress: Progress, updates: FakeUpdates) -> None:
    progress.node("web", "waiting", "0 of 1 ready.")
    progress.node("web", "waiting", "0 of 1 ready.")
    journal.flush()
    assert updates.events() == ["node_state"]


def test_a_node_begins_when_something_is_done_with_it(journal: Journal, progress: Progress) -> None:
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


def test_what_redis_does_not_take_is_told_when_it_is_back(
    journal: Journal, progress: Progress, updates: FakeUpdates
) -> None:
    updates.away = 3
    with telling(journal):
        progress.log("first")
        eventually(lambda: updates.away < 3, timeout=15)
        progress.log("second")
        eventually(lambda: len(updates.events()) == 2, timeout=15)
    assert updates.events() == ["log", "log"]


def test_what_is_concealed_stands_in_no_text(journal: Journal, progress: Progress, runs: FakeRunStore) -> None:
    progress.conceal({"tiger-1", "tiger-12"})
    progress.node("web", "failed", 'Invalid value: "tiger-12"')
    progress.log("refused: tiger-1, tiger-12")
    journal.flush()
    assert runs.values["node_states.web"]["message"] == f'Invalid value: "{MASK}"'
    assert runs.logs == [f"refused: {MASK}, {MASK}"]
    assert progress.clean("was tiger-1") == f"was {MASK}"


def test_what_was_not_done_is_skipped_with_the_reason_and_what_was_waited_for(
    journal: Journal, progress: Progress, runs: FakeRunStore
) -> None:
    progress.node("a", "pending")
    progress.node("b", "applying")
    progress.node("c", "ready")
    progress.node("d", "waiting", "0 of 1 ready.")
    progress.skip_the_rest("The run ended before it.")
    journal.flush()
    said = {name.partition(".")[2]: (value["state"], value["message"]) for name, value in runs.values.items()}
    assert said == {
        "a": ("skipped", "The run ended before it."),
        "b": ("skipped", "The run ended before it."),
        "c": ("ready", ""),
        "d": ("skipped", "The run ended before it. 0 of 1 ready."),
    }
