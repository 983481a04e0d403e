"""
The audit log: who did what to what, from where, and how it ended. Append-only, and never a value.

Written by whoever carries out the deed, after it; a failure to write is logged and does not undo the deed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.database import Database

from shared.clock import now
from shared.errors import KubeOrchError
from shared.ids import new_id
from shared.log import context, get_logger
from shared.storage.documents import Document
from shared.storage.store import Store

log = get_logger(__name__)

COLLECTION = "audit"
KEEP_SECONDS = 365 * 86400
INDEXES = [
    IndexModel([("at", ASCENDING)], name="expiry", expireAfterSeconds=KEEP_SECONDS),
    IndexModel([("actor_id", ASCENDING), ("at", DESCENDING)], name="actor"),
    IndexModel([("target", ASCENDING), ("at", DESCENDING)], name="target"),
]


class Entry(Document):
    """One deed; ``target`` is ``<kind>:<id>``."""

    at: datetime
    actor_id: str | None
    action: str
    target: str
    outcome: str
    address: str
    request_id: str


class AuditLog(Store):
    """Appends deeds; there is no way to change or remove one."""

    def __init__(self, db: Database[dict[str, Any]]) -> None:
        self._entries = db[COLLECTION]

    def add(self, action: str, *, actor_id: str | None, target: str, outcome: str = "done", address: str = "") -> None:
        """
        Append a deed; that it could not be written is logged, because the deed itself is done.

        :param action: noun and verb: ``session.start``, ``cluster.delete``
        """
        entry = Entry(
            id=new_id(),
            at=now(),
            actor_id=actor_id,
            action=action,
            target=target,
            outcome=outcome,
            address=address,
            request_id=str(context().get("request_id", "")),
        )
        try:
            self.append(entry)
        except KubeOrchError:
            log.exception("audit_entry_lost", action=action, target=target)

    def append(self, entry: Entry) -> None:
        """Write an entry."""
        self._entries.insert_one(entry.to_mongo())
