"""Taking a workflow off its clusters: everything it has there, but for objects that hold data and were not named."""

from __future__ import annotations

from collections.abc import Sequence

from shared.kubernetes.client import ClusterClient
from shared.owned.models import OwnedObject
from shared.planning.items import items_of
from shared.planning.plan import Plan
from shared.planning.prune import Decision
from shared.planning.survey import LiveObjects, survey
from shared.runs.execute.background_writer import BackgroundWriter
from shared.runs.execute.confirmation import Next, Planned, record_plan
from shared.runs.execute.context import RunContext, RunFailed
from shared.runs.execute.removal import decide_all, remove
from shared.runs.models import Phase, RunStatus

FIRST_LOOK_SECONDS = 0.1
LONGEST_LOOK_SECONDS = 1.0


def teardown(context: RunContext) -> RunStatus:
    """
    Remove everything, and wait until it is gone; or stop as planned.

    :raises RunFailed: something is still there when the time is over
    """
    context.progress.phase(Phase.PLANNING)
    decisions = decide_all(context, context.stores.owned.of_workflow(context.run.workflow_id))
    if _record(context, together([decision for _, decision in decisions])) is Next.REST:
        return RunStatus.PLANNED
    context.progress.phase(Phase.PRUNING)
    for client, decision in decisions:
        remove(context, client, decision)
    for client, decision in decisions:
        _wait_until_gone(context, client, decision)
    return RunStatus.COMPLETED


def together(decisions: Sequence[Decision]) -> Decision:
    """Return one decision for all clusters: the objects that go, and those that stay."""
    return Decision(
        delete=tuple(deleted for decision in decisions for deleted in decision.delete),
        keep=tuple(kept for decision in decisions for kept in decision.keep),
        forget=(),
    )


def _record(context: RunContext, decision: Decision) -> Next:
    planned = Planned(Plan(()), decision, items_of(context.run.id, Plan(()), decision))
    with BackgroundWriter(context.run.id) as writer:
        following = record_plan(
            context.run, planned, plans=context.stores.plans, progress=context.progress, writer=writer
        )
        writer.settle()
    return following


def _wait_until_gone(context: RunContext, client: ClusterClient, decision: Decision) -> None:
    """Wait for finalizers and for pods to end: only then is there nothing left."""
    waiting = {str(live["metadata"]["uid"]): owned for owned, live in decision.delete}
    kinds = [(owned.api_version, owned.kind, owned.namespace) for owned in waiting.values()]
    ends = context.clock.monotonic() + context.node_seconds
    pause = FIRST_LOOK_SECONDS
    while waiting:
        context.raise_if_over()
        live_objects = context.retrying(survey, client, context.run.workflow_id, kinds, at_once=context.at_once)
        there = {str(live["metadata"]["uid"]) for live in live_objects.objects.values()}
        waiting = {uid: owned for uid, owned in waiting.items() if uid in there}
        if waiting and context.clock.monotonic() > ends:
            raise still_there(next(iter(waiting.values())), live_objects, context.node_seconds)
        if waiting:
            context.pause(pause)
            pause = min(pause * 1.6, LONGEST_LOOK_SECONDS)


def still_there(owned: OwnedObject, live_objects: LiveObjects, seconds: int) -> RunFailed:
    """Return the failure that names an object which does not go, and the reason why it waits."""
    live = live_objects.get(owned.ref) or {"metadata": {}}
    held = ", ".join(live["metadata"].get("finalizers") or []) or "its pods to end"
    return RunFailed(f"{owned.ref} is still there after {seconds} s; it waits for {held}.", code="delete-timeout")
