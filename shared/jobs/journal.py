"""
The journal of a job: state, log lines and updates, gathered by those who work, written and published by one thread.

Batches go out at most ten times a second, each a write that names the lease and then what is published of it. Nothing
waits for the next event to be sent, however long that takes to come. What Redis does not take is kept, in order.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from shared.errors import KubeOrchError
from shared.jobs.lease import Job
from shared.log import get_logger
from shared.updates import Publisher

log = get_logger(__name__)

Announcement = tuple[str, str, dict[str, object]]
"""Topic, event and data of one update."""
Write = Callable[[Mapping[str, Any], Sequence[BaseModel]], None]
"""Writes values by field and appends log entries; raises LeaseLost when the job is another's."""

FLUSH_SECONDS = 0.1
IDLE_SECONDS = 1.0
PATIENCE_SECONDS = 30.0
MOST_KEPT = 1000
"""Updates that wait for a Redis that is away; a topic's log holds no more either."""


class Outbox:
    """Publishes updates in order; those that Redis does not take wait for the next attempt."""

    def __init__(self, updates: Publisher) -> None:
        self._updates = updates
        self._lock = threading.Lock()
        self._waiting: list[Announcement] = []

    def add(self, announcements: Iterable[Announcement]) -> None:
        """Have updates published after those that wait; beyond ``MOST_KEPT`` the oldest are dropped."""
        with self._lock:
            self._waiting = [*self._waiting, *announcements][-MOST_KEPT:]

    def send(self, announcements: Iterable[Announcement] = ()) -> bool:
        """Publish waiting updates, then these; returns whether Redis took all of them."""
        with self._lock:
            waiting = [*self._waiting, *announcements]
            if waiting and not self._updates.publish_many(waiting):
                self._waiting = waiting[-MOST_KEPT:]
                return False
            self._waiting = []
            return True

    def send_patiently(self, *, seconds: float = PATIENCE_SECONDS) -> None:
        """Publish waiting updates; tries for as long as a restart of Redis takes."""
        ends = time.monotonic() + seconds
        pause = FLUSH_SECONDS
        while not self.send() and time.monotonic() < ends:
            time.sleep(pause)
            pause = min(pause * 2, 1.0)


@dataclass(frozen=True, slots=True)
class Part:
    """
    The state of one part of a job; of those that gather only the last is written and published.

    :param path: the field it is written to
    :param named: what its update says beside the state
    """

    path: str
    state: BaseModel
    topic: str
    event: str
    named: Mapping[str, object]

    def announcement(self) -> Announcement:
        """Return the update that tells of it."""
        return self.topic, self.event, {**self.named, **self.state.model_dump(mode="json")}


@dataclass(slots=True)
class _Batch:
    values: dict[str, Any] = field(default_factory=dict)
    logs: list[BaseModel] = field(default_factory=list)
    announced: list[Announcement | Part] = field(default_factory=list)

    def followed_by(self, later: _Batch) -> _Batch:
        return _Batch({**self.values, **later.values}, [*self.logs, *later.logs], [*self.announced, *later.announced])

    def stored_values(self) -> dict[str, Any]:
        return {path: _plain(value) for path, value in self.values.items()}

    def updates(self) -> list[Announcement]:
        """Return its updates in order; of each part only the last, where it was told last."""
        told: list[Announcement] = []
        parts: set[str] = set()
        for item in reversed(self.announced):
            if not isinstance(item, Part):
                told.append(item)
            elif item.path not in parts:
                parts.add(item.path)
                told.append(item.announcement())
        told.reverse()
        return told


def _plain(value: Any) -> Any:
    """Return a value as MongoDB stores it."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.model_dump() if isinstance(value, BaseModel) else value


class Journal:
    """
    Collects the events of one job.

    :param write: writes a batch under the job's lease
    """

    def __init__(self, job_id: str, write: Write, outbox: Outbox) -> None:
        self._job_id = job_id
        self._write = write
        self._outbox = outbox
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        self._gathered = threading.Event()
        self._batch = _Batch()

    def add(
        self,
        *,
        values: Mapping[str, Any] | None = None,
        logs: Iterable[BaseModel] = (),
        announced: Iterable[Announcement | Part] = (),
    ) -> None:
        """
        Take values, log lines and updates; they go out with the next batch.

        :param values: by field of the job's document; models and lists of them are stored as mappings
        """
        told = list(announced)
        parts = {item.path: item.state for item in told if isinstance(item, Part)}
        with self._lock:
            self._batch.values |= {**(values or {}), **parts}
            self._batch.logs += logs
            self._batch.announced += told
        self._gathered.set()

    def keep_telling(self, stop: threading.Event) -> None:
        """
        Send batches as they gather, at once after a pause and then at most every ``FLUSH_SECONDS``, until stopped.

        :raises LeaseLost: another worker owns the job
        """
        while not stop.is_set():
            if not self._gathered.wait(IDLE_SECONDS):
                continue
            self._gathered.clear()
            try:
                self.flush()
            except KubeOrchError as error:
                # what was taken is kept and sent with what comes next; the end of the job writes it at the latest
                log.warning("journal_not_written", job_id=self._job_id, reason=error.code)
            stop.wait(FLUSH_SECONDS)

    def wake(self) -> None:
        """Have ``keep_telling`` look at its stop now."""
        self._gathered.set()

    def flush(self) -> None:
        """
        Write and publish the batch that has gathered.

        :raises LeaseLost: another worker owns the job
        :raises StorageUnavailable: it was not written, and is kept
        """
        with self._sending:
            batch = self._take()
            try:
                if batch.values or batch.logs:
                    self._write(batch.stored_values(), batch.logs)
            except KubeOrchError:
                with self._lock:
                    self._batch = batch.followed_by(self._batch)
                self._gathered.set()
                raise
            is_sent = self._outbox.send(batch.updates())
        if not is_sent:
            self._gathered.set()

    def finish(self, end: Callable[[Mapping[str, Any], Sequence[BaseModel]], Job]) -> Job:
        """
        End the job with everything that has gathered; its updates wait in the outbox for those of the end.

        :param end: writes the gathered values and log entries together with the end, under the lease
        :raises LeaseLost: another worker owns the job
        """
        with self._sending:
            batch = self._take()
            job = end(batch.stored_values(), batch.logs)
            self._outbox.add(batch.updates())
        return job

    def _take(self) -> _Batch:
        with self._lock:
            batch, self._batch = self._batch, _Batch()
        return batch
