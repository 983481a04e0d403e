"""The queue of tasks, as far as actions use it: takes ids, or does not answer."""

from __future__ import annotations

from shared.errors import StorageUnavailable
from shared.queues import TaskName


class FakeQueue:
    """
    Keeps what is sent.

    :ivar is_away: the broker does not answer
    """

    def __init__(self) -> None:
        self.sent: list[tuple[TaskName, tuple[str | int | None, ...]]] = []
        self.is_away = False

    def enqueue(self, task: TaskName, *args: str | int | None, expires: float | None = None) -> None:
        """Send one task."""
        del expires
        if self.is_away:
            raise StorageUnavailable("The job queue does not answer.", code="queue-unavailable")
        self.sent.append((task, args))

    def ids(self, task: TaskName) -> list[str]:
        """Return the first argument of each task of one name."""
        return [str(args[0]) for name, args in self.sent if name is task]
