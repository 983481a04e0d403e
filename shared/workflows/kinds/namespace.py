"""Namespace: where other objects live."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from shared.workflows.drawing.effects import Wired
from shared.workflows.drawing.issues import Issue
from shared.workflows.kinds.fields.base import (
    CompileContext,
    Hint,
    Kind,
    Manifest,
    NamedFields,
    Stage,
    Subject,
    make_manifest,
)
from shared.workflows.kinds.fields.types import DnsLabel

SYSTEM = frozenset({"default", "kube-system", "kube-public", "kube-node-lease"})


class NamespaceFields(NamedFields):
    """The fields of a Namespace."""

    name: Annotated[DnsLabel, Hint("general", "dns-name", immutable=True)]


def _manifests(subject: Subject[NamespaceFields], wired: Wired, context: CompileContext) -> list[Manifest]:
    del wired
    return [make_manifest(subject, context)]


def _checks(subject: Subject[NamespaceFields], wired: Wired, context: CompileContext) -> Iterator[Issue]:
    del wired, context
    if subject.name in SYSTEM or subject.name.startswith("kube-"):
        yield subject.error(
            "system-namespace", f"{subject.name} belongs to the cluster; a workflow cannot own it.", "/name"
        )


NAMESPACE = Kind(
    type="namespace",
    api_version="v1",
    kind="Namespace",
    title="Namespace",
    description="Keeps the objects that are wired to it apart from others.",
    category="policy",
    icon="folder",
    keywords=("environment", "team", "isolation"),
    model=NamespaceFields,
    manifests=_manifests,
    checks=_checks,
    stage=Stage.NAMESPACES,
    name_pattern="space-{n}",
    namespaced=False,
)
