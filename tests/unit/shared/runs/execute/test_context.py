from __future__ import annotations

import threading

import pytest

from shared.errors import ClusterRefused, ClusterUnreachable
from shared.jobs.keeper import Cancelled
from shared.jobs.lease import LeaseLost
from shared.runs.execute.context import CLUSTER_PATIENCE_SECONDS, LONGEST_PAUSE_SECONDS, Clock, RunContext, RunFailed
from shared.runs.options import RunOptions
from tests.support.fakes.engine import CLUSTER, Engine, Working


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def working(engine: Engine) -> Working:
    return engine.working(engine.taken())


def failing(times: int) -> tuple[list[ClusterUnreachable], str]:
    return [ClusterUnreachable("No answer.") for _ in range(times)], "answer"


def ask(failures: list[ClusterUnreachable], answer: str) -> str:
    if failures:
        raise failures.pop()
    return answer


def test_a_cluster_that_comes_back_is_asked_again_and_the_log_says_so_once(engine: Engine, working: Working) -> None:
    failures, answer = failing(5)
    assert working.context.retrying(ask, failures, answer) == "answer"
    working.journal.flush()
    assert working.log == ["Waiting for the cluster: No answer."]
    assert len(engine.clock.waits) == 5
    assert max(engine.clock.waits) <= LONGEST_PAUSE_SECONDS


def test_patience_with_a_silent_cluster_ends(engine: Engine, working: Working) -> None:
    failures, answer = failing(1000)
    with pytest.raises(ClusterUnreachable):
        working.context.retrying(ask, failures, answer)
    assert CLUSTER_PATIENCE_SECONDS < engine.clock.monotonic() < CLUSTER_PATIENCE_SECONDS + LONGEST_PAUSE_SECONDS * 2


def test_a_refusal_is_not_tried_again(engine: Engine, working: Working) -> None:
    def refuse() -> None:
        raise ClusterRefused("No.")

    with pytest.raises(ClusterRefused):
        working.context.retrying(refuse)
    assert engine.clock.waits == []


def test_who_was_cancelled_waits_for_no_cluster(engine: Engine, working: Working) -> None:
    engine.clock.at(0.1, working.context.signals.cancelled.set)
    failures, answer = failing(1000)
    with pytest.raises(Cancelled):
        working.context.retrying(ask, failures, answer)
    assert len(engine.clock.waits) == 1


def test_a_lost_lease_ends_the_work_before_a_wish_to_cancel(working: Working) -> None:
    working.context.signals.cancelled.set()
    working.context.signals.lost.set()
    with pytest.raises(LeaseLost):
        working.context.raise_if_over()


def test_a_run_that_takes_too_long_fails(engine: Engine) -> None:
    working = engine.working(engine.taken(options=RunOptions(total_seconds=10)))
    working.context.raise_if_over()
    working.context.pause(10.5)
    with pytest.raises(RunFailed, match=r"^The run took longer than 10 s\.$") as caught:
        working.context.raise_if_over()
    assert caught.value.code == "run-timeout"


@pytest.mark.parametrize(
    ("options", "node_seconds", "total_seconds"),
    [
        (RunOptions(), 60, 600),
        (RunOptions(node_seconds=5, total_seconds=10), 5, 10),
        (RunOptions(node_seconds=300, total_seconds=3600), 300, 600),
    ],
)
def test_people_choose_times_and_the_settings_limit_the_whole(
    engine: Engine, options: RunOptions, node_seconds: int, total_seconds: int
) -> None:
    context = engine.working(engine.taken(options=options)).context
    assert (context.node_seconds, context.total_seconds, context.at_once) == (node_seconds, total_seconds, 4)


def test_a_cluster_has_its_client(engine: Engine, working: Working) -> None:
    assert working.context.client_of(CLUSTER) is engine.cluster


def test_the_end_of_a_run_cuts_its_waiting_short(engine: Engine, working: Working) -> None:
    context = RunContext(working.run, working.progress, engine.stores, engine.settings, clock=Clock())
    context.signals.stop.set()
    waiting = threading.Thread(target=context.pause, args=(3600,))
    waiting.start()
    waiting.join(30)
    assert not waiting.is_alive()
