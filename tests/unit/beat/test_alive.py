from __future__ import annotations

import time

import fakeredis
import pytest

from beat.alive import TICK, ask, is_ticking


@pytest.mark.parametrize(
    ("tick", "after", "alive", "why"),
    [
        (None, 0.0, False, "has not ticked yet"),
        (900.0, 0.0, False, "ticked 100 s ago"),
        (950.0, 0.0, True, "ticked 50 s ago"),
        (950.0, 960.0, False, "has not ticked yet"),
    ],
)
def test_beat_is_alive_when_it_ticked_since_then_and_lately(
    tick: float | None, after: float, *, alive: bool, why: str
) -> None:
    assert is_ticking(tick, 1000.0, after) == (alive, why)


def test_the_tick_is_read_as_the_scheduler_notes_it() -> None:
    client = fakeredis.FakeRedis()
    assert ask(client, 0.0) == (False, "has not ticked yet")
    client.set(TICK, str(time.time()))
    assert ask(client, 0.0) == (True, "ticked 0 s ago")
