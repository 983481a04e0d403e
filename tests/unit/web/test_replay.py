"""What a client is sent about a topic, by where it is in the log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import fakeredis
import pytest

from shared.updates import MAX_ENTRIES, Update, UpdateLog
from tests.support.events import parse
from web.live.replay import Replay
from web.live.wire import decode_positions

TOPIC, OTHER = "workflow:a", "workflow:b"
LOST = "9999999999999-0"


@pytest.fixture
def log() -> Iterator[UpdateLog]:
    with fakeredis.FakeRedis() as client:
        yield UpdateLog(client)


def make(log: UpdateLog, snapshot: Callable[[str], dict[str, Any]] | None = None, **more: Any) -> Replay:
    return Replay(log, snapshot or (lambda topic: {"about": topic}), **more)


def publish(log: UpdateLog, *numbers: int, topic: str = TOPIC) -> list[str]:
    return log.publish_many((topic, "log", {"n": number}) for number in numbers)


def told(frames: list[bytes]) -> list[Any]:
    """Each event's name, of a log line its number."""
    events = [parse(frame.decode()) for frame in frames]
    return [event.body["n"] if event.name == "log" else event.name for event in events if event]


def ids(frames: list[bytes]) -> list[str]:
    return [event.id for event in (parse(frame.decode()) for frame in frames) if event]


def test_who_comes_anew_gets_a_snapshot_and_goes_on_from_the_newest_update(log: UpdateLog) -> None:
    newest = publish(log, 1, 2)[-1]
    replay = make(log)
    frames = replay.begin(TOPIC)
    assert (told(frames), ids(frames), replay.positions) == (["metadata"], [newest], {TOPIC: newest})


def test_what_is_published_while_the_snapshot_is_read_comes_after_it(log: UpdateLog) -> None:
    def slow(topic: str) -> dict[str, Any]:
        publish(log, 1)
        return {"about": topic}

    assert told(make(log, slow).begin(TOPIC)) == ["metadata", 1]


def test_who_comes_back_gets_what_was_missed_after_the_snapshot(log: UpdateLog) -> None:
    seen = publish(log, 1, 2, 3)[0]
    replay = make(log, positions={TOPIC: seen})
    frames = replay.begin(TOPIC)
    # the snapshot leaves the client where it was: cut right after it, nothing is missing
    assert (told(frames), ids(frames)[0]) == (["metadata", 2, 3], seen)


@pytest.mark.parametrize("step", [Replay.begin, Replay.go_on])
def test_a_place_that_the_log_does_not_know_is_a_gap(
    log: UpdateLog, step: Callable[[Replay, str], list[bytes]]
) -> None:
    newest = publish(log, 1)[0]
    replay = make(log, positions={TOPIC: LOST})
    assert (told(step(replay, TOPIC)), replay.positions) == (["gap", "metadata"], {TOPIC: newest})


def test_a_place_that_the_log_has_outgrown_is_a_gap(log: UpdateLog) -> None:
    replay = make(log, positions={TOPIC: publish(log, 0)[0]})
    publish(log, *range(1, MAX_ENTRIES + 2))
    assert told(replay.go_on(TOPIC)) == ["gap", "metadata"]


def test_who_was_behind_goes_on_without_a_snapshot(log: UpdateLog) -> None:
    replay = make(log, positions={TOPIC: publish(log, 1)[0]})
    publish(log, 2, 3)
    assert told(replay.go_on(TOPIC)) == [2, 3]


def test_a_topic_of_which_nothing_was_ever_told_has_no_gap(log: UpdateLog) -> None:
    replay = make(log)
    replay.begin(TOPIC)
    assert replay.go_on(TOPIC) == []


def test_a_topic_that_could_not_be_begun_is_begun(log: UpdateLog) -> None:
    assert told(make(log).go_on(TOPIC)) == ["metadata"]


def test_what_comes_twice_is_sent_once(log: UpdateLog) -> None:
    updates = [Update("5-0", TOPIC, "log", "", {"n": 5}), Update("6-0", TOPIC, "log", "", {"n": 6})]
    replay = make(log)
    assert told(replay.send(updates[:1])) == [5]
    assert told(replay.send(updates)) == [6]


def test_ids_of_many_topics_hold_the_places_of_all(log: UpdateLog) -> None:
    replay = make(log, multiplexed=True)
    replay.begin(TOPIC)
    replay.begin(OTHER)
    replay.send([Update("5-0", TOPIC, "log", "", {"n": 5})])
    last = replay.send([Update("7-0", OTHER, "log", "", {"n": 7})])
    assert decode_positions(ids(last)[0]) == {TOPIC: "5-0", OTHER: "7-0"}
    replay.leave(TOPIC)
    assert decode_positions(ids([replay.error("gone", "It is gone.", TOPIC)])[0]) == {OTHER: "7-0"}


def test_an_error_leaves_the_client_of_one_topic_where_it_is(log: UpdateLog) -> None:
    assert ids([make(log).error("gone", "It is gone.", TOPIC)]) == [""]
