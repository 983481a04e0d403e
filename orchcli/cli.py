"""The commands and the flags that all of them know; a command's module is imported when it is used."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from orchcli import __version__
from orchcli.project import Project, find

COMMANDS = {
    "start": "Start the platform, or some of its services",
    "stop": "Stop it; what runs ends by itself or is killed after its grace",
    "status": "Show what runs, how it feels, and where",
    "logs": "Show the logs of services",
    "env": "Make and check the settings in .env",
    "build-ui": "Build the web interface",
    "clean": "Remove what can be made again",
    "version": "Show versions",
}
Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(slots=True)
class Options:
    """The flags of every command."""

    project: str | None = None
    as_json: bool = False
    quiet: bool = False
    verbose: bool = False
    yes: bool = False
    no_input: bool = False

    def find(self) -> Project:
        """Return the project that is meant."""
        return find(self.project)

    @property
    def may_ask(self) -> bool:
        """Whether somebody can answer a question."""
        return not (self.no_input or os.environ.get("CI") == "true") and sys.stdin.isatty() and sys.stderr.isatty()


class Lazy(click.Group):
    """A group whose commands are modules of ``orchcli.commands``; the list of them needs none of those."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"orchcli.commands.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list from the table alone."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


SHARED: list[tuple[str, tuple[str, ...], dict[str, Any]]] = [
    ("project", ("--project",), {"metavar": "DIR", "help": "the checkout; this folder or one above it by default"}),
    ("as_json", ("--json",), {"is_flag": True, "help": "results and errors for scripts"}),
    ("quiet", ("--quiet",), {"is_flag": True, "help": "errors and results only"}),
    ("verbose", ("--verbose",), {"is_flag": True, "help": "everything that services write"}),
    ("no_input", ("--no-input",), {"is_flag": True, "help": "never ask"}),
    ("yes", ("-y", "--yes"), {"is_flag": True, "help": "agree to what would be asked"}),
    ("no_color", ("--no-color",), {"is_flag": True, "help": "as NO_COLOR=1"}),
]


def _remember(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
    options = context.ensure_object(Options)
    if value and parameter.name == "no_color":
        os.environ["NO_COLOR"] = "1"
    elif value and parameter.name is not None:
        setattr(options, parameter.name, value)
    return value


def shared(function: Function) -> Function:
    """Let a command take the flags of all commands also behind its name."""
    for name, words, more in reversed(SHARED):
        decorate = click.option(name, *words, expose_value=False, callback=_remember, hidden=False, **more)
        function = decorate(function)
    return function


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="orchcli")
@shared
def cli() -> None:
    """Set up and run KubeOrch on this machine."""
