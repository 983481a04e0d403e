"""Plugins in memory; tests/functional compares them with the real store."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from shared.clock import now
from shared.errors import Conflict
from shared.plugins.models import OwnPlugin
from shared.plugins.store import PluginStore, no_such_plugin, taken


class FakePluginStore(PluginStore):
    """Keeps own plugins by id, and what people have enabled."""

    def __init__(self, *plugins: OwnPlugin) -> None:
        self.rows = {plugin.id: plugin for plugin in plugins}
        self.choices: dict[tuple[str, str], datetime] = {}

    def insert(self, plugin: OwnPlugin) -> None:
        """Add one."""
        if plugin.id in self.rows:
            raise taken(plugin.id)
        self.rows[plugin.id] = plugin

    def find(self, plugin_id: str) -> OwnPlugin | None:
        """Return one or None."""
        return self.rows.get(plugin_id)

    def list(self, ids: Iterable[str] | None = None) -> list[OwnPlugin]:
        """Return all by id, or those of some ids."""
        wanted = set(self.rows if ids is None else ids)
        return [self.rows[plugin_id] for plugin_id in sorted(self.rows) if plugin_id in wanted]

    def count(self) -> int:
        """Count them."""
        return len(self.rows)

    def replace(self, plugin_id: str, definition: str, *, revision: int) -> OwnPlugin:
        """Put another definition in place if the revision is the stored one."""
        current = self.find(plugin_id)
        if current is None:
            raise no_such_plugin()
        if current.revision != revision:
            raise Conflict("changed", code="revision-conflict", details={"revision": current.revision})
        values = {"definition": definition, "revision": revision + 1, "updated_at": now()}
        self.rows[plugin_id] = current.model_copy(update=values)
        return self.rows[plugin_id]

    def delete(self, plugin_id: str) -> None:
        """Forget one, and who has enabled it."""
        if self.rows.pop(plugin_id, None) is None:
            raise no_such_plugin()
        self.choices = {key: at for key, at in self.choices.items() if key[1] != plugin_id}

    def enable(self, user_id: str, plugin_id: str) -> None:
        """Record a choice once."""
        self.choices.setdefault((user_id, plugin_id), now())

    def disable(self, user_id: str, plugin_id: str) -> None:
        """Take it back."""
        self.choices.pop((user_id, plugin_id), None)

    def enabled(self, user_id: str) -> dict[str, datetime]:
        """Return a person's choices."""
        return {plugin_id: at for (of, plugin_id), at in self.choices.items() if of == user_id}
