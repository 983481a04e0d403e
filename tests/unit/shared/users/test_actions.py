from __future__ import annotations

from collections.abc import Callable

import fakeredis
import pytest

from shared.access import Actor, Role
from shared.errors import Conflict, Forbidden, InvalidInput, LimitReached, NotFound, Unauthenticated
from shared.people import Person
from shared.users.actions import Accounts, NewAccount, SignupMode, SignupRules
from shared.users.invites import Invites
from shared.users.lockout import FREE_ATTEMPTS, Lockout
from shared.users.models import User
from tests.support.fakes.users import FakeInviteStore, FakePasswords, FakeUserStore

ADMIN, MEMBER = Actor("root", Role.ADMIN, "s1"), Actor("bob", Role.MEMBER, "s2")
PASSWORD = "a long afternoon"
ADA = NewAccount("Ada", "ada@example.com", PASSWORD)


class House:
    def __init__(self, rules: SignupRules | None = None) -> None:
        self.users, self.invites = FakeUserStore(), FakeInviteStore()
        self.greeted: list[tuple[Person, bool]] = []
        self.accounts = Accounts(
            self.users,
            self.invites,
            FakePasswords(),
            Lockout(fakeredis.FakeRedis()),
            rules or SignupRules("open"),
            self,
        )

    def greet(self, owner: Person, *, is_first: bool) -> None:
        self.greeted.append((owner, is_first))

    def with_first(self) -> House:
        self.accounts.register(NewAccount("Root", "root@example.com", PASSWORD))
        self.greeted.clear()
        return self

    def sign_in(self, password: str = PASSWORD, email: str = "ADA@example.com") -> User:
        return self.accounts.authenticate(email, password, address="10.0.0.1")


@pytest.mark.parametrize("mode", ["open", "invite", "domains", "closed"])
def test_the_first_account_rules_whatever_the_rules_say(mode: SignupMode) -> None:
    house = House(SignupRules(mode))
    assert not house.accounts.has_any()
    first = house.accounts.register(ADA)
    assert (first.role, house.accounts.first()) == (Role.ADMIN, first)
    assert house.greeted == [(Person(user_id=first.id, name="Ada"), True)]


def test_who_loses_the_race_for_the_first_account_is_an_ordinary_member() -> None:
    house = House()
    house.users.is_late = True
    made = house.accounts.register(ADA)
    assert (made.role, made.first_account) == (Role.MEMBER, None)
    assert [is_first for _, is_first in house.greeted] == [False]
    closed = House(SignupRules("closed"))
    closed.users.is_late = True
    with pytest.raises(Forbidden):
        closed.accounts.register(ADA)


@pytest.mark.parametrize(
    ("rules", "wanted", "code"),
    [
        (SignupRules("closed"), ADA, "signup-closed"),
        (SignupRules("domains", ("other.org",)), ADA, "signup-domain"),
        (SignupRules("invite"), ADA, "invite-required"),
        (SignupRules("open", passwords=False), ADA, "password-disabled"),
    ],
)
def test_rules_keep_people_out(rules: SignupRules, wanted: NewAccount, code: str) -> None:
    house = House().with_first()
    house.accounts._rules = rules
    with pytest.raises(Forbidden) as caught:
        house.accounts.register(wanted)
    assert caught.value.code == code
    assert house.greeted == []


def test_people_of_a_domain_are_let_in_however_it_is_written() -> None:
    house = House(SignupRules("domains", ("Example.COM",))).with_first()
    assert house.accounts.register(ADA).role is Role.MEMBER


def test_an_invite_lets_one_in_once() -> None:
    house = House(SignupRules("invite")).with_first()
    _, code = Invites(house.invites).create(ADMIN, email=None, hours=1)
    made = house.accounts.register(NewAccount("Ada", "ada@example.com", PASSWORD, f" {code} "))
    assert [row.used_by for row in house.invites.rows.values()] == [made.id]
    with pytest.raises(InvalidInput) as caught:
        house.accounts.register(NewAccount("Eve", "eve@example.com", PASSWORD, code))
    assert caught.value.code == "invalid-invite"


def test_an_invite_that_let_nobody_in_can_be_used_again() -> None:
    house = House(SignupRules("invite")).with_first()
    _, code = Invites(house.invites).create(ADMIN, email="Ada@example.com", hours=1)
    for email, error in (("eve@example.com", InvalidInput), ("root@example.com", InvalidInput)):
        with pytest.raises(error):
            house.accounts.register(NewAccount("Eve", email, PASSWORD, code))
    house.users.insert(User.new("Ada", "ada@example.com", role=Role.MEMBER, password_hash=None))
    with pytest.raises(Conflict):
        house.accounts.register(NewAccount("Ada", "ada@example.com", PASSWORD, code))
    assert Invites(house.invites).find_open(code) is not None


def test_a_weak_password_makes_no_account() -> None:
    house = House()
    with pytest.raises(InvalidInput):
        house.accounts.register(NewAccount("Ada", "ada@example.com", "short"))
    assert house.users.rows == {}


def test_a_password_proves_who_somebody_is() -> None:
    house = House()
    made = house.accounts.register(ADA)
    assert house.sign_in() == made
    for password, email in (("wrong", "ada@example.com"), (PASSWORD, "nobody@example.com")):
        with pytest.raises(Unauthenticated) as caught:
            house.sign_in(password, email)
        assert caught.value.code == "invalid-credentials"


def test_failures_in_a_row_are_slowed_down_and_a_success_forgives_them() -> None:
    house = House()
    house.accounts.register(ADA)
    for count in (FREE_ATTEMPTS, FREE_ATTEMPTS + 1):
        for _ in range(count):
            with pytest.raises(Unauthenticated):
                house.sign_in("wrong")
        if count == FREE_ATTEMPTS:
            house.sign_in()
    with pytest.raises(LimitReached):
        house.sign_in()


def test_a_disabled_account_is_no_account() -> None:
    house = House()
    made = house.accounts.register(ADA)
    assert house.accounts.get_active(made.id) == made
    house.users.rows[made.id] = made.model_copy(update={"disabled": True})
    refused: list[Callable[[], User]] = [
        house.sign_in,
        lambda: house.accounts.get_active(made.id),
        lambda: house.accounts.get_active("nobody"),
    ]
    for ask in refused:
        with pytest.raises(Unauthenticated) as caught:
            ask()
        assert caught.value.code == "account-disabled"


def test_an_outdated_hash_is_made_anew_at_the_next_sign_in() -> None:
    house = House()
    made = house.accounts.register(ADA)
    house.users.rows[made.id] = made.model_copy(update={"password_hash": f"old:{PASSWORD}"})
    house.sign_in()
    assert house.accounts.get(made.id).password_hash == f"new:{PASSWORD}"


def test_who_changes_a_password_knows_the_old_one() -> None:
    house = House()
    made = house.accounts.register(ADA)
    for old, new, path in (("wrong", "another afternoon", "current_password"), (PASSWORD, "short", "new_password")):
        with pytest.raises(InvalidInput) as caught:
            house.accounts.change_password(made, old, new)
        assert [field.path for field in caught.value.fields] == [path]
    house.accounts.change_password(made, PASSWORD, "another afternoon")
    assert house.sign_in("another afternoon").id == made.id


def test_only_administrators_deal_with_invites() -> None:
    invites = Invites(FakeInviteStore())
    made, code = invites.create(ADMIN, email=None, hours=1)
    assert code not in made.model_dump_json()
    refused = (
        lambda: invites.create(MEMBER, email=None, hours=1),
        lambda: invites.list(MEMBER, limit=5),
        lambda: invites.withdraw(MEMBER, made.id),
    )
    for deed in refused:
        with pytest.raises(Forbidden):
            deed()
    assert invites.list(ADMIN, limit=5)[0] == [made]
    invites.withdraw(ADMIN, made.id)
    assert invites.find_open(code) is None
    with pytest.raises(NotFound):
        invites.withdraw(ADMIN, made.id)
