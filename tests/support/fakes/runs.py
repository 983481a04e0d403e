"""Runs written short, and what their ends are written to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from shared.clock import now
from shared.jobs.lease import Lease, LeaseLost
from shared.runs.models import Run, RunStatus, Trigger
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


class FakeRuns:
    """
    One stored run under its lease.

    :ivar failures: raised by the next writes, one each
    """

    def __init__(self, run: Run | None = None) -> None:
        self.run = run or make_run()
        self.failures: list[Exception] = []
        self.values: dict[str, Any] = {}
        self.logs: list[str] = []
        self.writes = 0

    def write(self, job_id: str, token: int, values: Mapping[str, Any], logs: Sequence[BaseModel] = ()) -> None:
        """Write under the lease."""
        if self.failures:
            raise self.failures.pop(0)
        lease = self.run.lease
        if job_id != self.run.id or lease is None or lease.token != token:
            raise LeaseLost
        self.writes += 1
        self.values |= values
        self.logs += [str(entry.model_dump()["text"]) for entry in logs]

    def finish(self, job_id: str, token: int, values: Mapping[str, Any], logs: Sequence[BaseModel] = ()) -> Run:
        """End under the lease."""
        self.write(job_id, token, values, logs)
        return self._end(values)

    def end_unowned(self, job_id: str, values: Mapping[str, Any]) -> Run | None:
        """End when nobody works on it."""
        lease = self.run.lease
        if job_id != self.run.id or not self._lives() or (lease is not None and lease.expires_at >= now()):
            return None
        return self._end(values)

    def discard(self, run_id: str) -> Run | None:
        """End when it rests as planned."""
        if run_id != self.run.id or self.run.status is not RunStatus.PLANNED:
            return None
        return self._end({"status": RunStatus.CANCELLED.value, "finished_at": now()})

    def _lives(self) -> bool:
        return self.run.status in {RunStatus.QUEUED, RunStatus.RUNNING}

    def _end(self, values: Mapping[str, Any]) -> Run:
        fields = {name: value for name, value in values.items() if "." not in name}
        ended = {"lease": None, "phase": None, "active": None, "waiting": False}
        self.run = Run.model_validate({**self.run.model_dump(), **fields, **ended})
        return self.run


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
