from __future__ import annotations

from dataclasses import dataclass

import pytest

from shared.jobs.reaping import MOST_ATTEMPTS, Fate, fate_of, worker_lost


@dataclass
class Job:
    attempts: int
    cancel_requested: bool = False


@pytest.mark.parametrize(
    ("job", "fate"),
    [
        (Job(0), "adopt"),
        (Job(MOST_ATTEMPTS - 1), "adopt"),
        (Job(MOST_ATTEMPTS), "fail"),
        (Job(0, cancel_requested=True), "cancel"),
        (Job(MOST_ATTEMPTS, cancel_requested=True), "cancel"),
    ],
)
def test_what_becomes_of_a_job_that_was_left(job: Job, fate: Fate) -> None:
    assert fate_of(job) == fate


def test_the_sentence_says_what_to_do() -> None:
    assert worker_lost(Job(3), "build") == (
        "The worker died 3 times during this build. Look at its log, then build again."
    )
