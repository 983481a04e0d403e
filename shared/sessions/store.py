"""The ``sessions`` collection."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel, ReturnDocument
from pymongo.database import Database

from shared.sessions.models import Session
from shared.storage.store import Store

COLLECTION = "sessions"
INDEXES = [
    IndexModel([("user_id", ASCENDING), ("last_used_at", DESCENDING)], name="user"),
    # the time is checked in code as well: MongoDB removes rows up to a minute late
    IndexModel([("expires_at", ASCENDING)], name="expiry", expireAfterSeconds=0),
]
MOST_LISTED = 100


class SessionStore(Store):
    """The only place that knows how sessions are stored."""

    def __init__(self, db: Database[dict[str, Any]]) -> None:
        self._sessions = db[COLLECTION]

    def insert(self, session: Session) -> None:
        """Add a session."""
        self._sessions.insert_one(session.to_mongo())

    def find(self, session_id: str, at: datetime) -> Session | None:
        """Return a session that has not ended."""
        row = self._sessions.find_one({"_id": session_id, "expires_at": {"$gt": at}})
        return Session.from_mongo(row) if row else None

    def list(self, user_id: str, at: datetime) -> list[Session]:
        """Return a person's sessions, last used first."""
        rows = self._sessions.find({"user_id": user_id, "expires_at": {"$gt": at}})
        return [Session.from_mongo(row) for row in rows.sort("last_used_at", DESCENDING).limit(MOST_LISTED)]

    def rotate(self, session_id: str, generation: int, at: datetime) -> Session | None:
        """Move a session to its next generation; None when another request was faster."""
        row = self._sessions.find_one_and_update(
            {"_id": session_id, "generation": generation, "expires_at": {"$gt": at}},
            {"$inc": {"generation": 1}, "$set": {"rotated_at": at, "last_used_at": at}},
            return_document=ReturnDocument.AFTER,
        )
        return Session.from_mongo(row) if row else None

    def delete(self, session_id: str) -> bool:
        """End one session; tells whether it was there."""
        return self._sessions.delete_one({"_id": session_id}).deleted_count > 0

    def delete_of(self, user_id: str, *, but: str | None = None) -> int:
        """End all sessions of a person except one, and return how many."""
        query: dict[str, Any] = {"user_id": user_id}
        if but is not None:
            query["_id"] = {"$ne": but}
        return self._sessions.delete_many(query).deleted_count
