"""Wires that scale: an autoscaler and its workload."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from shared.workflows.drawing.effects import Scaled, ScaleTarget
from shared.workflows.drawing.issues import Issue, change
from shared.workflows.kinds import SCALED
from shared.workflows.kinds.fields.base import CompileContext, Fields
from shared.workflows.kinds.fields.pods import PodFields
from shared.workflows.wires.common import Effects
from shared.workflows.wires.rules import Cardinality, Match, Mirror, Rule, Wire


class ScaleOptions(Fields):
    """An autoscaler and its workload."""

    rule: Literal["hpa-scales"] = "hpa-scales"


def _scale(wire: Wire, context: CompileContext) -> Effects:
    del context
    kind = wire.target.kind
    yield "source", ScaleTarget(kind.api_version, kind.kind, wire.target.name)
    yield "target", Scaled(wire.source.name)


def _check_scale(wire: Wire, context: CompileContext) -> Iterator[Issue]:
    del context
    data: PodFields = wire.target.data
    requests = data.resources.requests if data.resources else None
    for field, wanted in (("cpu", wire.source.data.cpu_percent), ("memory", wire.source.data.memory_percent)):
        if wanted is not None and getattr(requests, field, None) is None:
            yield wire.target.warning(
                "no-resource-request",
                f"{wire.source.name} follows the share of requested {field}, but none is requested here.",
                f"/resources/requests/{field}",
                remedy=change(f"/resources/requests/{field}", f"Request {field}"),
            )


RULES: tuple[Rule, ...] = (
    Rule(
        id="hpa-scales",
        edge_type="wires",
        source=Match(("hpa",)),
        target=Match(SCALED),
        label="scales",
        line="scaling",
        text="The autoscaler decides how many replicas there are; the workload's own number is left out.",
        options=ScaleOptions,
        effect=_scale,
        checks=_check_scale,
        cardinality=Cardinality(per_source=1, per_target=1),
        mirrors=(
            Mirror(
                "target",
                "/replicas",
                {"template": "{source/min_replicas} to {source/max_replicas}, decided by {source/name}"},
            ),
        ),
    ),
)
