"""Writes beside the work of a run: in order, by one thread, and through before anything is said of the run's end."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from shared.log import get_logger

log = get_logger(__name__)


class BackgroundWriter:
    """
    Takes writes while it is entered; leaving waits for all of them.

    What a run that fails could not write is at least logged; one that goes well asks with ``settle``.
    """

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="writer")
        self._begun: list[Future[None]] = []

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for the writes under way."""
        self._pool.shutdown()

    def write(self, work: Callable[[], None]) -> None:
        """Have something written after the writes that were given before."""
        writing = self._pool.submit(work)
        writing.add_done_callback(self._log_when_lost)
        self._begun.append(writing)

    def settle(self) -> None:
        """Wait until everything is written; raises the error of a write."""
        for writing in self._begun:
            writing.result()

    def _log_when_lost(self, writing: Future[None]) -> None:
        if (error := writing.exception()) is not None:
            log.warning("run_write_lost", run_id=self._run_id, reason=type(error).__name__)
