"""
What every run works with: its stores, its progress, its patience.

The work itself is in :mod:`deploy` and :mod:`teardown`; :mod:`execution` keeps the lease beside it.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from shared.errors import PermanentError, TemporaryError
from shared.kubernetes.client import ClusterClient
from shared.runs.execute.progress import Progress
from shared.runs.models import Run
from shared.runs.store import LeaseLost
from shared.runs.stores import Stores
from shared.settings import RunSettings

CLUSTER_PATIENCE_SECONDS = 180.0
Result = TypeVar("Result")


class Cancelled(Exception):
    """Somebody asked for the run to end."""


class RunFailed(PermanentError):
    """
    The run cannot go on.

    :param node_id: the node that is to blame
    """

    default_code = "run-failed"

    def __init__(self, message: str, *, node_id: str | None = None, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.node_id = node_id


@dataclass(slots=True)
class RunContext:
    """
    One run under its lease.

    :param stop: set when the run has ended, so that what works beside it ends
    :param cancelled: set when somebody asked for its end
    :param lost: set when the lease is another's
    """

    run: Run
    progress: Progress
    stores: Stores
    settings: RunSettings
    stop: threading.Event = field(default_factory=threading.Event)
    cancelled: threading.Event = field(default_factory=threading.Event)
    lost: threading.Event = field(default_factory=threading.Event)
    ends: float = 0.0

    def __post_init__(self) -> None:
        """Begin to count the time."""
        self.ends = time.monotonic() + self.total_seconds

    @property
    def node_seconds(self) -> int:
        """How long one node may take to become ready."""
        return self.run.options.node_seconds or self.settings.node_seconds

    @property
    def total_seconds(self) -> int:
        """How long the run may take."""
        return min(self.run.options.total_seconds or self.settings.total_seconds, self.settings.total_seconds)

    def client_of(self, cluster_id: str) -> ClusterClient:
        """
        Return a cluster's client.

        :raises NotFound: the cluster was deleted
        """
        return self.stores.clients.client_for(self.stores.clusters.get(cluster_id))

    def look_around(self) -> None:
        """
        Return when the work may go on.

        :raises LeaseLost: another worker owns the run
        :raises Cancelled: somebody asked for its end
        :raises RunFailed: it takes too long
        """
        if self.lost.is_set():
            raise LeaseLost
        if self.cancelled.is_set():
            raise Cancelled
        if time.monotonic() > self.ends:
            msg = f"The run took longer than {self.total_seconds} s."
            raise RunFailed(msg, code="run-timeout")

    def patient(self, work: Callable[[], Result]) -> Result:
        """Do something with a cluster; while it does not answer, try again for some minutes and say so."""
        ends = time.monotonic() + CLUSTER_PATIENCE_SECONDS
        said = False
        pause = 0.5
        while True:
            self.look_around()
            try:
                return work()
            except TemporaryError as error:
                if time.monotonic() > ends:
                    raise
                if not said:
                    self.progress.log(f"Waiting for the cluster: {error.message}", level="warning")
                    said = True
                self.stop.wait(random.uniform(pause / 2, pause))  # noqa: S311 - jitter
                pause = min(pause * 2, 5.0)
