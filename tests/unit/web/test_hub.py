"""How a stream waits for what comes next."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import Any

import gevent
import orjson
import pytest

from shared.platform import Platform
from shared.updates import Update, channel
from tests.support.settings import make_settings
from web.live.hub import BEHIND, QUEUE_SIZE, Behind, Hub, Listener


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


# -- the hub itself -------------------------------------------------------------------------------------------------


def message(*numbers: int) -> bytes:
    body = orjson.dumps({"at": "2026-01-31T12:00:00Z", "data": {}})
    return b"\n".join(b"%d-0 saved %b" % (number, body) for number in numbers)


def deliver(hub: Hub, topic: str, *numbers: int) -> None:
    hub.deliver(channel(topic).encode(), message(*numbers))


def heard(listener: Listener) -> list[str]:
    """Return the ids of what waits for a listener."""
    found: list[str] = []
    while not listener._queue.empty():
        item = listener.next(10)
        assert item is not None
        assert not isinstance(item, Behind)
        found += [update.id for update in item]
    return found


def test_each_hears_of_its_own_topics(hub: Hub) -> None:
    first, second = Listener(hub, ["workflow:a"]), Listener(hub, ["workflow:a", "workflow:b"])
    deliver(hub, "workflow:a", 1, 2)
    deliver(hub, "workflow:b", 3)
    deliver(hub, "workflow:c", 4)
    assert heard(first) == ["1-0", "2-0"]
    assert heard(second) == ["1-0", "2-0", "3-0"]


def test_topics_come_and_go_while_it_listens(hub: Hub) -> None:
    listener = Listener(hub, [])
    deliver(hub, "workflow:a", 1)
    listener.add("workflow:a")
    listener.add("workflow:a")
    deliver(hub, "workflow:a", 2)
    listener.remove("workflow:a")
    listener.remove("workflow:a")
    deliver(hub, "workflow:a", 3)
    assert heard(listener) == ["2-0"]


def test_a_topic_that_nobody_hears_is_forgotten(hub: Hub) -> None:
    first, second = Listener(hub, ["workflow:a"]), Listener(hub, ["workflow:a"])
    assert hub.topics == 1
    first.close()
    assert hub.topics == 1
    second.close()
    assert hub.topics == 0
    hub.leave(second, "workflow:a")
    assert hub.topics == 0


def test_a_person_whose_rights_changed_is_named_even_if_nobody_listens(hub: Hub) -> None:
    named: list[str] = []
    deliver(hub, "access:ada", 1)
    hub.on_access = named.append
    deliver(hub, "access:ada", 2)
    deliver(hub, "workflow:a", 3)
    assert named == ["ada"]


def test_who_has_ended_in_the_middle_holds_up_nobody(hub: Hub) -> None:
    first, second = Listener(hub, ["workflow:a"]), Listener(hub, ["workflow:a"])
    first.close()
    deliver(hub, "workflow:a", 1)
    assert (heard(first), heard(second)) == ([], ["1-0"])


def test_a_hub_that_closes_ends_every_wait(hub: Hub) -> None:
    listeners = [Listener(hub, ["workflow:a"]) for _ in range(3)]
    hub._listeners.update(listeners)
    waiting = [waits(listener, 10) for listener in listeners]
    hub.close()
    assert [wait.get(timeout=5) for wait in waiting] == [BEHIND] * 3
    assert hub.closing.is_set()
    for listener in listeners:
        listener.close()
    assert (hub.listeners, hub.topics) == (0, 0)
