"""Whether a plan may be done: what it needs people to agree to, and whether it is still the one they have agreed to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from shared.clock import now
from shared.planning import items as stored_plans
from shared.planning.items import StoredItem
from shared.planning.plan import Plan, Step
from shared.planning.prune import Decision
from shared.runs.execute.background_writer import BackgroundWriter
from shared.runs.execute.context import RunContext, RunFailed
from shared.runs.execute.progress import Progress
from shared.runs.models import Run
from shared.workflows.compile.manifests import Compiled

PLAN_LIFE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Planned:
    """What is to be done, and to what it was compared."""

    compiled: Compiled
    plan: Plan
    decision: Decision
    items: list[StoredItem]


def may_go_on(work: RunContext, notes: BackgroundWriter, planned: Planned) -> bool:
    """
    Keep and tell a plan; returns whether it is to be applied now.

    :raises RunFailed: it does what nobody has agreed to, needs a namespace that it may not make, or cannot be done
    """
    counts = planned.plan.summary()
    counts |= {"prune": len(planned.decision.delete), "keep": len(planned.decision.keep)}
    if not is_agreed(work, notes, planned.items, counts):
        return False
    _check_namespaces(work.run, planned.plan)
    if planned.plan.refused:
        _refuse(work.progress, planned.plan.refused)
    return True


def is_agreed(work: RunContext, notes: BackgroundWriter, items: list[StoredItem], counts: Mapping[str, int]) -> bool:
    """
    Keep and tell a plan's items; returns whether people want it done, or to look at it first.

    :param counts: of objects by what is done with them
    :raises RunFailed: code ``plan-changed``: it does more than was confirmed
    """
    run, progress = work.run, work.progress
    digest = stored_plans.digest_of(items)
    summary = {action: count for action, count in counts.items() if count}
    # an ordinary run keeps what it changes, a plan that people read keeps everything
    shown = items if run.plan_first else [item for item in items if item.action != "unchanged"]
    progress.set("plan_summary", summary)
    progress.set("plan_digest", digest)

    def keep() -> None:
        work.stores.plans.put(run.id, shown)
        progress.announce("plan", {"digest": digest, "summary": summary, "total": len(items)})

    if run.plan_first and not run.confirmed_at:
        keep()
        progress.set("plan_expires_at", now() + PLAN_LIFE)
        return False
    if run.confirmed_at:
        # before the new plan is kept: were this process to die in between, it would be compared with itself
        _check_agreed(work, work.stores.plans.of_run(run.id), items)
    notes.write(keep)
    return True


def _check_agreed(work: RunContext, agreed: list[StoredItem], items: list[StoredItem]) -> None:
    more = stored_plans.grown(agreed, items, work.run.consent)
    if not more:
        return
    for item in more:
        work.progress.log(
            f"Not in the confirmed plan: {item.action} {item.object}.", level="error", node_id=item.node_id
        )
    others = f" (and {len(more) - 1} more)" if len(more) > 1 else ""
    msg = (
        f"Nothing was changed: the cluster has changed since the plan was confirmed, and it would now also "
        f"{more[0].action} {more[0].object}{others}. Plan again and look at it."
    )
    raise RunFailed(msg, node_id=more[0].node_id, code="plan-changed")


def _check_namespaces(run: Run, plan: Plan) -> None:
    if plan.missing_namespaces and not run.options.create_namespaces:
        name = plan.missing_namespaces[0]
        msg = f"Nothing was changed: the namespace {name} does not exist, and this run may not make it."
        raise RunFailed(msg, code="namespace-missing")


def _refuse(progress: Progress, refused: Sequence[Step]) -> None:
    for step in refused:
        progress.node(step.item.node_id, "failed", step.reason)
        progress.log(step.reason, level="error", node_id=step.item.node_id)
    first = refused[0]
    more = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
    msg = f"Nothing was changed: {first.reason}{more}"
    raise RunFailed(msg, node_id=first.item.node_id, code=first.code or None)
