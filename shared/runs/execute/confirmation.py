"""The consent to a plan: the deeds that people must agree to, and whether it is still the plan that they agreed to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Protocol

from shared.clock import now
from shared.planning.consent import Consent
from shared.planning.items import PlanItem, StoredItem, digest_of, grown
from shared.planning.plan import Plan
from shared.planning.prune import Decision
from shared.runs.execute.background_writer import BackgroundWriter
from shared.runs.execute.context import RunFailed
from shared.runs.execute.progress import Progress
from shared.runs.models import Run

PLAN_LIFE = timedelta(hours=1)


class Next(Enum):
    """The next step of a run with its plan."""

    PROCEED = "proceed"
    REST = "rest"
    """Stop as planned, for people to look at it."""


@dataclass(frozen=True, slots=True)
class Planned:
    """
    A plan with its decision about removals, as items.

    :param items: both, as people read them
    """

    plan: Plan
    decision: Decision
    items: list[StoredItem]

    def counts(self) -> dict[str, int]:
        """Return the number of objects by action."""
        counts = self.plan.summary()
        counts |= {"prune": len(self.decision.delete), "keep": len(self.decision.keep)}
        return {action: count for action, count in counts.items() if count}

    def shown(self, run: Run) -> list[StoredItem]:
        """Return the items that are kept: of an ordinary run those that change, of a plan that people read all."""
        return self.items if run.plan_first else [item for item in self.items if item.action != "unchanged"]


class KeptPlans(Protocol):
    """Keeps plans of runs; the store of plans does."""

    def put(self, run_id: str, items: Sequence[StoredItem]) -> None:
        """Write a run's plan in place of the one before."""

    def of_run(self, run_id: str) -> list[StoredItem]:
        """Return a run's whole plan."""


def record_plan(run: Run, planned: Planned, *, plans: KeptPlans, progress: Progress, writer: BackgroundWriter) -> Next:
    """
    Store and publish a plan, and decide whether it is done now.

    :raises RunFailed: code ``plan-changed``: it does more than was confirmed; or it does what nobody has agreed to,
        needs a namespace that it may not make, or cannot be done
    """
    digest, counts = digest_of(planned.items), planned.counts()
    progress.set("plan_summary", counts)
    progress.set("plan_digest", digest)

    def keep() -> None:
        plans.put(run.id, planned.shown(run))
        progress.announce("plan", {"digest": digest, "summary": counts, "total": len(planned.items)})

    if run.plan_first and not run.confirmed_at:
        keep()
        progress.set("plan_expires_at", now() + PLAN_LIFE)
        return Next.REST
    if run.confirmed_at:
        # before the new plan is kept: were this process to die in between, it would be compared with itself
        raise_if_grown(plans.of_run(run.id), planned.items, run.consent, progress)
    writer.write(keep)
    raise_if_namespaces_missing(planned.plan, may_make=run.options.create_namespaces)
    raise_if_refused(planned.plan, progress)
    return Next.PROCEED


def raise_if_grown(
    confirmed: Sequence[PlanItem], items: Sequence[PlanItem], consent: Consent, progress: Progress
) -> None:
    """Raise ``RunFailed`` unless people have agreed to all that a plan does."""
    more = grown(confirmed, items, consent)
    if not more:
        return
    for item in more:
        progress.log(f"Not in the confirmed plan: {item.action} {item.object}.", level="error", node_id=item.node_id)
    first = more[0]
    others = f" (and {len(more) - 1} more)" if len(more) > 1 else ""
    msg = (
        f"Nothing was changed: the cluster has changed since the plan was confirmed, and it would now also "
        f"{first.action} {first.object}{others}. Plan again and look at it."
    )
    raise RunFailed(msg, node_id=first.node_id, code="plan-changed")


def raise_if_namespaces_missing(plan: Plan, *, may_make: bool) -> None:
    """Raise ``RunFailed`` unless the cluster has all namespaces, or the run may make them."""
    if plan.missing_namespaces and not may_make:
        name = plan.missing_namespaces[0]
        msg = f"Nothing was changed: the namespace {name} does not exist, and this run may not make it."
        raise RunFailed(msg, code="namespace-missing")


def raise_if_refused(plan: Plan, progress: Progress) -> None:
    """Raise ``RunFailed`` unless all steps can be done; every refused one is reported."""
    refused = plan.refused
    for step in refused:
        progress.node(step.item.node_id, "failed", step.reason)
        progress.log(step.reason, level="error", node_id=step.item.node_id)
    if refused:
        more = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
        msg = f"Nothing was changed: {refused[0].reason}{more}"
        raise RunFailed(msg, node_id=refused[0].item.node_id, code=refused[0].code or None)
