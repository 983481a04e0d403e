from __future__ import annotations

from typing import Any

import fakeredis
import pytest

from shared.updates import channel
from web.live.stream_owners import REGISTERED_SECONDS, StreamOwners, control

STREAM = "a" * 24


@pytest.fixture
def client() -> Any:
    return fakeredis.FakeRedis()


def test_every_process_knows_whose_a_stream_is_for_a_while(client: Any) -> None:
    StreamOwners(client).put(STREAM, "ada")
    assert StreamOwners(client).owner(STREAM) == "ada"
    assert [0 < client.ttl(key) <= REGISTERED_SECONDS for key in client.scan_iter()] == [True]


def test_a_stream_nobody_has_is_nobodys(client: Any) -> None:
    assert StreamOwners(client).owner(STREAM) is None


def test_a_stream_that_ended_is_forgotten_with_what_it_was_told(client: Any) -> None:
    owners = StreamOwners(client)
    owners.put(STREAM, "ada")
    client.xadd(channel(control(STREAM)), {"n": "1"})
    owners.remove(STREAM)
    assert (owners.owner(STREAM), list(client.scan_iter())) == (None, [])


def test_a_stream_goes_on_while_redis_is_away() -> None:
    server = fakeredis.FakeServer()
    owners = StreamOwners(fakeredis.FakeRedis(server=server))
    owners.put(STREAM, "ada")
    server.connected = False
    owners.put(STREAM, "bob")
    owners.remove(STREAM)
    server.connected = True
    assert owners.owner(STREAM) == "ada"
