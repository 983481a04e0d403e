"""What is done with plugins: looked through, enabled, written by administrators."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from pydantic import ValidationError

from shared.clock import now
from shared.errors import Conflict, FieldError, InvalidInput, LimitReached
from shared.log import get_logger
from shared.plugins.builtin import builtin_plugins
from shared.plugins.forms import offers_of
from shared.plugins.models import OwnPlugin, PluginDefinition, Use
from shared.plugins.store import PluginStore, no_such_plugin, taken
from shared.storage.paging import page_of
from shared.workflows.catalogue.plugin_presets import Offer
from shared.workflows.store import WorkflowStore

log = get_logger(__name__)

MOST_OWN = 50
"""Own plugins of all administrators together."""


@dataclass(frozen=True, slots=True)
class Entry:
    """
    A plugin as one person sees it.

    :param revision: of an own plugin; None for what comes with the product
    :param enabled_at: None when this person has not enabled it
    """

    definition: PluginDefinition
    revision: int | None
    enabled_at: datetime | None

    @property
    def order(self) -> tuple[str, str]:
        """What plugins are sorted by: their names."""
        return self.definition.name.casefold(), self.definition.id


@lru_cache(maxsize=MOST_OWN)
def _read(text: str) -> PluginDefinition:
    return PluginDefinition.model_validate_json(text)


def _readable(plugins: Iterable[OwnPlugin]) -> Iterator[tuple[OwnPlugin, PluginDefinition]]:
    """Yield own plugins; one that this version does not understand is left out, and said in the log."""
    for plugin in plugins:
        if plugin.id in builtin_plugins():
            # a newer version of the product brought one of this id
            continue
        try:
            yield plugin, _read(plugin.definition)
        except ValidationError as error:
            log.warning("plugin_unreadable", plugin_id=plugin.id, reason=str(error)[:256])


def _entries(own: Iterable[OwnPlugin], enabled: Mapping[str, datetime]) -> list[Entry]:
    found = [Entry(plugin, None, enabled.get(plugin.id)) for plugin in builtin_plugins().values()]
    return found + [Entry(read, plugin.revision, enabled.get(plugin.id)) for plugin, read in _readable(own)]


def browse(
    user_id: str,
    *,
    plugins: PluginStore,
    search: str = "",
    category: str | None = None,
    only_enabled: bool = False,
    limit: int = 50,
    cursor: str | None = None,
) -> tuple[list[Entry], int, str | None]:
    """
    Return a page of plugins by name.

    :param search: part of what is said of a plugin or its node types, in any case
    :raises InvalidInput: the cursor is not one of ours
    """
    wanted = search.casefold()
    found = [
        entry
        for entry in _entries(plugins.list(), plugins.enabled(user_id))
        if (category is None or entry.definition.category == category)
        and (not only_enabled or entry.enabled_at is not None)
        and any(wanted in text.casefold() for text in _texts(entry.definition))
    ]
    return page_of(found, key=lambda entry: entry.order, limit=limit, cursor=cursor)


def _texts(plugin: PluginDefinition) -> Iterator[str]:
    yield from (plugin.id, plugin.name, plugin.description, plugin.category)
    for item in plugin.node_types:
        yield from (item.title, item.description, item.group, item.kind, *item.keywords)


def categories(user_id: str, *, plugins: PluginStore) -> dict[str, int]:
    """Return how many plugins each category has, in the order of the categories."""
    found: dict[str, int] = {}
    for entry in _entries(plugins.list(), plugins.enabled(user_id)):
        found[entry.definition.category] = found.get(entry.definition.category, 0) + 1
    return dict(sorted(found.items()))


def get(user_id: str, plugin_id: str, *, plugins: PluginStore) -> Entry:
    """
    Return one plugin.

    :raises NotFound: there is none
    """
    enabled = plugins.enabled(user_id)
    for entry in _entries(plugins.list([plugin_id]), enabled):
        if entry.definition.id == plugin_id:
            return entry
    raise no_such_plugin()


def enable(user_id: str, plugin_id: str, *, plugins: PluginStore) -> Entry:
    """
    Put a plugin's node types into a person's palette.

    :raises NotFound: there is no such plugin
    """
    get(user_id, plugin_id, plugins=plugins)
    plugins.enable(user_id, plugin_id)
    return get(user_id, plugin_id, plugins=plugins)


def disable(user_id: str, plugin_id: str, *, plugins: PluginStore) -> Entry:
    """
    Take a plugin's node types out of a person's palette; nodes made from them stay as they are.

    :raises NotFound: there is no such plugin
    """
    get(user_id, plugin_id, plugins=plugins)
    plugins.disable(user_id, plugin_id)
    return get(user_id, plugin_id, plugins=plugins)


def uses(user_id: str, plugin: PluginDefinition, *, workflows: WorkflowStore) -> list[Use]:
    """Return the nodes in a person's workflows whose kinds are the plugin's."""
    kinds = {(item.group, item.kind) for item in plugin.node_types}
    return [
        Use(
            workflow_id=workflow.id,
            workflow_name=workflow.name,
            node_id=node.id,
            node_name=str(node.data.get("name", "")),
            kind=str(node.data.get("kind", "")),
        )
        for workflow in workflows.with_custom_resources(user_id, plugin.kinds)
        for node in workflow.nodes
        if node.type == "custom-resource"
        and (str(node.data.get("api_version", "")).partition("/")[0], node.data.get("kind")) in kinds
    ]


def offers_for(user_id: str, *, plugins: PluginStore) -> list[Offer]:
    """Return the node types of the plugins a person has enabled, by the plugins' names."""
    enabled = plugins.enabled(user_id)
    if not enabled:
        return []
    entries = [entry for entry in _entries(plugins.list(enabled), enabled) if entry.enabled_at is not None]
    found = sorted(entries, key=lambda entry: entry.order)
    return [offer for entry in found for offer in offers_of(entry.definition)]


def create(user_id: str, wanted: PluginDefinition, *, plugins: PluginStore) -> OwnPlugin:
    """
    Add an own plugin.

    :raises Conflict: code ``plugin-id-taken``, also by a plugin that comes with the product
    :raises LimitReached: there are as many as there may be
    """
    if wanted.id in builtin_plugins():
        raise taken(wanted.id)
    if plugins.count() >= MOST_OWN:
        raise LimitReached(f"There may be {MOST_OWN} own plugins; delete one first.", code="too-many-plugins")
    at = now()
    made = OwnPlugin(id=wanted.id, definition=_text(wanted), created_by=user_id, created_at=at, updated_at=at)
    plugins.insert(made)
    return made


def update(plugin_id: str, wanted: PluginDefinition, *, revision: int, plugins: PluginStore) -> OwnPlugin:
    """
    Change an own plugin.

    :raises Conflict: code ``revision-conflict``, or ``plugin-built-in``
    :raises InvalidInput: it has another id than the address
    :raises NotFound: there is no such plugin
    """
    _refuse_builtin(plugin_id)
    if wanted.id != plugin_id:
        message = f"must be {plugin_id}, as in the address; a plugin keeps its id"
        raise InvalidInput(f"id {message}.", fields=[FieldError("id", message)])
    return plugins.replace(plugin_id, _text(wanted), revision=revision)


def delete(user_id: str, plugin_id: str, *, plugins: PluginStore, workflows: WorkflowStore) -> list[Use]:
    """
    Delete an own plugin for everybody; nodes made from it stay as they are.

    :return: those in this person's workflows
    :raises Conflict: code ``plugin-built-in``
    :raises NotFound: there is no such plugin
    """
    _refuse_builtin(plugin_id)
    found = [
        use for _, read in _readable(plugins.list([plugin_id])) for use in uses(user_id, read, workflows=workflows)
    ]
    plugins.delete(plugin_id)
    return found


def _refuse_builtin(plugin_id: str) -> None:
    if plugin_id in builtin_plugins():
        message = f"The plugin {plugin_id} comes with the product. Write one of your own under another id."
        raise Conflict(message, code="plugin-built-in")


def _text(plugin: PluginDefinition) -> str:
    return plugin.model_dump_json(by_alias=True, exclude_defaults=True)
