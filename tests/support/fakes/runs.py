"""Runs written short, and what their ends are written to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from pydantic import BaseModel

from shared.clock import now
from shared.jobs.lease import MOST_LOG_ENTRIES, Lease, LeaseLost
from shared.people import Person
from shared.planning.consent import Consent
from shared.runs.models import LogEntry, Run, RunKind, RunStatus, Trigger
from shared.runs.store import RunStore, active_conflict
from shared.workflows.models import LastRun


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
        "lease": Lease(owner="worker1", token=1, expires_at=now()),
    }
    return Run(**(values | more))


class FakeRuns(RunStore):
    """
    Stored runs under their leases; tests/functional compares it with the real store.

    :ivar failures: raised by the next writes, one each
    :ivar values: what was written under a lease, by field
    """

    def __init__(self, run: Run | None = None, *more: Run) -> None:
        self.rows = {each.id: each for each in (run or make_run(), *more)}
        self.failures: list[Exception] = []
        self.values: dict[str, Any] = {}
        self.logs: list[str] = []
        self.writes = 0
        self.enqueued: list[str] = []

    @property
    def run(self) -> Run:
        """The first of them."""
        return next(iter(self.rows.values()))

    def insert(self, run: Run, *, queue: bool = False) -> None:
        """Add a queued one; behind the active one when that is wanted."""
        active = self.active_of(run.workflow_id)
        if run.id in self.rows or (run.active and active and not queue):
            raise active_conflict(active)
        if run.active and active:
            run.active, run.waiting = None, True
        self.rows[run.id] = run

    def find(self, run_id: str) -> Run | None:
        """Return one or None."""
        return self.rows.get(run_id)

    def active_of(self, workflow_id: str) -> str | None:
        """Return the id of the active one of a workflow."""
        return next((run.id for run in self._of(workflow_id) if run.active), None)

    def set_enqueued(self, job_id: str) -> None:
        """Record that a message was sent."""
        self.enqueued.append(job_id)
        self._set(job_id, {"enqueued_at": now()})

    def take(self, job_id: str, owner: str, seconds: float) -> Run | None:
        """Take one that nobody works on."""
        run = self.find(job_id)
        if run is None or not _lives(run) or run.waiting or not _is_unowned(run):
            return None
        self._fences[job_id] = token = self._fences.get(job_id, 0) + 1
        lease = Lease(owner=owner, token=token, expires_at=now() + timedelta(seconds=seconds))
        values = {"status": RunStatus.RUNNING, "started_at": run.started_at or now(), "attempts": run.attempts + 1}
        return self._set(job_id, {**values, "lease": lease.model_dump()})

    def renew(self, job_id: str, token: int, seconds: float) -> bool:
        """Extend a lease."""
        run = self._owned(job_id, token)
        self._set(job_id, {"lease.expires_at": now() + timedelta(seconds=seconds)})
        return run.cancel_requested

    def release(self, job_id: str, token: int) -> None:
        """Let one go without an end."""
        with suppress(LeaseLost):
            self._owned(job_id, token)
            self._set(job_id, {"lease.expires_at": now()})

    def write(self, job_id: str, token: int, values: Mapping[str, Any], logs: Sequence[BaseModel] = ()) -> None:
        """Write under the lease."""
        if self.failures:
            raise self.failures.pop(0)
        run = self._owned(job_id, token)
        self.writes += 1
        self.values |= values
        self.logs += [str(entry.model_dump()["text"]) for entry in logs]
        entries = [*run.logs, *(LogEntry.model_validate(entry.model_dump()) for entry in logs)]
        self._set(job_id, {**values, "logs": [entry.model_dump() for entry in entries][-MOST_LOG_ENTRIES:]})

    def finish(self, job_id: str, token: int, values: Mapping[str, Any], logs: Sequence[BaseModel] = ()) -> Run:
        """End under the lease."""
        self.write(job_id, token, values, logs)
        return self._ended(job_id, {}).model_copy(update={"logs": []})

    def end_unowned(self, job_id: str, values: Mapping[str, Any]) -> Run | None:
        """End when nobody works on it."""
        run = self.find(job_id)
        return self._ended(job_id, values) if run is not None and _lives(run) and _is_unowned(run) else None

    def discard(self, run_id: str) -> Run | None:
        """End when it rests as planned."""
        run = self.find(run_id)
        if run is None or run.status is not RunStatus.PLANNED:
            return None
        return self._set(run_id, {"status": RunStatus.CANCELLED, "finished_at": now()})

    def request_cancel(self, job_id: str, **more: bool) -> Run | None:
        """Record that somebody wants its end."""
        run = self.find(job_id)
        return self._set(job_id, {"cancel_requested": True, **more}) if run is not None and _lives(run) else None

    def abandoned(self, *, queued_seconds: float) -> list[Run]:
        """Return those nobody works on."""
        before = now() - timedelta(seconds=queued_seconds)
        return [run for run in self.rows.values() if _is_abandoned(run, before)]

    def confirm(self, run_id: str, digest: str, *, kind: RunKind, consent: Consent, by: Person) -> Run | None:
        """Queue a planned one again."""
        run = self.get(run_id)
        is_good = run.plan_expires_at is not None and run.plan_expires_at > now()
        if run.status is not RunStatus.PLANNED or run.plan_digest != digest or not is_good:
            return None
        if active := self.active_of(run.workflow_id):
            raise active_conflict(active)
        values = {"kind": kind, "consent": consent.model_dump(), "confirmed_by": by.model_dump(), "confirmed_at": now()}
        again = dict.fromkeys(("finished_at", "duration_seconds", "enqueued_at"))
        return self._set(run_id, {**values, **again, "status": RunStatus.QUEUED, "active": True, "attempts": 0})

    def promote(self, workflow_id: str) -> Run | None:
        """Make the oldest waiting one the active one."""
        waiting = sorted(run.id for run in self._of(workflow_id) if run.waiting and run.status is RunStatus.QUEUED)
        if not waiting or self.active_of(workflow_id):
            return None
        return self._set(waiting[0], {"waiting": False, "active": True})

    def workflows_with_waiting(self, limit: int = 200) -> list[str]:
        """Return the workflows that have a waiting one."""
        return sorted({run.workflow_id for run in self.rows.values() if run.waiting})[:limit]

    def ended_before(self, moment: datetime, limit: int = 1000) -> Sequence[str]:
        """Return the ids of those that ended before a time."""
        ended = [run for run in self.rows.values() if run.finished_at and run.finished_at < moment and not run.active]
        return [run.id for run in ended][:limit]

    def delete(self, run_ids: Sequence[str]) -> int:
        """Delete some."""
        return len([self.rows.pop(run_id) for run_id in run_ids if run_id in self.rows])

    @cached_property
    def _fences(self) -> dict[str, int]:
        return {run.id: run.lease.token for run in self.rows.values() if run.lease is not None}

    def _of(self, workflow_id: str) -> list[Run]:
        return [run for run in self.rows.values() if run.workflow_id == workflow_id]

    def _owned(self, job_id: str, token: int) -> Run:
        run = self.find(job_id)
        if run is None or run.status is not RunStatus.RUNNING or run.lease is None or run.lease.token != token:
            raise LeaseLost
        return run

    def _set(self, run_id: str, values: Mapping[str, Any]) -> Run:
        raw = self.rows[run_id].model_dump()
        for path, value in values.items():
            *ways, last = path.split(".")
            place = raw
            for name in ways:
                place = place.setdefault(name, {})
            place[last] = value
        self.rows[run_id] = Run.model_validate(raw)
        return self.rows[run_id].model_copy(deep=True)

    def _ended(self, run_id: str, values: Mapping[str, Any]) -> Run:
        return self._set(run_id, {**values, "lease": None, "phase": None, "active": None, "waiting": False})


def _lives(run: Run) -> bool:
    return run.status in {RunStatus.QUEUED, RunStatus.RUNNING}


def _is_unowned(run: Run) -> bool:
    return run.lease is None or run.lease.expires_at < now()


def _is_abandoned(run: Run, before: datetime) -> bool:
    if run.status is RunStatus.RUNNING:
        return run.lease is not None and run.lease.expires_at < now()
    return run.status is RunStatus.QUEUED and not run.waiting and (run.enqueued_at or run.created_at) < before


class FakeWorkflows:
    """Keeps how runs ended."""

    def __init__(self) -> None:
        self.rested: list[str] = []
        self.finished: list[tuple[LastRun, bool | None, bool]] = []

    def run_rests(self, workflow_id: str, run_id: str) -> None:
        """Record that a run rests as planned."""
        self.rested.append(f"{workflow_id}/{run_id}")

    def run_finished(
        self, workflow_id: str, last_run: LastRun, *, succeeded: bool | None, removed: bool = False
    ) -> bool:
        """Record how a run ended."""
        del workflow_id
        self.finished.append((last_run, succeeded, removed))
        return True
