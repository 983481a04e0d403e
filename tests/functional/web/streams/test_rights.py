"""Who may still hear: tokens, sessions and rights are looked at while a stream is open."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.access import Actor
from shared.clock import now
from shared.ids import new_id
from shared.platform import Platform
from shared.sessions.store import SessionStore
from shared.updates import topics
from tests.support.streams import FedHub, Open, log, workflow_of
from web.live import sse
from web.services import Services


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
    SessionStore(found.platform.db).delete(who.session_id)
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
