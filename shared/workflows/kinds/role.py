"""Role: rights of service accounts, with the bindings that give them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from shared.workflows.drawing.effects import Grant, Wired
from shared.workflows.drawing.issues import Issue, Remedy, change, pointer
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
    dump,
    make_manifest,
)
from shared.workflows.kinds.fields.types import DnsSubdomain

GROUP = "rbac.authorization.k8s.io"
Word = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^(\*|[A-Za-z0-9*][A-Za-z0-9_./*-]*)$")]
ApiGroup = Annotated[str, Field(max_length=253, pattern=r"^(\*|[a-z0-9.-]*)$")]
Verb = Literal[
    "*", "get", "list", "watch", "create", "update", "patch", "delete", "deletecollection",
    "use", "bind", "escalate", "impersonate", "approve", "sign",
]  # fmt: skip


class RoleRule(Fields):
    """What may be done with what."""

    api_groups: Annotated[list[ApiGroup], Hint(widget="list", help="Empty text: the core group.")] = [""]
    resources: Annotated[list[Word], Hint(widget="list", placeholder="pods")] = []
    verbs: Annotated[list[Verb], Field(min_length=1), Hint(widget="list")]
    resource_names: Annotated[list[Word], Hint(widget="list", advanced=True, help="Left empty: all.")] = []
    non_resource_urls: Annotated[
        list[Annotated[str, Field(max_length=1024, pattern=r"^[/*]\S*$")]],
        Hint(widget="list", advanced=True, help="Only for roles of the whole cluster."),
    ] = []


class RoleFields(ObjectFields):
    """The fields of a Role."""

    name: Annotated[DnsSubdomain, Hint("general", "dns-name", immutable=True, help="Also of its binding.")]
    scope: Annotated[
        Literal["namespace", "cluster"],
        Hint("permissions", "select", immutable=True, help="cluster: only for administrators of the cluster."),
    ] = "namespace"
    rules: Annotated[list[RoleRule], Hint("permissions", "repeater"), Field(max_length=100)] = []


def _rule(rule: RoleRule) -> Json:
    if rule.non_resource_urls:
        return {"nonResourceURLs": list(rule.non_resource_urls), "verbs": list(rule.verbs)}
    return {**dump(rule), "apiGroups": list(rule.api_groups)}


def _manifests(subject: Subject[RoleFields], wired: Wired, context: CompileContext) -> list[Manifest]:
    is_wide = subject.data.scope == "cluster"
    kind = "ClusterRole" if is_wide else "Role"
    place = "" if is_wide else subject.namespace
    rules = [compact(_rule(rule)) for rule in subject.data.rules]
    found = [make_manifest(subject, context, kind=kind, namespace=place, rules=rules)]
    grants = sorted({(grant.namespace, grant.account) for grant in wired.all(Grant)})
    if grants:
        subjects = [{"kind": "ServiceAccount", "name": name, "namespace": namespace} for namespace, name in grants]
        reference = {"apiGroup": GROUP, "kind": kind, "name": subject.name}
        binding = make_manifest(
            subject, context, kind=f"{kind}Binding", namespace=place, roleRef=reference, subjects=subjects
        )
        found.append(binding)
    return found


def _checks(subject: Subject[RoleFields], wired: Wired, context: CompileContext) -> Iterator[Issue]:
    data = subject.data
    if data.scope == "cluster" and not context.privileged:
        yield subject.error(
            "needs-cluster-admin",
            "A role of the whole cluster is only for people who administer it.",
            "/scope",
            remedy=change("/scope", "Make it a role of its namespace", "namespace"),
        )
    for index, rule in enumerate(data.rules):
        if bool(rule.resources) == bool(rule.non_resource_urls):
            yield subject.error(
                "invalid-value", "must name either resources or URLs", pointer("rules", index, "resources")
            )
        if rule.non_resource_urls and data.scope != "cluster":
            yield subject.error(
                "contradiction", "is only for roles of the whole cluster", pointer("rules", index, "non_resource_urls")
            )
    if not wired.all(Grant):
        yield subject.warning(
            "role-without-account",
            "No service account is wired to this role, so nobody gets it.",
            remedy=Remedy(text="Add a Service account", action="add-node", node_type="serviceaccount"),
        )


ROLE = Kind(
    type="role",
    api_version=f"{GROUP}/v1",
    kind="Role",
    title="Role",
    description="Says what the wired service accounts may do.",
    category="policy",
    icon="user-check",
    keywords=("rbac", "permissions", "access", "binding", "clusterrole"),
    model=RoleFields,
    manifests=_manifests,
    checks=_checks,
    stage=Stage.FOUNDATION,
    name_pattern="role-{n}",
    makes_several=True,
    defaults={"rules": [{"api_groups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]}]},
    card=(CardRow("/scope", "Scope"), CardRow("/rules/*/resources", "Resources", "list")),
)
