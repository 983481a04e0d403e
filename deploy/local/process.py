"""
Start a program, notice its death, end it: common to Redis, MongoDB and each part of Kubernetes.

A program ends with the process that started it, even when that one is killed: the kernel sends SIGTERM
(PR_SET_PDEATHSIG, through util-linux's ``setpriv``). The kernel means the *thread* that started it, so one
thread that lives as long as this process starts them all.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

_starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="starts-programs")


class StartFailed(RuntimeError):
    """A program ended or did not answer in time; the message has the end of its log."""


class Stoppable(Protocol):
    """A program, or several, that can die and can be ended."""

    def stop(self) -> None:
        """End everything that belongs to it."""

    def failure(self) -> str | None:
        """Return the failure of the part that died, None while all is well."""


class Service(Stoppable, Protocol):
    """A server that `serve` keeps running."""

    def facts(self) -> dict[str, object]:
        """Return the content of the ready file; no secrets."""


@functools.cache
def _launcher() -> tuple[str, ...]:
    """Return the words before a command that tie its life to ours; none where the system has no such means."""
    setpriv = shutil.which("setpriv")
    if sys.platform != "linux" or setpriv is None:
        return ()
    tried = subprocess.run([setpriv, "--pdeathsig", "TERM", "true"], capture_output=True, check=False)
    return (setpriv, "--pdeathsig") if tried.returncode == 0 else ()


def tail(path: Path, lines: int = 20) -> str:
    """Return the last lines of a log file, empty when there is none."""
    with contextlib.suppress(OSError):
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    return ""


@dataclass(slots=True)
class Program:
    """One running program."""

    name: str
    popen: subprocess.Popen[bytes]
    log: Path | None

    @property
    def pid(self) -> int:
        """The program's process id."""
        return self.popen.pid

    def failure(self) -> str | None:
        """Return its end in words, with the last lines of its log; None while it runs."""
        code = self.popen.poll()
        if code is None:
            return None
        end = f"; the end of {self.log}:\n{tail(self.log)}" if self.log else ""
        return f"{self.name} ended with {code}{end}"

    def stop(self, seconds: float = 10.0) -> None:
        """End it with SIGTERM, after ``seconds`` with SIGKILL; twice does no harm."""
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
            try:
                self.popen.wait(seconds)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()


def launch(
    name: str,
    command: Sequence[str | Path],
    *,
    log: Path | None = None,
    env: Mapping[str, str] | None = None,
    standard_input: str | None = None,
    orphan_signal: str = "TERM",
) -> Program:
    """
    Start a program in its own session, so that Ctrl-C reaches us alone and we choose the order of ending.

    :param log: where its output is appended; None shares ours
    :param env: the whole environment; None hands on ours
    :param standard_input: written to it at once, for configuration that must be in no argument list
    :param orphan_signal: what the kernel sends when we are gone; KILL for what cannot end well on its own then
    """
    tie = (*_launcher(), orphan_signal) if _launcher() else ()

    def popen() -> subprocess.Popen[bytes]:
        with contextlib.ExitStack() as stack:
            out: IO[bytes] | None = stack.enter_context(log.open("ab")) if log else None
            return subprocess.Popen(
                [*tie, *(str(word) for word in command)],
                stdin=subprocess.DEVNULL if standard_input is None else subprocess.PIPE,
                stdout=out,
                stderr=subprocess.STDOUT if out else None,
                env=None if env is None else dict(env),
                start_new_session=True,
            )

    started = _starter.submit(popen).result()
    if standard_input is not None and started.stdin is not None:
        with contextlib.suppress(BrokenPipeError), started.stdin as pipe:
            pipe.write(standard_input.encode())
    return Program(name, started, log)


def wait_until(ready: Callable[[], bool], program: Stoppable, what: str, seconds: float, every: float = 0.05) -> None:
    """
    Ask until ``ready`` says yes.

    :raises StartFailed: the program ended, or the time is over; the program is stopped then
    """
    deadline = time.monotonic() + seconds
    while not ready():
        failure = program.failure()
        if failure is None and time.monotonic() > deadline:
            failure = f"{what} did not answer within {seconds:.0f} s"
            if isinstance(program, Program) and program.log:
                failure += f"; the end of {program.log}:\n{tail(program.log)}"
        if failure is not None:
            program.stop()
            raise StartFailed(failure)
        time.sleep(every)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads, in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    temporary.replace(path)


class Interrupted(KeyboardInterrupt):
    """SIGTERM or SIGINT came."""


def interrupt_on_signals() -> None:
    """Make SIGTERM and SIGINT raise `Interrupted` in the main thread, so that a start in progress cleans up too."""

    def interrupt(number: int, _frame: object) -> None:
        raise Interrupted(signal.Signals(number).name)

    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGINT, interrupt)


def ignore_signals() -> None:
    """Let nothing interrupt the ending; whoever is in a hurry has SIGKILL."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def serve(start: Callable[[], Service], ready_file: Path | None) -> int:
    """
    Run a service in the foreground until SIGTERM or SIGINT, or until it dies.

    :param start: starts it; called after the signals are ours
    :param ready_file: gets its facts as JSON once the service answers, and is removed at the end
    :return: the exit code
    """
    running: Service | None = None
    interrupt_on_signals()
    try:
        running = start()
        if ready_file is not None:
            write_private(ready_file, json.dumps(running.facts()) + "\n")
        while (failure := running.failure()) is None:
            time.sleep(0.2)
        print(failure, file=sys.stderr, flush=True)
    except Interrupted:
        return 0
    except (RuntimeError, OSError) as error:
        print(error, file=sys.stderr, flush=True)
    finally:
        ignore_signals()
        if ready_file is not None:
            ready_file.unlink(missing_ok=True)
        if running is not None:
            running.stop()
    return 1
