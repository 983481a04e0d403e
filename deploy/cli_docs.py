"""Write ``docs/cli.md`` from the command line's own parser: ``python -m deploy.cli_docs``."""

from __future__ import annotations

from collections.abc import Container, Iterator
from pathlib import Path
from typing import Any

import click

from orchcli import errors
from orchcli.cli import cli

PAGE = Path(__file__).resolve().parent.parent / "docs" / "cli.md"
HEAD = """\
# Command line

Made from the parser by `python -m deploy.cli_docs`; do not edit.

`make up` puts `orchcli` into `.venv/bin`; it works in the checkout's folder and below, elsewhere with \
`--project DIR`. Results go to standard output, everything else to standard error.
"""


def render() -> str:
    """Return the whole page."""
    context = click.Context(cli, info_name="orchcli")
    common = {parameter.name for parameter in cli.params}
    parts = [HEAD, "## Every command\n", _options(cli, context, set()), ""]
    for command, its_context in _commands(cli, context):
        parts += [f"## {its_context.command_path}\n", f"`{_usage(command, its_context)}`\n", _help(command), ""]
        table = _options(command, its_context, common)
        parts += [table, ""] if table else []
    parts += ["## Exit codes\n", *_exit_codes(), ""]
    return "\n".join(parts)


def _commands(group: click.Group, context: click.Context) -> Iterator[tuple[click.Command, click.Context]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        inner = click.Context(command, info_name=name, parent=context)
        if isinstance(command, click.Group):
            yield from _commands(command, inner)
        else:
            yield command, inner


def _usage(command: click.Command, context: click.Context) -> str:
    return " ".join([context.command_path, *command.collect_usage_pieces(context)])


def _help(command: click.Command) -> str:
    return " ".join((command.help or "").split())


def _options(command: click.Command, context: click.Context, without: Container[str | None]) -> str:
    rows = []
    for parameter in command.params:
        if not isinstance(parameter, click.Option) or parameter.hidden or parameter.name in without:
            continue
        found: tuple[str, str] | None = parameter.get_help_record(context)
        if found is not None:
            rows.append("| `{}` | {} |".format(*(cell.replace("|", "\\|") for cell in found)))
    return "\n".join(["| option | does |", "| --- | --- |", *rows]) if rows else ""


def _exit_codes() -> Iterator[str]:
    yield "| code | when |\n| --- | --- |\n| 0 | done, or healthy |"
    found: dict[int, list[str]] = {}
    kinds: list[Any] = [errors.CliError]
    while kinds:
        kind = kinds.pop(0)
        kinds += kind.__subclasses__()
        found.setdefault(kind.exit_code, []).append(f"`{kind.code}`")
    for code, names in sorted(found.items()):
        yield f"| {code} | {', '.join(dict.fromkeys(names))} |"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
