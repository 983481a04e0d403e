"""Plugins: node types for the kinds of well-known operators, which everybody enables for themselves."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field, StringConstraints

from shared.plugins.actions import Entry, PluginFilter
from shared.plugins.forms import offers_of
from shared.plugins.models import Category, PluginDefinition, PluginNodeType, Use
from shared.storage.documents import Moment
from shared.storage.paging import Page
from web.api.answers import Whole, problems
from web.api.common import SIGNED_IN, IfMatch, PageQuery
from web.api.paths import PluginPath
from web.services import actor, dump, note, services

api = APIBlueprint(
    "plugins", __name__, url_prefix="/v1/api/plugins", abp_tags=[Tag(name="plugins")], abp_security=SIGNED_IN
)


class PluginsQuery(PageQuery):
    """Which plugins."""

    category: Category | None = None
    search: Annotated[str, StringConstraints(max_length=100)] = Field(
        "", description="Part of a name, description, kind or keyword, in any case."
    )


class PluginKind(BaseModel):
    """A node type that a plugin gives."""

    type: str = Field(description="Its type in `GET /node-types`, when the plugin is enabled.")
    title: str
    description: str
    group: str
    versions: list[str]
    kind: str
    namespaced: bool


class PublicPlugin(BaseModel):
    """A plugin in a list."""

    id: str
    name: str
    description: str
    category: Category
    version: str = Field(description="Of the operator it was written for.")
    homepage: str = Field(description="Documentation of the operator.")
    source: Literal["built-in", "own"]
    node_types: list[PluginKind]
    enabled: bool
    enabled_at: Moment | None


class PluginPage(Page[PublicPlugin]):
    """A page of plugins."""


class PluginDetail(PublicPlugin):
    """A plugin with the fields of its node types, and where one's workflows use its kinds."""

    revision: int | None = Field(description="For If-Match; null for what comes with the product.")
    definitions: list[PluginNodeType]
    in_use: list[Use]


class PluginCategory(BaseModel):
    """A category that has plugins."""

    name: Category
    plugins: int


class PluginCategories(Whole[PluginCategory]):
    """All categories that have plugins."""


class PluginGone(BaseModel):
    """What is left of a deleted plugin: nodes that go on as custom resources."""

    in_use: list[Use]


def _public(entry: Entry) -> PublicPlugin:
    plugin = entry.definition
    return PublicPlugin(
        **plugin.model_dump(include={"id", "name", "description", "category", "version", "homepage"}),
        source="built-in" if entry.revision is None else "own",
        node_types=[
            PluginKind(
                type=offer.type,
                title=offer.title,
                description=offer.description,
                group=offer.group,
                versions=list(offer.versions),
                kind=offer.kind,
                namespaced=offer.namespaced,
            )
            for offer in offers_of(plugin)
        ],
        enabled=entry.enabled_at is not None,
        enabled_at=entry.enabled_at,
    )


def _detail(entry: Entry, status: int = 200) -> Response:
    detail = PluginDetail(
        **_public(entry).model_dump(),
        revision=entry.revision,
        definitions=entry.definition.node_types,
        in_use=services().plugins.uses(actor(), entry.definition),
    )
    response = jsonify(detail.model_dump(mode="json", by_alias=True))
    response.status_code = status
    if entry.revision is not None:
        response.headers["ETag"] = f'"{entry.revision}"'
    return response


def _page(query: PluginsQuery, *, only_enabled: bool) -> dict[str, Any]:
    wanted = PluginFilter(query.search, query.category, only_enabled)
    items, total, following = services().plugins.browse(actor(), wanted, limit=query.limit, cursor=query.cursor)
    return dump(PluginPage(items=[_public(entry) for entry in items], total=total, next_cursor=following))


@api.get("", responses={200: PluginPage, **problems()}, summary="List plugins")
def list_plugins(query: PluginsQuery) -> dict[str, Any]:
    """Return all plugins by name, and whether one has enabled them."""
    return _page(query, only_enabled=False)


@api.get("/enabled", responses={200: PluginPage, **problems()}, summary="List enabled plugins")
def list_enabled(query: PluginsQuery) -> dict[str, Any]:
    """Return the plugins one has enabled, by name."""
    return _page(query, only_enabled=True)


@api.get("/categories", responses={200: PluginCategories, **problems()}, summary="Categories of plugins")
def list_categories() -> dict[str, Any]:
    """Return the categories that have plugins, and how many."""
    counts = services().plugins.categories(actor())
    items = [PluginCategory.model_validate({"name": name, "plugins": count}) for name, count in counts.items()]
    return dump(PluginCategories.of(items))


@api.get("/<plugin_id>", responses={200: PluginDetail, **problems()}, summary="One plugin")
def get_plugin(path: PluginPath) -> Response:
    """Return a plugin with its fields, and the nodes of one's workflows that are of its kinds."""
    return _detail(services().plugins.get(actor(), path.plugin_id))


@api.post("/<plugin_id>/enable", responses={200: PluginDetail, **problems()}, summary="Enable a plugin")
def enable(path: PluginPath) -> Response:
    """Put a plugin's node types into one's own palette; nothing is installed on any cluster."""
    entry = services().plugins.enable(actor(), path.plugin_id)
    note("plugin.enable", f"plugin:{path.plugin_id}")
    return _detail(entry)


@api.post("/<plugin_id>/disable", responses={200: PluginDetail, **problems()}, summary="Disable a plugin")
def disable(path: PluginPath) -> Response:
    """Take a plugin's node types out of one's palette; nodes that are `in_use` go on as custom resources."""
    entry = services().plugins.disable(actor(), path.plugin_id)
    note("plugin.disable", f"plugin:{path.plugin_id}")
    return _detail(entry)


@api.post("", responses={201: PluginDetail, **problems(403, 409)}, summary="Write a plugin")
def create(body: PluginDefinition) -> Response:
    """Add a plugin for everybody; who wants it enables it."""
    entry = services().plugins.create(actor(), body)
    note("plugin.create", f"plugin:{body.id}")
    response = _detail(entry, 201)
    response.headers["Location"] = f"/v1/api/plugins/{body.id}"
    return response


@api.put("/<plugin_id>", responses={200: PluginDetail, **problems(403, 409, 428)}, summary="Change an own plugin")
def update(path: PluginPath, header: IfMatch, body: PluginDefinition) -> Response:
    """Change an own plugin if nobody has since; nodes made from it stay as they are."""
    entry = services().plugins.update(actor(), path.plugin_id, body, revision=header.revision)
    note("plugin.update", f"plugin:{path.plugin_id}")
    return _detail(entry)


@api.delete("/<plugin_id>", responses={200: PluginGone, **problems(403, 409)}, summary="Delete an own plugin")
def delete(path: PluginPath) -> dict[str, Any]:
    """Delete an own plugin for everybody; nodes that are `in_use` go on as custom resources."""
    in_use = services().plugins.delete(actor(), path.plugin_id)
    note("plugin.delete", f"plugin:{path.plugin_id}")
    return dump(PluginGone(in_use=in_use))
