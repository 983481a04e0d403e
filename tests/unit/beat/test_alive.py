from __future__ import annotations

import pytest

from beat.alive import judge


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
    assert judge(tick, 1000.0, after) == (alive, why)
