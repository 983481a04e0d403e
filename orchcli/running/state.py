"""``.kubeorch/state.json``: the running services, written by the supervisor at every change, read by everybody else."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from orchcli.errors import BrokenFile
from orchcli.project import Project
from orchcli.running.processes import Identity

VERSION = 1


@dataclass(slots=True)
class ServiceState:
    """One service as it was last seen by its supervisor."""

    name: str
    state: str
    pid: int | None = None
    started: str | None = None
    """The process' start time as the system counts it; pid and this together are its identity."""
    port: int | None = None
    url: str | None = None
    log: str = ""
    restarts: int = 0
    since: float = 0.0
    """When it got into this state, seconds since 1970."""
    exit_code: int | None = None
    note: str = ""

    @property
    def identity(self) -> Identity | None:
        """The process, when it has one."""
        return Identity(self.pid, self.started) if self.pid and self.started else None


@dataclass(slots=True)
class State:
    """Everything that was started together."""

    mode: str = "production"
    runtime: str = "local"
    supervisor: int = 0
    since: float = 0.0
    ready_seconds: float | None = None
    stopped: float | None = None
    killed: list[str] = field(default_factory=list)
    """What had to be killed at the last stop."""
    kube: dict[str, Any] = field(default_factory=dict)
    services: list[ServiceState] = field(default_factory=list)
    schema_version: int = VERSION


def path_of(project: Project) -> Path:
    """Return the file."""
    return project.home / "state.json"


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads, in one step: a reader sees the old one or the new one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def write(project: Project, state: State) -> None:
    """Write the state."""
    write_private(path_of(project), json.dumps(asdict(state), indent=1) + "\n")


def read(project: Project) -> State | None:
    """
    Return the state, None when nothing was ever started.

    :raises BrokenFile: it cannot be understood; it is set aside
    """
    path = path_of(project)
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        services = [ServiceState(**entry) for entry in raw.pop("services")]
        return State(**{**raw, "services": services})
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        aside = path.with_name(f"{path.name}.broken-{int(time.time())}")
        path.replace(aside)
        raise BrokenFile(f"{path} cannot be read ({error}); it is now {aside.name}", "run the command again") from error
