"""Runs that nobody works on: sent to a worker again, or ended; and ends that were written but never published."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.clock import now
from shared.errors import TemporaryError
from shared.jobs.reaping import QUEUED_SECONDS, fate_of, worker_lost
from shared.log import get_logger
from shared.runs.ending import Ending, Outcome
from shared.runs.models import FINAL, Run, RunFailure, RunStatus
from shared.runs.starting import Starting
from shared.runs.stores import Stores

log = get_logger(__name__)

FORGOTTEN_SECONDS = 10.0
"""How long a worker may take from the written end of a run to the last of what comes after it."""


class Reaping:
    """Looks for runs that were left."""

    def __init__(self, stores: Stores, starting: Starting, ending: Ending) -> None:
        self._stores = stores
        self._starting = starting
        self._ending = ending

    def reap(self) -> int:
        """Take up or end the runs that were left; returns their number."""
        abandoned = self._stores.runs.abandoned(queued_seconds=QUEUED_SECONDS)
        taken_up = sum(self._take_up(run) for run in abandoned)
        for workflow_id in self._stores.runs.workflows_with_waiting():
            self._starting.promote(workflow_id)
        forgotten = self._forgotten()
        for run in forgotten:
            self._ending.again(run)
        return taken_up + len(forgotten)

    def _take_up(self, run: Run) -> bool:
        """Send or end a run; False when the queue does not answer: the run stays for the next look, others go on."""
        fate = fate_of(run)
        if fate == "adopt":
            try:
                self._starting.send(run)
            except TemporaryError as error:
                log.warning("run_not_sent", run_id=run.id, reason=error.code)
                return False
            log.warning("run_revived", run_id=run.id, attempts=run.attempts)
        elif fate == "cancel":
            self._ending.unowned(run, Outcome(RunStatus.CANCELLED))
        else:
            failure = RunFailure(message=worker_lost(run, "run"), code="worker-lost")
            self._ending.unowned(run, Outcome(RunStatus.FAILED, failure))
        return True

    def _forgotten(self) -> list[Run]:
        """Return runs whose worker died right after it had ended them."""
        before = now() - timedelta(seconds=FORGOTTEN_SECONDS)
        heads = self._stores.workflows.with_active_run()
        active = [self._stores.runs.find(head.active_run_id or "") for head in heads]
        return [run for run in active if run is not None and is_forgotten(run, before)]


def is_forgotten(run: Run, before: datetime) -> bool:
    """Whether a run that is still its workflow's active one ended before a time."""
    has_ended = run.status in FINAL or run.status is RunStatus.PLANNED
    return has_ended and run.finished_at is not None and run.finished_at < before
