"""The last things done with a workflow: archived, taken up again, deleted, and what becomes of its objects."""

from __future__ import annotations

from typing import Literal

from shared.access import Actor, Verb
from shared.clusters.actions import Clusters
from shared.errors import Conflict
from shared.owned.models import OwnedObject
from shared.planning.consent import Consent
from shared.runs.models import Run, RunKind, Trigger
from shared.runs.starting import Enqueue, Wanted, start
from shared.runs.stores import Stores
from shared.updates import UpdateLog
from shared.workflows.actions import Workflows
from shared.workflows.models import Workflow, WorkflowStatus

Objects = Literal["teardown", "orphan"]
"""What becomes of what a workflow has on clusters: removed by a run, or left there as nobody's."""
MOST_SHOWN = 50


def set_status(
    actor: Actor,
    workflow_id: str,
    status: WorkflowStatus,
    consent: Consent,
    *,
    stores: Stores,
    enqueue: Enqueue,
    updates: UpdateLog,
) -> Workflow | Run:
    """
    Move a workflow in its life. Archiving one that has objects is a teardown first; the run is returned.

    :param consent: what of the kept kinds goes as well
    :raises Conflict: code ``run-active``
    """
    workflows = Workflows(stores.workflows, Clusters(stores.clusters), updates)
    workflow = workflows.get(actor, workflow_id, Verb.EDIT)
    owned = stores.owned.of_workflow(workflow.id)
    if status is WorkflowStatus.ARCHIVED and owned:
        return _tear_down(actor, workflow, consent, "archive", stores=stores, enqueue=enqueue, updates=updates)
    if status is WorkflowStatus.ARCHIVED and (active := stores.runs.active_of(workflow.id)):
        raise Conflict("A run of this workflow is active.", code="run-active", details={"run_id": active})
    moved = stores.workflows.set_status(workflow.id, status)
    workflows.announce_saved(moved, actor)
    return moved


def delete(
    actor: Actor,
    workflow_id: str,
    objects: Objects | None,
    consent: Consent,
    *,
    stores: Stores,
    enqueue: Enqueue,
    updates: UpdateLog,
) -> Run | None:
    """
    Delete a workflow: at once, or after a run that removes its objects first.

    :param objects: needed when it has any
    :return: the run, when there is one
    :raises Conflict: code ``objects-exist`` (nobody said what becomes of them; ``details`` lists some) or
        ``run-active``
    """
    workflows = Workflows(stores.workflows, Clusters(stores.clusters), updates)
    workflow = workflows.get(actor, workflow_id, Verb.DELETE)
    owned = stores.owned.of_workflow(workflow.id)
    if owned and objects is None:
        raise _choice_needed(owned)
    if owned and objects == "teardown":
        return _tear_down(actor, workflow, consent, "delete", stores=stores, enqueue=enqueue, updates=updates)
    erase(workflow.id, stores=stores)
    return None


def erase(workflow_id: str, *, stores: Stores) -> None:
    """
    Delete a workflow with its secret values, and forget what it has; runs and versions go with their retention.

    :raises Conflict: code ``run-active``
    """
    stores.workflows.delete(workflow_id)
    stores.secrets.delete_of(workflow_id)
    stores.owned.remove(entry.id for entry in stores.owned.of_workflow(workflow_id))


def _tear_down(
    actor: Actor,
    workflow: Workflow,
    consent: Consent,
    after: Literal["archive", "delete"],
    *,
    stores: Stores,
    enqueue: Enqueue,
    updates: UpdateLog,
) -> Run:
    trigger = Trigger(kind="user", user_id=actor.user_id, name=actor.name)
    wanted = Wanted(kind=RunKind.TEARDOWN, consent=consent, after=after)
    return start(workflow, trigger, wanted, stores=stores, enqueue=enqueue, updates=updates)


def _choice_needed(owned: list[OwnedObject]) -> Conflict:
    names = sorted(str(entry.ref) for entry in owned)
    return Conflict(
        f"The workflow has {len(names)} objects on its cluster. Say whether they are removed (teardown) or stay "
        "there (orphan).",
        code="objects-exist",
        details={"objects": names[:MOST_SHOWN], "total": len(names)},
    )
