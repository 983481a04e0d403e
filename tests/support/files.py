"""The repository's own files, read for the guards."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PROCFILE = ROOT / "Procfile"
LOCAL_PROCFILE = ROOT / "deploy" / "local" / "Procfile"
COMPOSE_FILE = ROOT / "docker-compose.yml"

_DEFAULT = re.compile(r"\$\{[A-Z_]+:-([^{}]*)\}")


def read_procfile(path: Path) -> dict[str, str]:
    """Return the command of each process."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip() and line[0] != "#"]
    return {name.strip(): command.strip() for name, _, command in (line.partition(":") for line in lines)}


def words(command: str | list[str]) -> list[str]:
    """Split a command, with the defaults of its variables put in."""
    if isinstance(command, list):
        return command
    return shlex.split(_DEFAULT.sub(r"\1", command))


def queues(command: list[str]) -> list[str]:
    """Return the queues that a worker's command consumes."""
    return command[command.index("-Q") + 1].split(",") if "-Q" in command else []


def tracked() -> Iterator[Path]:
    """Yield every file under version control that is there."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in listed.split("\0"):
        path = ROOT / name
        if name and path.is_file():
            yield path
