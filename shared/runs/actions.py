"""What is done with runs: start, cancel, execute, and the reaper that ends or revives what a dead process left."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from shared.broker import TaskQueue
from shared.clock import now
from shared.errors import Conflict, InvalidInput, NotFound, TemporaryError
from shared.ids import new_id
from shared.log import bind_context, get_logger
from shared.queues import TaskName
from shared.runs.execution import LEASE_SECONDS, Execution, Stores
from shared.runs.models import FINAL, Run, RunFailure, RunStatus, Trigger, end_event, succeeded
from shared.runs.progress import Progress
from shared.runs.store import RunStore
from shared.settings import RunSettings
from shared.updates import UpdateLog, topics
from shared.workflows.actions import secret_nodes
from shared.workflows.models import LastRun, Person, Workflow, WorkflowStatus
from shared.workflows.store import WorkflowStore

log = get_logger(__name__)

MOST_ATTEMPTS = 3
QUEUED_SECONDS = 60.0
FORGOTTEN_SECONDS = 10.0
Enqueue = Callable[[str], None]


def start(
    workflow: Workflow,
    trigger: Trigger,
    *,
    stores: Stores,
    enqueue: Enqueue,
    updates: UpdateLog,
    run_id: str | None = None,
) -> Run:
    """
    Queue a deploy of a workflow as it is saved now.

    :param enqueue: sends the run's id to a worker
    :param run_id: the id to make the run under, for callers who claimed one; a new one otherwise
    :raises InvalidInput: code ``no-cluster`` or ``workflow-archived``
    :raises NotFound: the cluster is gone
    :raises Conflict: code ``run-active`` with the run's id
    """
    if workflow.status is WorkflowStatus.ARCHIVED:
        raise InvalidInput("An archived workflow does not run. Unarchive it first.", code="workflow-archived")
    if not workflow.cluster_id:
        raise InvalidInput("Choose a cluster for this workflow first.", code="no-cluster")
    cluster = stores.clusters.get(workflow.cluster_id)
    if cluster.owner_id != workflow.owner_id:
        raise NotFound("There is no such cluster.", code="cluster-not-found")
    person = Person(user_id=trigger.user_id or workflow.owner_id, name=trigger.name)
    secrets = stores.secrets.current_versions(workflow.id, secret_nodes(workflow.graph))
    run = Run(
        id=run_id or new_id(),
        workflow_id=workflow.id,
        owner_id=workflow.owner_id,
        cluster_id=cluster.id,
        namespace=workflow.namespace,
        version=0,
        triggered_by=trigger,
        created_at=now(),
    )
    if active := stores.runs.active_of(workflow.id):
        raise _active(active)
    version = stores.versions.ensure(workflow, by=person, secret_versions=secrets, run_id=run.id)
    run.version = version.version
    stores.runs.insert(run)
    stores.workflows.set_current_version(workflow.id, version.version)
    stores.workflows.run_started(workflow.id, run.id)
    head = run.head().model_dump(mode="json")
    updates.publish(topics.workflow(workflow.id), "run_update", {"run": head})
    with suppress(TemporaryError):
        # the run is stored: when the queue does not answer now, the reaper sends it later
        enqueue(run.id)
        stores.runs.set_enqueued(run.id)
    return run


def _active(run_id: str) -> Conflict:
    return Conflict(
        "This workflow is running already. Watch that run, or cancel it first.",
        code="run-active",
        details={"run_id": run_id},
    )


def cancel(run: Run, *, runs: RunStore, workflows: WorkflowStore, updates: UpdateLog) -> Run:
    """
    Ask a run to end; one that nobody works on ends at once.

    :raises Conflict: code ``run-ended``
    """
    asked = runs.request_cancel(run.id)
    if asked is None:
        raise Conflict("This run has ended already.", code="run-ended")
    if asked.status is RunStatus.QUEUED:
        ended = runs.end_unowned(run.id, {"status": RunStatus.CANCELLED.value})
        if ended is not None:
            _announce_end(ended, workflows, updates)
            return ended
    return asked


def execute(run_id: str, *, stores: Stores, settings: RunSettings, updates: UpdateLog, owner: str) -> RunStatus | None:
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
    return ended.status if ended else None


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
            _announce_end(ended, stores.workflows, updates)
    return len(abandoned) + _note_forgotten_ends(stores, updates)


def _note_forgotten_ends(stores: Stores, updates: UpdateLog) -> int:
    """Tell workflows of runs whose worker died right after it had ended them; returns how many."""
    before = now() - timedelta(seconds=FORGOTTEN_SECONDS)
    ended = [run for head in stores.workflows.with_active_run() if (run := stores.runs.find(head.active_run_id or ""))]
    forgotten = [run for run in ended if run.status in FINAL and run.finished_at and run.finished_at < before]
    for run in forgotten:
        _announce_end(run, stores.workflows, updates)
    return len(forgotten)


def _announce_end(run: Run, workflows: WorkflowStore, updates: UpdateLog) -> None:
    last = LastRun(id=run.id, status=run.status.value, version=run.version, finished_at=run.finished_at or now())
    workflows.run_finished(run.workflow_id, last, succeeded=succeeded(run.status))
    head = run.head().model_dump(mode="json")
    updates.publish_many(
        [
            (topics.run(run.id), end_event(run.status), {"run": head}),
            (topics.workflow(run.workflow_id), "run_update", {"run": head}),
        ]
    )


def enqueue_with(queue: TaskQueue) -> Enqueue:
    """Return what sends a run's id through a task queue."""

    def enqueue(run_id: str) -> None:
        queue.enqueue(TaskName.RUNS_EXECUTE, run_id)

    return enqueue
