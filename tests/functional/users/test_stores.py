"""Accounts, invites and sessions as they are stored; what stands in for the stores in unit tests does the same."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.access import Role
from shared.clock import now
from shared.errors import Conflict, NotFound
from shared.ids import new_id
from shared.platform import Platform
from shared.sessions.models import Session
from shared.sessions.store import SessionStore
from shared.users.models import Invite, User
from shared.users.store import FirstAccountTaken, InviteStore, UserStore
from tests.support.fakes.users import FakeInviteStore, FakeSessionStore, FakeUserStore

AT = now().replace(microsecond=0)


@pytest.fixture(params=["real", "fake"])
def users(request: pytest.FixtureRequest, platform: Platform) -> UserStore:
    return UserStore(platform.db) if request.param == "real" else FakeUserStore()


@pytest.fixture(params=["real", "fake"])
def invites(request: pytest.FixtureRequest, platform: Platform) -> InviteStore:
    return InviteStore(platform.db) if request.param == "real" else FakeInviteStore()


@pytest.fixture(params=["real", "fake"])
def sessions(request: pytest.FixtureRequest, platform: Platform) -> SessionStore:
    return SessionStore(platform.db) if request.param == "real" else FakeSessionStore()


def user(email: str = "ada@example.com", *, first: bool = False) -> User:
    made = User.new("Ada", email, role=Role.MEMBER, password_hash="h")
    return made.model_copy(update={"first_account": True}) if first else made


def invite(code_hash: str, hours: int = 1) -> Invite:
    return Invite(
        id=new_id(), code_hash=code_hash, created_by="root", created_at=AT, expires_at=AT + timedelta(hours=hours)
    )


def session(user_id: str = "ada", minutes: int = 0) -> Session:
    at = AT - timedelta(minutes=minutes)
    life = timedelta(days=1)
    return Session(
        id=new_id(), user_id=user_id, salt="s", rotated_at=at, created_at=at, last_used_at=at, expires_at=at + life
    )


def test_there_is_one_first_account_and_one_account_of_an_address(users: UserStore) -> None:
    assert not users.has_accounts()
    first = user(first=True)
    users.insert(first)
    found = users.first_account()
    assert found is not None
    assert (found.id, users.has_accounts()) == (first.id, True)
    with pytest.raises(FirstAccountTaken):
        users.insert(user("eve@example.com", first=True))
    with pytest.raises(Conflict) as caught:
        users.insert(user("ADA@example.com"))
    assert caught.value.code == "email-taken"
    users.insert(user("eve@example.com"))


def test_accounts_are_found_by_id_and_by_address(users: UserStore) -> None:
    made = user()
    users.insert(made)
    by_email = users.find_by_email(" Ada@Example.com")
    assert by_email is not None
    assert users.get(made.id).id == by_email.id == made.id
    assert (users.find("ghost"), users.find_by_email("ghost@example.com")) == (None, None)
    with pytest.raises(NotFound):
        users.get("ghost")


def test_passwords_change(users: UserStore) -> None:
    made = user()
    users.insert(made)
    users.replace_hash(made.id, "h2")
    assert users.get(made.id).password_hash == "h2"
    users.set_password(made.id, "h3")
    assert users.get(made.id).password_hash == "h3"


def test_an_invite_is_used_once_and_can_be_given_back(invites: InviteStore) -> None:
    made = invite("a")
    for row in (made, invite("old", hours=-1)):
        invites.insert(row)
    assert invites.find_open("old", AT) is None
    claimed = invites.claim("a", "ada", AT)
    assert claimed is not None
    assert (claimed.used_by, invites.claim("a", "eve", AT)) == ("ada", None)
    invites.release(made.id, "eve")
    assert invites.find_open("a", AT) is None
    invites.release(made.id, "ada")
    assert invites.find_open("a", AT) is not None
    assert invites.list(limit=5, cursor=None)[1] == 2
    invites.delete(made.id)
    with pytest.raises(NotFound):
        invites.delete(made.id)


def test_a_session_goes_on_by_one_generation_at_a_time(sessions: SessionStore) -> None:
    made = session()
    sessions.insert(made)
    rotated = sessions.rotate(made.id, 0, AT)
    assert rotated is not None
    assert (rotated.generation, sessions.rotate(made.id, 0, AT)) == (1, None)
    assert sessions.find(made.id, AT + timedelta(days=2)) is None


def test_sessions_of_a_person_are_listed_and_ended(sessions: SessionStore) -> None:
    older, newer, theirs = session(minutes=5), session(), session("bob")
    for row in (older, newer, theirs):
        sessions.insert(row)
    assert [row.id for row in sessions.list("ada", AT)] == [newer.id, older.id]
    assert sessions.delete_of("ada", but=newer.id) == 1
    assert (sessions.delete(newer.id), sessions.delete(newer.id)) == (True, False)
    assert sessions.find(theirs.id, AT) is not None
