"""Subscribers to the ends of runs, in the order of one table; alerts and notifications will stand in it too."""

from __future__ import annotations

from contextlib import suppress

from shared.errors import Conflict, InvalidInput, NotFound
from shared.log import get_logger
from shared.runs.archiving import erase
from shared.runs.ending import Subscriber
from shared.runs.models import Run, RunKind, RunStatus, Trigger
from shared.runs.starting import Starting, Wanted
from shared.runs.stores import Stores
from shared.workflows.models import WorkflowStatus

log = get_logger(__name__)


def subscribers(stores: Stores, starting: Starting) -> tuple[Subscriber, ...]:
    """Return the table."""
    return (
        lambda run: forget_values(run, stores),
        lambda run: end_workflow(run, stores),
        lambda run: roll_back(run, stores, starting),
        # last: a rollback comes before what waits
        lambda run: promote_next(run, starting),
    )


def forget_values(run: Run, stores: Stores) -> None:
    """Delete the values that a run has brought for itself; those of a plan that rests may still be needed."""
    if run.has_values and run.status is not RunStatus.PLANNED:
        stores.values.forget(run.id)


def end_workflow(run: Run, stores: Stores) -> None:
    """Archive or delete a workflow whose teardown was for that."""
    if run.status is not RunStatus.COMPLETED or run.kind is not RunKind.TEARDOWN:
        return
    with suppress(NotFound, Conflict):
        # somebody may have deleted it meanwhile, or started another run
        if run.after == "archive":
            stores.workflows.set_status(run.workflow_id, WorkflowStatus.ARCHIVED)
        elif run.after == "delete":
            erase(run.workflow_id, stores)


def wants_rollback(run: Run) -> bool:
    """Whether the version that was deployed before comes back after a run."""
    if run.kind in {RunKind.ROLLBACK, RunKind.TEARDOWN}:
        return False
    failed = run.status is RunStatus.FAILED and run.options.rollback_on_failure
    return failed or (run.status is RunStatus.CANCELLED and run.rollback_requested)


def roll_back(run: Run, stores: Stores, starting: Starting) -> None:
    """Start a run of the version that is deployed, when that is wanted after this one."""
    if not wants_rollback(run):
        return
    workflow = stores.workflows.find(run.workflow_id)
    if workflow is None or workflow.deployed_version is None:
        log.info("rollback_not_possible", run_id=run.id, reason="nothing was deployed before")
        return
    trigger = Trigger(kind="rollback", user_id=run.triggered_by.user_id, name=run.triggered_by.name)
    with suppress(Conflict, InvalidInput, NotFound):
        starting.start(workflow, trigger, Wanted(kind=RunKind.ROLLBACK, version=workflow.deployed_version))


def promote_next(run: Run, starting: Starting) -> None:
    """Begin the run that waits behind one that has ended; a plan that rests makes way too."""
    starting.promote(run.workflow_id)
