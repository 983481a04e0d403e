"""Password rules and hashes: argon2id, run where ``offload`` says so that an event loop never waits for it."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import Protocol, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from shared.errors import FieldError, InvalidInput

SHORTEST = 10
LONGEST = 256
T = TypeVar("T")

# The commonest passwords of ten characters and more; shorter ones are refused for their length.
_COMMON = frozenset(files("shared.users").joinpath("common-passwords.txt").read_text("utf-8").split())


def check_password(password: str, *, field: str = "password", email: str = "") -> None:
    """
    Refuse a password that would be guessed first.

    :raises InvalidInput: too short, too long, among the commonest, one character over and over, or the own address
    """
    problem = _problem(password, email)
    if problem:
        raise InvalidInput(
            "The password is not good enough.", code="weak-password", fields=[FieldError(field, problem)]
        )


def _problem(password: str, email: str) -> str | None:
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters."
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters."
    lower = password.casefold()
    if lower in _COMMON:
        return "This is among the commonest passwords."
    if len(set(lower)) <= 2:  # noqa: PLR2004 - one or two characters repeated
        return "This repeats the same characters."
    if email and lower in {email.casefold(), email.casefold().split("@")[0]}:
        return "This is the e-mail address."
    return None


class Offload(Protocol):
    """Runs a function elsewhere and returns its result."""

    def __call__(self, work: Callable[[], T], /) -> T:
        """Run it."""


def _directly(work: Callable[[], T]) -> T:
    return work()


class Passwords:
    """
    Hash and verify.

    19 MiB, two passes, one lane: OWASP's recommendation for argon2id, about 20 ms.

    :param offload: where functions run; web gives gevent's thread pool
    """

    def __init__(self, offload: Offload = _directly) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._offload = offload
        self._nobody = self._hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """Return the string to store: parameters, salt and hash in one."""
        return self._offload(lambda: self._hasher.hash(password))

    def matches(self, stored: str | None, password: str) -> bool:
        """Compare in the same time whether or not there is an account (``stored`` is None when there is none)."""
        found = self._offload(lambda: self._verify(stored or self._nobody, password))
        return found and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Whether the parameters have changed since; then the next sign-in hashes anew."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False
