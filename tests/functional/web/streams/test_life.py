"""How a stream lives and ends: heartbeats, stores that fail, a process that stops."""

from __future__ import annotations

from typing import Any

import pytest
import redis

from shared.errors import NotFound, StorageUnavailable
from shared.platform import Platform
from tests.support.streams import FedHub, Open
from web.live import sse
from web.live import topics as known
from web.live.stream_owners import control
from web.services import Services


def test_silence_is_broken_by_heartbeats(open_stream: Open, topic: str) -> None:
    reader = open_stream(topic)
    reader.next()
    assert [reader.raw() for _ in range(3)] == [b": heartbeat\n\n"] * 3


def test_a_snapshot_that_cannot_be_read_is_tried_again(
    open_stream: Open, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sse, "RETRY_FAILED_SECONDS", 0.05)
    read, failures = known.snapshot, [redis.ConnectionError("gone"), StorageUnavailable("gone")]

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


def test_a_stream_that_is_never_silent_stays_known(
    open_stream: Open, topic: str, hub: FedHub, platform: Platform
) -> None:
    reader = open_stream(topic, multiplexed=True)
    key = f"stream:{reader.next().body['connection_id']}"
    reader.next()
    platform.redis.expire(key, 10)
    for n in range(60):
        # each follows the other sooner than a heartbeat
        platform.updates.publish(topic, "log", {"n": n})
        hub.pump()
        assert reader.next().body["n"] == n
        if platform.redis.ttl(key) > 10:
            break
    assert platform.redis.ttl(key) > 10


def test_nothing_stays_behind_when_a_stream_ends(
    open_stream: Open, topic: str, hub: FedHub, platform: Platform
) -> None:
    reader = open_stream(topic, multiplexed=True)
    connected = reader.next()
    reader.next()
    assert hub.listeners == 1
    platform.updates.publish(control(connected.body["connection_id"]), "change", {"add": []})
    reader.frames.close()
    assert (hub.listeners, hub.topics, len(sse._open)) == (0, 0, 0)
    assert list(platform.redis.scan_iter("stream*")) == []
    assert list(platform.redis.scan_iter("updates:{stream*")) == []


def test_streams_end_with_a_short_retry_when_the_process_stops(open_stream: Open, topic: str, hub: FedHub) -> None:
    reader = open_stream(topic)
    reader.next()
    hub.drain()
    assert reader.raw() == b"retry: 500\n\n"
    with pytest.raises(StopIteration):
        reader.raw()
