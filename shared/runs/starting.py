"""The beginning of runs: started, confirmed, tried again, or next in the queue of their workflow."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from shared.access import Verb, no_such, owner_may
from shared.broker import Tasks
from shared.clock import now
from shared.errors import Conflict, FieldError, InvalidInput, TemporaryError
from shared.ids import new_id
from shared.people import Person
from shared.planning.consent import Consent
from shared.queues import TaskName
from shared.runs.models import FINAL, Run, RunKind, RunStatus, Trigger
from shared.runs.options import RunOptions
from shared.runs.store import active_conflict
from shared.runs.stores import Stores
from shared.runs.values import TriggerData
from shared.updates import Publisher, topics
from shared.workflows.drawing.graph import Graph
from shared.workflows.kinds import WORKLOADS
from shared.workflows.models import Workflow, WorkflowStatus
from shared.workflows.versions.models import Version


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    The choices of somebody who starts a run.

    :param version: to deploy; None is the graph as it is saved now
    :param plan_first: stop as planned
    :param queue: wait behind the active run instead of being refused
    :param after: what becomes of the workflow when a teardown has completed
    """

    kind: RunKind = RunKind.DEPLOY
    version: int | None = None
    plan_first: bool = False
    queue: bool = False
    options: RunOptions = field(default_factory=RunOptions)
    consent: Consent = field(default_factory=Consent)
    values: TriggerData = field(default_factory=TriggerData)
    after: Literal["", "archive", "delete"] = ""


class Starting:
    """
    Queues runs and sends them to workers.

    :param queue: takes the ids of runs
    """

    def __init__(self, stores: Stores, queue: Tasks, updates: Publisher) -> None:
        self._stores = stores
        self._queue = queue
        self._updates = updates

    def start(
        self, workflow: Workflow, trigger: Trigger, wanted: Wanted | None = None, *, run_id: str | None = None
    ) -> Run:
        """
        Queue a run of a workflow.

        :param run_id: the id to make the run under, for callers who claimed one; a new one otherwise
        :raises InvalidInput: code ``no-cluster``, ``workflow-archived``, or ``unknown-node`` of the values it brings
        :raises NotFound: the cluster is gone, or there is no such version
        :raises Conflict: code ``run-active`` with the run's id
        """
        wanted, stores = wanted or Wanted(), self._stores
        run = new_run(workflow, trigger, wanted, run_id or new_id(), cluster_id=self._cluster_of(workflow, wanted.kind))
        self._raise_if_busy(workflow, wanted)
        version = self._version_of(workflow, wanted, run)
        run.version, run.namespace = version.version, version.namespace
        if run.has_values:
            check_values(version.graph, wanted.values)
            stores.values.put(run.id, wanted.values)
        self._insert(run, wanted)
        stores.workflows.set_current_version(workflow.id, version.version)
        if run.waiting:
            self._announce(run)
        else:
            self._begin(run)
        return run

    def confirm(self, run: Run, digest: str, consent: Consent, by: Person) -> Run:
        """
        Have a planned run done as it was planned.

        :param digest: of the plan that was looked at
        :param consent: beside what was agreed to when it was planned
        :raises Conflict: code ``run-not-planned``, ``plan-expired``, ``plan-changed`` (another digest) or
            ``run-active``
        """
        if run.status is not RunStatus.PLANNED:
            raise Conflict("This run is not waiting for a confirmation.", code="run-not-planned")
        if run.plan_expires_at is None or run.plan_expires_at <= now():
            raise Conflict("This plan is too old to be applied. Plan again.", code="plan-expired")
        kind = RunKind.DEPLOY if run.kind is RunKind.PLAN else run.kind
        confirmed = self._stores.runs.confirm(run.id, digest, kind=kind, consent=run.consent.joined(consent), by=by)
        if confirmed is None:
            raise Conflict("The plan is not the one you have looked at. Look at it again.", code="plan-changed")
        self._begin(confirmed)
        return confirmed

    def retry(self, run: Run, workflow: Workflow, trigger: Trigger) -> Run:
        """
        Do the same again: the run's version, kind, options and consent.

        :raises Conflict: code ``run-not-ended`` or ``run-active``
        :raises InvalidInput: code ``values-needed``: it brought values, which are gone
        """
        if run.status not in FINAL:
            raise Conflict("This run has not ended yet.", code="run-not-ended")
        if run.has_values:
            msg = "This run brought values for itself alone, and they are gone. Start a new run and enter them again."
            raise InvalidInput(msg, code="values-needed")
        wanted = Wanted(kind=run.kind, version=run.version, options=run.options, consent=run.consent, after=run.after)
        return self.start(workflow, trigger, wanted)

    def promote(self, workflow_id: str) -> Run | None:
        """Begin the run that waits behind one that has ended."""
        run = self._stores.runs.promote(workflow_id)
        if run is not None:
            self._begin(run)
        return run

    def send(self, run: Run) -> None:
        """
        Send a stored run to a worker.

        :raises StorageUnavailable: the queue does not answer
        """
        self._queue.enqueue(TaskName.RUNS_EXECUTE, run.id)
        self._stores.runs.set_enqueued(run.id)

    def _begin(self, run: Run) -> None:
        """Make a stored run its workflow's active one, say so, and send it to a worker."""
        self._stores.workflows.run_started(run.workflow_id, run.id)
        self._announce(run)
        with suppress(TemporaryError):
            # when the queue does not answer now, the reaper sends it later
            self.send(run)

    def _announce(self, run: Run) -> None:
        self._updates.publish(
            topics.workflow(run.workflow_id), "run_update", {"run": run.head().model_dump(mode="json")}
        )

    def _raise_if_busy(self, workflow: Workflow, wanted: Wanted) -> None:
        """Refuse a run beside another one, before a version is made for it; the last word is the insertion's."""
        active = self._stores.runs.active_of(workflow.id)
        if active and not wanted.queue:
            raise active_conflict(active)

    def _insert(self, run: Run, wanted: Wanted) -> None:
        try:
            self._stores.runs.insert(run, queue=wanted.queue)
        except Conflict:
            # somebody else was faster; nobody will read what this run brought
            if run.has_values and self._stores.runs.find(run.id) is None:
                self._stores.values.forget(run.id)
            raise

    def _cluster_of(self, workflow: Workflow, kind: RunKind) -> str:
        if kind is RunKind.TEARDOWN:
            # what a workflow has may be on other clusters than the one it names
            clusters = sorted({owned.cluster_id for owned in self._stores.owned.of_workflow(workflow.id)})
            return workflow.cluster_id or next(iter(clusters), "")
        if workflow.status is WorkflowStatus.ARCHIVED:
            raise InvalidInput("An archived workflow does not run. Unarchive it first.", code="workflow-archived")
        if not workflow.cluster_id:
            raise InvalidInput("Choose a cluster for this workflow first.", code="no-cluster")
        cluster = self._stores.clusters.get(workflow.cluster_id)
        if not owner_may(workflow, Verb.SEE, cluster):
            raise no_such("cluster")
        return cluster.id

    def _version_of(self, workflow: Workflow, wanted: Wanted, run: Run) -> Version:
        stores = self._stores
        if wanted.version is not None:
            return stores.versions.get(workflow.id, wanted.version)
        person = Person(user_id=run.triggered_by.user_id or workflow.owner_id, name=run.triggered_by.name)
        secrets = stores.secrets.current_versions(workflow.id, workflow.graph.secret_node_ids)
        return stores.versions.ensure(workflow, by=person, secret_versions=secrets, run_id=run.id)


def new_run(workflow: Workflow, trigger: Trigger, wanted: Wanted, run_id: str, *, cluster_id: str) -> Run:
    """Return the run that is wanted, stored nowhere yet and without a version."""
    return Run(
        id=run_id,
        workflow_id=workflow.id,
        owner_id=workflow.owner_id,
        cluster_id=cluster_id,
        namespace=workflow.namespace,
        version=0,
        kind=wanted.kind,
        plan_first=wanted.plan_first,
        options=wanted.options,
        consent=wanted.consent,
        after=wanted.after,
        has_values=not wanted.values.is_empty,
        triggered_by=trigger,
        created_at=now(),
    )


def check_values(graph: Graph, values: TriggerData) -> None:
    """
    Raise ``InvalidInput`` unless a graph has a place for every value that a run brings.

    :raises InvalidInput: code ``unknown-node`` or ``unknown-key``; ``fields`` says where
    """
    mistakes: list[FieldError] = []
    for node_id, brought in values.secrets.items():
        node = graph.by_id.get(node_id)
        if node is None or node.type != "secret":
            mistakes.append(FieldError(f"trigger_data.secrets.{node_id}", "is no secret node of this version"))
            continue
        keys = node.data.get("keys")
        known = keys if isinstance(keys, list) else []
        mistakes += [
            FieldError(f"trigger_data.secrets.{node_id}.{key}", "is no key of this node")
            for key in brought
            if key not in known
        ]
    for node_id in values.env_vars:
        node = graph.by_id.get(node_id)
        if node is None or node.type not in WORKLOADS:
            mistakes.append(FieldError(f"trigger_data.env_vars.{node_id}", "is no workload of this version"))
    if mistakes:
        first = mistakes[0]
        raise InvalidInput(f"{first.path} {first.message}.", code="unknown-node", fields=mistakes)
