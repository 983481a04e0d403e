"""
Keeps one service running: start, wait for its gate, restart when it ends, stop with all that belongs to it.

Each keeper has a thread; all share one condition, on which whoever waits for a change waits.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from orchcli.logfiles import RotatingLog, Splitter
from orchcli.running import processes
from orchcli.running.probes import Probe
from orchcli.running.processes import Children, Identity
from orchcli.running.state import ServiceState

TAIL_LINES = 20
LOOP_EXITS = 5
LOOP_SECONDS = 60.0
LONGEST_PAUSE = 30.0
LOOK_SECONDS = 0.1
_LEFTOVER_SECONDS = 10.0


class Phase(StrEnum):
    """The phases of a service's life."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"
    DONE = "done"


UP = (Phase.READY, Phase.DONE)
OVER = (Phase.STOPPED, Phase.FAILED, Phase.DONE)


@dataclass(frozen=True)
class Spec:
    """A program that is kept running, and its rules."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    log: Path
    mark: str
    """Value of the variable by which all its processes are found."""
    grace: float = 10.0
    after: tuple[str, ...] = ()
    probe: Callable[[float], Probe] | None = None
    """Makes the gate's probe; gets the time at which the process started. None: ready at once."""
    once: bool = False
    """Ready when it has ended with 0; never restarted."""
    required: bool = True
    restart: bool = True
    ready_seconds: float = 60.0
    port: int | None = None
    url: str | None = None
    on_line: Callable[[str, str], None] | None = field(default=None)


def pause_before(restart: int) -> float:
    """Return the seconds before the n-th restart in a row: 1, 2, 4 … 30."""
    return float(min(2 ** (restart - 1), LONGEST_PAUSE))


def is_crash_loop(exits: Sequence[float], now: float) -> bool:
    """Whether a service ended too often to be restarted again: five times within a minute."""
    return len([at for at in exits if now - at < LOOP_SECONDS]) >= LOOP_EXITS


class Keeper:
    """One service."""

    def __init__(
        self,
        spec: Spec,
        children: Children,
        changed: threading.Condition,
        on_change: Callable[[Keeper], None],
        hurry: threading.Event,
    ) -> None:
        self.spec = spec
        self.phase = Phase.STOPPED
        self.since = time.time()
        self.restarts = 0
        self.exit_code: int | None = None
        self.note = ""
        self.identity: Identity | None = None
        self.killed = False
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._children = children
        self._changed = changed
        self._on_change = on_change
        self._hurry = hurry
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._ready_at: float | None = None
        self._ever_ready = False

    # -- what others ask ----------------------------------------------------------------------------------------

    def prepare(self) -> bool:
        """Be about to start, so that what comes after it waits; False when it is kept already."""
        if self._thread is not None and self._thread.is_alive():
            return False
        self._stop.clear()
        self.restarts, self.exit_code, self.killed = 0, None, False
        self._set(Phase.WAITING, "")
        return True

    def start(self, wait_for: Sequence[Keeper] = ()) -> None:
        """Begin to keep it running, as soon as those before it are up; `prepare` comes first."""
        self._thread = threading.Thread(target=self._keep, args=(tuple(wait_for),), name=self.spec.name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it and the processes that it left behind; returns when none of them is left."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        if self.phase not in OVER:
            self._set(Phase.STOPPED)

    def state(self) -> ServiceState:
        """Return its entry in the state file."""
        who = self.identity
        return ServiceState(
            name=self.spec.name,
            state=self.phase.value,
            pid=who.pid if who else None,
            started=who.started if who else None,
            port=self.spec.port,
            url=self.spec.url,
            log=str(self.spec.log),
            restarts=self.restarts,
            since=self.since,
            exit_code=self.exit_code,
            note=self.note,
        )

    def last_lines(self) -> str:
        """Return the end of its output."""
        return "\n".join(f"    {line}" for line in list(self.tail))

    # -- its thread ---------------------------------------------------------------------------------------------

    def _set(self, phase: Phase, note: str | None = None) -> None:
        with self._changed:
            if phase is not self.phase:
                self.since = time.time()
            self.phase = phase
            if note is not None:
                self.note = note
            self._changed.notify_all()
        self._on_change(self)

    def _keep(self, wait_for: tuple[Keeper, ...]) -> None:
        if not self._wait_for(wait_for):
            self._set(Phase.STOPPED)
            return
        exits: list[float] = []
        in_a_row = 0
        while not self._stop.is_set():
            code = self._run_once()
            if code is None or self._stop.is_set():
                break
            self.exit_code = code
            if self.spec.once and code == 0:
                self._set(Phase.DONE, "")
                return
            now = time.monotonic()
            exits.append(now)
            in_a_row = 1 if self._ready_at is not None and now - self._ready_at > LOOP_SECONDS else in_a_row + 1
            reason = f"ended with {code}" if code >= 0 else f"ended by {signal.Signals(-code).name}"
            if self.spec.once or not self._may_restart() or is_crash_loop(exits, now):
                often = f"; {len(exits)} times, given up" if len(exits) > 1 else ""
                self._set(Phase.FAILED, reason + often)
                return
            pause = pause_before(in_a_row)
            self._set(Phase.RESTARTING, f"{reason}; again in {pause:.0f} s")
            if self._stop.wait(pause):
                break
            self.restarts += 1
        self._set(Phase.STOPPED, "")

    def _may_restart(self) -> bool:
        # what the platform can do without is not started again before it has ever been ready: it said why not
        return self.spec.restart and (self.spec.required or self._ever_ready)

    def _wait_for(self, others: tuple[Keeper, ...]) -> bool:
        while not self._stop.is_set():
            with self._changed:
                if all(other.phase in UP for other in others):
                    return True
                if any(other.phase in (Phase.FAILED, Phase.STOPPED) for other in others):
                    return False
                self._changed.wait(0.2)
        return False

    def _run_once(self) -> int | None:
        """Run the process to its end; None when it was we who ended it."""
        started_at = time.time()
        self._ready_at = None
        popen = self._children.spawn(
            self.spec.command, env={**self.spec.env, processes.MARK: self.spec.mark}, cwd=self.spec.cwd
        )
        self.identity = processes.identify(popen.pid)
        pump = threading.Thread(target=self._pump, args=(popen,), name=f"{self.spec.name}-output", daemon=True)
        pump.start()
        self._set(Phase.STARTING, "")
        try:
            self._watch(popen, started_at)
            if popen.poll() is None:
                self._set(Phase.STOPPING, "")
                self._terminate(popen)
                return None
            return popen.returncode
        finally:
            self._end_leftovers(popen.pid)
            self.identity = None
            pump.join(1.0)

    def _watch(self, popen: subprocess.Popen[bytes], started_at: float) -> None:
        """Wait for the gate, then for the end of the process or of our wish for it."""
        probe = self.spec.probe(started_at) if self.spec.probe else None
        deadline = time.monotonic() + self.spec.ready_seconds
        try:
            if probe is None and not self.spec.once:
                self._be_ready()
            while popen.poll() is None and not self._stop.wait(LOOK_SECONDS):
                if probe is None:
                    continue
                missing = probe.ask()
                if missing is None:
                    probe.close()
                    probe = None
                    self._be_ready()
                elif missing != self.note:
                    self._set(Phase.STARTING, missing)
                if probe is not None and time.monotonic() > deadline:
                    self.note = f"not ready within {self.spec.ready_seconds:.0f} s: {missing}"
                    self._terminate(popen)
        finally:
            if probe is not None:
                probe.close()

    def _be_ready(self) -> None:
        self._ever_ready, self._ready_at = True, time.monotonic()
        self._set(Phase.READY, "")

    def _terminate(self, popen: subprocess.Popen[bytes]) -> None:
        """Ask it to end; after its grace, or at once in a hurry, kill its group."""
        popen.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + self.spec.grace
        while popen.poll() is None and time.monotonic() < deadline and not self._hurry.is_set():
            time.sleep(0.02)
        if popen.poll() is None:
            self.killed = True
            with contextlib.suppress(ProcessLookupError):
                os.killpg(popen.pid, signal.SIGKILL)
            popen.wait()

    def _end_leftovers(self, leader: int) -> None:
        """End the processes that it left behind, also those that moved to a session of their own."""
        left = {*processes.in_session(leader), *processes.carrying(self.spec.mark)}
        if left and processes.end(left, min(self.spec.grace, _LEFTOVER_SECONDS), self._hurry):
            self.killed = True

    def _pump(self, popen: subprocess.Popen[bytes]) -> None:
        """Read its output as long as somebody may write it."""
        splitter = Splitter()
        log = RotatingLog(self.spec.log)
        try:
            with popen.stdout or contextlib.nullcontext() as pipe:
                while pipe is not None and (chunk := os.read(pipe.fileno(), 64 * 1024)):
                    self._take(log, splitter.feed(chunk))
            self._take(log, splitter.flush())
        finally:
            log.close()

    def _take(self, log: RotatingLog, lines: list[bytes]) -> None:
        log.write(lines)
        for line in lines[-TAIL_LINES:] if self.spec.on_line is None else lines:
            text = line.decode(errors="replace")
            self.tail.append(text)
            if self.spec.on_line is not None:
                self.spec.on_line(self.spec.name, text)
