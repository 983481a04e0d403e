"""
The end of a run, whoever ends it: its worker, somebody who cancels it, or the reaper.

The end is written first, under the lease or on condition that nobody works on the run. Then the workflow learns of it,
those who look are told with one payload, and what comes after a run is called in the order of a table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from pydantic import BaseModel

from shared.clock import now
from shared.jobs.journal import Announcement, Journal, Outbox
from shared.log import get_logger
from shared.runs.models import Run, RunFailure, RunKind, RunStatus, end_event, succeeded
from shared.updates import Publisher, topics
from shared.workflows.models import LastRun

log = get_logger(__name__)

Subscriber = Callable[[Run], None]
"""Called with a run that has ended; it may be called again for the same run, by the reaper."""


class EndedRuns(Protocol):
    """Writes ends of runs; the store of runs does."""

    def finish(self, job_id: str, token: int, values: Mapping[str, Any], logs: Sequence[BaseModel] = ()) -> Run:
        """End a run under its lease."""

    def end_unowned(self, job_id: str, values: Mapping[str, Any]) -> Run | None:
        """End a run that nobody works on."""

    def discard(self, run_id: str) -> Run | None:
        """End a run that rests as planned."""


class TellsWorkflows(Protocol):
    """Writes the ends of runs on their workflows; the store of workflows does."""

    def run_rests(self, workflow_id: str, run_id: str) -> None:
        """Record that the active run stopped as planned."""

    def run_finished(
        self, workflow_id: str, last_run: LastRun, *, succeeded: bool | None, removed: bool = False
    ) -> bool:
        """Record the end of the active run."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a run, or its rest as planned."""

    status: RunStatus
    failure: RunFailure | None = None

    def values(self, run: Run, at: datetime) -> dict[str, Any]:
        """Return the fields of a run that has ended so; one that nobody has begun took no time."""
        began = run.started_at or at
        return {
            "status": self.status.value,
            "finished_at": at,
            "duration_seconds": round((at - began).total_seconds(), 3),
            "error": self.failure.model_dump() if self.failure else None,
        }


def end_updates(run: Run) -> list[Announcement]:
    """Return the updates of an ended run: for its followers, and for those of its workflow."""
    head = run.head().model_dump(mode="json")
    small = {key: value for key, value in head.items() if key != "node_states"}
    return [
        (topics.run(run.id), end_event(run.status), {"run": head}),
        (topics.workflow(run.workflow_id), "run_update", {"run": small}),
    ]


class Ending:
    """
    Ends runs.

    :param subscribers: what comes after a run, in this order
    """

    def __init__(
        self, runs: EndedRuns, workflows: TellsWorkflows, updates: Publisher, subscribers: Sequence[Subscriber] = ()
    ) -> None:
        self._runs = runs
        self._workflows = workflows
        self._updates = updates
        self._subscribers = tuple(subscribers)

    def of_worker(self, run: Run, token: int, outcome: Outcome, journal: Journal, outbox: Outbox) -> Run:
        """
        End a run that its worker has done, with all that its journal has gathered.

        :raises LeaseLost: another worker owns it; nothing was written
        """

        def finish(values: Mapping[str, Any], logs: Sequence[BaseModel]) -> Run:
            return self._runs.finish(run.id, token, {**values, **outcome.values(run, now())}, logs)

        ended = journal.finish(finish)
        outbox.send(end_updates(ended))
        self._record_on_workflow(ended)
        outbox.send_patiently()
        log.info("run_finished", run_id=ended.id, outcome=ended.status.value, duration_seconds=ended.duration_seconds)
        self._call_subscribers(ended)
        return ended

    def unowned(self, run: Run, outcome: Outcome) -> Run | None:
        """End a run that nobody works on; None when somebody does by now."""
        return self._publish(self._runs.end_unowned(run.id, outcome.values(run, now())))

    def discarded(self, run: Run) -> Run | None:
        """End a run that rests as planned; None when it does not (any more)."""
        return self._publish(self._runs.discard(run.id))

    def again(self, run: Run) -> None:
        """Publish the end of a run once more, whose worker died right after it had written it."""
        self._publish(run)

    def _publish(self, ended: Run | None) -> Run | None:
        if ended is not None:
            self._record_on_workflow(ended)
            self._updates.publish_many(end_updates(ended))
            self._call_subscribers(ended)
        return ended

    def _record_on_workflow(self, run: Run) -> None:
        """Write the end of its run on the workflow; a plan that rests has changed nothing."""
        if run.status is RunStatus.PLANNED:
            self._workflows.run_rests(run.workflow_id, run.id)
            return
        last = LastRun(id=run.id, status=run.status.value, version=run.version, finished_at=run.finished_at or now())
        is_gone = run.kind is RunKind.TEARDOWN
        self._workflows.run_finished(run.workflow_id, last, succeeded=succeeded(run.status), removed=is_gone)

    def _call_subscribers(self, run: Run) -> None:
        for subscriber in self._subscribers:
            subscriber(run)
