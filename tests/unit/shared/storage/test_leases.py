from __future__ import annotations

from collections.abc import Iterator

import fakeredis
import pytest

from shared.storage.leases import Lease, Leases
from tests.support.wait import eventually


@pytest.fixture
def leases() -> Iterator[Leases]:
    with fakeredis.FakeRedis() as client:
        yield Leases(client)


def test_one_owner_at_a_time(leases: Leases) -> None:
    lease = leases.acquire("watch:1", "a", 10)
    assert lease
    assert leases.acquire("watch:1", "b", 10) is None
    assert leases.holder("watch:1") == "a"
    assert leases.acquire("watch:2", "b", 10)


def test_a_released_lease_is_free_and_the_next_token_is_larger(leases: Leases) -> None:
    first = leases.acquire("watch:1", "a", 10)
    assert first
    first.release()
    second = leases.acquire("watch:1", "b", 10)
    assert second
    assert second.token > first.token


def test_who_lost_a_lease_can_neither_renew_nor_release_it(leases: Leases) -> None:
    lost = leases.acquire("watch:1", "a", 0.03)
    assert lost
    taken: Lease | None = eventually(lambda: leases.acquire("watch:1", "b", 10))
    assert not lost.renew()
    lost.release()
    assert leases.holder("watch:1") == "b"
    assert taken
    assert taken.renew()


def test_the_same_owner_again_is_another_owner(leases: Leases) -> None:
    first = leases.acquire("watch:1", "a", 0.03)
    assert first
    second: Lease | None = eventually(lambda: leases.acquire("watch:1", "a", 10))
    assert not first.renew()
    assert second
    assert second.renew()


def test_renewing_keeps_it_past_its_first_length(leases: Leases) -> None:
    lease = leases.acquire("watch:1", "a", 30)
    assert lease
    assert lease.renew()
    assert leases.holder("watch:1") == "a"
