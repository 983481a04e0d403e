"""Read Procfiles: one ``name: command`` a line, comments and empty lines aside."""

from __future__ import annotations

import re
from pathlib import Path

from orchcli.errors import BrokenFile

_LINE = re.compile(r"([A-Za-z0-9_-]+):\s*(\S.*)")


def parse(text: str, source: str = "Procfile") -> dict[str, str]:
    """
    Return the commands by name, in their order.

    :raises BrokenFile: a line is no entry, or a name comes twice
    """
    commands: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        found = _LINE.fullmatch(stripped)
        if found is None:
            raise BrokenFile(f"{source}:{number}: this is not `name: command`: {stripped}")
        name, command = found.groups()
        if name in commands:
            raise BrokenFile(f"{source}:{number}: {name} is there twice")
        commands[name] = command
    return commands


def read(path: Path) -> dict[str, str]:
    """
    Read one Procfile.

    :raises BrokenFile: it is missing or not readable as one
    """
    try:
        return parse(path.read_text(encoding="utf-8"), path.name)
    except OSError as error:
        raise BrokenFile(f"cannot read {path}: {error.strerror}") from error


def shell_words(command: str) -> list[str]:
    """
    Return the argument list that runs a command by the shell, which fills in ``${NAME:-default}``.

    ``exec`` makes the program itself our child, so that signals reach it and not a shell in between.
    """
    return ["/bin/sh", "-c", f"exec {command}"]
