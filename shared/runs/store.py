"""The collection ``workflow_runs``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel, ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from shared.access import Scope
from shared.clock import now
from shared.errors import Conflict, NotFound
from shared.jobs.lease import JobStore
from shared.people import Person
from shared.planning.consent import Consent
from shared.runs.models import Run, RunKind, RunStatus
from shared.storage import paging

COLLECTION = "workflow_runs"
INDEXES = [
    IndexModel([("workflow_id", ASCENDING)], name="one_active", unique=True, partialFilterExpression={"active": True}),
    IndexModel([("workflow_id", ASCENDING), ("_id", DESCENDING)], name="workflow"),
    IndexModel([("owner_id", ASCENDING), ("_id", DESCENDING)], name="owner"),
    IndexModel([("status", ASCENDING), ("lease.expires_at", ASCENDING)], name="lease"),
]


class RunStore(JobStore[Run]):
    """Reads and writes runs; their leases and ends are those of every job."""

    CLEARED = {"phase": None, "waiting": False}  # noqa: RUF012 - ClassVar of the base
    REMOVED = ("active",)

    def __init__(self, db: Database[dict[str, Any]]) -> None:
        super().__init__(db[COLLECTION])
        self._runs = self._jobs

    def _read(self, raw: Mapping[str, Any]) -> Run:
        return Run.from_mongo(raw)

    def insert(self, run: Run, *, queue: bool = False) -> None:
        """
        Add a queued run.

        :param queue: behind the active run when there is one; ``run.waiting`` tells
        :raises Conflict: code ``run-active``; ``details["run_id"]`` is the run that is at work
        """
        try:
            self._runs.insert_one(run.to_mongo())
        except DuplicateKeyError as error:
            if queue and "_id" not in (error.details or {}).get("keyPattern", {}):
                run.active, run.waiting = None, True
                self._runs.insert_one(run.to_mongo())
                return
            other = self._runs.find_one({"workflow_id": run.workflow_id, "active": True}, {"_id": 1}) or {}
            raise active_conflict(other.get("_id")) from error

    def find(self, run_id: str) -> Run | None:
        """Return a run or None."""
        raw = self._runs.find_one({"_id": run_id})
        return Run.from_mongo(raw) if raw else None

    def get(self, run_id: str) -> Run:
        """
        Return a run.

        :raises NotFound: there is none
        """
        run = self.find(run_id)
        if run is None:
            raise NotFound("There is no such run.")
        return run

    def of_workflow(self, workflow_id: str, *, limit: int, cursor: str | None) -> tuple[list[Run], int, str | None]:
        """Return a page of a workflow's runs without their logs and tombstones, newest first."""
        return self._page({"workflow_id": workflow_id}, limit=limit, cursor=cursor)

    def within(self, scope: Scope, *, limit: int, cursor: str | None) -> tuple[list[Run], int, str | None]:
        """Return a page of all runs that somebody may see, without their logs, newest first."""
        return self._page({"owner_id": scope.owner_id}, limit=limit, cursor=cursor)

    def _page(self, query: Mapping[str, Any], *, limit: int, cursor: str | None) -> tuple[list[Run], int, str | None]:
        rows, total, following = paging.page(
            self._runs,
            query,
            sort=("_id", DESCENDING),
            limit=limit,
            cursor=cursor,
            projection={"logs": 0, "tombstones": 0},
        )
        return [Run.from_mongo(row) for row in rows], total, following

    def active_of(self, workflow_id: str) -> str | None:
        """Return the id of a workflow's queued or running run."""
        raw = self._runs.find_one({"workflow_id": workflow_id, "active": True}, {"_id": 1})
        return str(raw["_id"]) if raw else None

    def confirm(self, run_id: str, digest: str, *, kind: RunKind, consent: Consent, by: Person) -> Run | None:
        """
        Queue a planned run again, to be done this time; None when its plan is another, too old, or confirmed already.

        :raises Conflict: code ``run-active``
        """
        try:
            raw = self._runs.find_one_and_update(
                {
                    "_id": run_id,
                    "status": RunStatus.PLANNED.value,
                    "plan_digest": digest,
                    "plan_expires_at": {"$gt": now()},
                },
                {
                    "$set": {
                        "kind": kind.value,
                        "consent": consent.model_dump(),
                        "confirmed_by": by.model_dump(),
                        "status": RunStatus.QUEUED.value,
                        "active": True,
                        "attempts": 0,
                        "finished_at": None,
                        "duration_seconds": None,
                        "enqueued_at": None,
                        "confirmed_at": now(),
                    }
                },
                return_document=ReturnDocument.AFTER,
            )
        except DuplicateKeyError as error:
            planned = self.get(run_id)
            raise active_conflict(self.active_of(planned.workflow_id)) from error
        return Run.from_mongo(raw) if raw else None

    def discard(self, run_id: str) -> Run | None:
        """End a run that rests as planned; None when it does not (any more)."""
        raw = self._runs.find_one_and_update(
            {"_id": run_id, "status": RunStatus.PLANNED.value},
            {"$set": {"status": RunStatus.CANCELLED.value, "finished_at": now()}},
            return_document=ReturnDocument.AFTER,
        )
        return Run.from_mongo(raw) if raw else None

    def promote(self, workflow_id: str) -> Run | None:
        """Make the oldest waiting run of a workflow its active one; None when none waits or one is active."""
        try:
            raw = self._runs.find_one_and_update(
                {"workflow_id": workflow_id, "waiting": True, "status": RunStatus.QUEUED.value},
                {"$set": {"waiting": False, "active": True}},
                sort=[("_id", ASCENDING)],
                return_document=ReturnDocument.AFTER,
            )
        except DuplicateKeyError:
            return None
        return Run.from_mongo(raw) if raw else None

    def workflows_with_waiting(self, limit: int = 200) -> list[str]:
        """Return the workflows that have a waiting run."""
        found = self._runs.find({"waiting": True, "status": RunStatus.QUEUED.value}, {"workflow_id": 1}).limit(limit)
        return sorted({str(row["workflow_id"]) for row in found})

    def ended_before(self, moment: datetime, limit: int = 1000) -> Sequence[str]:
        """Return the ids of runs that ended, or were planned, before a time."""
        found = self._runs.find({"finished_at": {"$lt": moment}, "active": None}, {"_id": 1}).limit(limit)
        return [str(row["_id"]) for row in found]

    def delete(self, run_ids: Sequence[str]) -> int:
        """Delete runs; returns how many."""
        return self._runs.delete_many({"_id": {"$in": list(run_ids)}}).deleted_count


def active_conflict(run_id: str | None) -> Conflict:
    """Return the conflict with another run of the workflow that is active."""
    return Conflict(
        "This workflow is running already. Watch that run, or cancel it first.",
        code="run-active",
        details={"run_id": run_id},
    )
