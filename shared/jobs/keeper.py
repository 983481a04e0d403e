"""The thread beside a job: it renews its lease, hears of cancelling, and finds out when it is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from shared.jobs.lease import LeaseLost
from shared.log import get_logger

log = get_logger(__name__)

LEASE_SECONDS = 15.0
RENEW_SECONDS = 2.0
JOIN_SECONDS = 5.0


class Cancelled(Exception):
    """Somebody asked for the job to end."""


@dataclass(frozen=True, slots=True)
class Signals:
    """
    Signals between a job and the threads beside it.

    :param stop: set when the job has ended, so that what works beside it ends
    :param cancelled: set when somebody asked for its end
    :param lost: set when the lease is another's
    """

    stop: threading.Event = field(default_factory=threading.Event)
    cancelled: threading.Event = field(default_factory=threading.Event)
    lost: threading.Event = field(default_factory=threading.Event)

    def raise_if_over(self) -> None:
        """
        Raise unless the job may go on.

        :raises LeaseLost: another worker owns it
        :raises Cancelled: somebody asked for its end
        """
        if self.lost.is_set():
            raise LeaseLost
        if self.cancelled.is_set():
            raise Cancelled


class Keeper:
    """
    Keeps one job's lease while it is entered.

    :param renew: extends the lease; tells whether a cancel was asked for
    """

    def __init__(
        self,
        job_id: str,
        renew: Callable[[], bool],
        signals: Signals,
        *,
        every_seconds: float = RENEW_SECONDS,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self._job_id = job_id
        self._renew = renew
        self._signals = signals
        self._every = every_seconds
        self._lasts = lease_seconds
        self._thread = threading.Thread(target=self._keep, name=f"lease-{job_id}", daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End with the job."""
        self._signals.stop.set()
        self._thread.join(timeout=JOIN_SECONDS)

    def _keep(self) -> None:
        renewed = time.monotonic()
        while not self._signals.stop.wait(self._every):
            try:
                if self._renew():
                    self._signals.cancelled.set()
                renewed = time.monotonic()
            except LeaseLost:
                self._signals.lost.set()
                return
            except Exception:
                # the database may be back before the lease runs out; once it has, another may own the job
                log.warning("lease_not_renewed", job_id=self._job_id, exc_info=True)
                if time.monotonic() - renewed > self._lasts:
                    self._signals.lost.set()
                    return
