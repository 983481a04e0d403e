"""Runs written short, and a store of them in memory; tests/functional compares it with the real one."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel

from shared.access import Scope
from shared.clock import now
from shared.jobs.lease import LIVING, Lease, LeaseLost
from shared.people import Person
from shared.planning.consent import Consent
from shared.runs.models import Run, RunKind, RunStatus, Trigger
from shared.runs.store import RunStore, active_conflict

Raw = dict[str, Any]


def make_run(**more: Any) -> Run:
    """Return a run that a worker has taken."""
    values: dict[str, Any] = {
        "id": "run1",
        "workflow_id": "workflow1",
        "owner_id": "ada",
        "cluster_id": "cluster1",
        "namespace": "shop",
        "version": 1,
        "status": RunStatus.RUNNING,
        "triggered_by": Trigger(kind="user", user_id="ada", name="Ada"),
        "created_at": now(),
        "started_at": now(),
        "attempts": 1,
        "lease": Lease(owner="worker1", token=1, expires_at=now() + timedelta(minutes=1)),
    }
    return Run(**(values | more))


def queued(**more: Any) -> Run:
    """Return a run that nobody has taken yet."""
    return make_run(**{"status": RunStatus.QUEUED, "lease": None, "started_at": None, "attempts": 0, **more})


class FakeRunStore(RunStore):
    """
    Keeps runs by id, under leases.

    :ivar failures: raised by the next writes under a lease, one each
    :ivar meanwhile: happens right before the next insertion
    :ivar after_cancel: happens right after a wish to cancel was recorded
    :ivar values: everything that was written under a lease, by field
    :ivar logs: the lines that were written under a lease
    :ivar writes: how many writes there were
    """

    def __init__(self, *runs: Run) -> None:
        self.failures: list[Exception] = []
        self.meanwhile: Callable[[], None] | None = None
        self.after_cancel: Callable[[], object] = lambda: None
        self.values: dict[str, Any] = {}
        self.logs: list[str] = []
        self.writes = 0
        self._rows: dict[str, Raw] = {}
        self._lock = threading.RLock()
        for run in runs:
            self.keep(run)

    def keep(self, run: Run) -> None:
        """Store a run as it is."""
        row = run.to_mongo()
        if run.lease is not None:
            row["fence"] = run.lease.token
        self._rows[run.id] = row

    # -- people ---------------------------------------------------------------------------------------------------

    def insert(self, run: Run, *, queue: bool = False) -> None:
        """Add a run; only one of a workflow is active."""
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        active = self.active_of(run.workflow_id)
        if run.id in self._rows or (active and not queue):
            raise active_conflict(active)
        if active:
            run.active, run.waiting = None, True
        self.keep(run)

    def find(self, run_id: str) -> Run | None:
        """Return a run or None."""
        row = self._rows.get(run_id)
        return Run.from_mongo(copy.deepcopy(row)) if row else None

    def of_workflow(self, workflow_id: str, *, limit: int, cursor: str | None) -> tuple[list[Run], int, str | None]:
        """Return a workflow's runs on one page."""
        return self._on_one_page(lambda row: row["workflow_id"] == workflow_id, limit, cursor)

    def within(self, scope: Scope, *, limit: int, cursor: str | None) -> tuple[list[Run], int, str | None]:
        """Return the runs of a scope on one page."""
        return self._on_one_page(lambda row: row["owner_id"] == scope.owner_id, limit, cursor)

    def _on_one_page(
        self, is_wanted: Callable[[Raw], bool], limit: int, cursor: str | None
    ) -> tuple[list[Run], int, str | None]:
        del limit, cursor
        rows = [{**row, "logs": [], "tombstones": []} for _, row in sorted(self._rows.items(), reverse=True)]
        found = [Run.from_mongo(row) for row in rows if is_wanted(row)]
        return found, len(found), None

    def active_of(self, workflow_id: str) -> str | None:
        """Return the active run's id."""
        return next((row["_id"] for row in self._of(workflow_id) if row.get("active")), None)

    def confirm(self, run_id: str, digest: str, *, kind: RunKind, consent: Consent, by: Person) -> Run | None:
        """Queue a planned run again."""
        row = self._rows.get(run_id)
        if row is None or (row["status"], row["plan_digest"]) != ("planned", digest):
            return None
        if row["plan_expires_at"] is None or row["plan_expires_at"] <= now():
            return None
        if active := self.active_of(row["workflow_id"]):
            raise active_conflict(active)
        row |= {"kind": kind.value, "consent": consent.model_dump(), "confirmed_by": by.model_dump()}
        row |= {"status": "queued", "active": True, "attempts": 0, "confirmed_at": now()}
        row |= dict.fromkeys(["finished_at", "duration_seconds", "enqueued_at"])
        return self.find(run_id)

    def discard(self, run_id: str) -> Run | None:
        """End a run that rests."""
        row = self._rows.get(run_id)
        if row is None or row["status"] != "planned":
            return None
        row |= {"status": "cancelled", "finished_at": now()}
        return self.find(run_id)

    def promote(self, workflow_id: str) -> Run | None:
        """Make the oldest waiting run active."""
        waiting = [row for row in self._of(workflow_id) if row["waiting"] and row["status"] == "queued"]
        if not waiting or self.active_of(workflow_id):
            return None
        waiting[0] |= {"waiting": False, "active": True}
        return self.find(waiting[0]["_id"])

    def workflows_with_waiting(self, limit: int = 200) -> list[str]:
        """Return the workflows of waiting runs."""
        found = {row["workflow_id"] for row in self._rows.values() if row["waiting"] and row["status"] == "queued"}
        return sorted(found)[:limit]

    def ended_before(self, moment: datetime, limit: int = 1000) -> Sequence[str]:
        """Return what ended before a time."""
        rows = [row for row in self._rows.values() if row["finished_at"] and not row.get("active")]
        return [row["_id"] for row in rows if row["finished_at"] < moment][:limit]

    def delete(self, run_ids: Sequence[str]) -> int:
        """Delete runs."""
        return sum(self._rows.pop(run_id, None) is not None for run_id in run_ids)

    # -- leases ---------------------------------------------------------------------------------------------------

    def set_enqueued(self, job_id: str) -> None:
        """Record that its message was sent."""
        if job_id in self._rows:
            self._rows[job_id]["enqueued_at"] = now()

    def take(self, job_id: str, owner: str, seconds: float) -> Run | None:
        """Take a run that nobody works on."""
        with self._lock:
            row = self._rows.get(job_id)
            if row is None or row["waiting"] or not _is_unowned(row):
                return None
            row["fence"] = row.get("fence", 0) + 1
            lease = {"owner": owner, "token": row["fence"], "expires_at": now() + timedelta(seconds=seconds)}
            row |= {"status": "running", "attempts": row["attempts"] + 1, "lease": lease}
            row["started_at"] = row["started_at"] or now()
            return self.find(job_id)

    def renew(self, job_id: str, token: int, seconds: float) -> bool:
        """Extend the lease."""
        with self._lock:
            row = self._owned(job_id, token)
            row["lease"]["expires_at"] = now() + timedelta(seconds=seconds)
            return bool(row["cancel_requested"])

    def release(self, job_id: str, token: int) -> None:
        """Let a run go."""
        row = self._rows.get(job_id)
        if row is not None and row["lease"] and row["lease"]["token"] == token:
            # in memory the next look comes within the same millisecond
            row["lease"]["expires_at"] = now() - timedelta(milliseconds=1)

    def write(self, job_id: str, token: int, values: Mapping[str, Any], logs: Sequence[BaseModel] = ()) -> None:
        """Write under the lease."""
        with self._lock:
            if self.failures:
                raise self.failures.pop(0)
            row = self._owned(job_id, token)
            self.writes += 1
            self.values |= values
            self.logs += [str(entry.model_dump()["text"]) for entry in logs]
            row["logs"] = [*row["logs"], *(entry.model_dump() for entry in logs)]
            for path, value in values.items():
                _set(row, path, value)

    def finish(self, job_id: str, token: int, values: Mapping[str, Any], logs: Sequence[BaseModel] = ()) -> Run:
        """End under the lease."""
        with self._lock:
            self.write(job_id, token, values, logs)
            return self._ended(job_id, {}).model_copy(update={"logs": []})

    def end_unowned(self, job_id: str, values: Mapping[str, Any]) -> Run | None:
        """End when nobody works on it."""
        with self._lock:
            row = self._rows.get(job_id)
            return self._ended(job_id, values) if row is not None and _is_unowned(row) else None

    def request_cancel(self, job_id: str, **more: bool) -> Run | None:
        """Record a wish to end."""
        row = self._rows.get(job_id)
        if row is None or row["status"] not in LIVING:
            return None
        row |= {"cancel_requested": True, **more}
        asked = self.find(job_id)
        self.after_cancel()
        return asked

    def abandoned(self, *, queued_seconds: float) -> list[Run]:
        """Return runs nobody works on."""
        at = now()
        before = at - timedelta(seconds=queued_seconds)
        lost = [row for row in self._rows.values() if row["status"] == "running" and _is_over(row["lease"], at)]
        unsent = [row for row in self._rows.values() if row["status"] == "queued" and not row["waiting"]]
        late = [row for row in unsent if (row["enqueued_at"] or row["created_at"]) < before]
        return [Run.from_mongo({**row, "logs": []}) for row in (*lost, *late)]

    def _of(self, workflow_id: str) -> list[Raw]:
        return [row for _, row in sorted(self._rows.items()) if row["workflow_id"] == workflow_id]

    def _owned(self, job_id: str, token: int) -> Raw:
        row = self._rows.get(job_id)
        if row is None or row["status"] != "running" or not row["lease"] or row["lease"]["token"] != token:
            raise LeaseLost
        return row

    def _ended(self, job_id: str, values: Mapping[str, Any]) -> Run:
        row = self._rows[job_id]
        row |= {**values, "lease": None, "phase": None, "waiting": False}
        row.pop("active", None)
        return Run.from_mongo({**copy.deepcopy(row), "active": None})


def _is_unowned(row: Raw) -> bool:
    return row["status"] in LIVING and (not row["lease"] or _is_over(row["lease"], now()))


def _is_over(lease: Raw | None, at: datetime) -> bool:
    return lease is not None and lease["expires_at"] < at


def _set(row: Raw, path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for name in parents:
        row = row.setdefault(name, {})
    row[last] = value
