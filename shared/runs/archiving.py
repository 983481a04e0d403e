"""The last things done with a workflow and its objects: archived, taken up again, deleted."""

from __future__ import annotations

from typing import Literal

from shared.access import Actor
from shared.errors import Conflict
from shared.owned.models import OwnedObject
from shared.planning.consent import Consent
from shared.runs.models import Run, RunKind, Trigger
from shared.runs.starting import Starting, Wanted
from shared.runs.stores import Stores
from shared.sentences import plural
from shared.workflows.actions import Workflows
from shared.workflows.models import Workflow, WorkflowStatus

Objects = Literal["teardown", "orphan"]
"""What becomes of what a workflow has on clusters: removed by a run, or left there as nobody's."""
After = Literal["archive", "delete"]
MOST_SHOWN = 50


class Archiving:
    """Archives and deletes workflows, by a run where they have objects."""

    def __init__(self, stores: Stores, starting: Starting, workflows: Workflows) -> None:
        self._stores = stores
        self._starting = starting
        self._workflows = workflows

    def set_status(self, actor: Actor, workflow: Workflow, status: WorkflowStatus, consent: Consent) -> Workflow | Run:
        """
        Move a workflow in its life. Archiving one that has objects is a teardown first; the run is returned.

        :param consent: what of the kept kinds goes as well
        :raises Conflict: code ``run-active``
        """
        if status is WorkflowStatus.ARCHIVED:
            if self._stores.owned.of_workflow(workflow.id):
                return self._tear_down(actor, workflow, consent, "archive")
            if active := self._stores.runs.active_of(workflow.id):
                raise Conflict("A run of this workflow is active.", code="run-active", details={"run_id": active})
        moved = self._stores.workflows.set_status(workflow.id, status)
        self._workflows.announce_saved(moved, actor)
        return moved

    def delete(self, actor: Actor, workflow: Workflow, objects: Objects | None, consent: Consent) -> Run | None:
        """
        Delete a workflow: at once, or after a run that removes its objects first.

        :param objects: needed when it has any
        :return: the run, when there is one
        :raises Conflict: code ``objects-exist`` (nobody said what becomes of them; ``details`` lists some) or
            ``run-active``
        """
        owned = self._stores.owned.of_workflow(workflow.id)
        if owned and objects is None:
            raise choice_needed(owned)
        if owned and objects == "teardown":
            return self._tear_down(actor, workflow, consent, "delete")
        erase(workflow.id, self._stores)
        return None

    def _tear_down(self, actor: Actor, workflow: Workflow, consent: Consent, after: After) -> Run:
        trigger = Trigger(kind="user", user_id=actor.user_id, name=actor.name)
        return self._starting.start(workflow, trigger, Wanted(kind=RunKind.TEARDOWN, consent=consent, after=after))


def erase(workflow_id: str, stores: Stores) -> None:
    """
    Delete a workflow with its secret values, and forget its objects; runs and versions go with their retention.

    :raises Conflict: code ``run-active``
    """
    stores.workflows.delete(workflow_id)
    stores.secrets.delete_of(workflow_id)
    stores.owned.remove(owned.id for owned in stores.owned.of_workflow(workflow_id))


def choice_needed(owned: list[OwnedObject]) -> Conflict:
    """Return the refusal that names the objects of a workflow on clusters."""
    names = sorted(str(item.ref) for item in owned)
    return Conflict(
        f"The workflow has {plural(len(names), 'object')} on its cluster. Choose: removed (teardown) or left there "
        "(orphan).",
        code="objects-exist",
        details={"objects": names[:MOST_SHOWN], "total": len(names)},
    )
