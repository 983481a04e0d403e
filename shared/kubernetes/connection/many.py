"""Many manifests applied at once from one thread; those that need waiting are left to the client that waits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import orjson

from shared.errors import KubeOrchError, TemporaryError
from shared.kubernetes.connection.batch import Answer, Batch, Request
from shared.kubernetes.masking import secret_values
from shared.kubernetes.objects import Manifest
from shared.kubernetes.refusals import FIRST_REFUSAL, refused

APPLY_PATCH = "application/apply-patch+yaml"


@dataclass(frozen=True, slots=True)
class Apply:
    """
    One of many manifests to apply.

    :param field_validation: how the server looks for unknown fields: ``Strict``, ``Ignore``
    """

    manifest: Manifest
    dry_run: bool = False
    force: bool = False
    field_validation: str = "Strict"


Applied = Callable[[int, Manifest | KubeOrchError], None]
"""Takes a place among the manifests, and the object as it is now or why it was refused."""
PathOf = Callable[[Apply], str]


class Many:
    """
    Applies many manifests to one API server.

    :param connect: makes the connections, once they are needed
    :param path_of: where a manifest is applied, with the query; it may have to ask the cluster
    """

    def __init__(self, server: str, connect: Callable[[], Batch], path_of: PathOf) -> None:
        self._server = server
        self._connect = connect
        self._path_of = path_of
        self._batch: Batch | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            if self._batch is not None:
                self._batch.close()
                self._batch = None

    def send(
        self, applies: Sequence[Apply], done: Applied, *, at_once: int, go_on: Callable[[], None]
    ) -> Sequence[int]:
        """Apply as ``ClusterClient.apply_many``; while another thread does, all of them are left."""
        if not self._lock.acquire(blocking=False):
            return range(len(applies))
        try:
            if self._batch is None:
                self._batch = self._connect()
            return _Sending(self._server, self._path_of, applies, done, go_on).over(self._batch, at_once=at_once)
        finally:
            self._lock.release()


class _Sending:
    """One call of ``Many.send``."""

    def __init__(
        self, server: str, path_of: PathOf, applies: Sequence[Apply], done: Applied, go_on: Callable[[], None]
    ) -> None:
        self._server = server
        self._path_of = path_of
        self._applies = applies
        self._done = done
        self._go_on = go_on
        self._left = dict.fromkeys(range(len(applies)))
        self._is_answered = True

    def over(self, batch: Batch, *, at_once: int) -> list[int]:
        batch.send(self._requests(), self._take, at_once=at_once)
        return list(self._left)

    def _requests(self) -> Iterator[tuple[int, Request]]:
        for number, apply in enumerate(self._applies):
            if not self._is_answered:
                return
            self._go_on()
            try:
                path = self._path_of(apply)
            except TemporaryError:
                return
            except KubeOrchError as error:
                self._deliver(number, error)
                continue
            yield number, Request("PATCH", path, orjson.dumps(apply.manifest), APPLY_PATCH)

    def _take(self, number: int, answer: Answer | None) -> None:
        outcome = self._outcome(number, answer) if answer is not None else None
        if outcome is None:
            self._is_answered = False
        else:
            self._deliver(number, outcome)

    def _outcome(self, number: int, answer: Answer) -> Manifest | KubeOrchError | None:
        if answer.status >= FIRST_REFUSAL:
            hidden = secret_values(self._applies[number].manifest)
            wait = str(answer.retry_after)
            error = refused(self._server, answer.status, answer.body, retry_after=wait, hidden=hidden)
            return None if isinstance(error, TemporaryError) else error
        try:
            found = orjson.loads(answer.body)
        except ValueError:
            return None
        return found if isinstance(found, dict) else None

    def _deliver(self, number: int, outcome: Manifest | KubeOrchError) -> None:
        self._left.pop(number)
        self._done(number, outcome)
