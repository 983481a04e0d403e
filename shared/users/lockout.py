"""Rising delay after failed sign-ins, per account and address, kept in Redis."""

from __future__ import annotations

import hashlib

import redis

from shared.errors import LimitReached
from shared.storage.store import Store
from shared.users.models import email_key

FREE_ATTEMPTS = 5
LONGEST_DELAY_SECONDS = 900
FORGET_AFTER_SECONDS = 3600


class Lockout(Store):
    """
    Counts failures and sets the time to wait after them.

    The sixth failure in a row costs two seconds, each further one twice as long, up to 15 minutes.
    """

    def __init__(self, store: redis.Redis) -> None:
        self._redis = store

    def check(self, email: str, address: str) -> None:
        """
        Let an attempt through or refuse it before the password is looked at.

        :raises LimitReached: code ``too-many-attempts``
        """
        left = int(self._redis.pttl(self._key("wait", email, address)))
        if left > 0:
            raise LimitReached(
                "Too many failed attempts. Wait a little and try again.",
                code="too-many-attempts",
                retry_after_seconds=left / 1000,
            )

    def failed(self, email: str, address: str) -> None:
        """Count a failure and set the delay that follows from it."""
        counter = self._key("count", email, address)
        count = int(self._redis.incr(counter))
        self._redis.expire(counter, FORGET_AFTER_SECONDS)
        if count > FREE_ATTEMPTS:
            delay = min(2 ** (count - FREE_ATTEMPTS), LONGEST_DELAY_SECONDS)
            self._redis.set(self._key("wait", email, address), b"1", px=delay * 1000)

    def succeeded(self, email: str, address: str) -> None:
        """Forget the failures."""
        self._redis.delete(self._key("count", email, address), self._key("wait", email, address))

    @staticmethod
    def _key(kind: str, email: str, address: str) -> str:
        who = hashlib.sha256(f"{email_key(email)}\n{address}".encode()).hexdigest()[:32]
        return f"lockout:{{{who}}}:{kind}"
