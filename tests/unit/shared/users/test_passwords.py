from __future__ import annotations

import pytest

from shared.errors import InvalidInput
from shared.users.passwords import LONGEST, Passwords, check_password


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


def test_a_password_matches_its_hash_and_nothing_else() -> None:
    passwords = Passwords()
    stored = passwords.hash("a quiet afternoon")
    assert "quiet" not in stored
    assert passwords.matches(stored, "a quiet afternoon")
    assert not passwords.matches(stored, "a quiet Afternoon")
    assert not passwords.matches(None, "nobody has this password")
    assert not passwords.matches("no hash at all", "a quiet afternoon")
    assert not passwords.is_outdated(stored)


def test_hashing_goes_where_it_is_told() -> None:
    calls = 0

    def elsewhere(work: object) -> object:
        nonlocal calls
        calls += 1
        assert callable(work)
        return work()

    passwords = Passwords(elsewhere)  # type: ignore[arg-type]
    stored = passwords.hash("a quiet afternoon")
    assert passwords.matches(stored, "a quiet afternoon")
    assert calls == 2
