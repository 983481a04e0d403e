from __future__ import annotations

from collections.abc import Iterator

import fakeredis
import pytest

from shared.errors import LimitReached
from shared.users.lockout import FREE_ATTEMPTS, LONGEST_DELAY_SECONDS, Lockout


@pytest.fixture
def lockout() -> Iterator[Lockout]:
    with fakeredis.FakeRedis() as client:
        yield Lockout(client)


def fail(lockout: Lockout, times: int, email: str = "ada@example.com", address: str = "10.0.0.1") -> None:
    for _ in range(times):
        lockout.failed(email, address)


def wait(lockout: Lockout, email: str = "ada@example.com", address: str = "10.0.0.1") -> float:
    try:
        lockout.check(email, address)
    except LimitReached as error:
        return error.retry_after_seconds or 0.0
    return 0.0


def test_the_first_failures_cost_nothing(lockout: Lockout) -> None:
    fail(lockout, FREE_ATTEMPTS)
    assert wait(lockout) == 0


@pytest.mark.parametrize(("more", "seconds"), [(1, 2), (2, 4), (3, 8), (20, LONGEST_DELAY_SECONDS)])
def test_each_further_one_doubles_the_delay_up_to_a_limit(lockout: Lockout, more: int, seconds: int) -> None:
    fail(lockout, FREE_ATTEMPTS + more)
    assert seconds - 1 < wait(lockout) <= seconds


def test_the_delay_is_for_this_account_from_this_address(lockout: Lockout) -> None:
    fail(lockout, FREE_ATTEMPTS + 5)
    assert wait(lockout, address="10.0.0.2") == 0
    assert wait(lockout, email="bob@example.com") == 0
    assert wait(lockout, email=" ADA@Example.com ") > 0


def test_success_forgets_the_failures(lockout: Lockout) -> None:
    fail(lockout, FREE_ATTEMPTS + 5)
    lockout.succeeded("ada@example.com", "10.0.0.1")
    assert wait(lockout) == 0
    fail(lockout, 1)
    assert wait(lockout) == 0
