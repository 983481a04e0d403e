"""What a cluster can do and holds to choose from: kinds, rights, names; and the node types for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.clusters.models import Namespace as NamespaceName
from shared.kubernetes.crds import Crd
from shared.workflows.catalogue.core import NodeTypes
from shared.workflows.catalogue.crd_presets import has_form, type_name
from web.api.answers import Visible, problems
from web.api.common import SIGNED_IN
from web.api.paths import ClusterPath, OptionPath
from web.services import actor, dump, services

api = APIBlueprint(
    "cluster_facts", __name__, url_prefix="/v1/api", abp_tags=[Tag(name="cluster facts")], abp_security=SIGNED_IN
)


class NodeTypesQuery(BaseModel):
    """For which cluster, and where on it; left out: the core types, as they are everywhere."""

    model_config = ConfigDict(extra="forbid")

    cluster: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    namespace: NamespaceName | None = Field(None, description="Left out: the namespace of the cluster's credentials.")


class NamespaceQuery(BaseModel):
    """In which namespace; left out: that of the cluster's credentials."""

    model_config = ConfigDict(extra="forbid")

    namespace: NamespaceName | None = None


class PublicCrdVersion(BaseModel):
    """A version of a kind; `storage` is null when that cannot be known."""

    name: str
    served: bool
    storage: bool | None
    deprecated: bool
    has_form: bool


class PublicCrd(BaseModel):
    """A kind that an extension has brought."""

    name: str
    group: str
    kind: str
    plural: str
    scope: str
    description: str
    versions: list[PublicCrdVersion]
    node_type: str | None = Field(description="Its type in `GET /node-types?cluster=`; null when no version is served.")
    has_form: bool = Field(description="Whether that type has more than YAML to fill in.")
    problem: str | None = Field(description="Why the cluster does not serve it although it is defined.")


class CrdList(Visible[PublicCrd]):
    """All kinds of extensions; `reason` says why there may be more."""


class Option(BaseModel):
    """A value to choose."""

    value: str
    label: str
    is_default: bool


class Options(Visible[Option]):
    """Values to choose; `reason` says why there are none, or not all."""


class NamespaceItem(BaseModel):
    """A namespace."""

    name: str


class NamespaceList(Visible[NamespaceItem]):
    """The namespaces of a cluster; `reason` says why there are none, or not all."""


class PublicRule(BaseModel):
    """Verbs on resources; `names` limits it to objects of these names."""

    verbs: list[str]
    groups: list[str]
    resources: list[str]
    names: list[str]


class Permissions(BaseModel):
    """What the cluster's credentials may do in a namespace; when `incomplete`, they may do more than that."""

    namespace: str
    items: list[PublicRule]
    incomplete: bool
    total: int
    next_cursor: None = None


@api.get("/node-types", responses={200: NodeTypes, **problems()}, summary="All node types and wires")
def node_types(query: NodeTypesQuery) -> Response:
    """
    Return everything the browser needs to draw, check and edit nodes.

    With the node types of the plugins one has enabled. With a cluster: also a preset for each other kind of its
    extensions, and whether each type can be used there. A cluster that does not answer is no error: the availability
    is unknown then, with the reason.
    """
    return _conditional(services().palettes.node_types(actor(), query.cluster, query.namespace))


def _conditional(content: bytes) -> Response:
    """Answer with an ETag, by which every use is confirmed: a plugin that is enabled shows at once."""
    response = Response(content, content_type="application/json")
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


@api.get("/clusters/<cluster_id>/crds", responses={200: CrdList, **problems(409, 502)}, summary="Kinds of extensions")
def crds(path: ClusterPath) -> dict[str, Any]:
    """Return the kinds that extensions have brought to a cluster."""
    found, twins = services().palettes.crds(actor(), path.cluster_id)
    return dump(CrdList.of([_crd(crd, twins) for crd in found.items], found.reason))


def _crd(crd: Crd, twins: Mapping[str, str]) -> PublicCrd:
    """
    Return a kind as it goes out.

    :param twins: node types of plugins, by those of definitions for which they stand
    """
    best = crd.best
    name = type_name(crd.group, best.name, crd.kind) if best else None
    return PublicCrd(
        name=crd.name,
        group=crd.group,
        kind=crd.kind,
        plural=crd.plural,
        scope="Namespaced" if crd.namespaced else "Cluster",
        description=crd.description,
        versions=[
            PublicCrdVersion(
                name=version.name,
                served=version.served,
                storage=version.storage,
                deprecated=version.deprecated,
                has_form=has_form(version),
            )
            for version in crd.versions
        ],
        node_type=twins.get(name, name) if name else None,
        has_form=best is not None and has_form(best),
        problem=crd.problem or None,
    )


@api.get(
    "/clusters/<cluster_id>/namespaces",
    responses={200: NamespaceList, **problems(409, 502)},
    summary="Its namespaces",
)
def namespaces(path: ClusterPath) -> dict[str, Any]:
    """Return the namespaces of a cluster that are not being deleted."""
    found = services().facts.names(services().clusters.get(actor(), path.cluster_id), "namespaces", "")
    items = [NamespaceItem(name=name.value) for name in found.items]
    return dump(NamespaceList.of(items, found.reason))


@api.get(
    "/clusters/<cluster_id>/permissions",
    responses={200: Permissions, **problems(409, 502)},
    summary="What its credentials may do",
)
def permissions(path: ClusterPath, query: NamespaceQuery) -> dict[str, Any]:
    """Return the rights of a cluster's credentials in a namespace, as the cluster itself says."""
    cluster = services().clusters.get(actor(), path.cluster_id)
    rights = services().facts.rights(cluster, query.namespace or cluster.namespace)
    items = [
        PublicRule(
            verbs=sorted(rule.verbs),
            groups=sorted(rule.groups),
            resources=sorted(rule.resources),
            names=sorted(rule.names),
        )
        for rule in rights.rules
    ]
    return dump(Permissions(namespace=rights.namespace, items=items, incomplete=rights.incomplete, total=len(items)))


@api.get(
    "/clusters/<cluster_id>/options/<source>",
    responses={200: Options, **problems(409, 502)},
    summary="Names to choose from",
)
def options(path: OptionPath, query: NamespaceQuery) -> dict[str, Any]:
    """
    Return the names that a field whose hint says `options_from` may be filled with.

    Where the cluster's credentials may not look, the list is empty and says why; names of Secrets are never read.
    """
    cluster = services().clusters.get(actor(), path.cluster_id)
    found = services().facts.names(cluster, path.source, query.namespace or cluster.namespace)
    items = [
        Option(value=name.value, label=name.label or name.value, is_default=name.is_default) for name in found.items
    ]
    return dump(Options.of(items, found.reason))
