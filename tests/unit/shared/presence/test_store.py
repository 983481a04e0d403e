from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import fakeredis
import pytest
from pydantic import BaseModel

from shared.errors import StorageUnavailable
from shared.presence.models import Someone
from shared.presence.store import LIFETIME_SECONDS, Presence
from shared.updates import BEGINNING, UpdateLog, channel, decode
from tests.support.wait import eventually

TOPIC = "workflow:w1"


def someone(identity: str, **more: Any) -> Someone:
    return Someone(id=identity, name=identity.title(), color="#000000", **more)


@pytest.fixture
def client() -> Iterator[Any]:
    with fakeredis.FakeRedis() as made:
        yield made


class Here(BaseModel):
    """What is told."""

    people: list[Someone]


class Hearing:
    """What a browser that listens is told."""

    def __init__(self, client: Any) -> None:
        self._pubsub = client.pubsub()
        self._pubsub.subscribe(channel(TOPIC))
        assert self._pubsub.get_message(timeout=1)["type"] == "subscribe"

    def heard(self) -> list[list[tuple[str, str | None]]]:
        found = []
        while (message := self._pubsub.get_message(timeout=0.01)) is not None:
            [update] = decode(message["channel"], message["data"])
            assert (update.id, update.topic, update.event) == ("", TOPIC, "presence")
            found.append([(item.id, item.node_id) for item in Here.model_validate(update.data).people])
        return found


@pytest.fixture
def hearing(client: Any) -> Hearing:
    return Hearing(client)


def test_who_comes_moves_and_leaves_is_told_to_all(client: Any, hearing: Hearing) -> None:
    presence = Presence(client)
    presence.put("w1", someone("bob"))
    presence.put("w1", someone("ada", node_id="web"))
    presence.put("w1", someone("ada", node_id="db", editing=True))
    presence.remove("w1", "bob")
    assert hearing.heard() == [
        [("bob", None)],
        [("ada", "web"), ("bob", None)],
        [("ada", "db"), ("bob", None)],
        [("ada", "db")],
    ]
    assert presence.people("w1") == [someone("ada", node_id="db", editing=True)]


def test_nothing_new_is_not_told_again(client: Any, hearing: Hearing) -> None:
    presence = Presence(client)
    for _ in range(3):
        presence.put("w1", someone("ada"))
    presence.remove("w1", "nobody")
    assert hearing.heard() == [[("ada", None)]]


def test_the_last_one_to_leave_is_told_too(client: Any, hearing: Hearing) -> None:
    presence = Presence(client)
    presence.put("w1", someone("ada"))
    presence.remove("w1", "ada")
    assert hearing.heard()[-1] == []
    assert (presence.people("w1"), list(client.scan_iter())) == ([], [])


def test_nothing_of_it_stands_in_the_log(client: Any) -> None:
    Presence(client).put("w1", someone("ada"))
    assert UpdateLog(client).newest(TOPIC) == BEGINNING


def test_workflows_are_apart(client: Any, hearing: Hearing) -> None:
    presence = Presence(client)
    presence.put("w2", someone("ada"))
    assert (hearing.heard(), presence.people("w1")) == ([], [])


def test_who_is_not_put_again_is_gone_after_the_lifetime_and_the_next_one_tells(client: Any, hearing: Hearing) -> None:
    presence = Presence(client, lifetime_seconds=0.2)
    presence.put("w1", someone("ada"))
    began = time.monotonic()
    eventually(lambda: presence.people("w1") == [], what="Ada is gone")
    assert time.monotonic() - began >= 0.15
    Presence(client).put("w1", someone("bob"))
    assert hearing.heard() == [[("ada", None)], [("bob", None)]]


def test_who_is_put_again_stays(client: Any) -> None:
    short, long = Presence(client, lifetime_seconds=0.1), Presence(client)
    short.put("w1", someone("ada"))
    long.put("w1", someone("ada"))
    short.put("w1", someone("bob"))
    long.put("w1", someone("cyd"))
    eventually(lambda: [item.id for item in long.people("w1")] == ["ada", "cyd"], what="Bob alone is gone")


def test_all_that_is_kept_runs_out(client: Any) -> None:
    Presence(client).put("w1", someone("ada"))
    assert [0 < client.ttl(key) <= LIFETIME_SECONDS for key in client.scan_iter()] == [True]


def test_names_are_told_as_they_are(client: Any) -> None:
    name = 'Zoë "[]" \n 100% \\'
    Presence(client).put("w1", Someone(id="z", name=name, color="#000000"))
    assert [item.name for item in Presence(client).people("w1")] == [name]


def test_a_redis_that_is_away_is_said_in_our_words() -> None:
    server = fakeredis.FakeServer()
    presence = Presence(fakeredis.FakeRedis(server=server))
    server.connected = False
    with pytest.raises(StorageUnavailable):
        presence.put("w1", someone("ada"))
    with pytest.raises(StorageUnavailable):
        presence.remove("w1", "ada")
