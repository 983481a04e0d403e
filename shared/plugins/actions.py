"""What is done with plugins: looked through, enabled, written by administrators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Self

from pydantic import ValidationError

from shared.access import Actor, Verb, require, scope
from shared.clock import now
from shared.errors import Conflict, FieldError, InvalidInput, LimitReached
from shared.log import get_logger
from shared.platform import Platform
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


@dataclass(frozen=True, slots=True)
class PluginFilter:
    """
    Which plugins a list holds; everything that is left out lets all through.

    :param search: part of what is said of a plugin or its node types, in any case
    """

    search: str = ""
    category: str | None = None
    only_enabled: bool = False

    def lets_through(self, entry: Entry) -> bool:
        """Whether a plugin is in the list."""
        return (
            (self.category is None or entry.definition.category == self.category)
            and (not self.only_enabled or entry.enabled_at is not None)
            and any(self.search.casefold() in text.casefold() for text in _texts(entry.definition))
        )


class Plugins:
    """
    Plugins as one person sees them: what comes with the product, what administrators wrote, what they enabled.

    :param workflows: where nodes of plugins' kinds are
    """

    def __init__(self, store: PluginStore, workflows: WorkflowStore) -> None:
        self._store = store
        self._workflows = workflows

    @classmethod
    def over(cls, platform: Platform) -> Self:
        """Make it over a process' connections."""
        return cls(PluginStore(platform.db), WorkflowStore(platform.db))

    def get(self, actor: Actor, plugin_id: str) -> Entry:
        """
        Return one plugin.

        :raises NotFound: there is none
        """
        require(actor, Verb.SEE, None, what="plugin")
        enabled = self._store.enabled(actor.user_id)
        for entry in _entries(self._store.list([plugin_id]), enabled):
            if entry.definition.id == plugin_id:
                return entry
        raise no_such_plugin()

    def browse(
        self, actor: Actor, wanted: PluginFilter, *, limit: int = 50, cursor: str | None = None
    ) -> tuple[list[Entry], int, str | None]:
        """
        Return a page of plugins by name.

        :raises InvalidInput: the cursor is not one of ours
        """
        found = [entry for entry in self._all(actor) if wanted.lets_through(entry)]
        return page_of(found, key=lambda entry: entry.order, limit=limit, cursor=cursor)

    def categories(self, actor: Actor) -> dict[str, int]:
        """Return the number of plugins of each category, in the order of the categories."""
        return dict(sorted(Counter(entry.definition.category for entry in self._all(actor)).items()))

    def enable(self, actor: Actor, plugin_id: str) -> Entry:
        """
        Put a plugin's node types into the actor's palette; nothing is installed on any cluster.

        :raises NotFound: there is no such plugin
        """
        require(actor, Verb.CREATE, None, what="plugin")
        self.get(actor, plugin_id)
        self._store.enable(actor.user_id, plugin_id)
        return self.get(actor, plugin_id)

    def disable(self, actor: Actor, plugin_id: str) -> Entry:
        """
        Take a plugin's node types out of the actor's palette; nodes made from them stay as they are.

        :raises NotFound: there is no such plugin
        """
        require(actor, Verb.CREATE, None, what="plugin")
        self.get(actor, plugin_id)
        self._store.disable(actor.user_id, plugin_id)
        return self.get(actor, plugin_id)

    def uses(self, actor: Actor, plugin: PluginDefinition) -> list[Use]:
        """Return the nodes in the actor's workflows whose kinds are the plugin's."""
        kinds = {(item.group, item.kind) for item in plugin.node_types}
        return [
            Use(
                workflow_id=workflow.id,
                workflow_name=workflow.name,
                node_id=node.id,
                node_name=str(node.data.get("name", "")),
                kind=str(node.data.get("kind", "")),
            )
            for workflow in self._workflows.with_custom_resources(scope(actor), plugin.kinds)
            for node in workflow.nodes
            if node.type == "custom-resource"
            and (str(node.data.get("api_version", "")).partition("/")[0], node.data.get("kind")) in kinds
        ]

    def offers(self, actor: Actor) -> list[Offer]:
        """Return the node types of the plugins the actor has enabled, by the plugins' names."""
        enabled = self._store.enabled(actor.user_id)
        if not enabled:
            return []
        entries = [entry for entry in _entries(self._store.list(enabled), enabled) if entry.enabled_at is not None]
        found = sorted(entries, key=lambda entry: entry.order)
        return [offer for entry in found for offer in offers_of(entry.definition)]

    def create(self, actor: Actor, wanted: PluginDefinition) -> Entry:
        """
        Add an own plugin, for everybody; who wants it enables it.

        :raises Conflict: code ``plugin-id-taken``, also by a plugin that comes with the product
        :raises LimitReached: there are as many as there may be
        """
        require(actor, Verb.ADMINISTER, None, what="plugin")
        if wanted.id in builtin_plugins():
            raise taken(wanted.id)
        if self._store.count() >= MOST_OWN:
            raise LimitReached(f"There may be {MOST_OWN} own plugins; delete one first.", code="too-many-plugins")
        text, at = _text(wanted), now()
        self._store.insert(
            OwnPlugin(id=wanted.id, definition=text, created_by=actor.user_id, created_at=at, updated_at=at)
        )
        return self.get(actor, wanted.id)

    def update(self, actor: Actor, plugin_id: str, wanted: PluginDefinition, *, revision: int) -> Entry:
        """
        Change an own plugin if nobody has since; nodes made from it stay as they are.

        :raises Conflict: code ``revision-conflict``, or ``plugin-built-in``
        :raises InvalidInput: it has another id than the address
        :raises NotFound: there is no such plugin
        """
        require(actor, Verb.ADMINISTER, None, what="plugin")
        _refuse_builtin(plugin_id)
        if wanted.id != plugin_id:
            message = f"must be {plugin_id}, as in the address; a plugin keeps its id"
            raise InvalidInput(f"id {message}.", fields=[FieldError("id", message)])
        self._store.replace(plugin_id, _text(wanted), revision=revision)
        return self.get(actor, plugin_id)

    def delete(self, actor: Actor, plugin_id: str) -> list[Use]:
        """
        Delete an own plugin for everybody; nodes made from it stay as they are.

        :return: those in the actor's workflows
        :raises Conflict: code ``plugin-built-in``
        :raises NotFound: there is no such plugin
        """
        require(actor, Verb.ADMINISTER, None, what="plugin")
        _refuse_builtin(plugin_id)
        in_use = [use for _, read in _readable(self._store.list([plugin_id])) for use in self.uses(actor, read)]
        self._store.delete(plugin_id)
        return in_use

    def _all(self, actor: Actor) -> list[Entry]:
        require(actor, Verb.SEE, None, what="plugin")
        return _entries(self._store.list(), self._store.enabled(actor.user_id))


def _texts(plugin: PluginDefinition) -> Iterator[str]:
    yield from (plugin.id, plugin.name, plugin.description, plugin.category)
    for item in plugin.node_types:
        yield from (item.title, item.description, item.group, item.kind, *item.keywords)


def _refuse_builtin(plugin_id: str) -> None:
    if plugin_id in builtin_plugins():
        message = f"The plugin {plugin_id} comes with the product. Write one of your own under another id."
        raise Conflict(message, code="plugin-built-in")


def _text(plugin: PluginDefinition) -> str:
    return plugin.model_dump_json(by_alias=True, exclude_defaults=True)
