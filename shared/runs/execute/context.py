"""The context of every run: its progress, its stores, its time, and its patience with a cluster."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from shared.errors import PermanentError, TemporaryError
from shared.jobs.keeper import Signals
from shared.kubernetes.client import ClusterClient
from shared.runs.execute.progress import Progress
from shared.runs.models import Run
from shared.runs.stores import Stores
from shared.settings import RunSettings

CLUSTER_PATIENCE_SECONDS = 180.0
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 5.0
Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class RunFailed(PermanentError):
    """
    The run cannot go on.

    :param node_id: the node that is to blame
    """

    default_code = "run-failed"

    def __init__(self, message: str, *, node_id: str | None = None, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.node_id = node_id


class Clock:
    """The clock by which a run measures its time and waits."""

    def monotonic(self) -> float:
        """Return seconds that only grow."""
        return time.monotonic()

    def wait(self, seconds: float, stop: threading.Event) -> None:
        """Wait so long, or until the run is over."""
        stop.wait(seconds)


@dataclass(slots=True)
class RunContext:
    """
    One run under its lease.

    :param ends: when its time is over, on its clock
    """

    run: Run
    progress: Progress
    stores: Stores
    settings: RunSettings
    signals: Signals = field(default_factory=Signals)
    clock: Clock = field(default_factory=Clock)
    ends: float = field(init=False)

    def __post_init__(self) -> None:
        """Begin to count the time."""
        self.ends = self.clock.monotonic() + self.total_seconds

    @property
    def at_once(self) -> int:
        """The number of requests that a cluster gets at the same time."""
        return self.settings.parallel

    @property
    def node_seconds(self) -> int:
        """The time in which one node must become ready."""
        return self.run.options.node_seconds or self.settings.node_seconds

    @property
    def total_seconds(self) -> int:
        """The time in which the run must end."""
        return min(self.run.options.total_seconds or self.settings.total_seconds, self.settings.total_seconds)

    def client_of(self, cluster_id: str) -> ClusterClient:
        """
        Return a cluster's client.

        :raises NotFound: the cluster was deleted
        """
        return self.stores.clients.client_for(self.stores.clusters.get(cluster_id))

    def raise_if_over(self) -> None:
        """
        Raise unless the work may go on.

        :raises LeaseLost: another worker owns the run
        :raises Cancelled: somebody asked for its end
        :raises RunFailed: it takes too long
        """
        self.signals.raise_if_over()
        if self.clock.monotonic() > self.ends:
            msg = f"The run took longer than {self.total_seconds} s."
            raise RunFailed(msg, code="run-timeout")

    def pause(self, seconds: float) -> None:
        """Wait, but not longer than the run."""
        self.clock.wait(seconds, self.signals.stop)

    def retrying(self, call: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        """Call a cluster; while it does not answer, try again for some minutes and log it once."""
        ends = self.clock.monotonic() + CLUSTER_PATIENCE_SECONDS
        pause, is_logged = FIRST_PAUSE_SECONDS, False
        while True:
            self.raise_if_over()
            try:
                return call(*args, **kwargs)
            except TemporaryError as error:
                if self.clock.monotonic() > ends:
                    raise
                if not is_logged:
                    self.progress.log(f"Waiting for the cluster: {error.message}", level="warning")
                    is_logged = True
            self.pause(random.uniform(pause / 2, pause))  # noqa: S311 - jitter
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
