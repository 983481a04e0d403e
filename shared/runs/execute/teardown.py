"""Taking a workflow off its clusters: everything it has there, but for what holds data and was not named."""

from __future__ import annotations

import time

from shared.kubernetes.client import ClusterClient
from shared.planning import items as stored_plans
from shared.planning.plan import Plan
from shared.planning.prune import Decision
from shared.planning.survey import key_of, survey
from shared.runs.execute.background_writer import BackgroundWriter
from shared.runs.execute.confirmation import is_agreed
from shared.runs.execute.context import RunContext, RunFailed
from shared.runs.execute.removal import decide_all, remove
from shared.runs.models import Phase, RunStatus


def teardown(work: RunContext) -> RunStatus:
    """
    Remove everything, and wait until it is gone; or stop as planned.

    :raises RunFailed: something is still there when the time is over
    """
    work.progress.phase(Phase.PLANNING)
    decisions = decide_all(work, work.stores.owned.of_workflow(work.run.workflow_id))
    if not _may_go_on(work, [decision for _, decision in decisions]):
        return RunStatus.PLANNED
    work.progress.phase(Phase.PRUNING)
    for client, decision in decisions:
        remove(work, client, decision)
    for client, decision in decisions:
        _wait_until_gone(work, client, decision)
    return RunStatus.COMPLETED


def _may_go_on(work: RunContext, decisions: list[Decision]) -> bool:
    whole = Decision(
        delete=tuple(found for decision in decisions for found in decision.delete),
        keep=tuple(keep for decision in decisions for keep in decision.keep),
        forget=(),
    )
    items = stored_plans.items_of(work.run.id, Plan(()), whole)
    with BackgroundWriter(work.run.id) as notes:
        agreed = is_agreed(work, notes, items, {"prune": len(whole.delete), "keep": len(whole.keep)})
        notes.settle()
    return agreed


def _wait_until_gone(work: RunContext, client: ClusterClient, decision: Decision) -> None:
    """Wait for finalizers and for pods to end: only then is there nothing left."""
    waiting = {str(live["metadata"]["uid"]): entry for entry, live in decision.delete}
    kinds = [(entry.api_version, entry.kind, entry.namespace) for entry in waiting.values()]
    ends = time.monotonic() + work.node_seconds
    pause = 0.1
    at_once = work.settings.parallel
    while waiting:
        work.look_around()
        live_objects = work.patient(lambda: survey(client, work.run.workflow_id, kinds, at_once=at_once))
        there = {str(live["metadata"]["uid"]) for live in live_objects.objects.values()}
        waiting = {uid: entry for uid, entry in waiting.items() if uid in there}
        if waiting and time.monotonic() > ends:
            first = next(iter(waiting.values())).ref
            live = live_objects.objects.get(key_of(first)) or {"metadata": {}}
            held = ", ".join(live["metadata"].get("finalizers") or []) or "its pods to end"
            msg = f"{first} is still there after {work.node_seconds} s; it waits for {held}."
            raise RunFailed(msg, code="delete-timeout")
        if waiting:
            work.stop.wait(pause)
            pause = min(pause * 1.6, 1.0)
