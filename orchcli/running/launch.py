"""Ways to start: in front, left behind in the background, or more services of a platform that runs."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import webbrowser
from typing import IO, Any

from orchcli import locks, output
from orchcli.errors import AlreadyRunning, CliError, NotReady, ServiceFailed
from orchcli.output import Screen
from orchcli.project import Project
from orchcli.running import control, heal, processes, services, state
from orchcli.running.session import Session, Wish, prepare
from orchcli.running.startup import command_name

_MESSAGE = "\0"
"""Begins a line that a background supervisor writes for the start that left it behind, not for people."""


def start_more(project: Project, wish: Wish, *, detach: bool) -> int | None:
    """
    Start services in a platform that runs already.

    :return: the exit code; None when none runs
    :raises AlreadyRunning: it runs, and no service is named
    """
    pid = locks.supervisor_pid(project)
    if pid is None:
        return None
    if wish.services:
        request = {"do": "start", "services": services.resolve(wish.services)}
        answer = control.ask(project, request, wish.timeout) or {"error": "the supervisor does not answer"}
        if "error" in answer:
            raise ServiceFailed(str(answer["error"]), "orchcli status")
        output.inform(f"started: {', '.join(answer['started']) or 'nothing, it runs'}")
        return 0
    name = command_name(project)
    if detach:
        output.inform(f"it runs already (supervisor {pid}); see {name} status")
        return 0
    raise AlreadyRunning(
        f"the platform of {project.root} runs already (supervisor {pid})", f"{name} status, or {name} stop"
    )


def run(project: Project, wish: Wish, background: int | None = None) -> int:
    """
    Start everything and stay with it.

    :param background: the open file that the start which leaves us behind reads until everything is ready
    :raises CliError: it could not start, or a service was given up
    """
    project.prepare()
    processes.become_subreaper()
    stream: IO[str] = os.fdopen(background, "w", encoding="utf-8") if background is not None else sys.stderr
    # in the background standard error is the supervisor's log, where its lines go once nobody waits for it
    screen = Screen(stream, quiet=wish.quiet, after=sys.stderr if background is not None else None)
    try:
        with contextlib.ExitStack() as stack:
            with locks.changing(project, "start"):
                lock = locks.take_supervisor(project)
                if lock is None:
                    raise AlreadyRunning(f"the platform of {project.root} runs already", "orchcli status")
                stack.enter_context(lock)
                for line in heal.heal(project):
                    screen.line(line)
                decided = prepare(project, wish, screen)
                session = Session(project, wish, screen, decided, in_front=background is None)
                session.supervisor.obey_signals()
            return session.run(lambda lines: _ready(screen, wish, lines, decided.env, background))
    except CliError as error:
        if background is not None:
            _message(screen, {"error": [error.message, error.remedy], "exit": error.exit_code, "code": error.code})
        raise
    finally:
        screen.close()


def _ready(screen: Screen, wish: Wish, lines: list[str], env: dict[str, str], background: int | None) -> None:
    if background is not None:
        _message(screen, {"ready": lines})
        return
    screen.line("\n".join(["", *lines, ""]), always=True)
    if wish.open_page:
        webbrowser.open(env["KUBEORCH_WEB__BASE_URL"])


def _message(screen: Screen, message: dict[str, Any]) -> None:
    screen.line(_MESSAGE + json.dumps(message), always=True)
    screen.flush()


def detach(project: Project, wish: Wish, arguments: list[str]) -> int:
    """
    Start a supervisor in the background and wait until everything is ready.

    :param arguments: the command line's own words, which it gets too
    :raises CliError: what the supervisor could not do
    """
    project.prepare()
    log = (project.logs / "supervisor.log").open("ab")
    reading, writing = os.pipe()
    with log:
        command = [sys.executable, "-m", "orchcli", "--project", str(project.root), "start", *arguments]
        supervisor = subprocess.Popen(
            [*command, "--background-of", str(writing)],
            cwd=project.root,
            env={**os.environ, "PYTHONPATH": _own_folder()},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[writing],
            start_new_session=True,
        )
    os.close(writing)
    try:
        with os.fdopen(reading, encoding="utf-8") as lines:
            for line in lines:
                if not line.startswith(_MESSAGE):
                    output.inform(line.rstrip("\n"))
                    continue
                message = json.loads(line[1:])
                if "error" in message:
                    raise _as_error(message)
                return _left_behind(project, wish, message["ready"])
    except KeyboardInterrupt:
        supervisor.send_signal(signal.SIGINT)
        supervisor.wait()
        raise
    raise NotReady(f"the supervisor ended with {supervisor.wait()}", f"its output is in {project.logs}/supervisor.log")


def _own_folder() -> str:
    from pathlib import Path

    return str(Path(__file__).resolve().parents[2])


def _left_behind(project: Project, wish: Wish, lines: list[str]) -> int:
    if wish.as_json:
        found = state.read(project)
        shown = [
            {"name": one.name, "kind": "process", "pid": one.pid, "port": one.port, "url": one.url}
            for one in (found.services if found else [])
        ]
        output.result("start", {"services": shown, "mode": "production", "runtime": "local"})
    else:
        output.say("\n".join(["", *lines]))
    return 0


def _as_error(message: dict[str, Any]) -> CliError:
    error = CliError(*message["error"])
    error.code, error.exit_code = message["code"], message["exit"]
    return error
