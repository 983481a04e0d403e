"""How runs begin: started, confirmed, tried again, or next in the queue of their workflow."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from shared.access import Verb, owner_may
from shared.broker import TaskQueue
from shared.clock import now
from shared.errors import Conflict, FieldError, InvalidInput, NotFound, TemporaryError
from shared.ids import new_id
from shared.people import Person
from shared.planning.consent import Consent
from shared.queues import TaskName
from shared.runs.models import FINAL, Run, RunKind, RunStatus, Trigger
from shared.runs.options import RunOptions
from shared.runs.store import active_conflict
from shared.runs.stores import Stores
from shared.runs.values import TriggerData
from shared.updates import UpdateLog, topics
from shared.workflows.drawing.graph import Graph
from shared.workflows.kinds import WORKLOADS
from shared.workflows.models import Workflow, WorkflowStatus
from shared.workflows.versions.models import Version

Enqueue = Callable[[str], None]
"""Sends a run's id to a worker."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    What somebody wants a run to be.

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


def start(
    workflow: Workflow,
    trigger: Trigger,
    wanted: Wanted | None = None,
    *,
    stores: Stores,
    enqueue: Enqueue,
    updates: UpdateLog,
    run_id: str | None = None,
) -> Run:
    """
    Queue a run of a workflow.

    :param enqueue: sends the run's id to a worker
    :param run_id: the id to make the run under, for callers who claimed one; a new one otherwise
    :raises InvalidInput: code ``no-cluster``, ``workflow-archived``, or ``unknown-node`` of the values it brings
    :raises NotFound: the cluster is gone, or there is no such version
    :raises Conflict: code ``run-active`` with the run's id
    """
    wanted = wanted or Wanted()
    run = _new_run(workflow, trigger, wanted, stores, run_id or new_id())
    _check_turn(workflow, wanted, stores)
    version = _version_of(workflow, wanted, run, stores)
    run.version, run.namespace = version.version, version.namespace
    _keep_values(run, version, wanted, stores)
    _insert(run, wanted, stores)
    stores.workflows.set_current_version(workflow.id, version.version)
    if run.waiting:
        _announce(run, updates)
    else:
        _begin(run, stores=stores, enqueue=enqueue, updates=updates)
    return run


def _new_run(workflow: Workflow, trigger: Trigger, wanted: Wanted, stores: Stores, run_id: str) -> Run:
    """Return the run that is wanted, stored nowhere yet and without a version."""
    return Run(
        id=run_id,
        workflow_id=workflow.id,
        owner_id=workflow.owner_id,
        cluster_id=_cluster_of(workflow, wanted.kind, stores),
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


def _check_turn(workflow: Workflow, wanted: Wanted, stores: Stores) -> None:
    """Refuse a run beside another one, before a version is made for it; the last word is the insertion's."""
    active = stores.runs.active_of(workflow.id)
    if active and not wanted.queue:
        raise active_conflict(active)


def _keep_values(run: Run, version: Version, wanted: Wanted, stores: Stores) -> None:
    """Put what a run brings where its worker finds it."""
    if run.has_values:
        check_values(version.graph, wanted.values)
        stores.values.put(run.id, wanted.values)


def _insert(run: Run, wanted: Wanted, stores: Stores) -> None:
    try:
        stores.runs.insert(run, queue=wanted.queue)
    except Conflict:
        # somebody else was faster; nobody will read what this run brought
        if run.has_values and stores.runs.find(run.id) is None:
            stores.values.forget(run.id)
        raise


def _cluster_of(workflow: Workflow, kind: RunKind, stores: Stores) -> str:
    if kind is RunKind.TEARDOWN:
        # what a workflow has may be on other clusters than the one it names
        owned = sorted({entry.cluster_id for entry in stores.owned.of_workflow(workflow.id)})
        return workflow.cluster_id or next(iter(owned), "")
    if workflow.status is WorkflowStatus.ARCHIVED:
        raise InvalidInput("An archived workflow does not run. Unarchive it first.", code="workflow-archived")
    if not workflow.cluster_id:
        raise InvalidInput("Choose a cluster for this workflow first.", code="no-cluster")
    cluster = stores.clusters.get(workflow.cluster_id)
    if not owner_may(workflow, Verb.SEE, cluster):
        raise NotFound("There is no such cluster.", code="cluster-not-found")
    return cluster.id


def _version_of(workflow: Workflow, wanted: Wanted, run: Run, stores: Stores) -> Version:
    if wanted.version is not None:
        return stores.versions.get(workflow.id, wanted.version)
    person = Person(user_id=run.triggered_by.user_id or workflow.owner_id, name=run.triggered_by.name)
    secrets = stores.secrets.current_versions(workflow.id, workflow.graph.secret_node_ids)
    return stores.versions.ensure(workflow, by=person, secret_versions=secrets, run_id=run.id)


def check_values(graph: Graph, values: TriggerData) -> None:
    """
    Return when a graph has a place for every value that a run brings.

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


def send(run: Run, *, stores: Stores, enqueue: Enqueue) -> None:
    """Send a stored run to a worker; when the queue does not answer now, the reaper sends it later."""
    with suppress(TemporaryError):
        enqueue(run.id)
        stores.runs.set_enqueued(run.id)


def confirm(
    run: Run, digest: str, consent: Consent, by: Person, *, stores: Stores, enqueue: Enqueue, updates: UpdateLog
) -> Run:
    """
    Have a planned run done as it was planned.

    :param digest: of the plan that was looked at
    :param consent: beside what was agreed to when it was planned
    :raises Conflict: code ``run-not-planned``, ``plan-expired``, ``plan-changed`` (another digest) or ``run-active``
    """
    if run.status is not RunStatus.PLANNED:
        raise Conflict("This run is not waiting for a confirmation.", code="run-not-planned")
    if run.plan_expires_at is None or run.plan_expires_at <= now():
        raise Conflict("This plan is too old to be applied. Plan again.", code="plan-expired")
    kind = RunKind.DEPLOY if run.kind is RunKind.PLAN else run.kind
    merged = run.consent.joined(consent)
    values = {"kind": kind.value, "consent": merged.model_dump(), "confirmed_by": by.model_dump()}
    confirmed = stores.runs.confirm(run.id, digest, values)
    if confirmed is None:
        raise Conflict("The plan is not the one you have looked at. Look at it again.", code="plan-changed")
    _begin(confirmed, stores=stores, enqueue=enqueue, updates=updates)
    return confirmed


def retry(
    run: Run, workflow: Workflow, trigger: Trigger, *, stores: Stores, enqueue: Enqueue, updates: UpdateLog
) -> Run:
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
    return start(workflow, trigger, wanted, stores=stores, enqueue=enqueue, updates=updates)


def promote(workflow_id: str, *, stores: Stores, enqueue: Enqueue, updates: UpdateLog) -> Run | None:
    """Begin the run that waits behind one that has ended."""
    run = stores.runs.promote(workflow_id)
    if run is None:
        return None
    _begin(run, stores=stores, enqueue=enqueue, updates=updates)
    return run


def _begin(run: Run, *, stores: Stores, enqueue: Enqueue, updates: UpdateLog) -> None:
    """Make a stored run its workflow's active one, say so, and send it to a worker."""
    stores.workflows.run_started(run.workflow_id, run.id)
    _announce(run, updates)
    send(run, stores=stores, enqueue=enqueue)


def _announce(run: Run, updates: UpdateLog) -> None:
    updates.publish(topics.workflow(run.workflow_id), "run_update", {"run": run.head().model_dump(mode="json")})


def enqueue_with(queue: TaskQueue) -> Enqueue:
    """Return what sends a run's id through a task queue."""

    def enqueue(run_id: str) -> None:
        queue.enqueue(TaskName.RUNS_EXECUTE, run_id)

    return enqueue
