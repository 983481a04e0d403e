"""What stands in for the update log and for claims in unit tests does as they do on real stores."""

from __future__ import annotations

import pytest

from shared.platform import Platform
from shared.storage.claims import ClaimStore
from shared.updates import BEGINNING, Publisher, UpdateLog, position
from tests.support.fakes.claims import FakeClaimStore
from tests.support.fakes.updates import FakeUpdates


@pytest.fixture(params=["real", "fake"])
def updates(request: pytest.FixtureRequest, platform: Platform) -> UpdateLog | FakeUpdates:
    return platform.updates if request.param == "real" else FakeUpdates()


def told(updates: UpdateLog | FakeUpdates, topic: str) -> list[tuple[str, object]]:
    """What was published on a topic, in order."""
    if isinstance(updates, FakeUpdates):
        return [(event, dict(data)) for name, event, data in updates.published if name == topic]
    return [(update.event, update.data) for update in updates.read(topic, BEGINNING)[0]]


def test_updates_are_published_in_order_and_each_has_its_id(updates: UpdateLog | FakeUpdates) -> None:
    publisher: Publisher = updates
    ids = publisher.publish_many([("run:1", "log", {"n": 1}), ("run:2", "log", {"n": 2}), ("run:1", "end", {})])
    assert (len(ids), len({position(each) for each in ids[::2]})) == (3, 2)
    later = publisher.publish("run:1", "again", {})
    assert later is not None
    assert position(later) > position(ids[2])
    assert told(updates, "run:1") == [("log", {"n": 1}), ("end", {}), ("again", {})]
    assert told(updates, "run:2") == [("log", {"n": 2})]


def test_nothing_to_publish_has_no_ids(updates: UpdateLog | FakeUpdates) -> None:
    assert updates.publish_many([]) == []


@pytest.mark.parametrize("kind", ["real", "fake"])
def test_a_key_stands_for_one_id_in_its_scope(kind: str, platform: Platform) -> None:
    claims: ClaimStore = ClaimStore(platform.db) if kind == "real" else FakeClaimStore()
    first = claims.claim("ana", "k")
    assert claims.claim("ana", "k") == first
    assert len({first, claims.claim("ana", "other"), claims.claim("bob", "k")}) == 3
