from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from shared.errors import StorageUnavailable
from shared.jobs.keeper import Cancelled, Keeper, Signals
from shared.jobs.lease import LeaseLost

SOON = 0.001
PATIENCE = 30.0


class Renewals:
    """Answers renewals in order, then goes on with the last answer; tells when it was asked so often."""

    def __init__(self, *answers: bool | Exception) -> None:
        self.answers = list(answers)
        self.asked = 0
        self.all_asked = threading.Event()

    def __call__(self) -> bool:
        answer = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        if self.asked > len(self.answers):
            self.all_asked.set()
        if isinstance(answer, Exception):
            raise answer
        return answer


def keep(renew: Callable[[], bool], signals: Signals, *, lease_seconds: float = 3600) -> Keeper:
    return Keeper("run1", renew, signals, every_seconds=SOON, lease_seconds=lease_seconds)


def test_a_job_goes_on_while_its_lease_is_renewed() -> None:
    renewals, signals = Renewals(False, False), Signals()
    with keep(renewals, signals):
        assert renewals.all_asked.wait(PATIENCE)
        signals.raise_if_over()
    assert signals.stop.is_set()


def test_a_wish_to_end_the_job_is_heard_and_the_lease_is_still_kept() -> None:
    renewals, signals = Renewals(False, True), Signals()
    with keep(renewals, signals):
        assert signals.cancelled.wait(PATIENCE)
        assert renewals.all_asked.wait(PATIENCE), "the job still has its end to write"
        with pytest.raises(Cancelled):
            signals.raise_if_over()


def test_a_lease_that_is_anothers_is_not_renewed_again() -> None:
    renewals, signals = Renewals(LeaseLost()), Signals()
    with keep(renewals, signals):
        assert signals.lost.wait(PATIENCE)
    assert renewals.asked == 1


def test_a_database_that_is_back_before_the_lease_runs_out_costs_nothing() -> None:
    renewals, signals = Renewals(StorageUnavailable("away"), StorageUnavailable("away"), False), Signals()
    with keep(renewals, signals):
        assert renewals.all_asked.wait(PATIENCE)
    assert not signals.lost.is_set()


def test_a_database_that_is_away_longer_than_the_lease_ends_the_work() -> None:
    signals = Signals()
    with keep(Renewals(StorageUnavailable("away")), signals, lease_seconds=0):
        assert signals.lost.wait(PATIENCE)


def test_a_lost_lease_comes_before_a_wish_to_end() -> None:
    signals = Signals()
    signals.cancelled.set()
    signals.lost.set()
    with pytest.raises(LeaseLost):
        signals.raise_if_over()
