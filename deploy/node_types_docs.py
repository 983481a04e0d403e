"""Write ``docs/node-types.md`` from the node types and the wiring table: ``python -m deploy.node_types_docs``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from shared.workflows.kinds import KINDS
from shared.workflows.wires.rules import Match
from shared.workflows.wires.table import RULES

PAGE = Path("docs/node-types.md")
_HEAD = """# Node types and wires

What can be drawn and what each wire does, written from the code by `python -m deploy.node_types_docs`. The fields of a
node type, with their hints and limits, are what `GET /v1/api/node-types` serves.

With `?cluster=<id>&namespace=<name>` it also serves a preset of `custom-resource` for each kind that extensions have
brought to that cluster, with a form made of the kind's schema, and says for each type whether the cluster's credentials
may use it there. Both have the node types of the [plugins](plugins.md) one has enabled, which are presets too.
"""


def render() -> str:
    """Return the whole page."""
    return "\n".join([_HEAD, *_types(), *_wires(), ""])


def _types() -> Iterator[str]:
    for category, kinds in groupby(KINDS.values(), key=lambda kind: kind.category):
        yield f"## {category.title()}\n"
        yield "| type | makes | what for |\n| --- | --- | --- |"
        for kind in kinds:
            makes = f"{kind.kind} ({kind.api_version})" if kind.kind else "any kind"
            yield f"| `{kind.type}` | {makes} | {kind.description} |"
        yield ""


def _wires() -> Iterator[str]:
    yield "## Wires\n"
    yield "The direction is as drawn. Effects are computed when a graph is compiled; nothing is copied into nodes.\n"
    yield "| wire | from → to | what it does | options |\n| --- | --- | --- | --- |"
    for rule in RULES:
        options = [name for name in rule.options.model_fields if name != "rule"]
        yield (
            f"| `{rule.id}` | {_ends(rule.source)} → {_ends(rule.target)} | {rule.text} | "
            f"{', '.join(f'`{name}`' for name in options) or '–'} |"
        )
    yield ""


def _ends(match: Match) -> str:
    types: Iterable[str] = match.types
    handle = f" ({match.handle})" if match.handle else ""
    return ("anything" if match.types == "*" else ", ".join(types)) + handle


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
