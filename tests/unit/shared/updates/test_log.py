from __future__ import annotations

from collections.abc import Iterator

import fakeredis
import orjson
import pytest
import redis

from shared.updates import BEGINNING, MAX_ENTRIES, UpdateLog, channel, decode, position


@pytest.fixture
def client() -> Iterator[fakeredis.FakeRedis]:
    with fakeredis.FakeRedis() as fake:
        yield fake


@pytest.fixture
def updates(client: fakeredis.FakeRedis) -> UpdateLog:
    return UpdateLog(client)


def test_what_is_published_is_read_in_order_with_growing_ids(updates: UpdateLog) -> None:
    ids = [updates.publish("run:1", "log", {"n": n}) for n in range(5)]
    read, gap = updates.read("run:1", BEGINNING)
    assert not gap
    assert [update.id for update in read] == ids
    assert [update.data for update in read] == [{"n": n} for n in range(5)]
    assert sorted(position(update.id) for update in read) == [position(update.id) for update in read]


def test_reading_after_an_id_gives_only_what_is_newer(updates: UpdateLog) -> None:
    ids = [updates.publish("run:1", "log", {"n": n}) for n in range(5)]
    assert ids[2]
    read, gap = updates.read("run:1", ids[2])
    assert ([update.data["n"] for update in read], gap) == ([3, 4], False)


def test_the_announcement_is_the_entry(updates: UpdateLog, client: fakeredis.FakeRedis) -> None:
    subscriber = redis.client.PubSub(client.connection_pool)
    subscriber.subscribe(channel("workflow:a"))
    assert subscriber.get_message(timeout=1) is not None
    ids = updates.publish_many([("workflow:a", "saved", {"text": "two words\nand ü"}), ("workflow:a", "archived", {})])
    message = subscriber.get_message(timeout=1)
    assert message is not None
    announced = decode(message["channel"], message["data"])
    subscriber.close()
    assert [update.id for update in announced] == ids
    assert announced == updates.read("workflow:a", BEGINNING)[0]


def test_an_id_older_than_the_trim_is_a_gap(updates: UpdateLog) -> None:
    first = updates.publish("run:1", "log", {"n": 0})
    assert first
    updates.publish_many([("run:1", "log", {"n": n}) for n in range(MAX_ENTRIES + 5)])
    read, gap = updates.read("run:1", first)
    assert gap
    assert len(read) == MAX_ENTRIES


def test_the_oldest_entry_that_is_left_is_no_gap(updates: UpdateLog) -> None:
    ids = updates.publish_many([("run:1", "log", {"n": n}) for n in range(MAX_ENTRIES)])
    assert updates.read("run:1", ids[0])[1] is False


def test_an_id_of_a_topic_that_is_gone_is_a_gap(updates: UpdateLog, client: fakeredis.FakeRedis) -> None:
    last = updates.publish("run:1", "log", {})
    assert last
    client.flushall()
    assert updates.read("run:1", last) == ([], True)


def test_topics_do_not_mix_and_an_empty_one_has_the_beginning(updates: UpdateLog) -> None:
    updates.publish_many([("run:1", "log", {}), ("run:2", "log", {})])
    assert len(updates.read("run:2", BEGINNING)[0]) == 1
    assert updates.newest("run:3") == BEGINNING
    assert updates.newest("run:1") == updates.read("run:1", BEGINNING)[0][-1].id


def test_a_topic_ends_after_a_day_of_silence(updates: UpdateLog, client: fakeredis.FakeRedis) -> None:
    updates.publish("run:1", "log", {})
    assert 86_000 < client.ttl(channel("run:1")) <= 86_400


def test_publishing_without_redis_loses_the_update_and_nothing_else() -> None:
    client = redis.Redis(host="127.0.0.1", port=1, socket_connect_timeout=0.2)
    assert UpdateLog(client).publish("run:1", "log", {}) is None
    client.close()


@pytest.mark.parametrize("wrong", ["", "1", "a-b", "1-", "-1", "1-2-3", "$"])
def test_an_id_that_is_none_is_refused(updates: UpdateLog, wrong: str) -> None:
    with pytest.raises(ValueError, match="not the id"):
        updates.read("run:1", wrong)


def test_an_id_of_a_log_that_was_lost_is_a_gap(updates: UpdateLog) -> None:
    updates.publish("run:1", "log", {})
    assert updates.read("run:1", "9999999999999-0") == ([], True)


def test_an_update_is_written_as_json_once(updates: UpdateLog) -> None:
    update_id = updates.publish("workflow:a", "saved", {"text": "two\nlines"})
    [update] = updates.read("workflow:a", BEGINNING)[0]
    assert update.json is update.json
    assert orjson.loads(update.json) == {"topic": "workflow:a", "id": update_id, "at": update.at, "data": update.data}
    assert b"\n" not in update.json
