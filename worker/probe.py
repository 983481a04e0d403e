"""
A worker is alive when it consumes: it sends itself a probe through its own queue and records its arrival.

A pid or an answered control ping prove nothing: a worker can answer them and take no work. While all slots hold jobs
no probe arrives either, so beside it the worker records its slots and the last heartbeat of each job;
``worker.alive`` draws the conclusion.
"""

from __future__ import annotations

import json
import os
import threading
import time
from functools import cache
from typing import Any

import redis
from celery import bootsteps, signals
from celery.utils.nodenames import worker_direct
from celery.worker import state

from shared.platform import open_redis
from shared.queues import TaskName
from worker import context
from worker.alive import RECEIPT_PREFIX, SLOTS_PREFIX

PROBE_SECONDS = 20.0
HEARTBEAT_SECONDS = 15.0
HEARTBEAT_LIFE_SECONDS = 90
RECEIPT_LIFE_SECONDS = 3600
HEARTBEAT_PREFIX = "worker:pulse:"


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
        slots = getattr(parent.pool, "limit", 0) or 0
        _record_slots(parent.hostname, slots, [request.id for request in tuple(state.active_requests)])


def _record_slots(hostname: str, slots: int, jobs: list[str]) -> None:
    client = _redis(os.getpid())
    heartbeats = client.mget([HEARTBEAT_PREFIX + job for job in jobs]) if jobs else []
    record = {
        "at": time.time(),
        "slots": slots,
        # a job without a heartbeat counts as one that never was at work
        "heartbeats": [float(beat) if isinstance(beat, bytes) else 0.0 for beat in heartbeats],
    }
    client.set(SLOTS_PREFIX + hostname, json.dumps(record), ex=RECEIPT_LIFE_SECONDS)


@signals.task_received.connect
def _record_receipt(sender: Any = None, **_kwargs: object) -> None:
    hostname = getattr(sender, "hostname", "")
    _redis(os.getpid()).set(RECEIPT_PREFIX + hostname, str(time.time()), ex=RECEIPT_LIFE_SECONDS)


_running: dict[str, threading.Event] = {}


@signals.task_prerun.connect
def _begin_heartbeats(task_id: str = "", **_kwargs: object) -> None:
    """Send heartbeats of a job, from its process, for as long as it takes longer than a moment."""
    over = _running[task_id] = threading.Event()
    threading.Thread(target=_send_heartbeats, args=(task_id, over), name=f"heartbeat-{task_id}", daemon=True).start()


@signals.task_postrun.connect
def _end_heartbeats(task_id: str = "", **_kwargs: object) -> None:
    over = _running.pop(task_id, None)
    if over is not None:
        over.set()


def _send_heartbeats(task_id: str, over: threading.Event) -> None:
    while not over.wait(HEARTBEAT_SECONDS):
        try:
            _redis(os.getpid()).set(HEARTBEAT_PREFIX + task_id, str(time.time()), ex=HEARTBEAT_LIFE_SECONDS)
        except redis.RedisError:
            # the next heartbeat tries again; what is missing meanwhile is what the probe is there to find
            continue


@cache
def _redis(_pid: int) -> redis.Redis:
    # MongoDB must not be opened before the fork, so this process' platform is not asked for
    return open_redis(context.settings())
