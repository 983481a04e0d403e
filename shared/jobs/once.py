"""Work that is asked for twice is started once: an Idempotency-Key stands for the id of what it makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from shared.errors import Conflict
from shared.storage.claims import ClaimStore

Made = TypeVar("Made")


class Once:
    """Makes things under keys."""

    def __init__(self, claims: ClaimStore) -> None:
        self._claims = claims

    def make(
        self, scope: str, key: str, *, find: Callable[[str], Made | None], make: Callable[[str | None], Made]
    ) -> tuple[Made, bool]:
        """
        Make a thing, or return the one that the same key has made within a day.

        :param scope: the person and the purpose: keys of different people or things never meet
        :param key: empty when nobody gave one; then something new is made each time
        :param find: returns the thing with an id
        :param make: makes it under an id, or under a new one
        :return: it, and whether it was made now
        """
        if not key:
            return make(None), True
        claimed = self._claims.claim(scope, key)
        if earlier := find(claimed):
            return earlier, False
        try:
            return make(claimed), True
        except Conflict:
            # the same request, sent twice at once: the other one has made it
            if earlier := find(claimed):
                return earlier, False
            raise
