"""The people on a workflow: who comes, moves, leaves and is cut off, as other streams hear of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shared.ids import new_id
from shared.platform import Platform
from shared.presence.store import Presence
from shared.updates import BEGINNING, topics
from tests.support.events import parse
from tests.support.streams import FedHub, Open, Reader, log
from web.live.stream_owners import control
from web.services import Services


@pytest.fixture
def found(platform: Platform, hub: FedHub) -> Services:
    """With people who are gone soon; a stream that a test does not read renews nothing, like one of a dead process."""
    presence = Presence(platform.redis, lifetime_seconds=1.0)
    return replace(Services.over(platform), hub=hub, presence=presence)


def connect(open_stream: Open, *wanted: str) -> Reader:
    reader = open_stream(*wanted, multiplexed=True)
    assert reader.next().name == "connected"
    for _ in wanted:
        assert reader.next().name == "metadata"
    return reader


def go(platform: Platform, hub: FedHub, reader: Reader, at: dict[str, Any] | None) -> None:
    platform.updates.publish(control(reader.stream.id), "change", {"add": [], "remove": [], "at": at})
    hub.pump()


def heartbeat(reader: Reader) -> None:
    """Have a stream go on without anything to tell."""
    while reader.raw() != b": heartbeat\n\n":
        pass


def told(reader: Reader) -> list[tuple[str, str | None, bool]]:
    event = reader.next()
    assert event.name == "presence"
    return [(item["id"], item["node_id"], item["editing"]) for item in event.body["people"]]


def test_who_comes_moves_and_leaves_is_told(open_stream: Open, topic: str, platform: Platform, hub: FedHub) -> None:
    _, workflow_id = topics.split(topic)
    one, two = connect(open_stream, topic), connect(open_stream)
    go(platform, hub, two, {"workflow_id": workflow_id, "node_id": "web", "editing": False})
    heartbeat(two)
    hub.pump()
    assert told(one) == [(two.stream.id, "web", False)]
    go(platform, hub, two, {"workflow_id": workflow_id, "node_id": "db", "editing": True})
    heartbeat(two)
    hub.pump()
    assert told(one) == [(two.stream.id, "db", True)]
    go(platform, hub, two, None)
    heartbeat(two)
    hub.pump()
    assert told(one) == []


def test_it_ends_with_the_stream(open_stream: Open, topic: str, platform: Platform, hub: FedHub) -> None:
    _, workflow_id = topics.split(topic)
    one, two = connect(open_stream, topic), connect(open_stream)
    go(platform, hub, two, {"workflow_id": workflow_id})
    heartbeat(two)
    two.frames.close()
    hub.pump()
    assert (told(one), told(one)) == ([(two.stream.id, None, False)], [])


def test_whoever_comes_later_sees_who_is_here_and_no_replay(
    open_stream: Open, topic: str, platform: Platform, hub: FedHub
) -> None:
    _, workflow_id = topics.split(topic)
    one = connect(open_stream)
    go(platform, hub, one, {"workflow_id": workflow_id, "node_id": "web"})
    heartbeat(one)
    hub.pump()
    late = open_stream(topic)
    event = late.next()
    assert event.name == "metadata"
    [someone] = event.body["presence"]["people"]
    assert (someone["id"], someone["name"], someone["node_id"]) == (one.stream.id, "Ada", "web")
    assert platform.updates.newest(topic) == BEGINNING
    log(platform, topic, 1)
    hub.pump()
    assert late.numbers(1) == [1]


def test_a_client_comes_back_from_where_it_was(open_stream: Open, topic: str, platform: Platform, hub: FedHub) -> None:
    _, workflow_id = topics.split(topic)
    one, two = open_stream(topic), connect(open_stream)
    one.next()
    [seen] = log(platform, topic, 1)
    go(platform, hub, two, {"workflow_id": workflow_id})
    heartbeat(two)
    hub.pump()
    assert (one.numbers(1), told(one)) == ([1], [(two.stream.id, None, False)])
    assert one.id == seen, "what stands in no log changes no place"


def test_who_is_cut_off_is_gone_after_a_while_and_who_is_there_stays(
    open_stream: Open, topic: str, platform: Platform, hub: FedHub
) -> None:
    _, workflow_id = topics.split(topic)
    one, dead = connect(open_stream, topic), connect(open_stream)
    for reader in (dead, one):
        go(platform, hub, reader, {"workflow_id": workflow_id})
    heartbeat(dead)
    heard: list[set[str]] = []
    while {one.stream.id} not in heard[1:]:
        # only this one is read, and so renewed
        hub.pump()
        event = parse(one.raw().decode())
        if event is not None and event.name == "presence":
            heard.append({item["id"] for item in event.body["people"]})
    assert {one.stream.id, dead.stream.id} in heard
    assert [item.id for item in one.stream.found.presence.people(workflow_id)] == [one.stream.id]


def test_a_stream_that_was_behind_is_told_who_is_here_now(
    open_stream: Open, topic: str, platform: Platform, hub: FedHub
) -> None:
    _, workflow_id = topics.split(topic)
    one, two = connect(open_stream, topic), connect(open_stream)
    go(platform, hub, two, {"workflow_id": workflow_id})
    heartbeat(two)
    hub._tell_all_behind()
    assert told(one) == [(two.stream.id, None, False)]


def test_a_workflow_that_may_not_be_seen_is_no_place_to_be(
    open_stream: Open, topic: str, platform: Platform, hub: FedHub, found: Services
) -> None:
    _, workflow_id = topics.split(topic)
    reader = connect(open_stream)
    strange = new_id()
    go(platform, hub, reader, {"workflow_id": strange})
    assert reader.next().body["code"] == "not-found"
    assert found.presence.people(strange) == []
    go(platform, hub, reader, {"workflow_id": workflow_id})
    heartbeat(reader)
    assert len(found.presence.people(workflow_id)) == 1
    found.stores.workflows.delete(workflow_id)
    platform.updates.publish(topics.access(reader.stream.who.user_id), "shared", {})
    hub.pump()
    heartbeat(reader)
    assert found.presence.people(workflow_id) == []


def test_another_workflow_is_another_place(
    open_stream: Open, topic: str, platform: Platform, hub: FedHub, found: Services
) -> None:
    _, first = topics.split(topic)
    second = found.stores.workflows.get(first).model_copy(update={"id": new_id()})
    found.stores.workflows.insert(second)
    reader = connect(open_stream)
    for workflow_id in (first, second.id):
        go(platform, hub, reader, {"workflow_id": workflow_id})
        heartbeat(reader)
    assert [len(found.presence.people(workflow_id)) for workflow_id in (first, second.id)] == [0, 1]


def test_a_stream_goes_on_while_presence_cannot_be_told(
    open_stream: Open, topic: str, platform: Platform, hub: FedHub, found: Services
) -> None:
    _, workflow_id = topics.split(topic)
    reader = connect(open_stream)
    # a key of another type makes every command on it fail, as a Redis does that is not itself
    platform.redis.set(f"presence:{{{topic}}}", "x")
    go(platform, hub, reader, {"workflow_id": workflow_id})
    heartbeat(reader)
    platform.redis.delete(f"presence:{{{topic}}}")
    while not found.presence.people(workflow_id):
        heartbeat(reader)
    assert [someone.id for someone in found.presence.people(workflow_id)] == [reader.stream.id]
