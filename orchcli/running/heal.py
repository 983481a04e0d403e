"""Ends the processes that a killed supervisor left running; the next start or stop calls it."""

from __future__ import annotations

import contextlib
import subprocess

from orchcli.errors import BrokenFile
from orchcli.project import Project
from orchcli.running import processes, services, state
from orchcli.running.processes import Identity

_KUBE_SECONDS = 60.0


def heal(project: Project) -> list[str]:
    """
    End the processes that an earlier start left, those that come last first; the caller holds the supervisor's lock.

    Found by recorded identity and by the mark that every process of ours carries; a pid that was given to somebody
    else is left alone.

    :return: the deeds, for people
    """
    recorded: dict[str, Identity] = {}
    try:
        last = state.read(project)
    except BrokenFile as error:
        last = None
        said = [error.message]
    else:
        said = []
    for one in last.services if last else []:
        if one.identity is not None and processes.is_running(one.identity):
            recorded[one.name] = one.identity
    for service in reversed(services.SERVICES):
        left = _of(project, service.name, recorded.get(service.name))
        if left:
            _end(left, recorded.get(service.name), service.grace)
            said.append(f"ended what was left of {service.name} (pid {', '.join(str(who.pid) for who in left)})")
    if said and (project.kube / "number").exists():
        said += clean_kube(project)
    _forget(project, last)
    return said


def _of(project: Project, name: str, recorded: Identity | None) -> list[Identity]:
    marked = processes.carrying(f"{project.mark}:{name}")
    ordered = [recorded] if recorded is not None else []
    return ordered + [who for who in marked if who != recorded]


def _end(left: list[Identity], leader: Identity | None, grace: float) -> None:
    """End the process that was started first, which ends its own; then those that it did not end."""
    first = [leader] if leader is not None else [min(left, key=lambda who: who.pid)]
    processes.end(first, grace)
    processes.end([who for who in left if processes.is_running(who)], 5.0)


def clean_kube(project: Project) -> list[str]:
    """Remove mounts, namespaces and rules of a local node whose starter was killed."""
    command = [str(project.bin / "python"), "-m", "deploy.local.kube", "--directory", str(project.kube), "clean"]
    try:
        done = subprocess.run(
            command, cwd=project.root, capture_output=True, text=True, check=False, timeout=_KUBE_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return [f"the local Kubernetes was not cleaned up: {error}"]
    return [] if done.returncode == 0 else [f"the local Kubernetes was not cleaned up: {done.stderr.strip()[-300:]}"]


def _forget(project: Project, last: state.State | None) -> None:
    for file in (*project.run.glob("*.json"), project.run / "ctl.sock"):
        with contextlib.suppress(FileNotFoundError):
            file.unlink()
    if last is not None:
        for one in last.services:
            one.pid = one.started = None
            if one.state not in {"failed", "done"}:
                one.state = "stopped"
        state.write(project, last)
