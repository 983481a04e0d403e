"""LimitRange: defaults and bounds for single containers, pods and claims of a namespace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from shared.workflows.drawing.effects import Wired
from shared.workflows.drawing.issues import Issue, pointer
from shared.workflows.kinds.fields.base import (
    CardRow,
    CompileContext,
    Fields,
    Hint,
    Kind,
    Manifest,
    ObjectFields,
    Stage,
    Subject,
    dump,
    make_manifest,
)
from shared.workflows.kinds.fields.types import QualifiedKey, Quantity, amount

Amounts = dict[QualifiedKey, Quantity]


class Limit(Fields):
    """Bounds for one sort of thing."""

    type: Literal["Container", "Pod", "PersistentVolumeClaim"]
    default: Annotated[Amounts, Hint(widget="map", help="Limits of containers that have none.")] = {}
    default_request: Annotated[Amounts, Hint(widget="map", help="Requests of containers that have none.")] = {}
    min: Annotated[Amounts, Hint(widget="map")] = {}
    max: Annotated[Amounts, Hint(widget="map")] = {}
    max_limit_request_ratio: Annotated[Amounts, Hint(widget="map", advanced=True)] = {}


class LimitRangeFields(ObjectFields):
    """The fields of a LimitRange."""

    limits: Annotated[list[Limit], Field(min_length=1, max_length=20), Hint("limits", "repeater")]


def _manifests(subject: Subject[LimitRangeFields], wired: Wired, context: CompileContext) -> list[Manifest]:
    del wired
    spec = {"limits": [dump(limit) for limit in subject.data.limits]}
    return [make_manifest(subject, context, spec=spec)]


def _checks(subject: Subject[LimitRangeFields], wired: Wired, context: CompileContext) -> Iterator[Issue]:
    del wired, context
    for index, limit in enumerate(subject.data.limits):
        place = pointer("limits", index)
        if limit.type != "Container" and (limit.default or limit.default_request):
            yield subject.error("contradiction", "has defaults, which only containers have", f"{place}/type")
        for low, high in (("min", "max"), ("min", "default"), ("default_request", "default"), ("default", "max")):
            least, most = getattr(limit, low), getattr(limit, high)
            for name in sorted(least.keys() & most.keys()):
                if amount(least[name]) > amount(most[name]):
                    yield subject.error(
                        "invalid-value",
                        f"must be at most {most[name]}, the {high.replace('_', ' ')}",
                        f"{place}{pointer(low, name)}",
                    )


LIMITRANGE = Kind(
    type="limitrange",
    api_version="v1",
    kind="LimitRange",
    title="Limits",
    description="Gives containers of a namespace defaults and bounds.",
    category="policy",
    icon="ruler",
    keywords=("default", "requests", "cpu", "memory", "bounds"),
    model=LimitRangeFields,
    manifests=_manifests,
    checks=_checks,
    stage=Stage.FOUNDATION,
    name_pattern="limits-{n}",
    defaults={"limits": [{"type": "Container", "default_request": {"cpu": "50m", "memory": "64Mi"}}]},
    card=(CardRow("/limits/*/type", "For", "list"),),
)
