"""
The collection ``claims``: one id per key, so that work which is asked for twice is started once.

Whoever starts work under a key claims the id of what is to be made first, and makes it under that id: the second
caller gets the same id, and finds what is there or fails on the same ``_id``.
"""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING, IndexModel, ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from shared.clock import now
from shared.ids import new_id
from shared.storage.store import Store

COLLECTION = "claims"
KEEP_SECONDS = 24 * 3600
INDEXES = [IndexModel([("at", ASCENDING)], name="expiry", expireAfterSeconds=KEEP_SECONDS)]


class ClaimStore(Store):
    """Gives out ids by key."""

    def __init__(self, db: Database[dict[str, Any]]) -> None:
        self._claims = db[COLLECTION]

    def claim(self, scope: str, key: str) -> str:
        """
        Return the id that belongs to a key, the same for everybody who asks within a day.

        :param scope: who wants what: keys of different people or things never meet
        """
        identity = f"{scope}|{key}"
        try:
            return self._claim(identity)
        except DuplicateKeyError:
            # two upserts at once: the other one's row is there now
            return self._claim(identity)

    def _claim(self, identity: str) -> str:
        row = self._claims.find_one_and_update(
            {"_id": identity},
            {"$setOnInsert": {"made_id": new_id(), "at": now()}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return str((row or {})["made_id"])
