"""The collection ``inventory``: objects that workflows own, and those that a run was about to make when it died."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pymongo import ASCENDING, DeleteOne, IndexModel, ReplaceOne
from pymongo.database import Database

from shared.owned.models import OwnedObject
from shared.storage.store import Store

COLLECTION = "inventory"
INDEXES = [
    IndexModel([("workflow_id", ASCENDING), ("cluster_id", ASCENDING)], name="workflow_cluster"),
    IndexModel([("cluster_id", ASCENDING)], name="cluster"),
]


class OwnedStore(Store):
    """Reads and writes the objects that workflows own."""

    def __init__(self, db: Database[dict[str, Any]]) -> None:
        self._rows = db[COLLECTION]

    def of_workflow(self, workflow_id: str) -> list[OwnedObject]:
        """Return the objects of a workflow on all clusters, and those that a run was about to make when it died."""
        return [OwnedObject.from_mongo(row) for row in self._rows.find({"workflow_id": workflow_id})]

    def of_cluster(self, cluster_id: str) -> list[OwnedObject]:
        """Return the objects of all workflows on a cluster, without those that are only about to be made."""
        rows = self._rows.find({"cluster_id": cluster_id, "uid": {"$ne": ""}})
        return [OwnedObject.from_mongo(row) for row in rows]

    def put(self, entries: Iterable[OwnedObject]) -> None:
        """Write entries; an object's earlier entry is replaced."""
        writes = [ReplaceOne({"_id": entry.id}, entry.to_mongo(), upsert=True) for entry in entries]
        if writes:
            self._rows.bulk_write(writes, ordered=False)

    def remove(self, ids: Iterable[str]) -> None:
        """Forget entries."""
        writes = [DeleteOne({"_id": entry_id}) for entry_id in ids]
        if writes:
            self._rows.bulk_write(writes, ordered=False)
