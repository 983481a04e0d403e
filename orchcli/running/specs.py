"""Turns the table of services into the specs of the supervisor: commands, environments, gates."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from orchcli.errors import BrokenFile
from orchcli.project import Project
from orchcli.running import probes, procfile
from orchcli.running.keeper import Spec
from orchcli.running.probes import Probe
from orchcli.running.services import (
    LOCAL_PROCFILE,
    PROCFILE,
    SERVICES,
    Answers,
    Consumes,
    ReadyFile,
    RedisPing,
    Service,
)

Spawn = Callable[..., "subprocess.Popen[bytes]"]


@dataclass(frozen=True)
class StartContext:
    """The values that all services of one start share."""

    project: Project
    env: Mapping[str, str]
    ports: Mapping[str, int]
    spawn: Spawn
    restart: bool = True
    on_line: Callable[[str, str], None] | None = None


def select(stores: set[str], kube: str, named: list[str]) -> list[Service]:
    """
    Return the services of a start, in start order.

    :param stores: those that are embedded
    :param kube: as `environment.kube_kind` decided
    :param named: those that the command line names
    """
    here = {"redis": "redis" in stores, "mongo": "mongo" in stores, "kube": kube not in {"external", "none"}}
    return [service for service in SERVICES if service.name in named and here.get(service.name, True)]


def commands_of(project: Project) -> dict[str, str]:
    """Return the commands of both Procfiles."""
    commands: dict[str, str] = {}
    for file in (LOCAL_PROCFILE, PROCFILE):
        commands.update(procfile.read(project.root / file))
    return commands


def make(service: Service, command: str, context: StartContext) -> Spec:
    """Return the spec of one line of the table."""
    port = context.ports.get(service.name)
    is_http = isinstance(service.gate, Answers)
    return Spec(
        name=service.name,
        command=procfile.shell_words(command),
        env=context.env,
        cwd=context.project.root,
        log=context.project.logs / f"{service.name}.log",
        mark=f"{context.project.mark}:{service.name}",
        grace=service.grace,
        after=service.after,
        probe=_probe_maker(service, context),
        once=service.group == "once",
        required=service.required,
        restart=context.restart,
        ready_seconds=service.ready_seconds,
        port=port,
        url=f"http://127.0.0.1:{port}{'/flower/' if service.name == 'flower' else ''}" if is_http else None,
        on_line=context.on_line,
    )


def make_all(services: list[Service], context: StartContext) -> list[Spec]:
    """
    Return the specs of all services of a start.

    :raises BrokenFile: a Procfile lacks one
    """
    commands = commands_of(context.project)
    lacking = [service for service in services if service.name not in commands]
    if lacking:
        raise BrokenFile(f"{lacking[0].procfile} has no entry {lacking[0].name}", f"git checkout {lacking[0].procfile}")
    return [make(service, commands[service.name], context) for service in services]


def _probe_maker(service: Service, context: StartContext) -> Callable[[float], Probe] | None:
    gate = service.gate
    port = context.ports.get(service.name, 0)
    if isinstance(gate, RedisPing):
        password = context.env.get("REDIS_PASSWORD", "")
        return lambda _since: probes.FunctionProbe(lambda: probes.redis_answers(port, password))
    if isinstance(gate, ReadyFile):
        path = context.project.run / gate.name
        return lambda since: probes.FunctionProbe(lambda: _fresh(path, since))
    if isinstance(gate, Answers):
        return lambda _since: probes.FunctionProbe(lambda: probes.answers(port, gate.paths))
    if isinstance(gate, Consumes):
        return lambda since: _consumption(gate, since, context)
    return None


def _consumption(gate: Consumes, since: float, context: StartContext) -> Probe:
    # what an earlier process of the same name did proves nothing, and one patient look is cheaper than many
    command = [*gate.command, "--after", f"{since:.3f}", "--wait", "10"]
    program = str(context.project.bin / command[0])
    return probes.CommandProbe([program, *command[1:]], context.env, context.project.root, context.spawn)


def _fresh(path: Path, since: float) -> str | None:
    try:
        written = path.stat().st_mtime
    except OSError:
        return f"{path.name} is not written yet"
    return None if written >= since - 1 else f"{path.name} is of an earlier start"
