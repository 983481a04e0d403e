"""The collections ``workflow_runs`` and ``inventory``; every write of a running run names its lease's token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel, ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from shared.clock import now
from shared.errors import Conflict, NotFound
from shared.runs.models import MOST_LOG_ENTRIES, LogEntry, Run, RunStatus
from shared.storage import paging
from shared.storage.store import Store

COLLECTION = "workflow_runs"
LIVING = [RunStatus.QUEUED.value, RunStatus.RUNNING.value]
INDEXES = [
    IndexModel([("workflow_id", ASCENDING)], name="one_active", unique=True, partialFilterExpression={"active": True}),
    IndexModel([("workflow_id", ASCENDING), ("_id", DESCENDING)], name="workflow"),
    IndexModel([("owner_id", ASCENDING), ("_id", DESCENDING)], name="owner"),
    IndexModel([("status", ASCENDING), ("lease.expires_at", ASCENDING)], name="lease"),
]


class LeaseLost(Exception):
    """Another worker owns the run now: stop at once and write nothing."""


class RunStore(Store):
    """Reads and writes runs."""

    def __init__(self, db: Database[dict[str, Any]]) -> None:
        self._runs = db[COLLECTION]

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

    def page(self, query: Mapping[str, Any], *, limit: int, cursor: str | None) -> tuple[list[Run], int, str | None]:
        """Return a page of runs without their logs and what they have removed, newest first."""
        projection = {"logs": 0, "tombstones": 0}
        rows, total, following = paging.page(
            self._runs, query, sort=("_id", DESCENDING), limit=limit, cursor=cursor, projection=projection
        )
        return [Run.from_mongo(row) for row in rows], total, following

    def active_of(self, workflow_id: str) -> str | None:
        """Return the id of a workflow's queued or running run."""
        raw = self._runs.find_one({"workflow_id": workflow_id, "active": True}, {"_id": 1})
        return str(raw["_id"]) if raw else None

    def set_enqueued(self, run_id: str) -> None:
        """Note that the run's message was sent; a queued run whose message got lost is sent again."""
        self._runs.update_one({"_id": run_id}, {"$set": {"enqueued_at": now()}})

    def take(self, run_id: str, owner: str, seconds: float) -> Run | None:
        """Take a run that nobody works on: queued, or running under a lease that ran out. None otherwise."""
        at = now()
        raw = self._runs.find_one_and_update(
            {
                "_id": run_id,
                "status": {"$in": LIVING},
                "waiting": {"$ne": True},
                "$or": [{"lease": None}, {"lease.expires_at": {"$lt": at}}],
            },
            [
                # never falls back, also not when a planned run is taken up again: an old owner must stay fenced off
                {"$set": {"fence": {"$add": [{"$ifNull": ["$fence", 0]}, 1]}}},
                {
                    "$set": {
                        "status": RunStatus.RUNNING.value,
                        "started_at": {"$ifNull": ["$started_at", at]},
                        "attempts": {"$add": ["$attempts", 1]},
                        "lease": {
                            "owner": owner,
                            "token": "$fence",
                            "expires_at": at + timedelta(seconds=seconds),
                        },
                    }
                },
            ],
            return_document=ReturnDocument.AFTER,
        )
        return Run.from_mongo(raw) if raw else None

    def renew(self, run_id: str, token: int, seconds: float) -> bool:
        """
        Extend the lease; tells whether a cancel was asked for.

        :raises LeaseLost: it is another's
        """
        raw = self._runs.find_one_and_update(
            {"_id": run_id, "lease.token": token, "status": RunStatus.RUNNING.value},
            {"$set": {"lease.expires_at": now() + timedelta(seconds=seconds)}},
            projection={"cancel_requested": 1},
        )
        if raw is None:
            raise LeaseLost
        return bool(raw.get("cancel_requested"))

    def release(self, run_id: str, token: int) -> None:
        """Let a running run go without an end, so that it is adopted at once."""
        self._runs.update_one({"_id": run_id, "lease.token": token}, {"$set": {"lease.expires_at": now()}})

    def write(self, run_id: str, token: int, values: Mapping[str, Any], logs: Sequence[LogEntry] = ()) -> None:
        """
        Write state and append log entries.

        :param values: dotted paths are fine
        :raises LeaseLost: it is another's
        """
        change: dict[str, Any] = {}
        if values:
            change["$set"] = dict(values)
        if logs:
            entries = [entry.model_dump() for entry in logs]
            change["$push"] = {"logs": {"$each": entries, "$slice": -MOST_LOG_ENTRIES}}
        if change and self._runs.update_one(self._mine(run_id, token), change).matched_count == 0:
            raise LeaseLost

    def finish(self, run_id: str, token: int, values: Mapping[str, Any], logs: Sequence[LogEntry] = ()) -> Run:
        """
        End a run: final status, no lease, no longer the active one. Returns it without its log.

        :raises LeaseLost: it is another's
        """
        entries = [entry.model_dump() for entry in logs]
        raw = self._runs.find_one_and_update(
            self._mine(run_id, token),
            {
                "$set": {**values, "lease": None, "phase": None},
                "$unset": {"active": ""},
                "$push": {"logs": {"$each": entries, "$slice": -MOST_LOG_ENTRIES}},
            },
            projection={"logs": 0},
            return_document=ReturnDocument.AFTER,
        )
        if raw is None:
            raise LeaseLost
        return Run.from_mongo(raw)

    def _mine(self, run_id: str, token: int) -> dict[str, Any]:
        return {"_id": run_id, "lease.token": token, "status": RunStatus.RUNNING.value}

    def end_unowned(self, run_id: str, values: Mapping[str, Any]) -> Run | None:
        """End a run that nobody works on (queued, or its lease ran out); None when somebody does."""
        raw = self._runs.find_one_and_update(
            {
                "_id": run_id,
                "status": {"$in": LIVING},
                "$or": [{"lease": None}, {"lease.expires_at": {"$lt": now()}}],
            },
            {
                "$set": {**values, "lease": None, "phase": None, "waiting": False, "finished_at": now()},
                "$unset": {"active": ""},
            },
            return_document=ReturnDocument.AFTER,
        )
        return Run.from_mongo(raw) if raw else None

    def confirm(self, run_id: str, digest: str, values: Mapping[str, Any]) -> Run | None:
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
                        **values,
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

    def request_cancel(self, run_id: str, *, rollback: bool = False) -> Run | None:
        """
        Note that somebody wants the run to end; None when it has ended.

        :param rollback: and wants what was deployed before
        """
        raw = self._runs.find_one_and_update(
            {"_id": run_id, "status": {"$in": LIVING}},
            {"$set": {"cancel_requested": True, "rollback_requested": rollback}},
            return_document=ReturnDocument.AFTER,
        )
        return Run.from_mongo(raw) if raw else None

    def ended_before(self, moment: datetime, limit: int = 1000) -> Sequence[str]:
        """Return the ids of runs that ended, or were planned, before a time."""
        found = self._runs.find({"finished_at": {"$lt": moment}, "active": None}, {"_id": 1}).limit(limit)
        return [str(row["_id"]) for row in found]

    def delete(self, run_ids: Sequence[str]) -> int:
        """Delete runs; returns how many."""
        return self._runs.delete_many({"_id": {"$in": list(run_ids)}}).deleted_count

    def abandoned(self, *, queued_seconds: float) -> list[Run]:
        """Return runs nobody works on: leases that ran out, and queued ones whose message must be lost."""
        at = now()
        lost = {"status": RunStatus.RUNNING.value, "lease.expires_at": {"$lt": at}}
        before = at - timedelta(seconds=queued_seconds)
        waiting = {
            "status": RunStatus.QUEUED.value,
            "waiting": {"$ne": True},
            "$or": [{"enqueued_at": {"$lt": before}}, {"enqueued_at": None, "created_at": {"$lt": before}}],
        }
        return [Run.from_mongo(raw) for raw in self._runs.find({"$or": [lost, waiting]}, {"logs": 0}).limit(200)]


def active_conflict(run_id: str | None) -> Conflict:
    """Return what to say when another run of the workflow is active."""
    return Conflict(
        "This workflow is running already. Watch that run, or cancel it first.",
        code="run-active",
        details={"run_id": run_id},
    )
