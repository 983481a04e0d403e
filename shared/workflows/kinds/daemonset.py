"""DaemonSet: one pod on every machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from shared.workflows.drawing.effects import Wired
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

ROLLING = {"path": "/update_strategy", "equals": "RollingUpdate"}
ZERO = {None, "0", "0%"}


class DaemonSetFields(PodFields):
    """The fields of a DaemonSet."""

    update_strategy: Annotated[Literal["RollingUpdate", "OnDelete"], Hint("rollout", "select", advanced=True)] = (
        "RollingUpdate"
    )
    max_surge: Annotated[IntOrPercent | None, Hint("rollout", advanced=True, visible_when=ROLLING)] = None
    max_unavailable: Annotated[IntOrPercent | None, Hint("rollout", advanced=True, visible_when=ROLLING)] = None
    min_ready_seconds: Annotated[int | None, Field(ge=0, le=86400), Hint("rollout", unit="s", advanced=True)] = None
    revision_history_limit: Annotated[int | None, Field(ge=0, le=1000), Hint("rollout", advanced=True)] = None


def _manifests(subject: Subject[DaemonSetFields], wired: Wired, context: CompileContext) -> list[Manifest]:
    data = subject.data
    rolling = {
        "maxSurge": int_or_percent(data.max_surge) if data.max_surge else None,
        "maxUnavailable": int_or_percent(data.max_unavailable) if data.max_unavailable else None,
    }
    is_rolling = data.update_strategy == "RollingUpdate"
    spec = compact(
        {
            "updateStrategy": {"type": data.update_strategy, "rollingUpdate": rolling if is_rolling else None},
            "minReadySeconds": data.min_ready_seconds,
            "revisionHistoryLimit": data.revision_history_limit,
            "selector": {"matchLabels": subject.selector(context)},
        }
    )
    spec["template"] = pod_template(subject, data, wired, context)
    return [make_manifest(subject, context, spec=spec)]


def _checks(subject: Subject[DaemonSetFields], wired: Wired, context: CompileContext) -> Iterator[Issue]:
    data = subject.data
    yield from check_pod(subject, data, wired, context)
    if data.update_strategy == "OnDelete" and (data.max_surge or data.max_unavailable):
        yield subject.error("invalid-value", "is only for the strategy RollingUpdate; leave it empty", "/max_surge")
    if data.max_surge not in ZERO and data.max_unavailable not in {"0", "0%"}:
        yield subject.error(
            "contradiction",
            "must be 0 when there is a surge, since a machine either gets a second pod or loses its first",
            "/max_unavailable",
        )
    if data.max_surge in ZERO and data.max_unavailable in {"0", "0%"}:
        yield subject.error("rollout-stuck", "With neither, no pod could ever be replaced.", "/max_unavailable")


DAEMONSET = Kind(
    type="daemonset",
    api_version="apps/v1",
    kind="DaemonSet",
    title="DaemonSet",
    description="Runs one pod on every machine, such as a log collector.",
    category="workloads",
    icon="layers",
    keywords=("agent", "node", "logs", "monitoring", "every machine"),
    model=DaemonSetFields,
    manifests=_manifests,
    checks=_checks,
    stage=Stage.WORKLOADS,
    name_pattern="agent-{n}",
    card=(CardRow("/image", "Image", "image"), CardRow("/ports/*/container_port", "Ports", "list")),
    actions=("logs", "terminal", "restart", "diagnose"),
)
