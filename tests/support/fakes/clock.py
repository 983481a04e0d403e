"""Time for runs in unit tests: it passes when somebody waits, and things happen at their moment."""

from __future__ import annotations

import threading
from collections.abc import Callable

from shared.runs.execute.context import Clock


class FakeClock(Clock):
    """
    A clock that only waiting moves.

    :ivar waits: how long somebody waited, each time
    """

    def __init__(self) -> None:
        self.waits: list[float] = []
        self._seconds = 0.0
        self._coming: list[tuple[float, Callable[[], None]]] = []
        self._lock = threading.RLock()

    def at(self, seconds: float, happens: Callable[[], None]) -> None:
        """Have something happen as soon as so much time has passed."""
        self._coming.append((seconds, happens))

    def monotonic(self) -> float:
        """Return the time that was waited."""
        return self._seconds

    def wait(self, seconds: float, stop: threading.Event) -> None:
        """Let time pass."""
        del stop
        with self._lock:
            self.waits.append(seconds)
            self._seconds += seconds
            due = [happens for moment, happens in self._coming if moment <= self._seconds]
            self._coming = [coming for coming in self._coming if coming[0] > self._seconds]
            for happens in due:
                happens()
