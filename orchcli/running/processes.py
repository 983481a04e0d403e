"""
Processes by a name that cannot be mistaken: a pid together with the time it started.

A pid alone is given again to somebody else; nothing here signals a process that is not the one that was meant.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MARK = "ORCHCLI_SERVICE"
"""The variable that every process of ours carries, and hands on to what it starts: ``<project mark>:<service>``."""
_PR_SET_CHILD_SUBREAPER = 36
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Identity:
    """One process, for ever."""

    pid: int
    started: str


def _stat(pid: int) -> list[str] | None:
    """Return the fields of /proc/PID/stat from the third on; the second may hold spaces and brackets."""
    with contextlib.suppress(OSError):
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return None


def identify(pid: int) -> Identity | None:
    """Return the process with a pid; None for no process, and for one that has ended and is not yet collected."""
    if platform.system() == "Linux":
        fields = _stat(pid)
        if fields is None or fields[0] == "Z":
            return None
        return Identity(pid, f"{_boot()}-{fields[19]}")
    asked = subprocess.run(
        ["ps", "-o", "lstart=", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    words = asked.stdout.split()
    if not words or words[-1].startswith("Z"):
        return None
    return Identity(pid, " ".join(words[:-1]))


def _boot() -> str:
    # start times are counted from the boot, so after another one the same number means somebody else
    return (_PROC / "sys/kernel/random/boot_id").read_text()[:8]


def is_running(who: Identity) -> bool:
    """Whether exactly this process runs."""
    return identify(who.pid) == who


def send(who: Identity, number: signal.Signals) -> bool:
    """Signal exactly this process; False when it is gone."""
    if not is_running(who):
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(who.pid, number)
        return True
    return False


def end(those: Iterable[Identity], seconds: float, hurry: threading.Event | None = None) -> list[Identity]:
    """
    End processes with SIGTERM, after ``seconds`` with SIGKILL.

    :return: those that had to be killed
    """
    left = [who for who in those if send(who, signal.SIGTERM)]
    deadline = time.monotonic() + seconds
    while (left := [who for who in left if is_running(who)]) and time.monotonic() < deadline:
        if hurry is not None and hurry.is_set():
            break
        time.sleep(0.05)
    killed = [who for who in left if send(who, signal.SIGKILL)]
    for who in killed:
        while is_running(who) and time.monotonic() < deadline + 5:
            time.sleep(0.02)
    return killed


def carrying(value: str) -> list[Identity]:
    """Return the processes whose environment began with our mark and this value; a trailing ``:`` means any service."""
    wanted = f"{MARK}={value}".encode()
    found = []
    for path in _PROC.glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            for entry in path.read_bytes().split(b"\0"):
                if entry == wanted or (value.endswith(":") and entry.startswith(wanted)):
                    who = identify(int(path.parent.name))
                    if who is not None and who.pid != os.getpid():
                        found.append(who)
    return found


def in_session(leader: int) -> list[Identity]:
    """Return the processes of the session that a process began."""
    found = []
    for path in _PROC.glob("[0-9]*"):
        fields = _stat(int(path.name))
        if fields is not None and fields[0] != "Z" and int(fields[3]) == leader:
            who = identify(int(path.name))
            if who is not None:
                found.append(who)
    return found


def become_subreaper() -> bool:
    """Let processes whose parents ended become our children instead of init's; False where the system cannot."""
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)


class Children:
    """
    Starts processes and collects those that became ours because their parents ended.

    All starts go through `spawn`, so that collecting never takes away the exit code of one that somebody waits for.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._own: dict[int, subprocess.Popen[bytes]] = {}

    def spawn(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        output: int | None = subprocess.PIPE,
    ) -> subprocess.Popen[bytes]:
        """Start a process in a session of its own, so that Ctrl-C reaches us alone; both outputs go the same way."""
        with self._lock:
            started = subprocess.Popen(
                list(command),
                env=dict(env),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self._own = {pid: child for pid, child in self._own.items() if child.returncode is None}
            self._own[started.pid] = started
        return started

    def adopted(self) -> list[Identity]:
        """Return living children that we did not start."""
        with self._lock:
            pids = [pid for pid in _child_pids() if pid not in self._own]
        return [who for pid in pids if (who := identify(pid)) is not None]

    def reap(self) -> None:
        """Collect ended children that we did not start."""
        with self._lock:
            for pid in _child_pids():
                fields = _stat(pid)
                if pid not in self._own and fields is not None and fields[0] == "Z":
                    with contextlib.suppress(ChildProcessError):
                        os.waitpid(pid, os.WNOHANG)


def _child_pids() -> list[int]:
    pids: list[int] = []
    for path in _PROC.glob(f"{os.getpid()}/task/*/children"):
        with contextlib.suppress(OSError):
            pids.extend(int(word) for word in path.read_text().split())
    return pids
