"""
One run under one lease: the work, beside it the keeper of the lease and the journal, and its outcome.

When the lease is lost the work stops and writes nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from shared.errors import InvalidInput, KubeOrchError
from shared.jobs.journal import Journal, Outbox
from shared.jobs.keeper import LEASE_SECONDS, Cancelled, Keeper, Signals
from shared.jobs.lease import LeaseLost
from shared.log import get_logger
from shared.runs.ending import Ending, Outcome
from shared.runs.execute.context import RunContext, RunFailed
from shared.runs.execute.deploy import deploy
from shared.runs.execute.progress import Progress
from shared.runs.execute.teardown import teardown
from shared.runs.models import Run, RunFailure, RunKind, RunStatus
from shared.runs.stores import Stores
from shared.settings import RunSettings
from shared.updates import Publisher

log = get_logger(__name__)

Work = Callable[[RunContext], RunStatus]
KINDS: Mapping[RunKind, Work] = {
    RunKind.DEPLOY: deploy,
    RunKind.PLAN: deploy,
    RunKind.ROLLBACK: deploy,
    RunKind.TEARDOWN: teardown,
}


class Execution:
    """
    The work of one run under one lease.

    :param kinds: what is done for each kind of run
    """

    def __init__(
        self,
        run: Run,
        token: int,
        *,
        stores: Stores,
        settings: RunSettings,
        updates: Publisher,
        ending: Ending,
        kinds: Mapping[RunKind, Work] = KINDS,
    ) -> None:
        self._run = run
        self._token = token
        self._stores = stores
        self._ending = ending
        self._work = kinds[run.kind]
        self._outbox = Outbox(updates)
        self._journal = Journal(
            run.id, lambda values, logs: stores.runs.write(run.id, token, values, logs), self._outbox
        )
        self._progress = Progress(run, self._journal)
        self._signals = Signals()
        self._context = RunContext(run, self._progress, stores, settings, self._signals)

    def run(self) -> Run | None:
        """Do the run to its end; None when another worker took it over meanwhile."""
        if self._run.attempts > 1:
            words = f"Taken over, attempt {self._run.attempts}: the process that worked on it is gone."
            self._progress.log(words, level="warning")
        teller = threading.Thread(target=self._keep_telling, name=f"tell-{self._run.id}", daemon=True)
        with Keeper(self._run.id, self._renew, self._signals):
            teller.start()
            try:
                return self._do_and_record()
            except LeaseLost:
                log.warning("run_lease_lost", run_id=self._run.id)
                return None
            finally:
                self._signals.stop.set()
                self._journal.wake()
                teller.join(timeout=5)

    def _do_and_record(self) -> Run:
        outcome = self._do()
        if outcome.status is not RunStatus.PLANNED:
            cause = "was cancelled" if outcome.status is RunStatus.CANCELLED else "ended"
            self._progress.skip_the_rest(f"The run {cause} before it.")
        return self._ending.of_worker(self._run, self._token, outcome, self._journal, self._outbox)

    def _do(self) -> Outcome:
        try:
            return Outcome(self._work(self._context))
        except Cancelled:
            self._progress.log("Cancelled. What was applied stays as it is.", level="warning")
            return Outcome(RunStatus.CANCELLED)
        except KubeOrchError as error:
            failure = self._report_failure(error)
            return Outcome(RunStatus.FAILED, failure)

    def _report_failure(self, error: KubeOrchError) -> RunFailure:
        for node_id, message in blamed_nodes(error):
            self._progress.node(node_id, "failed", message)
        failure = failure_of(error)
        failure.message = self._progress.clean(failure.message)
        self._progress.log(failure.message, level="error", node_id=failure.node_id)
        return failure

    def _keep_telling(self) -> None:
        try:
            self._journal.keep_telling(self._signals.stop)
        except LeaseLost:
            self._signals.lost.set()

    def _renew(self) -> bool:
        return self._stores.runs.renew(self._run.id, self._token, LEASE_SECONDS)


def _issues_of(error: KubeOrchError) -> list[dict[str, str | None]]:
    """Return the issues of the graph for which a run failed, none for another failure."""
    issues = error.details.get("issues")
    return issues if isinstance(error, InvalidInput) and isinstance(issues, list) else []


def blamed_nodes(error: KubeOrchError) -> list[tuple[str, str]]:
    """Return the nodes that a graph's mistakes are about, each with its sentence."""
    return [(node_id, str(issue["message"])) for issue in _issues_of(error) if (node_id := issue.get("node_id"))]


def failure_of(error: KubeOrchError) -> RunFailure:
    """Return the failure of a run; of several mistakes in its graph the first is named."""
    if issues := _issues_of(error):
        first = issues[0]
        words = f"{error.message} First: {first.get('message', '')}"
        return RunFailure(message=words, code=error.code, node_id=first.get("node_id"))
    node_id = error.node_id if isinstance(error, RunFailed) else None
    return RunFailure(message=error.message, code=error.code, node_id=node_id)
