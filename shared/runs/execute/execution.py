"""
One run under one lease: the work, beside it what keeps the lease and tells how it goes, and its end.

When the lease is lost the work stops and writes nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from shared.clock import now
from shared.errors import InvalidInput, KubeOrchError
from shared.log import get_logger
from shared.runs.execute.context import Cancelled, RunContext, RunFailed
from shared.runs.execute.deploy import deploy
from shared.runs.execute.progress import Progress
from shared.runs.execute.teardown import teardown
from shared.runs.models import Run, RunFailure, RunKind, RunStatus, succeeded
from shared.runs.store import LeaseLost
from shared.runs.stores import Stores
from shared.settings import RunSettings
from shared.workflows.models import LastRun

__all__ = ["LEASE_SECONDS", "Execution", "Stores"]

log = get_logger(__name__)

LEASE_SECONDS = 15.0
RENEW_SECONDS = 2.0

_KINDS: Mapping[RunKind, Callable[[RunContext], RunStatus]] = {
    RunKind.DEPLOY: deploy,
    RunKind.PLAN: deploy,
    RunKind.ROLLBACK: deploy,
    RunKind.TEARDOWN: teardown,
}


class Execution:
    """The work of one run under one lease."""

    def __init__(self, run: Run, progress: Progress, stores: Stores, settings: RunSettings) -> None:
        self._run = run
        self._progress = progress
        self._stores = stores
        self._work = RunContext(run, progress, stores, settings)

    def go(self) -> Run | None:
        """Do the run to its end; None when another worker took it over meanwhile."""
        keeper = threading.Thread(target=self._keep_lease, name=f"lease-{self._run.id}", daemon=True)
        teller = threading.Thread(target=self._keep_telling, name=f"tell-{self._run.id}", daemon=True)
        keeper.start()
        teller.start()
        try:
            return self._finish()
        except LeaseLost:
            log.warning("run_lease_lost", run_id=self._run.id)
            return None
        finally:
            self._work.stop.set()
            self._progress.wake()
            keeper.join(timeout=5)
            teller.join(timeout=5)

    def _finish(self) -> Run:
        failure: RunFailure | None = None
        try:
            status = _KINDS[self._run.kind](self._work)
        except Cancelled:
            status = RunStatus.CANCELLED
            self._progress.log("Cancelled. What was applied stays as it is.", level="warning")
        except KubeOrchError as error:
            status = RunStatus.FAILED
            failure = self._failure(error)
            self._progress.log(failure.message, level="error", node_id=failure.node_id)
        if status is not RunStatus.PLANNED:
            self._skip_the_rest(status)
        ended = now()
        started = self._run.started_at or ended
        run = self._progress.finish(
            {
                "status": status.value,
                "finished_at": ended,
                "duration_seconds": round((ended - started).total_seconds(), 3),
                "error": failure.model_dump() if failure else None,
            }
        )
        note_end(run, self._stores)
        self._progress.tell_the_end()
        log.info("run_finished", run_id=run.id, outcome=status.value, duration_seconds=run.duration_seconds)
        return run

    def _failure(self, error: KubeOrchError) -> RunFailure:
        node_id = error.node_id if isinstance(error, RunFailed) else None
        message = error.message
        issues = error.details.get("issues")
        if isinstance(error, InvalidInput) and isinstance(issues, list):
            for issue in issues:
                if issue.get("node_id"):
                    self._progress.node(issue["node_id"], "failed", issue["message"])
            first = issues[0] if issues else {}
            node_id, message = first.get("node_id"), f"{message} First: {first.get('message', '')}"
        return RunFailure(message=self._progress.clean(message), code=error.code, node_id=node_id)

    def _skip_the_rest(self, status: RunStatus) -> None:
        words = "The run was cancelled before it." if status is RunStatus.CANCELLED else "The run ended before it."
        for node_id, state in list(self._progress.states.items()):
            if state.state in {"pending", "applying"}:
                self._progress.node(node_id, "skipped", words)
            elif state.state == "waiting":
                self._progress.node(node_id, "skipped", f"{words} {state.message}".strip())

    def _keep_telling(self) -> None:
        try:
            self._progress.keep_telling(self._work.stop)
        except LeaseLost:
            self._work.lost.set()

    def _keep_lease(self) -> None:
        work = self._work
        token = self._run.lease.token if self._run.lease else 0
        last = time.monotonic()
        while not work.stop.wait(RENEW_SECONDS):
            try:
                if self._stores.runs.renew(self._run.id, token, LEASE_SECONDS):
                    work.cancelled.set()
                last = time.monotonic()
            except LeaseLost:
                work.lost.set()
                return
            except Exception:
                log.warning("run_lease_not_renewed", run_id=self._run.id, exc_info=True)
                if time.monotonic() - last > LEASE_SECONDS:
                    work.lost.set()
                    return


def note_end(run: Run, stores: Stores) -> None:
    """Note on the workflow how its run ended; a plan that rests has changed nothing."""
    if run.status is RunStatus.PLANNED:
        stores.workflows.run_rests(run.workflow_id, run.id)
        return
    last = LastRun(id=run.id, status=run.status.value, version=run.version, finished_at=run.finished_at or now())
    is_gone = run.kind is RunKind.TEARDOWN
    stores.workflows.run_finished(run.workflow_id, last, succeeded=succeeded(run.status), removed=is_gone)
    if run.has_values:
        stores.values.forget(run.id)
