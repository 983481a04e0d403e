"""Write ``docs/cli.md`` from the commands themselves: ``python -m orchcli.docs``; ``--check`` only compares."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from orchcli.cli import COMMANDS, SHARED, cli

PAGE = Path(__file__).resolve().parent.parent / "docs" / "cli.md"
_HEAD = """\
# orchcli

<!-- Made by `python -m orchcli.docs` from the commands; `make docs` writes it again. -->

`orchcli` starts, stops and shows the platform on this machine. `make up` installs it as `.venv/bin/orchcli` and runs
`orchcli start`; `make down` runs `orchcli stop`. Results go to standard output, everything else to standard error.

"""
_CODES = """\
## Exit codes

| code | meaning | code | meaning |
| --- | --- | --- | --- |
| 0 | done, healthy | 8 | network or cluster unreachable |
| 1 | unexpected; the trace is in the named file | 9 | partly done |
| 2 | usage | 11 | not found |
| 3 | no project | 15 | destroys something and was not confirmed |
| 4 | a tool is missing or too old | 130 | interrupted |
| 5 | unhealthy, failed, or nothing runs | 143 | terminated |
| 6 | waited too long | | |
| 7 | port, lock, or something that runs is in the way | | |
"""


def render() -> str:
    """Return the page."""
    context = click.Context(cli, info_name="orchcli")
    lines = ["## Flags of every command\n"]
    shared = [parameter for parameter in cli.params if parameter.name in {name for name, _, _ in SHARED}]
    lines += [*_options(shared), ""]
    for name in COMMANDS:
        command = cli.get_command(context, name)
        if command is not None:
            lines += _command(command, f"orchcli {name}", context)
    return _HEAD + "\n".join(lines) + "\n" + _CODES


def _command(command: click.Command, title: str, context: click.Context) -> Iterator[str]:
    own = click.Context(command, info_name=title, parent=context)
    words = " ".join(piece for piece in command.collect_usage_pieces(own) if piece != "[OPTIONS]")
    yield f"## {title}{f' {words}' if words else ''}\n"
    yield f"{' '.join((command.help or '').split())}\n"
    names = {name for name, _, _ in SHARED}
    options = list(_options([parameter for parameter in command.params if parameter.name not in names]))
    if options:
        yield from [*options, ""]
    if isinstance(command, click.Group):
        for name in command.list_commands(own):
            inner = command.get_command(own, name)
            if inner is not None:
                yield from _command(inner, f"{title} {name}", own)


def _options(parameters: list[click.Parameter]) -> Iterator[str]:
    for parameter in parameters:
        if not isinstance(parameter, click.Option) or parameter.hidden:
            continue
        words = ", ".join(f"`{word}`" for word in parameter.opts)
        if isinstance(parameter.type, click.Choice):
            words += f" {'|'.join(str(choice) for choice in parameter.type.choices)}"
        elif parameter.metavar:
            words += f" {parameter.metavar}"
        default = f" (default {parameter.default})" if parameter.show_default and parameter.default is not None else ""
        yield f"- {words}: {parameter.help}{default}"


def main(arguments: list[str]) -> int:
    """Write the page, or compare it."""
    if "--check" in arguments:
        same = PAGE.exists() and PAGE.read_text(encoding="utf-8") == render()
        if not same:
            sys.stderr.write(f"{PAGE} is out of date; run: make docs\n")
        return 0 if same else 1
    PAGE.write_text(render(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
