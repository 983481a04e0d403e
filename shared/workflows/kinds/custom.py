"""Custom resource: an object whose kind an extension has brought to the cluster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from shared.kubernetes.crds import BUILT_IN_GROUPS
from shared.workflows.drawing.effects import Named, Wired
from shared.workflows.drawing.issues import Issue, Remedy, pointer
from shared.workflows.kinds.fields.base import (
    CardRow,
    CompileContext,
    Hint,
    Kind,
    Manifest,
    ObjectFields,
    Stage,
    Subject,
    make_manifest,
)
from shared.workflows.kinds.fields.types import RESERVED, Text, refuse


def _of_an_extension(value: str) -> str:
    if value.partition("/")[0] in BUILT_IN_GROUPS:
        raise refuse("the group of an extension (cert-manager.io/v1); built-in kinds have nodes of their own")
    return value


def _own_fields(value: dict[str, Any]) -> dict[str, Any]:
    if RESERVED & value.keys():
        raise refuse(f"fields beside {', '.join(sorted(RESERVED))}")
    return value


class CustomFields(ObjectFields):
    """The fields of a custom resource; the cluster's own definition says what the spec holds."""

    api_version: Annotated[
        str,
        Text(
            r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?/v[0-9]+((alpha|beta)[0-9]+)?",
            "a group and a version, such as cert-manager.io/v1",
        ),
        AfterValidator(_of_an_extension),
        Hint("resource", options_from="custom-kinds", immutable=True, placeholder="cert-manager.io/v1"),
    ]
    kind: Annotated[
        str,
        Text(r"[A-Z][A-Za-z0-9]*", "a kind, such as Certificate", 63),
        Hint("resource", immutable=True, placeholder="Certificate"),
    ]
    cluster_scoped: Annotated[
        bool, Hint("resource", advanced=True, immutable=True, help="Belongs to no namespace.")
    ] = False
    spec: Annotated[dict[str, Any], Hint("spec", "code", help="As the extension's documentation describes it.")] = {}
    body: Annotated[
        dict[str, Any],
        Field(max_length=50),
        AfterValidator(_own_fields),
        Hint("spec", "code", advanced=True, help="Fields beside the spec."),
    ] = {}


BLOCKED = object()
"""There is no field at a path, and none could be."""


def value_at(content: Any, path: tuple[str, ...]) -> Any:
    """Return the value at a path, None where one can still be put, or ``BLOCKED``."""
    for part in path:
        if content is None:
            return None
        if isinstance(content, list):
            if not part.isascii() or not part.isdigit() or int(part) > len(content):
                return BLOCKED
            content = content[int(part)] if int(part) < len(content) else None
        elif isinstance(content, dict):
            content = content.get(part)
        else:
            return BLOCKED
    return content


def _with(content: Any, path: tuple[str, ...], value: str) -> Any:
    """Return a copy with a value at a path that is not blocked."""
    if not path:
        return value
    part, *rest = path
    if content is None and part == "0":
        content = []
    if isinstance(content, list):
        before = content[int(part)] if int(part) < len(content) else None
        return [*content[: int(part)], _with(before, tuple(rest), value), *content[int(part) + 1 :]]
    found = content or {}
    return {**found, part: _with(found.get(part), tuple(rest), value)}


def _manifests(subject: Subject[CustomFields], wired: Wired, context: CompileContext) -> list[Manifest]:
    data = subject.data
    content = {"spec": data.spec, "body": data.body}
    for named in wired.all(Named):
        if value_at(content, named.path) is not BLOCKED:
            content = _with(content, named.path, named.name)
    body = dict(content["body"])
    # an empty one that is there has its meaning: a kind may ask for a spec, and fill all of it in
    if content["spec"] or "spec" in data.model_fields_set:
        body["spec"] = content["spec"]
    place = "" if data.cluster_scoped else subject.namespace
    return [make_manifest(subject, context, api_version=data.api_version, kind=data.kind, namespace=place, **body)]


def _checks(subject: Subject[CustomFields], wired: Wired, context: CompileContext) -> Iterator[Issue]:
    seen: dict[tuple[str, ...], str] = {}
    for named in wired.all(Named):
        other = seen.setdefault(named.path, named.name)
        if other != named.name:
            text = f"Two wires put a name here: {other} and {named.name}."
            yield subject.error("named-twice", text, pointer(*named.path))
    if subject.data.cluster_scoped and not context.privileged:
        yield subject.error(
            "needs-cluster-admin",
            "An object of the whole cluster is only for people who administer it.",
            "/cluster_scoped",
            remedy=Remedy(text="Put it into a namespace", action="change-field", path="/cluster_scoped", value=False),
        )


def _also(subject: Subject[CustomFields], wired: Wired) -> Iterator[tuple[str, str | None, str]]:
    del wired
    namespace = None if subject.data.cluster_scoped else subject.namespace
    yield f"{subject.data.kind}.{subject.data.api_version.partition('/')[0]}", namespace, subject.name


CUSTOM = Kind(
    type="custom-resource",
    api_version="",
    kind="",
    title="Custom resource",
    description="An object whose kind an extension has brought to the cluster.",
    category="advanced",
    icon="puzzle",
    keywords=("crd", "operator", "extension", "plugin", "cert-manager", "certificate"),
    model=CustomFields,
    manifests=_manifests,
    checks=_checks,
    also_makes=_also,
    stage=Stage.FINISH,
    name_pattern="resource-{n}",
    card=(CardRow("/kind", "Kind"), CardRow("/api_version", "Version")),
)
