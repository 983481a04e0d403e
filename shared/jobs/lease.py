"""
Leases on documents of jobs: one worker at a time, and every write of a running job names its token.

The token grows with every owner, so a worker that was cut off and comes back changes nothing. A job is taken when it
is queued or when its lease ran out; whoever loses it stops at once.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel
from pymongo import ReturnDocument
from pymongo.collection import Collection

from shared.clock import now
from shared.storage.documents import Document
from shared.storage.store import Store

QUEUED, RUNNING = "queued", "running"
LIVING = (QUEUED, RUNNING)
MOST_LOG_ENTRIES = 2000
MOST_ABANDONED = 200
"""Jobs that one look of the reaper returns; the next look returns the rest."""

Job = TypeVar("Job", bound=Document)


class Lease(BaseModel):
    """The hold of one worker on a job; the token grows with every owner, and every write names it."""

    owner: str
    token: int
    expires_at: datetime


class LeaseLost(Exception):
    """Another worker owns the job now: stop at once and write nothing."""


class JobStore(Store, Generic[Job]):
    """
    Reads and writes the documents of one kind of job.

    Fields it knows: ``status`` (``queued``, ``running``, or any other word once it has ended), ``lease``, ``fence``,
    ``attempts``, ``waiting`` (behind another job of the same thing), ``cancel_requested``, ``enqueued_at``,
    ``created_at``, ``started_at``, ``finished_at`` and ``logs``.
    """

    CLEARED: ClassVar[Mapping[str, Any]] = {}
    """Values that fields get when a job ends."""
    REMOVED: ClassVar[tuple[str, ...]] = ()
    """Fields that an ended job does not have."""

    def __init__(self, jobs: Collection[dict[str, Any]]) -> None:
        self._jobs = jobs

    @abstractmethod
    def _read(self, raw: Mapping[str, Any]) -> Job:
        """Return a document as its model."""

    def _read_or_none(self, raw: Mapping[str, Any] | None) -> Job | None:
        return self._read(raw) if raw else None

    def set_enqueued(self, job_id: str) -> None:
        """Record that the job's message was sent; a queued job whose message got lost is sent again."""
        self._jobs.update_one({"_id": job_id}, {"$set": {"enqueued_at": now()}})

    def take(self, job_id: str, owner: str, seconds: float) -> Job | None:
        """Take a job that nobody works on: queued, or running under a lease that ran out. None otherwise."""
        at = now()
        return self._read_or_none(
            self._jobs.find_one_and_update(
                {"_id": job_id, "status": {"$in": LIVING}, "waiting": {"$ne": True}, "$or": _unowned(at)},
                [
                    # never falls back, also not when a job is taken up again later: an old owner must stay fenced off
                    {"$set": {"fence": {"$add": [{"$ifNull": ["$fence", 0]}, 1]}}},
                    {
                        "$set": {
                            "status": RUNNING,
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
        )

    def renew(self, job_id: str, token: int, seconds: float) -> bool:
        """
        Extend the lease; tells whether a cancel was asked for.

        :raises LeaseLost: it is another's
        """
        raw = self._jobs.find_one_and_update(
            _owned(job_id, token),
            {"$set": {"lease.expires_at": now() + timedelta(seconds=seconds)}},
            projection={"cancel_requested": 1},
        )
        if raw is None:
            raise LeaseLost
        return bool(raw.get("cancel_requested"))

    def release(self, job_id: str, token: int) -> None:
        """Let a running job go without an end, so that it is adopted at once."""
        self._jobs.update_one({"_id": job_id, "lease.token": token}, {"$set": {"lease.expires_at": now()}})

    def write(self, job_id: str, token: int, values: Mapping[str, Any], logs: Sequence[BaseModel] = ()) -> None:
        """
        Write state and append log entries.

        :param values: by field; dotted paths are fine
        :raises LeaseLost: it is another's
        """
        change: dict[str, Any] = {}
        if values:
            change["$set"] = dict(values)
        if logs:
            change["$push"] = _appended(logs)
        if change and self._jobs.update_one(_owned(job_id, token), change).matched_count == 0:
            raise LeaseLost

    def finish(self, job_id: str, token: int, values: Mapping[str, Any], logs: Sequence[BaseModel] = ()) -> Job:
        """
        End a running job: final status, no lease. Returns it without its log.

        :raises LeaseLost: it is another's
        """
        change = self._end(values)
        change["$push"] = _appended(logs)
        raw = self._jobs.find_one_and_update(
            _owned(job_id, token), change, projection={"logs": 0}, return_document=ReturnDocument.AFTER
        )
        if raw is None:
            raise LeaseLost
        return self._read(raw)

    def end_unowned(self, job_id: str, values: Mapping[str, Any]) -> Job | None:
        """End a job that nobody works on (queued, or its lease ran out); None when somebody does."""
        return self._read_or_none(
            self._jobs.find_one_and_update(
                {"_id": job_id, "status": {"$in": LIVING}, "$or": _unowned(now())},
                self._end(values),
                return_document=ReturnDocument.AFTER,
            )
        )

    def _end(self, values: Mapping[str, Any]) -> dict[str, Any]:
        change: dict[str, Any] = {"$set": {**values, **self.CLEARED, "lease": None}}
        if self.REMOVED:
            change["$unset"] = dict.fromkeys(self.REMOVED, "")
        return change

    def request_cancel(self, job_id: str, **more: bool) -> Job | None:
        """
        Record that somebody wants the job to end; None when it has ended.

        :param more: what they want beside that
        """
        return self._read_or_none(
            self._jobs.find_one_and_update(
                {"_id": job_id, "status": {"$in": LIVING}},
                {"$set": {"cancel_requested": True, **more}},
                return_document=ReturnDocument.AFTER,
            )
        )

    def abandoned(self, *, queued_seconds: float) -> list[Job]:
        """
        Return jobs nobody works on: leases that ran out, and queued ones whose message must be lost.

        :param queued_seconds: how long a message may be on its way
        """
        at = now()
        before = at - timedelta(seconds=queued_seconds)
        lost = {"status": RUNNING, "lease.expires_at": {"$lt": at}}
        unsent = {
            "status": QUEUED,
            "waiting": {"$ne": True},
            "$or": [{"enqueued_at": {"$lt": before}}, {"enqueued_at": None, "created_at": {"$lt": before}}],
        }
        found = self._jobs.find({"$or": [lost, unsent]}, {"logs": 0}).limit(MOST_ABANDONED)
        return [self._read(raw) for raw in found]


def _owned(job_id: str, token: int) -> dict[str, Any]:
    return {"_id": job_id, "lease.token": token, "status": RUNNING}


def _unowned(at: datetime) -> list[dict[str, Any]]:
    return [{"lease": None}, {"lease.expires_at": {"$lt": at}}]


def _appended(logs: Sequence[BaseModel]) -> dict[str, Any]:
    return {"logs": {"$each": [entry.model_dump() for entry in logs], "$slice": -MOST_LOG_ENTRIES}}
