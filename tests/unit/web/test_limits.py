from __future__ import annotations

from collections.abc import Iterator

import fakeredis
import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from web.limits import WINDOW_SECONDS, hit, seconds_until_free

START = 1_800_000_000 // WINDOW_SECONDS * WINDOW_SECONDS


@pytest.fixture
def client() -> Iterator[fakeredis.FakeRedis]:
    with fakeredis.FakeRedis() as fake:
        yield fake


def test_requests_beyond_the_limit_are_refused(client: fakeredis.FakeRedis) -> None:
    with time_machine.travel(START + 5, tick=False):
        answers = [hit(client, "a", 3) for _ in range(5)]
    assert answers[:3] == [None, None, None]
    assert all(answer is not None for answer in answers[3:])


def test_keys_do_not_share_a_limit(client: fakeredis.FakeRedis) -> None:
    with time_machine.travel(START, tick=False):
        assert hit(client, "a", 1) is None
        assert hit(client, "b", 1) is None


@pytest.mark.parametrize("limit", [1, 2, 10, 600])
@pytest.mark.parametrize("second", [0, 17, 59])
def test_who_waits_as_long_as_told_is_let_in(client: fakeredis.FakeRedis, limit: int, second: int) -> None:
    with time_machine.travel(START + second, tick=False) as clock:
        for _ in range(limit):
            assert hit(client, "a", limit) is None
        wait = hit(client, "a", limit)
        assert wait is not None
        assert 0 < wait <= 2 * WINDOW_SECONDS
        clock.shift(wait + 0.001)
        assert hit(client, "a", limit) is None


def test_what_is_refused_does_not_count_but_streams_do(client: fakeredis.FakeRedis) -> None:
    with time_machine.travel(START, tick=False):
        for _ in range(5):
            hit(client, "a", 2)
        assert client.get(f"rate:{{a}}:{START // WINDOW_SECONDS}") == b"2"
        hit(client, "a", 2, always_counts=True)
        assert client.get(f"rate:{{a}}:{START // WINDOW_SECONDS}") == b"3"


def test_the_window_slides(client: fakeredis.FakeRedis) -> None:
    with time_machine.travel(START + 30, tick=False) as clock:
        for _ in range(10):
            assert hit(client, "a", 10) is None
        clock.move_to(START + WINDOW_SECONDS + 30)
        # half of the window before still counts
        assert [hit(client, "a", 10) is None for _ in range(6)] == [True] * 5 + [False]


@given(current=st.integers(0, 50), before=st.integers(0, 50), share=st.floats(0, 0.999), limit=st.integers(1, 50))
def test_the_time_to_wait_is_enough_and_never_negative(current: int, before: int, share: float, limit: int) -> None:
    wait = seconds_until_free(current, before, share, limit)
    assert wait >= 0
    place = share + wait / WINDOW_SECONDS
    used = current + before * (1 - place) if place <= 1 else current * max(0.0, 2 - place)
    assert used + 1 <= limit + 1e-6
