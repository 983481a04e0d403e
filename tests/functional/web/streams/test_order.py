"""What comes after what: snapshot, log and live, each update once."""

from __future__ import annotations

from typing import Any

import pytest

from shared.platform import Platform
from shared.updates import MAX_ENTRIES
from tests.support.streams import FedHub, Open, log
from web.live import sse
from web.live import topics as known
from web.live.hub import QUEUE_SIZE
from web.services import Services


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
