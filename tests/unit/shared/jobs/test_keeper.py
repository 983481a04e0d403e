from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from shared.errors import StorageUnavailable
from shared.jobs.keeper import Cancelled, Keeper, Signals
from shared.jobs.lease import LeaseLost

LONG = 60
OFTEN = 0.001


class Renewals:
    """Answers renewals one by one, the last one for ever, and says when it was asked the last one."""

    def __init__(self, *answers: bool | Exception) -> None:
        self.answers = list(answers)
        self.last = threading.Event()

    def __call__(self) -> bool:
        """Answer one."""
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if len(self.answers) == 1:
            self.last.set()
        if isinstance(answer, Exception):
            raise answer
        return answer


def keeper(renew: Callable[[], bool], signals: Signals, lease_seconds: float = LONG) -> Keeper:
    return Keeper("job1", renew, signals, every_seconds=OFTEN, lease_seconds=lease_seconds)


@pytest.fixture
def signals() -> Signals:
    return Signals()


def test_a_lease_is_renewed_while_the_job_goes_on(signals: Signals) -> None:
    renewals = Renewals(False, False, False)
    with keeper(renewals, signals):
        assert renewals.last.wait(LONG)
        signals.raise_if_over()
    assert signals.stop.is_set()
    assert "lease-job1" not in {thread.name for thread in threading.enumerate()}


def test_a_wish_to_end_is_heard_and_the_lease_is_kept_meanwhile(signals: Signals) -> None:
    renewals = Renewals(False, True, False)
    with keeper(renewals, signals):
        assert signals.cancelled.wait(LONG)
        assert renewals.last.wait(LONG)
        with pytest.raises(Cancelled):
            signals.raise_if_over()


def test_a_lease_that_is_another_s_is_lost_at_once(signals: Signals) -> None:
    with keeper(Renewals(LeaseLost()), signals):
        assert signals.lost.wait(LONG)
        with pytest.raises(LeaseLost):
            signals.raise_if_over()


def test_a_database_that_is_back_in_time_costs_no_lease(signals: Signals) -> None:
    renewals = Renewals(StorageUnavailable("away"), StorageUnavailable("away"), False)
    with capture_logs() as lines, keeper(renewals, signals):
        assert renewals.last.wait(LONG)
    assert not signals.lost.is_set()
    assert [(line["event"], line["job_id"]) for line in lines] == [("lease_not_renewed", "job1")] * 2


def test_a_database_that_stays_away_longer_than_the_lease_costs_it(signals: Signals) -> None:
    with capture_logs(), keeper(Renewals(OSError("cut")), signals, lease_seconds=OFTEN):
        assert signals.lost.wait(LONG)
