"""Deployment: pods that are alike, replaced step by step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from shared.workflows.drawing.effects import Scaled, Wired
from shared.workflows.drawing.issues import Issue
from shared.workflows.kinds.fields.base import (
    CardRow,
    CompileContext,
    Hint,
    Kind,
    Manifest,
    Stage,
    Subject,
    compact,
    make_manifest,
)
from shared.workflows.kinds.fields.pod_checks import check_pod
from shared.workflows.kinds.fields.pods import PodFields, pod_template
from shared.workflows.kinds.fields.types import IntOrPercent, int_or_percent

ROLLING = {"path": "/strategy", "equals": "RollingUpdate"}


class DeploymentFields(PodFields):
    """The fields of a Deployment."""

    replicas: Annotated[
        int, Field(ge=0, le=1000), Hint("scaling", "stepper", help="Left to the autoscaler when one is wired.")
    ] = 1
    strategy: Annotated[
        Literal["RollingUpdate", "Recreate"],
        Hint("rollout", "select", advanced=True, help="Recreate: all old pods end before new ones start."),
    ] = "RollingUpdate"
    max_surge: Annotated[IntOrPercent | None, Hint("rollout", advanced=True, visible_when=ROLLING)] = None
    max_unavailable: Annotated[IntOrPercent | None, Hint("rollout", advanced=True, visible_when=ROLLING)] = None
    revision_history_limit: Annotated[int | None, Field(ge=0, le=1000), Hint("rollout", advanced=True)] = None
    progress_deadline_seconds: Annotated[
        int | None, Field(ge=1, le=86400), Hint("rollout", unit="s", advanced=True)
    ] = None
    min_ready_seconds: Annotated[int | None, Field(ge=0, le=86400), Hint("rollout", unit="s", advanced=True)] = None
    paused: Annotated[bool, Hint("rollout", advanced=True)] = False


def _strategy(data: DeploymentFields) -> dict[str, object]:
    rolling = {
        "maxSurge": int_or_percent(data.max_surge) if data.max_surge else None,
        "maxUnavailable": int_or_percent(data.max_unavailable) if data.max_unavailable else None,
    }
    return {"type": data.strategy, "rollingUpdate": rolling if data.strategy == "RollingUpdate" else None}


def _manifests(subject: Subject[DeploymentFields], wired: Wired, context: CompileContext) -> list[Manifest]:
    data = subject.data
    spec = compact(
        {
            "replicas": None if wired.first(Scaled) else data.replicas,
            "revisionHistoryLimit": data.revision_history_limit,
            "progressDeadlineSeconds": data.progress_deadline_seconds,
            "minReadySeconds": data.min_ready_seconds,
            "paused": True if data.paused else None,
            "strategy": _strategy(data),
            "selector": {"matchLabels": subject.selector(context)},
        }
    )
    spec["template"] = pod_template(subject, data, wired, context)
    return [make_manifest(subject, context, spec=spec)]


def _checks(subject: Subject[DeploymentFields], wired: Wired, context: CompileContext) -> Iterator[Issue]:
    data = subject.data
    yield from check_pod(subject, data, wired, context)
    zero = {"0", "0%"}
    if data.strategy == "RollingUpdate" and data.max_surge in zero and data.max_unavailable in zero:
        yield subject.error(
            "rollout-stuck",
            "With no surge and nothing unavailable no pod could ever be replaced; raise one of the two.",
            "/max_unavailable",
        )
    if data.strategy == "Recreate" and (data.max_surge or data.max_unavailable):
        yield subject.error("invalid-value", "has no meaning with the strategy Recreate; leave it empty", "/max_surge")


DEPLOYMENT = Kind(
    type="deployment",
    api_version="apps/v1",
    kind="Deployment",
    title="Deployment",
    description="Runs pods that are alike and replaces them step by step.",
    category="workloads",
    icon="box",
    keywords=("app", "web", "server", "container", "pod", "stateless"),
    model=DeploymentFields,
    manifests=_manifests,
    checks=_checks,
    stage=Stage.WORKLOADS,
    name_pattern="app-{n}",
    defaults={"replicas": 1},
    card=(
        CardRow("/image", "Image", "image"),
        CardRow("/replicas", "Replicas", "number"),
        CardRow("/ports/*/container_port", "Ports", "list"),
    ),
    actions=("logs", "terminal", "scale", "restart", "diagnose"),
)
