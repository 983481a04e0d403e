"""``orchcli stop``: ends the platform, or some of its services."""

from __future__ import annotations

import os
import signal
import time

import click

from orchcli import locks, output
from orchcli.cli import Options, shared
from orchcli.errors import NotReady
from orchcli.project import Project
from orchcli.running import control, heal, services, state


@click.command("stop")
@click.argument("services_", nargs=-1, metavar="[SVC]...")
@click.option("-v", "--volumes", is_flag=True, help="also delete what Redis, MongoDB and Kubernetes stored")
@click.option("--confirm", metavar="NAME", help="the project's name, where nobody can be asked")
@click.option("--timeout", default=180.0, show_default=True, help="seconds to wait before everything is killed")
@shared
@click.pass_obj
def command(
    options: Options, /, services_: tuple[str, ...], timeout: float, confirm: str | None, *, volumes: bool
) -> int:
    """
    Stop the platform, wherever it was started: those that come last first, each within its grace.

    Nothing running is no error. What a killed supervisor left running is ended too.
    """
    project = options.find()
    if not project.home.exists():
        output.inform("nothing runs")
        return 0
    if services_:
        return _stop_some(project, options, services.resolve(services_), timeout)
    if volumes:
        from orchcli.commands.clean import remove

        data = [project.data, project.kube]
        return remove(project, data, options, confirm=confirm, name_needed=True, first=lambda: stop(project, timeout))
    stopped = stop(project, timeout)
    if options.as_json:
        found = state.read(project)
        output.result("stop", {"stopped": stopped, "killed": found.killed if found else []})
    return 0


def _stop_some(project: Project, options: Options, names: list[str], timeout: float) -> int:
    answer = control.ask(project, {"do": "stop", "services": names}, timeout)
    if answer is None:
        output.inform("nothing runs")
        return 0
    if options.as_json:
        output.result("stop", answer)
    else:
        output.inform(f"stopped: {', '.join(answer['stopped']) or 'nothing'}")
    return 0


def stop(project: Project, timeout: float) -> list[str]:
    """
    Stop everything of a project and return what was running.

    :raises NotReady: something does not end
    """
    project.prepare()
    pid = locks.supervisor_pid(project)
    running: list[str] = []
    if pid is not None:
        found = state.read(project)
        running = [one.name for one in (found.services if found else []) if one.pid]
        _ask_supervisor(project, pid, timeout)
    with locks.changing(project, "stop"):
        lock = locks.take_supervisor(project)
        if lock is None:
            raise NotReady("another start began meanwhile", "orchcli stop")
        with lock:
            said = heal.heal(project)
    for line in said:
        output.inform(line)
    found = state.read(project)
    killed = found.killed if found else []
    if pid is not None:
        output.inform("stopped" + (f"; had to be killed: {', '.join(killed)}" if killed else ""))
    elif not said:
        output.inform("nothing runs")
    return running


def _ask_supervisor(project: Project, pid: int, timeout: float) -> None:
    """Let the supervisor end everything; one that does not answer is ended itself, and healing does the rest."""
    began = time.monotonic()
    if control.ask(project, {"do": "stop"}, min(timeout, 10.0)) is None and pid:
        os.kill(pid, signal.SIGTERM)
    for number in (None, signal.SIGTERM, signal.SIGKILL):
        if number is not None and pid and locks.supervisor_pid(project) == pid:
            output.inform(
                f"the supervisor ({pid}) has not ended within {time.monotonic() - began:.0f} s: {number.name}"
            )
            os.kill(pid, number)
        deadline = time.monotonic() + (timeout if number is None else 5.0)
        while time.monotonic() < deadline:
            if locks.supervisor_pid(project) is None:
                return
            time.sleep(0.05)
    raise NotReady(f"the supervisor ({pid}) does not end", f"kill -KILL {pid}")
