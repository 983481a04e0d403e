"""
Runs the services of one project: in order, until told to stop, and then in the reverse order.

It is the same in front and in the background. It knows processes and gates, nothing of what they are for.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterable, Sequence

from orchcli.errors import NotReady, ServiceFailed
from orchcli.running import processes
from orchcli.running.keeper import UP, Keeper, Phase, Spec
from orchcli.running.processes import Children

_COLLECT_SECONDS = 1.0
_STRAY_SECONDS = 5.0
_TWICE_SECONDS = 0.3


class Stopping(Exception):
    """Somebody wants everything to end, so there is nothing to wait for."""


class Supervisor:
    """All services that were started together."""

    def __init__(
        self, specs: Sequence[Spec], children: Children, on_change: Callable[[Keeper], None] | None = None
    ) -> None:
        self.children = children
        self.stopping = threading.Event()
        self.hurry = threading.Event()
        self.reason = ""
        """Why it stops: the name of a signal, ``asked``, or the service that failed."""
        self._asked_at = 0.0
        self.changed = threading.Condition()
        self._on_change = on_change or (lambda _keeper: None)
        self.keepers: dict[str, Keeper] = {}
        for spec in specs:
            self.keepers[spec.name] = Keeper(spec, children, self.changed, self._on_change, self.hurry)

    # -- starting -----------------------------------------------------------------------------------------------

    def start(self, names: Iterable[str] | None = None) -> None:
        """
        Start services, each as soon as those it comes after are up.

        Those that are not kept here, or were stopped by somebody, are not waited for.
        """
        begun = [
            keeper for name in (self.keepers if names is None else names) if (keeper := self.keepers[name]).prepare()
        ]
        for keeper in begun:
            others = [self.keepers[other] for other in keeper.spec.after if other in self.keepers]
            keeper.start([other for other in others if other.phase is not Phase.STOPPED])

    def wait_ready(self, names: Iterable[str], seconds: float) -> None:
        """
        Wait until services are up.

        :raises ServiceFailed: one was given up; shows the end of its output
        :raises NotReady: the time is over; names what is missing
        :raises Stopping: everything is to end
        """
        waited = [self.keepers[name] for name in names if name in self.keepers]
        deadline = time.monotonic() + seconds
        while True:
            if self.stopping.is_set():
                raise Stopping
            for keeper in waited:
                if keeper.phase is Phase.FAILED:
                    raise ServiceFailed(_story(keeper, keeper.note), f"orchcli logs {keeper.spec.name}")
            late = [keeper for keeper in waited if keeper.phase not in UP]
            if not late:
                return
            if time.monotonic() > deadline:
                slow = next((keeper for keeper in late if keeper.phase is not Phase.WAITING), late[0])
                missing = f"not ready within {seconds:.0f} s: {slow.note or slow.phase.value}"
                raise NotReady(_story(slow, missing), f"orchcli logs {slow.spec.name}, or --timeout SECONDS")
            with self.changed:
                self.changed.wait(0.1)

    # -- running ------------------------------------------------------------------------------------------------

    def obey_signals(self) -> None:
        """
        Let the first SIGINT, SIGTERM or SIGHUP stop everything gracefully, and a second Ctrl-C at once.

        make hands a SIGTERM on to us that we may have got already, and some terminals do so with Ctrl-C; a person
        who presses it twice needs a moment longer.
        """

        def obey(number: int, _frame: object) -> None:
            again = self.stopping.is_set() and time.monotonic() - self._asked_at > _TWICE_SECONDS
            if not self.stopping.is_set() or (again and number == signal.SIGINT):
                self.ask_stop(signal.Signals(number).name)

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, obey)

    def ask_stop(self, reason: str) -> None:
        """Ask for the end; asked twice, processes that still run are killed."""
        if self.stopping.is_set():
            self.hurry.set()
            return
        self.reason = reason
        self._asked_at = time.monotonic()
        self.stopping.set()

    def run(self, keep_going: Callable[[Keeper], bool]) -> Keeper | None:
        """
        Watch until somebody asks for the end, or a service is given up.

        :param keep_going: whether the rest may go on without a service that was given up
        :return: the service that ended it
        """
        collected = 0.0
        while not self.stopping.wait(0.2):
            if time.monotonic() - collected > _COLLECT_SECONDS:
                self.children.reap()
                collected = time.monotonic()
            for keeper in self.keepers.values():
                if keeper.phase is Phase.FAILED and not keep_going(keeper):
                    self.ask_stop(keeper.spec.name)
                    return keeper
        return None

    # -- ending -------------------------------------------------------------------------------------------------

    def stop(self, names: Iterable[str] | None = None) -> list[str]:
        """
        Stop services, those that come last first.

        :return: those that had to be killed
        """
        chosen = set(self.keepers if names is None else names)
        for wave in self._waves():
            threads = [
                threading.Thread(target=self.keepers[name].stop, name=f"stop-{name}") for name in wave if name in chosen
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        if names is None:
            self._end_strays()
        return [name for name, keeper in self.keepers.items() if keeper.killed and name in chosen]

    def _end_strays(self) -> None:
        """End children that became ours because their parents ended, and have no mark by which a service finds them."""
        self.children.reap()
        while strays := self.children.adopted():
            processes.end(strays, _STRAY_SECONDS, self.hurry)
            self.children.reap()

    def _waves(self) -> list[list[str]]:
        """Return the names in the order of stopping: nothing stops before all that come after it."""
        return list(reversed(waves({name: keeper.spec.after for name, keeper in self.keepers.items()})))


def waves(after: dict[str, tuple[str, ...]]) -> list[list[str]]:
    """
    Return names in groups, each of which may start when those before it are up.

    :raises ValueError: some come after each other
    """
    left = {name: {other for other in others if other in after} for name, others in after.items()}
    result: list[list[str]] = []
    placed: set[str] = set()
    while left:
        wave = [name for name, others in left.items() if others <= placed]
        if not wave:
            msg = f"these come after each other: {', '.join(left)}"
            raise ValueError(msg)
        result.append(wave)
        placed.update(wave)
        for name in wave:
            del left[name]
    return result


def _story(keeper: Keeper, what: str) -> str:
    lines = keeper.last_lines()
    return f"{keeper.spec.name} {what}" + (f"\n{lines}" if lines else "")
