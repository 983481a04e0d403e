"""The collection ``run_plans``: one document per object of a plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.database import Database

from shared.planning.items import StoredItem
from shared.storage import paging
from shared.storage.store import Store

COLLECTION = "run_plans"
INDEXES = [IndexModel([("run_id", ASCENDING), ("_id", ASCENDING)], name="run")]


class PlanStore(Store):
    """Reads and writes plans."""

    def __init__(self, db: Database[dict[str, Any]]) -> None:
        self._items = db[COLLECTION]

    def put(self, run_id: str, items: Sequence[StoredItem]) -> None:
        """Write a run's plan; the one before is gone."""
        self._items.delete_many({"run_id": run_id})
        if items:
            self._items.insert_many([item.to_mongo() for item in items])

    def of_run(self, run_id: str) -> list[StoredItem]:
        """Return a run's whole plan in its order."""
        rows = self._items.find({"run_id": run_id}).sort("_id", ASCENDING)
        return [StoredItem.from_mongo(row) for row in rows]

    def page(
        self, run_id: str, *, action: str | None, limit: int, cursor: str | None
    ) -> tuple[list[StoredItem], int, str | None]:
        """Return a page of a run's plan."""
        query = {"run_id": run_id, **({"action": action} if action else {})}
        rows, total, following = paging.page(self._items, query, sort=("_id", ASCENDING), limit=limit, cursor=cursor)
        return [StoredItem.from_mongo(row) for row in rows], total, following

    def delete_of(self, run_ids: Sequence[str]) -> None:
        """Forget the plans of runs."""
        self._items.delete_many({"run_id": {"$in": list(run_ids)}})
