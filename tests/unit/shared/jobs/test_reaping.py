from __future__ import annotations

import pytest

from shared.jobs.reaping import MOST_ATTEMPTS, fate_of, worker_lost
from tests.support.fakes.runs import make_run


@pytest.mark.parametrize(
    ("attempts", "is_cancelled", "fate"),
    [
        (0, False, "adopt"),
        (MOST_ATTEMPTS - 1, False, "adopt"),
        (MOST_ATTEMPTS, False, "fail"),
        (MOST_ATTEMPTS + 1, False, "fail"),
        (0, True, "cancel"),
        (MOST_ATTEMPTS, True, "cancel"),
    ],
)
def test_a_wish_to_end_comes_first_then_the_limit_of_attempts(attempts: int, fate: str, *, is_cancelled: bool) -> None:
    assert fate_of(make_run(attempts=attempts, cancel_requested=is_cancelled)) == fate


def test_who_lost_its_workers_says_how_often_and_what_to_do() -> None:
    words = worker_lost(make_run(attempts=3), "run")
    assert words == "The worker died 3 times during this run. Look at its log, then run again."
