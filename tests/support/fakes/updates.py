"""The update log, as far as jobs use it: publishes in order, or is away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shared.updates import UpdateLog


class FakeUpdates(UpdateLog):
    """
    Keeps what is published.

    :ivar away: how many attempts Redis does not take from now on
    """

    def __init__(self) -> None:
        self.published: list[tuple[str, str, Mapping[str, object]]] = []
        self.away = 0

    def publish_many(self, updates: Iterable[tuple[str, str, Mapping[str, object]]]) -> list[str]:
        """Publish all, or nothing."""
        if self.away:
            self.away -= 1
            return []
        before = len(self.published)
        self.published += updates
        return [f"{number}-0" for number in range(before + 1, len(self.published) + 1)]

    def events(self, topic: str = "run") -> list[str]:
        """Return the events of one kind of topic, in order."""
        return [event for name, event, _ in self.published if name.partition(":")[0] == topic]
