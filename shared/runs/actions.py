"""What is done with runs that are: cancelled, executed, followed up, and taken up or ended by the reaper."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from shared.clock import now
from shared.errors import Conflict, InvalidInput, NotFound
from shared.log import bind_context, get_logger
from shared.runs.archiving import erase
from shared.runs.execute.execution import LEASE_SECONDS, Execution, note_end
from shared.runs.execute.progress import Progress
from shared.runs.models import FINAL, Run, RunFailure, RunKind, RunStatus, Trigger, end_event
from shared.runs.starting import Enqueue, Wanted, promote, start
from shared.runs.stores import Stores
from shared.settings import RunSettings
from shared.updates import UpdateLog, topics
from shared.workflows.models import WorkflowStatus

log = get_logger(__name__)

MOST_ATTEMPTS = 3
QUEUED_SECONDS = 60.0
FORGOTTEN_SECONDS = 10.0


def cancel(run: Run, *, rollback: bool = False, stores: Stores, enqueue: Enqueue, updates: UpdateLog) -> Run:
    """
    Ask a run to end; one that nobody works on ends at once, and so does a plan that waits for its confirmation.

    :param rollback: and go back to what was deployed before
    :raises Conflict: code ``run-ended``
    """
    discarded = stores.runs.discard(run.id)
    if discarded is not None:
        _announce_end(discarded, stores, updates)
        return discarded
    asked = stores.runs.request_cancel(run.id, rollback=rollback)
    if asked is None:
        raise Conflict("This run has ended already.", code="run-ended")
    if asked.status is RunStatus.QUEUED:
        ended = stores.runs.end_unowned(run.id, {"status": RunStatus.CANCELLED.value})
        if ended is not None:
            _announce_end(ended, stores, updates)
            follow_up(ended, stores=stores, enqueue=enqueue, updates=updates)
            return ended
    return asked


def execute(
    run_id: str, *, stores: Stores, settings: RunSettings, enqueue: Enqueue, updates: UpdateLog, owner: str
) -> RunStatus | None:
    """
    Do a run, if nobody else does; returns how it ended, or None when there was nothing to do.

    May be called twice for the same run at any time.
    """
    run = stores.runs.take(run_id, owner, LEASE_SECONDS)
    if run is None or run.lease is None:
        log.info("run_not_taken", run_id=run_id)
        return None
    bind_context(run_id=run.id, workflow_id=run.workflow_id, cluster_id=run.cluster_id)
    log.info("run_started", run_id=run.id, attempt=run.attempts)
    stores.workflows.run_started(run.workflow_id, run.id)
    progress = Progress(run, run.lease.token, runs=stores.runs, updates=updates)
    if run.attempts > 1:
        progress.log(f"Taken over, attempt {run.attempts}: the process that worked on it is gone.", level="warning")
    ended = Execution(run, progress, stores, settings).go()
    if ended is None:
        return None
    follow_up(ended, stores=stores, enqueue=enqueue, updates=updates)
    return ended.status


def follow_up(run: Run, *, stores: Stores, enqueue: Enqueue, updates: UpdateLog) -> None:
    """Do what comes after a run: the workflow's next life, a rollback that was asked for, the run that waits."""
    if run.status is RunStatus.COMPLETED and run.kind is RunKind.TEARDOWN:
        _end_workflow(run, stores)
    if _wants_rollback(run):
        _roll_back(run, stores=stores, enqueue=enqueue, updates=updates)
    promote(run.workflow_id, stores=stores, enqueue=enqueue, updates=updates)


def _end_workflow(run: Run, stores: Stores) -> None:
    with suppress(NotFound, Conflict):
        # somebody may have deleted it meanwhile, or started another run
        if run.after == "archive":
            stores.workflows.set_status(run.workflow_id, WorkflowStatus.ARCHIVED)
        elif run.after == "delete":
            erase(run.workflow_id, stores=stores)


def _wants_rollback(run: Run) -> bool:
    if run.kind in {RunKind.ROLLBACK, RunKind.TEARDOWN}:
        return False
    failed = run.status is RunStatus.FAILED and run.options.rollback_on_failure
    return failed or (run.status is RunStatus.CANCELLED and run.rollback_requested)


def _roll_back(run: Run, *, stores: Stores, enqueue: Enqueue, updates: UpdateLog) -> None:
    workflow = stores.workflows.find(run.workflow_id)
    if workflow is None or workflow.deployed_version is None:
        log.info("rollback_not_possible", run_id=run.id, reason="nothing was deployed before")
        return
    trigger = Trigger(kind="rollback", user_id=run.triggered_by.user_id, name=run.triggered_by.name)
    wanted = Wanted(kind=RunKind.ROLLBACK, version=workflow.deployed_version)
    with suppress(Conflict, InvalidInput, NotFound):
        start(workflow, trigger, wanted, stores=stores, enqueue=enqueue, updates=updates)


def delete_old(moment: datetime, *, stores: Stores) -> int:
    """Delete runs that ended before a time, with their plans; returns how many."""
    run_ids = stores.runs.ended_before(moment)
    stores.plans.delete_of(run_ids)
    return stores.runs.delete(run_ids)


def trim_versions(keep: int, *, stores: Stores) -> int:
    """Delete versions beyond the newest ``keep`` of each workflow; what is deployed or was named stays."""
    trimmed = 0
    for workflow_id in stores.versions.crowded(keep):
        workflow = stores.workflows.find_head(workflow_id)
        active = stores.runs.active_of(workflow_id)
        used = [workflow.deployed_version if workflow else None]
        used.append(stores.runs.get(active).version if active else None)
        trimmed += stores.versions.trim(workflow_id, keep, protected=[number for number in used if number])
    return trimmed


def reap(*, stores: Stores, enqueue: Enqueue, updates: UpdateLog) -> int:
    """Send runs that nobody works on to a worker again; after ``MOST_ATTEMPTS`` they fail. Returns how many."""
    abandoned = stores.runs.abandoned(queued_seconds=QUEUED_SECONDS)
    for run in abandoned:
        if run.cancel_requested:
            ended = stores.runs.end_unowned(run.id, {"status": RunStatus.CANCELLED.value})
        elif run.attempts >= MOST_ATTEMPTS:
            failure = RunFailure(
                message=f"The worker died {run.attempts} times during this run. Look at its log, then run again.",
                code="worker-lost",
            )
            ended = stores.runs.end_unowned(run.id, {"status": RunStatus.FAILED.value, "error": failure.model_dump()})
        else:
            log.warning("run_revived", run_id=run.id, attempts=run.attempts)
            enqueue(run.id)
            stores.runs.set_enqueued(run.id)
            continue
        if ended is not None:
            _announce_end(ended, stores, updates)
            follow_up(ended, stores=stores, enqueue=enqueue, updates=updates)
    for workflow_id in stores.runs.workflows_with_waiting():
        promote(workflow_id, stores=stores, enqueue=enqueue, updates=updates)
    return len(abandoned) + _note_forgotten_ends(stores, updates)


def _note_forgotten_ends(stores: Stores, updates: UpdateLog) -> int:
    """Tell workflows of runs whose worker died right after it had ended them; returns how many."""
    before = now() - timedelta(seconds=FORGOTTEN_SECONDS)
    ended = [run for head in stores.workflows.with_active_run() if (run := stores.runs.find(head.active_run_id or ""))]
    done = {*FINAL, RunStatus.PLANNED}
    forgotten = [run for run in ended if run.status in done and run.finished_at and run.finished_at < before]
    for run in forgotten:
        _announce_end(run, stores, updates)
    return len(forgotten)


def _announce_end(run: Run, stores: Stores, updates: UpdateLog) -> None:
    note_end(run, stores)
    head = run.head().model_dump(mode="json")
    updates.publish_many(
        [
            (topics.run(run.id), end_event(run.status), {"run": head}),
            (topics.workflow(run.workflow_id), "run_update", {"run": head}),
        ]
    )
