"""Many topics in one stream: what is heard together, the places of all, changes."""

from __future__ import annotations

from shared.access import Actor
from shared.ids import new_id
from shared.platform import Platform
from shared.updates import MOST_ANNOUNCED
from tests.support.events import parse
from tests.support.streams import FedHub, Open, log, workflow_of
from web.live.stream_owners import StreamOwners, control
from web.live.wire import decode_positions
from web.services import Services


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
    assert (last := reader.next()).name == "presence", "what stands in no log is told as it is now"
    assert last.topic == other
    hub.pump()
    log(platform, topic, 1)
    log(platform, other, 2)
    hub.pump()
    assert reader.numbers(1) == [2]
