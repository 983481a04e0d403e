"""ResourceQuota: how much a namespace may use in all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from shared.workflows.drawing.effects import Wired
from shared.workflows.drawing.issues import Issue
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
from shared.workflows.kinds.fields.types import QualifiedKey, Quantity

Scope = Literal["Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "CrossNamespacePodAffinity"]


class QuotaFields(ObjectFields):
    """The fields of a ResourceQuota."""

    hard: Annotated[
        dict[QualifiedKey, Quantity],
        Hint("limits", "map", help="Such as pods, requests.cpu, limits.memory, count/deployments.apps."),
    ] = {}
    scopes: Annotated[list[Scope], Hint("limits", "list", advanced=True, immutable=True)] = []


def _manifests(subject: Subject[QuotaFields], wired: Wired, context: CompileContext) -> list[Manifest]:
    del wired
    spec = compact({"hard": dict(subject.data.hard), "scopes": list(subject.data.scopes)})
    return [make_manifest(subject, context, spec=spec)]


def _checks(subject: Subject[QuotaFields], wired: Wired, context: CompileContext) -> Iterator[Issue]:
    del wired, context
    if not subject.data.hard:
        yield subject.warning("empty-quota", "This quota limits nothing.", "/hard")


RESOURCEQUOTA = Kind(
    type="resourcequota",
    api_version="v1",
    kind="ResourceQuota",
    title="Quota",
    description="Limits what a namespace may use in all.",
    category="policy",
    icon="gauge",
    keywords=("limit", "resources", "cpu", "memory", "pods"),
    model=QuotaFields,
    manifests=_manifests,
    checks=_checks,
    stage=Stage.FOUNDATION,
    name_pattern="quota-{n}",
    defaults={"hard": {"pods": "20"}},
    card=(CardRow("/hard", "Limits", "map"),),
)
