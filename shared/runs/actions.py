"""The verbs of people, workers and the clock for runs: one object for all of them."""

from __future__ import annotations

from typing import Self

from shared.access import Actor, Verb, require, scope
from shared.errors import Conflict
from shared.jobs.keeper import LEASE_SECONDS
from shared.jobs.once import Once
from shared.log import bind_context, get_logger
from shared.people import Person
from shared.planning.consent import Consent
from shared.planning.items import StoredItem
from shared.platform import Platform
from shared.runs.archiving import Archiving, Objects
from shared.runs.ending import Ending, Outcome
from shared.runs.execute.execution import Execution
from shared.runs.models import Run, RunStatus, Trigger
from shared.runs.reaping import Reaping
from shared.runs.starting import Starting, Wanted
from shared.runs.stores import Stores
from shared.runs.subscribers import subscribers
from shared.settings import RunSettings
from shared.storage.claims import ClaimStore
from shared.updates import UpdateLog
from shared.workflows.actions import Workflows
from shared.workflows.models import Workflow, WorkflowStatus

log = get_logger(__name__)

Page = tuple[list[Run], int, str | None]
"""Runs, how many there are in all, and where the next page begins."""
PlanPage = tuple[list[StoredItem], int, str | None]
"""The same of items of a plan."""


class Runs:
    """Runs of workflows."""

    def __init__(
        self,
        stores: Stores,
        workflows: Workflows,
        starting: Starting,
        ending: Ending,
        once: Once,
        updates: UpdateLog,
        settings: RunSettings,
    ) -> None:
        self._stores = stores
        self._workflows = workflows
        self._starting = starting
        self._ending = ending
        self._once = once
        self._updates = updates
        self._settings = settings
        self._archiving = Archiving(stores, starting, workflows)

    @classmethod
    def over(cls, platform: Platform, stores: Stores) -> Self:
        """Make it over a process' connections."""
        starting = Starting(stores, platform.queue, platform.updates)
        ending = Ending(stores.runs, stores.workflows, platform.updates, subscribers(stores, starting))
        once = Once(ClaimStore(platform.db))
        return cls(stores, Workflows.over(platform), starting, ending, once, platform.updates, platform.settings.runs)

    # -- people ---------------------------------------------------------------------------------------------------

    def get(self, actor: Actor, run_id: str, verb: Verb = Verb.SEE) -> Run:
        """
        Return a run that the actor may do this with.

        :raises NotFound: it does not exist, or not for this person
        """
        run = self._stores.runs.get(run_id)
        require(actor, verb, run, what="run")
        return run

    def list(self, actor: Actor, *, limit: int, cursor: str | None) -> Page:
        """Return a page of the runs that the actor may see, newest first."""
        require(actor, Verb.SEE, None)
        return self._stores.runs.within(scope(actor), limit=limit, cursor=cursor)

    def list_of(self, actor: Actor, workflow_id: str, *, limit: int, cursor: str | None) -> Page:
        """Return a page of a workflow's runs, newest first."""
        workflow = self._workflows.get(actor, workflow_id, Verb.SEE)
        return self._stores.runs.of_workflow(workflow.id, limit=limit, cursor=cursor)

    def plan_of(self, actor: Actor, run_id: str, *, action: str | None, limit: int, cursor: str | None) -> PlanPage:
        """Return a page of a run's plan, object by object."""
        run = self.get(actor, run_id)
        return self._stores.plans.page(run.id, action=action, limit=limit, cursor=cursor)

    def start(self, actor: Actor, workflow_id: str, wanted: Wanted, *, key: str = "") -> tuple[Run, bool]:
        """
        Queue a run, with an Idempotency-Key at most once a day.

        :param key: of the request; empty without one
        :return: the run, and whether it was made now
        :raises Conflict: code ``run-active`` with the run's id
        """
        workflow = self._workflows.get(actor, workflow_id, Verb.RUN)
        return self._once.make(
            f"run:{actor.user_id}:{workflow.id}",
            key,
            find=self._stores.runs.find,
            make=lambda run_id: self._starting.start(workflow, trigger_of(actor), wanted, run_id=run_id),
        )

    def confirm(self, actor: Actor, run_id: str, digest: str, consent: Consent) -> Run:
        """
        Have a planned run done as it was planned.

        :raises Conflict: it is not planned (any more), too old, or not the plan that was looked at
        """
        return self._starting.confirm(self.get(actor, run_id, Verb.RUN), digest, consent, Person.of(actor))

    def retry(self, actor: Actor, run_id: str) -> Run:
        """
        Do the same again.

        :raises Conflict: it has not ended, or another is active
        """
        run = self.get(actor, run_id, Verb.RUN)
        return self._starting.retry(run, self._workflows.get(actor, run.workflow_id, Verb.RUN), trigger_of(actor))

    def cancel(self, actor: Actor, run_id: str, *, rollback: bool = False) -> Run:
        """
        Ask a run to end; one that nobody works on ends at once, and so does a plan that waits for its confirmation.

        :param rollback: and go back to what was deployed before
        :raises Conflict: code ``run-ended``
        """
        run = self.get(actor, run_id, Verb.RUN)
        if discarded := self._ending.discarded(run):
            return discarded
        asked = self._stores.runs.request_cancel(run.id, rollback_requested=rollback)
        if asked is None:
            raise Conflict("This run has ended already.", code="run-ended")
        ended = self._ending.unowned(asked, Outcome(RunStatus.CANCELLED)) if asked.status is RunStatus.QUEUED else None
        return ended or asked

    def set_status(self, actor: Actor, workflow_id: str, status: WorkflowStatus, consent: Consent) -> Workflow | Run:
        """Move a workflow in its life; archiving one that has objects is a teardown first, which is returned."""
        return self._archiving.set_status(actor, self._workflows.get(actor, workflow_id, Verb.EDIT), status, consent)

    def delete_workflow(self, actor: Actor, workflow_id: str, objects: Objects | None, consent: Consent) -> Run | None:
        """Delete a workflow at once, or after a run that removes its objects first, which is returned."""
        return self._archiving.delete(actor, self._workflows.get(actor, workflow_id, Verb.DELETE), objects, consent)

    # -- workers and the clock ------------------------------------------------------------------------------------

    def execute(self, run_id: str, owner: str) -> RunStatus | None:
        """
        Do a run, if nobody else does; returns the ended run, or None when there was nothing to do.

        May be called twice for the same run at any time.
        """
        run = self._stores.runs.take(run_id, owner, LEASE_SECONDS)
        if run is None or run.lease is None:
            log.info("run_not_taken", run_id=run_id)
            return None
        bind_context(run_id=run.id, workflow_id=run.workflow_id, cluster_id=run.cluster_id)
        log.info("run_started", run_id=run.id, attempt=run.attempts)
        self._stores.workflows.run_started(run.workflow_id, run.id)
        execution = Execution(
            run,
            run.lease.token,
            stores=self._stores,
            settings=self._settings,
            updates=self._updates,
            ending=self._ending,
        )
        ended = execution.run()
        return ended.status if ended else None

    def reap(self) -> int:
        """Take up or end runs that nobody works on; returns their number."""
        return Reaping(self._stores, self._starting, self._ending).reap()


def trigger_of(actor: Actor) -> Trigger:
    """Return the trigger of a run that a person starts."""
    return Trigger(kind="user", user_id=actor.user_id, name=actor.name)
