"""HorizontalPodAutoscaler: how many replicas there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from shared.workflows.drawing.effects import ScaleTarget, Wired
from shared.workflows.drawing.issues import Issue, Remedy
from shared.workflows.kinds.fields.base import (
    CardRow,
    CompileContext,
    Fields,
    Hint,
    Json,
    Kind,
    Manifest,
    ObjectFields,
    Stage,
    Subject,
    compact,
    make_manifest,
)

Percent = Annotated[int, Field(ge=1, le=1000)]


class ScalingPolicy(Fields):
    """How much may change within a time."""

    type: Literal["Pods", "Percent"]
    value: Annotated[int, Field(ge=1)]
    period_seconds: Annotated[int, Field(ge=1, le=1800), Hint(unit="s")] = 60


class Scaling(Fields):
    """How fast the number changes in one direction."""

    stabilization_seconds: Annotated[int | None, Field(ge=0, le=3600), Hint(unit="s")] = None
    select: Literal["Max", "Min", "Disabled"] | None = None
    policies: list[ScalingPolicy] = []


class AutoscalerFields(ObjectFields):
    """The fields of an autoscaler; its target is the wired workload."""

    min_replicas: Annotated[int, Field(ge=1, le=1000), Hint("scaling", "stepper")] = 1
    max_replicas: Annotated[int, Field(ge=1, le=1000), Hint("scaling", "stepper")]
    cpu_percent: Annotated[Percent | None, Hint("scaling", unit="%", help="Of what the pods request, on average.")] = (
        None
    )
    memory_percent: Annotated[
        Percent | None, Hint("scaling", unit="%", help="Of what the pods request, on average.")
    ] = None
    metrics: Annotated[
        list[dict[str, Any]],
        Field(max_length=50),
        Hint("scaling", "code", advanced=True, help="Further metrics, as Kubernetes writes them."),
    ] = []
    scale_up: Annotated[Scaling | None, Hint("behaviour", advanced=True)] = None
    scale_down: Annotated[Scaling | None, Hint("behaviour", advanced=True)] = None


def _resource(name: str, percent: int | None) -> list[Json]:
    if percent is None:
        return []
    target = {"type": "Utilization", "averageUtilization": percent}
    return [{"type": "Resource", "resource": {"name": name, "target": target}}]


def _behaviour(scaling: Scaling | None) -> Json | None:
    if scaling is None:
        return None
    return {
        "stabilizationWindowSeconds": scaling.stabilization_seconds,
        "selectPolicy": scaling.select,
        "policies": [
            {"type": item.type, "value": item.value, "periodSeconds": item.period_seconds} for item in scaling.policies
        ],
    }


def _manifests(subject: Subject[AutoscalerFields], wired: Wired, context: CompileContext) -> list[Manifest]:
    data, target = subject.data, wired.first(ScaleTarget)
    reference = {"apiVersion": target.api_version, "kind": target.kind, "name": target.name} if target else None
    spec = compact(
        {
            "scaleTargetRef": reference,
            "minReplicas": data.min_replicas,
            "maxReplicas": data.max_replicas,
            "behavior": {"scaleUp": _behaviour(data.scale_up), "scaleDown": _behaviour(data.scale_down)},
        }
    )
    metrics = [*_resource("cpu", data.cpu_percent), *_resource("memory", data.memory_percent), *data.metrics]
    return [make_manifest(subject, context, spec={**spec, "metrics": metrics} if metrics else spec)]


def _checks(subject: Subject[AutoscalerFields], wired: Wired, context: CompileContext) -> Iterator[Issue]:
    del context
    data = subject.data
    if wired.first(ScaleTarget) is None:
        yield subject.error(
            "autoscaler-without-target",
            "No workload is wired to this autoscaler.",
            remedy=Remedy(text="Add a Deployment", action="add-node", node_type="deployment"),
        )
    if data.min_replicas > data.max_replicas:
        yield subject.error("invalid-value", f"must be at least {data.min_replicas}, the least number", "/max_replicas")
    if data.cpu_percent is None and data.memory_percent is None and not data.metrics:
        yield subject.error("required", "is needed: what is the number of replicas to follow?", "/cpu_percent")
    for path, scaling in (("/scale_up", data.scale_up), ("/scale_down", data.scale_down)):
        if scaling and scaling.select == "Disabled" and scaling.policies:
            yield subject.error("contradiction", "has no meaning when scaling is disabled", f"{path}/policies")


HPA = Kind(
    type="hpa",
    api_version="autoscaling/v2",
    kind="HorizontalPodAutoscaler",
    title="Autoscaler",
    description="Changes the number of replicas with the load.",
    category="scaling",
    icon="trending-up",
    keywords=("hpa", "autoscaling", "replicas", "load", "cpu"),
    model=AutoscalerFields,
    manifests=_manifests,
    checks=_checks,
    stage=Stage.FINISH,
    name_pattern="autoscaler-{n}",
    defaults={"min_replicas": 1, "max_replicas": 5, "cpu_percent": 70},
    card=(
        CardRow("/min_replicas", "Least", "number"),
        CardRow("/max_replicas", "Most", "number"),
        CardRow("/cpu_percent", "CPU", "percent"),
    ),
    actions=("diagnose",),
)
