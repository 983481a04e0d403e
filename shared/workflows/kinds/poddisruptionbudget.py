"""PodDisruptionBudget: how many pods must stay while machines are emptied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from shared.workflows.drawing.effects import PodSelection, Wired
from shared.workflows.drawing.issues import Issue, Remedy
from shared.workflows.kinds.fields.base import (
    CardRow,
    CompileContext,
    Hint,
    Kind,
    Manifest,
    ObjectFields,
    Stage,
    Subject,
    compact,
    make_manifest,
)
from shared.workflows.kinds.fields.types import IntOrPercent, int_or_percent


class BudgetFields(ObjectFields):
    """The fields of a PodDisruptionBudget; its pods are those of the wired workload."""

    min_available: Annotated[IntOrPercent | None, Hint("budget", help="At least so many stay.")] = None
    max_unavailable: Annotated[IntOrPercent | None, Hint("budget", help="At most so many go.")] = None
    unhealthy_pods: Annotated[
        Literal["IfHealthyBudget", "AlwaysAllow"] | None,
        Hint("budget", "select", advanced=True, help="Whether pods that are not healthy may always go."),
    ] = None


def _manifests(subject: Subject[BudgetFields], wired: Wired, context: CompileContext) -> list[Manifest]:
    data, selection = subject.data, wired.first(PodSelection)
    spec = {
        "minAvailable": int_or_percent(data.min_available) if data.min_available else None,
        "maxUnavailable": int_or_percent(data.max_unavailable) if data.max_unavailable else None,
        "unhealthyPodEvictionPolicy": data.unhealthy_pods,
        "selector": {"matchLabels": dict(selection.labels)} if selection else None,
    }
    return [make_manifest(subject, context, spec=compact(spec))]


def _checks(subject: Subject[BudgetFields], wired: Wired, context: CompileContext) -> Iterator[Issue]:
    del context
    data = subject.data
    if (data.min_available is None) == (data.max_unavailable is None):
        yield subject.error("invalid-value", "Set one of the two: how many stay, or how many may go.", "/min_available")
    if wired.first(PodSelection) is None:
        yield subject.error(
            "budget-without-target",
            "No workload is wired to this budget.",
            remedy=Remedy(text="Add a Deployment", action="add-node", node_type="deployment"),
        )


PODDISRUPTIONBUDGET = Kind(
    type="poddisruptionbudget",
    api_version="policy/v1",
    kind="PodDisruptionBudget",
    title="Disruption budget",
    description="Keeps enough pods running while machines are emptied.",
    category="scaling",
    icon="life-buoy",
    keywords=("pdb", "drain", "availability", "eviction"),
    model=BudgetFields,
    manifests=_manifests,
    checks=_checks,
    stage=Stage.FINISH,
    name_pattern="budget-{n}",
    defaults={"min_available": "1"},
    card=(CardRow("/min_available", "Stay"), CardRow("/max_unavailable", "May go")),
)
