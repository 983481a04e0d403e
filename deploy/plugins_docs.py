"""Write ``docs/plugins.md`` from the plugins that come with the product: ``python -m deploy.plugins_docs``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from shared.plugins.actions import MOST_OWN
from shared.plugins.builtin import builtin_plugins
from shared.plugins.models import LARGEST_PLUGIN, MOST_FIELDS, MOST_NODE_TYPES, PluginDefinition

PAGE = Path("docs/plugins.md")
_HEAD = f"""# Plugins

A plugin describes the kinds that a well-known operator brings: their group, version and name, the few fields that
matter, and what a new object begins with. Everybody enables plugins for themselves; the node types of enabled plugins
are in the palette, with a short form each. Enabling one installs nothing: when the workflow's cluster does not have a
kind, its node type says so and where to read how the operator is installed.

A node made from a plugin is a `custom-resource` with API version, kind and spec in its data. It is validated, compiled,
exported and run without the plugin, so disabling or deleting a plugin changes no workflow; both answers list the nodes
of its kinds under `in_use`.

On a cluster that has the kind, the form is made of the cluster's own definition, the plugin's fields first and in its
words; the kind then has no second node type. When the definition does not show all of the plugin's fields as fields,
the short form stays. When the cluster has the kind in other versions only, the plugin's node type says so and the
cluster's own stands beside it.

## Your own

Administrators add plugins for everybody with `POST /v1/api/plugins`, change them with `PUT` and `If-Match`, and delete
them. There may be {MOST_OWN}, of at most {LARGEST_PLUGIN // 1024} KiB, with up to {MOST_NODE_TYPES} node types
of up to {MOST_FIELDS} fields:

```json
{{
  "id": "queues",
  "name": "Queues",
  "description": "Queues of our own operator.",
  "category": "messaging",
  "version": "1.2",
  "homepage": "https://queues.example.com/install",
  "node_types": [
    {{
      "id": "queue",
      "title": "Queue",
      "description": "A queue.",
      "group": "queues.example.com",
      "versions": ["v1", "v1beta1"],
      "kind": "Queue",
      "plural": "queues",
      "spec": {{"limits": [{{}}]}},
      "fields": [
        {{"path": "/size", "title": "Size", "type": "integer", "required": true, "default": 3, "minimum": 1}},
        {{"path": "/limits/0/kind", "title": "Kind", "type": "string", "options": ["soft", "hard"]}}
      ]
    }}
  ]
}}
```

`path` is a JSON pointer into the spec, or with `"in": "body"` into what stands beside it. Types are `string`, `text`
(several lines), `integer`, `number`, `boolean`, `quantity`, `list` (of texts) and `map` (of texts). `versions` are in
order of preference: the first that a cluster serves is taken.

## What comes with the product

Written by `python -m deploy.plugins_docs`. The version is that of the operator the plugin was written for.
"""


def render() -> str:
    """Return the whole page."""
    plugins = sorted(builtin_plugins().values(), key=lambda plugin: (plugin.category, plugin.name.casefold()))
    return "\n".join([_HEAD, *_tables(plugins), ""])


def _tables(plugins: list[PluginDefinition]) -> Iterator[str]:
    for category, found in groupby(plugins, key=lambda plugin: plugin.category):
        yield f"### {_TITLES.get(category, category.title())}\n"
        yield "| plugin | operator | node types |\n| --- | --- | --- |"
        for plugin in found:
            kinds = ", ".join(f"{item.kind} ({item.group}/{item.versions[0]})" for item in plugin.node_types)
            yield f"| `{plugin.id}` | [{plugin.name}]({plugin.homepage}) {plugin.version} | {kinds} |"
        yield ""


_TITLES = {"cicd": "Delivery", "ml": "Machine learning"}

if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
