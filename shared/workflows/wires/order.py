"""Wires that say the order in which objects are applied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from shared.workflows.drawing.effects import After
from shared.workflows.drawing.issues import Issue, change
from shared.workflows.kinds import WORKLOADS
from shared.workflows.kinds.fields.base import CompileContext, Fields, Hint
from shared.workflows.wires.common import Effects
from shared.workflows.wires.rules import Match, Refusal, Rule, Wire


class OrderOptions(Fields):
    """One node after another."""

    rule: Literal["start-after"] = "start-after"
    condition: Annotated[
        Literal["started", "healthy", "completed"],
        Hint(widget="select", help="started: applied. healthy: ready. completed: ended well, for jobs."),
    ] = "healthy"


class ApplyOrderOptions(OrderOptions):
    """One object after another."""

    rule: Literal["apply-after"] = "apply-after"  # type: ignore[assignment]


def _order(wire: Wire, context: CompileContext) -> Effects:
    del context
    yield "source", After(wire.target.id, wire.options.condition)


def _check_order(wire: Wire, context: CompileContext) -> Iterator[Issue]:
    del context
    if wire.options.condition == "completed" and wire.target.kind.type != "job":
        yield wire.error(
            "never-completes",
            f"{wire.target.name} is a {wire.target.kind.title} and never completes; wait until it is healthy.",
            "/condition",
            remedy=change("/condition", "Wait until it is healthy", "healthy"),
        )


COMPLETES_NEVER = Refusal(
    code="never-completes",
    when={
        "all": [
            {"path": "/edge/data/condition", "equals": "completed"},
            {"not": {"path": "/target/type", "equals": "job"}},
        ]
    },
    message="Only a job completes; wait until the other node is healthy.",
    remedy=change("/condition", "Wait until it is healthy", "healthy"),
)


ORDERED = (*WORKLOADS, "manifest", "custom-resource")
"""Types for which waiting for each other is usual."""


RULES: tuple[Rule, ...] = (
    Rule(
        id="start-after",
        edge_type="depends_on",
        source=Match(ORDERED),
        target=Match(ORDERED),
        label="starts after",
        line="order",
        text="Is applied only when the other has come as far as the condition says.",
        options=OrderOptions,
        effect=_order,
        checks=_check_order,
        same_namespace=False,
        acyclic=True,
        refusals=(COMPLETES_NEVER,),
    ),
    Rule(
        id="apply-after",
        edge_type="depends_on",
        source=Match("*"),
        target=Match("*"),
        label="applied after",
        line="order",
        text="Is applied only when the other has come as far as the condition says.",
        options=ApplyOrderOptions,
        effect=_order,
        checks=_check_order,
        same_namespace=False,
        acyclic=True,
        refusals=(COMPLETES_NEVER,),
        on_request=True,
    ),
)
