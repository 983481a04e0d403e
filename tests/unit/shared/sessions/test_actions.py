from __future__ import annotations

from datetime import timedelta

import pytest

from shared.access import Actor, Role
from shared.clock import now
from shared.errors import NotFound, Unauthenticated
from shared.sessions.actions import LEEWAY_SECONDS, LONGEST_AGENT, Grant, Keys, Sessions
from tests.support.fakes.updates import FakeUpdates
from tests.support.fakes.users import FakeSessionStore


class House:
    def __init__(self) -> None:
        self.store, self.updates = FakeSessionStore(), FakeUpdates()
        self.sessions = Sessions(self.store, Keys("k", access_seconds=900, refresh_max_days=30), self.updates)

    def start(self, user_id: str = "ada") -> Grant:
        return self.sessions.start(user_id, address="10.0.0.1", agent="x" * 999)

    def actor(self, grant: Grant) -> Actor:
        return Actor(grant.session.user_id, Role.MEMBER, grant.session.id)

    def wait(self, grant: Grant, seconds: float) -> None:
        session = self.store.rows[grant.session.id]
        earlier = session.rotated_at - timedelta(seconds=seconds)
        self.store.rows[session.id] = session.model_copy(update={"rotated_at": earlier})


@pytest.fixture
def house() -> House:
    return House()


def test_a_session_says_where_it_is_and_how_long_it_lives(house: House) -> None:
    grant = house.start()
    assert (grant.session.address, len(grant.session.agent)) == ("10.0.0.1", LONGEST_AGENT)
    assert timedelta(seconds=890) < grant.access_until - now() <= timedelta(seconds=900)
    assert grant.session.expires_at - now() > timedelta(days=29)


def test_access_never_outlives_the_session(house: House) -> None:
    grant = house.start()
    end = now() + timedelta(seconds=60)
    house.store.rows[grant.session.id] = grant.session.model_copy(update={"expires_at": end})
    assert house.sessions.refresh(grant.refresh_token).access_until == end.replace(microsecond=0)


def test_each_refresh_gives_the_next_token(house: House) -> None:
    first = house.start()
    second = house.sessions.refresh(first.refresh_token)
    third = house.sessions.refresh(second.refresh_token)
    assert len({first.refresh_token, second.refresh_token, third.refresh_token}) == 3
    assert house.updates.published == []


def test_a_refresh_whose_answer_got_lost_may_be_repeated_for_a_moment(house: House) -> None:
    first = house.start()
    second = house.sessions.refresh(first.refresh_token)
    assert house.sessions.refresh(first.refresh_token).refresh_token == second.refresh_token
    house.wait(first, LEEWAY_SECONDS + 1)
    with pytest.raises(Unauthenticated) as caught:
        house.sessions.refresh(first.refresh_token)
    assert caught.value.code == "reused"
    assert house.store.rows == {}
    assert house.updates.published == [("access:ada", "session_ended", {"session_id": first.session.id})]


def test_a_token_of_two_generations_ago_ends_the_session_at_once(house: House) -> None:
    first = house.start()
    house.sessions.refresh(house.sessions.refresh(first.refresh_token).refresh_token)
    with pytest.raises(Unauthenticated) as caught:
        house.sessions.refresh(first.refresh_token)
    assert caught.value.code == "reused"


@pytest.mark.parametrize("end", ["forged", ""])
def test_a_token_that_proves_nothing_ends_nothing(house: House, end: str) -> None:
    grant = house.start()
    forged = f"{grant.refresh_token.rpartition('.')[0]}.{end}"
    with pytest.raises(Unauthenticated) as caught:
        house.sessions.refresh(forged)
    assert caught.value.code == "refresh-invalid"
    assert house.sessions.find(grant.session.id) is not None


def test_people_end_their_own_sessions_alone(house: House) -> None:
    mine, other, theirs = house.start(), house.start(), house.start("bob")
    me = house.actor(mine)
    with pytest.raises(NotFound):
        house.sessions.end(me, theirs.session.id)
    house.sessions.end(me, other.session.id)
    assert house.updates.published == [("access:ada", "session_ended", {"session_id": other.session.id})]
    with pytest.raises(NotFound):
        house.sessions.end(me, other.session.id)
    assert [session.id for session in house.sessions.list(me)] == [mine.session.id]


def test_signing_out_twice_is_no_mistake(house: House) -> None:
    me = house.actor(house.start())
    house.sessions.end_this(me)
    house.sessions.end_this(me)
    assert house.sessions.list(me) == []


def test_all_sessions_end_but_the_one_that_asks(house: House) -> None:
    kept, theirs = house.start(), house.start("bob")
    house.start()
    house.start()
    assert house.sessions.end_all("ada", but=kept.session.id) == 2
    assert set(house.store.rows) == {kept.session.id, theirs.session.id}
    assert house.updates.published == [("access:ada", "sessions_ended", {"but": kept.session.id})]
    assert house.sessions.end_all("ada") == 1
