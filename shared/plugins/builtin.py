"""The plugins that come with the product: one YAML file each in ``catalogue/``, named by its id."""

from __future__ import annotations

from functools import cache
from importlib import resources

from shared.plugins.models import PluginDefinition
from shared.yaml_text import load_all


@cache
def builtin_plugins() -> dict[str, PluginDefinition]:
    """
    Return them by id; read once per process.

    :raises ValueError: a file is wrong, which a test would have said
    """
    folder = resources.files(__package__) / "catalogue"
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".yaml"))
    found = [_read(name, (folder / name).read_text("utf-8")) for name in names]
    return {plugin.id: plugin for plugin in found}


def _read(name: str, text: str) -> PluginDefinition:
    [content] = load_all(text)
    plugin = PluginDefinition.model_validate(content)
    if name != f"{plugin.id}.yaml":
        msg = f"{name} describes {plugin.id}"
        raise ValueError(msg)
    return plugin
