"""Locks that the kernel frees when their holder dies: one for commands that change things, one for the supervisor."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from orchcli.errors import InTheWay
from orchcli.project import Project

PATIENCE_SECONDS = 10.0


def _try(path: Path) -> IO[str] | None:
    file = path.open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    file.truncate(0)
    return file


def _write_holder(file: IO[str], text: str) -> None:
    file.write(text)
    file.flush()


def _holder(path: Path) -> str:
    with contextlib.suppress(OSError):
        return path.read_text(encoding="utf-8").strip()
    return ""


@contextlib.contextmanager
def changing(project: Project, command: str, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """
    Hold the project's lock while something is changed.

    :raises InTheWay: another command holds it longer than ``patience``; names it
    """
    path = project.home / "lock"
    deadline = time.monotonic() + patience
    while (file := _try(path)) is None:
        if time.monotonic() > deadline:
            holder = _holder(path) or "another command"
            raise InTheWay(f"{holder} is at work on {project.root}", "wait for it, or end it")
        time.sleep(0.1)
    with file:
        _write_holder(file, f"orchcli {command} (pid {os.getpid()})")
        yield


def supervisor_path(project: Project) -> Path:
    """Return the file whose lock says that a supervisor lives."""
    return project.run / "supervisor.lock"


def take_supervisor(project: Project) -> IO[str] | None:
    """Become the project's supervisor for as long as the file stays open; None when there is one."""
    file = _try(supervisor_path(project))
    if file is not None:
        _write_holder(file, str(os.getpid()))
    return file


def supervisor_pid(project: Project) -> int | None:
    """Return the pid of the living supervisor; None when there is none, whatever files say."""
    path = supervisor_path(project)
    if not path.exists():
        return None
    file = _try_shared(path)
    if file is not None:
        file.close()
        return None
    text = _holder(path)
    return int(text) if text.isdigit() else 0


def _try_shared(path: Path) -> IO[str] | None:
    # shared, so that two who ask at the same time do not take each other for the supervisor
    file = path.open(encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file
