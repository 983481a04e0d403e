"""The order of a stream's events, step by step: the test is the hub's reader and the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import redis

from shared.access import Actor, Role
from shared.clock import now
from shared.errors import NotFound
from shared.ids import new_id
from shared.platform import Platform
from shared.sessions.models import Session
from shared.updates import MAX_ENTRIES, MOST_ANNOUNCED, channel_pattern, topics
from shared.users.models import User
from shared.workflows.models import Workflow
from tests.support.events import Event, parse
from web.auth import ActorCache
from web.live import sse
from web.live import topics as known
from web.live.hub import QUEUE_SIZE, Hub
from web.live.sse import Stream
from web.live.stream_owners import StreamOwners, control
from web.live.wire import decode_positions
from web.services import Services


class FedHub(Hub):
    """A hub whose reader is the test: ``pump`` delivers what was published."""

    def __init__(self, platform: Platform) -> None:
        super().__init__(platform)
        self.pubsub = platform.redis.pubsub()  # type: ignore[no-untyped-call]
        self.pubsub.psubscribe(channel_pattern())
        assert self.pubsub.get_message(timeout=2) is not None

    def start(self) -> None:
        """Nothing reads by itself, but waits end."""
        self._keep_time()

    def pump(self) -> None:
        while (message := self.pubsub.get_message(timeout=0.05)) is not None:
            if message["type"] == "pmessage":
                self.deliver(message["channel"], message["data"])


@pytest.fixture
def hub(platform: Platform) -> Iterator[FedHub]:
    made = FedHub(platform)
    yield made
    made.close()
    made.pubsub.close()


@pytest.fixture
def found(platform: Platform, hub: FedHub) -> Services:
    made = Services.over(platform)
    object.__setattr__(made, "hub", hub)
    return made


@pytest.fixture
def who(found: Services) -> Actor:
    at = now()
    user = User(
        id=new_id(), name="Ada", email="a@b.c", email_key="a@b.c", role=Role.MEMBER, created_at=at, updated_at=at
    )
    found.users.insert(user)
    session = Session(
        id=new_id(),
        user_id=user.id,
        salt="s",
        rotated_at=at,
        created_at=at,
        last_used_at=at,
        expires_at=at + timedelta(days=1),
    )
    found.sessions.insert(session)
    return Actor(user.id, user.role, session.id, user.name)


def workflow_of(found: Services, who: Actor, name: str = "shop") -> str:
    at = now()
    made = Workflow(id=new_id(), name=name, slug=name, owner_id=who.user_id, created_at=at, updated_at=at)
    found.workflows.insert(made)
    return topics.workflow(made.id)


@pytest.fixture
def topic(found: Services, who: Actor) -> str:
    return workflow_of(found, who)


Open = Callable[..., "Reader"]


class Reader:
    """A stream read one frame at a time."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.frames = stream.frames()
        self.id = ""
        self._read: list[bytes] = []

    def raw(self) -> bytes:
        if not self._read:
            self._read = [frame + b"\n\n" for frame in next(self.frames).split(b"\n\n") if frame]
        return self._read.pop(0)

    def next(self) -> Event:
        while True:
            event = parse(self.raw().decode())
            if event is not None:
                self.id = event.id or self.id
                return event

    def numbers(self, count: int) -> list[int]:
        return [self.next().body["n"] for _ in range(count)]


@pytest.fixture
def open_stream(found: Services, who: Actor, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    # a test that waits for an event that does not come sees heartbeats
    monkeypatch.setattr(sse, "HEARTBEAT_SECONDS", 0.2)
    monkeypatch.setattr("web.live.hub.SWEEP_SECONDS", 0.05)
    opened: list[Reader] = []

    def make(*wanted: str, **more: Any) -> Reader:
        values: dict[str, Any] = {"expires_at": now() + timedelta(hours=1), **more}
        reader = Reader(Stream(found, who, ActorCache(), topics=list(wanted), **values))
        opened.append(reader)
        return reader

    yield make
    for reader in opened:
        reader.frames.close()  # type: ignore[attr-defined]


def log(platform: Platform, topic: str, *numbers: int) -> list[str]:
    return [platform.updates.publish(topic, "log", {"n": n}) or "" for n in numbers]


def test_a_stream_begins_with_retry_and_the_snapshot(open_stream: Open, topic: str) -> None:
    reader = open_stream(topic)
    assert reader.raw() == b"retry: 3000\n\n"
    metadata = reader.next()
    assert (metadata.name, metadata.topic) == ("metadata", topic)
    assert metadata.body["workflow"]["name"] == "shop"


def test_what_happens_while_the_snapshot_is_read_comes_once(
    open_stream: Open, topic: str, platform: Platform, hub: FedHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    log(platform, topic, 0)
    read = known.snapshot

    def slow(found: Services, wanted: str) -> dict[str, Any]:
        log(platform, topic, 1)
        data = read(found, wanted)
        log(platform, topic, 2)
        hub.pump()
        return data

    monkeypatch.setattr(sse, "snapshot", slow)
    reader = open_stream(topic)
    assert reader.next().name == "metadata"
    assert reader.numbers(2) == [1, 2]
    log(platform, topic, 3)
    hub.pump()
    assert reader.numbers(1) == [3]


def test_a_client_that_comes_back_gets_what_it_missed_in_order_and_once(
    open_stream: Open, topic: str, platform: Platform, hub: FedHub
) -> None:
    ids = log(platform, topic, 1, 2, 3, 4)
    reader = open_stream(topic, positions={topic: ids[1]})
    metadata = reader.next()
    assert (metadata.name, metadata.id) == ("metadata", ids[1])
    assert reader.numbers(2) == [3, 4]
    log(platform, topic, 5)
    hub.pump()
    assert reader.numbers(1) == [5]


def test_an_id_older_than_the_log_is_a_gap_and_a_fresh_snapshot(
    open_stream: Open, topic: str, platform: Platform
) -> None:
    first = log(platform, topic, 0)[0]
    platform.updates.publish_many([(topic, "log", {"n": n}) for n in range(1, MAX_ENTRIES + 2)])
    reader = open_stream(topic, positions={topic: first})
    gap, metadata = reader.next(), reader.next()
    newest = platform.updates.newest(topic)
    assert (gap.name, metadata.name, metadata.id) == ("gap", "metadata", newest)


def test_an_id_of_a_lost_log_is_a_gap_and_later_updates_come(
    open_stream: Open, topic: str, platform: Platform, hub: FedHub
) -> None:
    reader = open_stream(topic, positions={topic: "9999999999999-0"})
    assert [reader.next().name, reader.next().name] == ["gap", "metadata"]
    log(platform, topic, 1)
    hub.pump()
    assert reader.numbers(1) == [1]


def test_a_listener_that_was_too_slow_reads_on_from_the_log(
    open_stream: Open, topic: str, platform: Platform, hub: FedHub
) -> None:
    reader = open_stream(topic)
    assert reader.next().name == "metadata"
    count = QUEUE_SIZE + 100
    log(platform, topic, *range(count))
    hub.pump()
    assert reader.numbers(count) == list(range(count))


def test_what_is_published_together_is_heard_together_and_in_order(
    open_stream: Open, topic: str, platform: Platform, hub: FedHub, found: Services, who: Actor
) -> None:
    other = workflow_of(found, who, "other")
    reader = open_stream(topic, other, multiplexed=True)
    assert [reader.next().name for _ in range(3)] == ["connected", "metadata", "metadata"]
    count = MOST_ANNOUNCED + 1
    platform.updates.publish_many(
        [*((topic, "log", {"n": n, "text": "a\nb"}) for n in range(count)), (other, "log", {"n": count})]
    )
    hub.pump()
    chunks = [next(reader.frames) for _ in range(3)]
    assert [chunk.count(b"event: log") for chunk in chunks] == [MOST_ANNOUNCED, 1, 1]
    events = [parse(frame.decode()) for frame in b"".join(chunks).split(b"\n\n") if frame]
    assert [event.body["n"] for event in events if event] == list(range(count + 1))


def test_one_that_was_slower_than_the_log_is_long_gets_a_gap(
    open_stream: Open, topic: str, platform: Platform, hub: FedHub
) -> None:
    reader = open_stream(topic)
    log(platform, topic, -1)
    assert reader.next().name == "metadata"
    log(platform, topic, 0)
    hub.pump()
    assert reader.numbers(1) == [0]
    log(platform, topic, *range(MAX_ENTRIES + 1))
    hub.pump()
    assert [reader.next().name, reader.next().name] == ["gap", "metadata"]


def test_silence_is_broken_by_heartbeats(open_stream: Open, topic: str) -> None:
    reader = open_stream(topic)
    reader.next()
    assert [reader.raw() for _ in range(3)] == [b": heartbeat\n\n"] * 3


def test_a_token_that_runs_out_ends_the_stream_and_says_so(open_stream: Open, topic: str) -> None:
    reader = open_stream(topic, expires_at=now() + timedelta(seconds=0.3))
    assert reader.next().name == "metadata"
    ended = reader.next()
    assert (ended.name, ended.body["code"]) == ("error", "token-expired")
    with pytest.raises(StopIteration):
        reader.raw()


def test_a_revoked_session_ends_the_stream_at_once(
    open_stream: Open, topic: str, found: Services, who: Actor, hub: FedHub
) -> None:
    reader = open_stream(topic)
    reader.next()
    found.sessions.delete(who.session_id)
    found.platform.updates.publish(topics.access(who.user_id), "session_ended", {"session_id": who.session_id})
    hub.pump()
    ended = reader.next()
    assert (ended.name, ended.body["code"]) == ("error", "session-ended")
    with pytest.raises(StopIteration):
        reader.raw()


def test_another_session_of_the_same_person_changes_nothing(
    open_stream: Open, topic: str, found: Services, who: Actor, hub: FedHub, platform: Platform
) -> None:
    reader = open_stream(topic)
    reader.next()
    platform.updates.publish(topics.access(who.user_id), "session_ended", {"session_id": new_id()})
    log(platform, topic, 1)
    hub.pump()
    assert reader.numbers(1) == [1]


def test_rights_are_looked_at_again(
    open_stream: Open, topic: str, found: Services, who: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sse, "RECHECK_SECONDS", 0.1)
    reader = open_stream(topic)
    reader.next()
    platform_db = found.platform.db
    platform_db["workflows"].update_one({"_id": topic.partition(":")[2]}, {"$set": {"owner_id": new_id()}})
    ended = reader.next()
    assert (ended.name, ended.topic, ended.body["code"]) == ("error", topic, "not-found")
    with pytest.raises(StopIteration):
        reader.raw()


def test_of_many_topics_only_the_one_that_may_not_be_heard_is_left(
    open_stream: Open, topic: str, found: Services, who: Actor, hub: FedHub, platform: Platform
) -> None:
    other = workflow_of(found, who, "other")
    reader = open_stream(topic, other, multiplexed=True)
    assert [reader.next().name for _ in range(3)] == ["connected", "metadata", "metadata"]
    platform.db["workflows"].update_one({"_id": topic.partition(":")[2]}, {"$set": {"owner_id": new_id()}})
    platform.updates.publish(topics.access(who.user_id), "shared", {})
    hub.pump()
    ended = reader.next()
    assert (ended.name, ended.topic) == ("error", topic)
    log(platform, topic, 1)
    log(platform, other, 2)
    hub.pump()
    assert reader.numbers(1) == [2]


def test_a_multiplexed_id_holds_the_places_of_all_topics(
    open_stream: Open, topic: str, found: Services, who: Actor, hub: FedHub, platform: Platform
) -> None:
    other = workflow_of(found, who, "other")
    reader = open_stream(topic, other, multiplexed=True)
    for _ in range(3):
        reader.next()
    ids = [*log(platform, topic, 1), *log(platform, other, 2)]
    hub.pump()
    assert reader.numbers(2) == [1, 2]
    assert decode_positions(reader.id) == {topic: ids[0], other: ids[1]}
    log(platform, topic, 3)
    log(platform, other, 4)
    again = open_stream(topic, other, multiplexed=True, positions=decode_positions(reader.id))
    events = [again.next() for _ in range(5)]
    assert [(item.name, item.topic) for item in events] == [
        ("connected", ""),
        ("metadata", topic),
        ("log", topic),
        ("metadata", other),
        ("log", other),
    ]
    assert [item.body["n"] for item in events if item.name == "log"] == [3, 4]


def test_a_stream_is_told_to_change_once_also_when_it_was_behind(
    open_stream: Open, topic: str, found: Services, who: Actor, hub: FedHub, platform: Platform
) -> None:
    other = workflow_of(found, who, "other")
    reader = open_stream(topic, multiplexed=True)
    connected = reader.next()
    assert StreamOwners(platform.redis).owner(connected.body["connection_id"]) == who.user_id
    reader.next()
    told = control(connected.body["connection_id"])
    platform.updates.publish(told, "change", {"add": [other, "workflow:" + new_id()], "remove": [topic]})
    # the announcement got lost with the connection; the log has it
    hub._tell_all_behind()
    assert [(item.name, item.topic == other) for item in (reader.next(), reader.next())] == [
        ("metadata", True),
        ("error", False),
    ]
    hub.pump()
    log(platform, topic, 1)
    log(platform, other, 2)
    hub.pump()
    assert reader.numbers(1) == [2]


def test_nothing_stays_behind_when_a_stream_ends(
    open_stream: Open, topic: str, hub: FedHub, platform: Platform
) -> None:
    reader = open_stream(topic, multiplexed=True)
    connected = reader.next()
    reader.next()
    assert hub.listeners == 1
    platform.updates.publish(control(connected.body["connection_id"]), "change", {"add": []})
    reader.frames.close()  # type: ignore[attr-defined]
    assert (hub.listeners, hub.topics, len(sse._open)) == (0, 0, 0)
    assert list(platform.redis.scan_iter("stream*")) == []
    assert list(platform.redis.scan_iter("updates:{stream*")) == []


def test_a_snapshot_that_cannot_be_read_is_tried_again(
    open_stream: Open, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sse, "RETRY_FAILED_SECONDS", 0.05)
    read, failures = known.snapshot, [redis.ConnectionError("gone"), redis.ConnectionError("gone")]

    def sometimes(found: Services, wanted: str) -> dict[str, Any]:
        if failures:
            raise failures.pop()
        return read(found, wanted)

    monkeypatch.setattr(sse, "snapshot", sometimes)
    assert open_stream(topic).next().name == "metadata"
    assert not failures


def test_a_topic_that_is_gone_by_then_is_an_error_with_its_name(
    open_stream: Open, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_found: Services, _wanted: str) -> dict[str, Any]:
        raise NotFound("There is no such workflow.")

    monkeypatch.setattr(sse, "snapshot", gone)
    event = open_stream(topic, multiplexed=True)
    assert event.next().name == "connected"
    failed = event.next()
    assert (failed.name, failed.topic, failed.body["code"]) == ("error", topic, "not-found")


def test_streams_end_with_a_short_retry_when_the_process_stops(open_stream: Open, topic: str, hub: FedHub) -> None:
    reader = open_stream(topic)
    reader.next()
    hub.drain()
    assert reader.raw() == b"retry: 500\n\n"
    with pytest.raises(StopIteration):
        reader.raw()
