"""The collections ``plugins`` (administrators' own) and ``user_plugins`` (those that a person has enabled)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel, ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from shared.access import no_such
from shared.clock import now
from shared.errors import Conflict, NotFound
from shared.ids import new_id
from shared.plugins.models import OwnPlugin
from shared.storage.store import Store

COLLECTION = "plugins"
ENABLED = "user_plugins"
ENABLED_INDEXES = [
    IndexModel([("user_id", ASCENDING), ("plugin_id", ASCENDING)], name="user_plugin", unique=True),
    IndexModel([("plugin_id", ASCENDING)], name="plugin"),
]


class PluginStore(Store):
    """Reads and writes own plugins, and the choices of people."""

    def __init__(self, db: Database[dict[str, Any]]) -> None:
        self._own = db[COLLECTION]
        self._enabled = db[ENABLED]

    def insert(self, plugin: OwnPlugin) -> None:
        """
        Add a plugin.

        :raises Conflict: code ``plugin-id-taken``
        """
        try:
            self._own.insert_one(plugin.to_mongo())
        except DuplicateKeyError as error:
            raise taken(plugin.id) from error

    def find(self, plugin_id: str) -> OwnPlugin | None:
        """Return an own plugin or None."""
        raw = self._own.find_one({"_id": plugin_id})
        return OwnPlugin.from_mongo(raw) if raw else None

    def list(self, ids: Iterable[str] | None = None) -> list[OwnPlugin]:
        """Return own plugins by id: all, or those of them that exist."""
        query: dict[str, Any] = {} if ids is None else {"_id": {"$in": list(ids)}}
        return [OwnPlugin.from_mongo(raw) for raw in self._own.find(query).sort("_id", ASCENDING)]

    def count(self) -> int:
        """Return the number of own plugins."""
        return self._own.count_documents({})

    def replace(self, plugin_id: str, definition: str, *, revision: int) -> OwnPlugin:
        """
        Put another definition in place if nobody else has since.

        :raises Conflict: code ``revision-conflict``; ``details`` has the current revision
        :raises NotFound: there is no such own plugin
        """
        raw = self._own.find_one_and_update(
            {"_id": plugin_id, "revision": revision},
            {"$set": {"definition": definition, "updated_at": now()}, "$inc": {"revision": 1}},
            return_document=ReturnDocument.AFTER,
        )
        if raw is not None:
            return OwnPlugin.from_mongo(raw)
        current = self.find(plugin_id)
        if current is None:
            raise no_such_plugin()
        raise Conflict(
            f"The plugin was changed meanwhile; it is at revision {current.revision} now.",
            code="revision-conflict",
            details={"revision": current.revision},
        )

    def delete(self, plugin_id: str) -> None:
        """
        Delete an own plugin; nobody has it enabled any more.

        :raises NotFound: there is no such own plugin
        """
        if self._own.delete_one({"_id": plugin_id}).deleted_count == 0:
            raise no_such_plugin()
        self._enabled.delete_many({"plugin_id": plugin_id})

    def enable(self, user_id: str, plugin_id: str) -> None:
        """Record that a person has enabled a plugin's node types; safe to repeat."""
        row = {"_id": new_id(), "enabled_at": now()}
        try:
            self._enabled.update_one({"user_id": user_id, "plugin_id": plugin_id}, {"$setOnInsert": row}, upsert=True)
        except DuplicateKeyError:
            # two upserts at once: the other one's row is there now
            return

    def disable(self, user_id: str, plugin_id: str) -> None:
        """Record that a person has disabled them; safe to repeat."""
        self._enabled.delete_one({"user_id": user_id, "plugin_id": plugin_id})

    def enabled(self, user_id: str) -> dict[str, datetime]:
        """Return the ids of the plugins a person has enabled, and since when."""
        return {row["plugin_id"]: row["enabled_at"] for row in self._enabled.find({"user_id": user_id})}


def taken(plugin_id: str) -> Conflict:
    """Return the error that says an id is another plugin's."""
    return Conflict(f"There is a plugin {plugin_id} already; choose another id.", code="plugin-id-taken")


def no_such_plugin() -> NotFound:
    """Return the error that says there is none."""
    return no_such("plugin")
