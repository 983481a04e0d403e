"""
A worker is alive when it consumes: it sends itself a probe through its own queue and notes when it arrives.

A pid or an answered control ping prove nothing: a worker can answer them and take no work.
"""

from __future__ import annotations

import os
import time
from functools import cache
from typing import Any

import redis
from celery import bootsteps, signals
from celery.utils.nodenames import worker_direct

from shared.platform import open_redis
from shared.queues import TaskName
from shared.settings import Settings
from worker import context

PROBE_SECONDS = 20.0
RECEIPT_PREFIX = "worker:received:"
RECEIPT_LIFE_SECONDS = 3600


class ConsumptionProbe(bootsteps.StartStopStep):
    """Sends the probe when the consumer has started, and again every ``PROBE_SECONDS``."""

    requires = {"celery.worker.consumer.tasks:Tasks"}  # noqa: RUF012 - Celery reads the class attribute

    def __init__(self, parent: Any, **kwargs: Any) -> None:
        super().__init__(parent, **kwargs)
        self._timer: Any = None

    def start(self, parent: Any) -> None:
        """Begin when consuming begins."""
        self._send(parent)
        self._timer = parent.timer.call_repeatedly(PROBE_SECONDS, self._send, (parent,))

    def stop(self, parent: Any) -> None:
        """End with the consumer."""
        del parent
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _send(self, parent: Any) -> None:
        # retry=False: a publish that blocks would stop the loop that is being watched
        parent.app.send_task(
            TaskName.SYSTEM_PROBE.value, queue=worker_direct(parent.hostname), expires=PROBE_SECONDS * 3, retry=False
        )


@signals.task_received.connect
def _note_receipt(sender: Any = None, **_kwargs: object) -> None:
    hostname = getattr(sender, "hostname", "")
    _redis(os.getpid()).set(RECEIPT_PREFIX + hostname, str(time.time()), ex=RECEIPT_LIFE_SECONDS)


@cache
def _redis(_pid: int) -> redis.Redis:
    # MongoDB must not be opened before the fork, so this process' platform is not asked for
    return open_redis(context.settings())


def receipt_of(name: str, settings: Settings) -> float | None:
    """Return the seconds since a worker whose node name begins so received anything; None when never."""
    client = open_redis(settings)
    ages = []
    for key in client.scan_iter(match=f"{RECEIPT_PREFIX}{name}*"):
        value = client.get(key)
        if isinstance(value, bytes):
            ages.append(time.time() - float(value))
    client.close()
    return min(ages) if ages else None
