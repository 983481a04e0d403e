"""ServiceAccount: who pods are when they ask the cluster."""

from __future__ import annotations

from typing import Annotated

from shared.workflows.drawing.effects import Wired
from shared.workflows.kinds.fields.base import (
    CompileContext,
    Hint,
    Kind,
    Manifest,
    ObjectFields,
    Stage,
    Subject,
    make_manifest,
)
from shared.workflows.kinds.fields.types import DnsSubdomain


class ServiceAccountFields(ObjectFields):
    """The fields of a ServiceAccount."""

    automount_token: Annotated[bool | None, Hint("identity", help="Whether pods get its token as a file.")] = None
    image_pull_secrets: Annotated[list[DnsSubdomain], Hint("identity", "list", options_from="secrets")] = []


def _manifests(subject: Subject[ServiceAccountFields], wired: Wired, context: CompileContext) -> list[Manifest]:
    del wired
    body: Manifest = {}
    if subject.data.automount_token is not None:
        body["automountServiceAccountToken"] = subject.data.automount_token
    if subject.data.image_pull_secrets:
        body["imagePullSecrets"] = [{"name": name} for name in subject.data.image_pull_secrets]
    return [make_manifest(subject, context, **body)]


SERVICEACCOUNT = Kind(
    type="serviceaccount",
    api_version="v1",
    kind="ServiceAccount",
    title="Service account",
    description="Says who pods are when they ask the cluster for something.",
    category="policy",
    icon="id-card",
    keywords=("identity", "rbac", "token", "permissions"),
    model=ServiceAccountFields,
    manifests=_manifests,
    stage=Stage.FOUNDATION,
    name_pattern="account-{n}",
)
