"""How a stream waits for what comes next."""

from __future__ import annotations

import math
import time
from typing import Any, cast

import gevent
import pytest

from shared.updates import Update
from web.live.hub import BEHIND, QUEUE_SIZE, Hub, Listener


class Nobody:
    """A hub that only counts who is in it."""

    def __init__(self) -> None:
        self.joined: set[str] = set()

    def join(self, _listener: Listener, topic: str) -> None:
        self.joined.add(topic)

    def leave(self, _listener: Listener, topic: str) -> None:
        self.joined.discard(topic)


@pytest.fixture
def listener() -> Listener:
    return Listener(cast("Hub", Nobody()), ["workflow:a"])


def updates(*numbers: int) -> list[Update]:
    return [Update(f"{number}-0", "workflow:a", "saved", "", {}) for number in numbers]


def waits(listener: Listener, seconds: float) -> Any:
    """Begin to wait beside the test."""
    waiting = gevent.spawn(listener.next, seconds)
    gevent.sleep(0)
    return waiting


def test_what_comes_ends_a_wait(listener: Listener) -> None:
    waiting = waits(listener, 10)
    listener.offer(updates(1, 2))
    assert waiting.get(timeout=5) == updates(1, 2)


def test_a_wait_ends_with_nothing_once_its_time_is_over(listener: Listener) -> None:
    waiting = waits(listener, 10)
    listener.remind(time.monotonic() + 9)
    gevent.sleep(0)
    assert not waiting.ready()
    listener.remind(time.monotonic() + 11)
    assert waiting.get(timeout=5) is None


def test_who_does_not_wait_is_not_reminded(listener: Listener) -> None:
    listener.remind(math.inf)
    listener.offer(updates(1))
    assert listener.next(10) == updates(1)
    listener.remind(math.inf)
    listener.offer(updates(2))
    assert listener.next(10) == updates(2)


def test_a_full_queue_is_emptied_and_filled_again(listener: Listener) -> None:
    for number in range(QUEUE_SIZE):
        listener.offer(updates(number))
    listener.offer(updates(QUEUE_SIZE))
    assert listener.next(10) is BEHIND
    listener.offer(updates(*range(QUEUE_SIZE)))
    assert listener.next(10) == updates(*range(QUEUE_SIZE))
