from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest
from argon2 import PasswordHasher

from shared.errors import InvalidInput
from shared.users.passwords import LONGEST, Passwords, check_password
from tests.support.fakes.users import FakePasswords

T = TypeVar("T")


@pytest.mark.parametrize(
    ("password", "email"),
    [
        ("short", ""),
        ("password123", ""),
        ("PASSWORD123", ""),
        ("aaaaaaaaaaaa", ""),
        ("abababababab", ""),
        ("ada@example.com", "Ada@Example.com"),
        ("ada-lovelace", "ada-lovelace@example.com"),
        ("x" * (LONGEST + 1), ""),
    ],
)
def test_what_would_be_guessed_first_is_refused_by_field(password: str, email: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_password(password, field="new_password", email=email)
    assert caught.value.code == "weak-password"
    assert [field.path for field in caught.value.fields] == ["new_password"]
    assert password not in caught.value.message


@pytest.mark.parametrize("password", ["a quiet afternoon", "Grüße aus Köln", "x1y2z3a4b5"])
def test_a_good_one_passes(password: str) -> None:
    check_password(password)


@pytest.fixture(params=[Passwords, FakePasswords])
def passwords(request: pytest.FixtureRequest) -> Passwords:
    made: Passwords = request.param()
    return made


def test_a_password_matches_its_hash_and_nothing_else(passwords: Passwords) -> None:
    stored = passwords.hash("a quiet afternoon")
    assert stored != "a quiet afternoon"
    assert passwords.matches(stored, "a quiet afternoon")
    assert not passwords.matches(stored, "a quiet Afternoon")
    assert not passwords.matches(None, "nobody has this password")
    assert not passwords.matches("no hash at all", "a quiet afternoon")
    assert not passwords.is_outdated(stored)


def test_a_hash_tells_nothing_and_two_are_never_alike() -> None:
    passwords = Passwords()
    first, second = passwords.hash("a quiet afternoon"), passwords.hash("a quiet afternoon")
    assert "quiet" not in first
    assert first != second


def test_a_hash_with_other_parameters_is_outdated() -> None:
    weaker = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash("a quiet afternoon")
    passwords = Passwords()
    assert passwords.is_outdated(weaker)
    assert passwords.matches(weaker, "a quiet afternoon")


def test_hashing_goes_where_it_is_told() -> None:
    calls = 0

    def elsewhere(work: Callable[[], T], /) -> T:
        nonlocal calls
        calls += 1
        return work()

    passwords = Passwords(elsewhere)
    stored = passwords.hash("a quiet afternoon")
    assert passwords.matches(stored, "a quiet afternoon")
    assert calls == 2
