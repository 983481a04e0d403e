"""How a stream waits for what comes next."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import Any

import gevent
import pytest

from shared.platform import Platform
from shared.updates import Update
from tests.support.settings import make_settings
from web.live.hub import BEHIND, QUEUE_SIZE, Hub, Listener


@pytest.fixture
def hub() -> Iterator[Hub]:
    platform = Platform.open(make_settings(), "web")
    yield Hub(platform)
    platform.close()


@pytest.fixture
def listener(hub: Hub) -> Listener:
    return Listener(hub, ["workflow:a"])


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
