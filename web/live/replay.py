"""
The places of a stream in the logs of its topics, and the frames that bring its client on from there.

What comes twice, from the log and live, is dropped by its id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from shared.updates import BEGINNING, Update, UpdateLog, position
from web.live import wire


@dataclass(slots=True)
class Replay:
    """
    The places of one stream.

    :param snapshot: everything that is true of a topic now
    :param multiplexed: ids are a map of positions instead of one position
    :param positions: topic → id of the last update sent
    """

    log: UpdateLog
    snapshot: Callable[[str], dict[str, Any]]
    multiplexed: bool = False
    positions: dict[str, str] = field(default_factory=dict)

    def begin(self, topic: str) -> list[bytes]:
        """Return the frames of the snapshot, then of updates newer than it, or than those that the client has seen."""
        seen = self.positions.get(topic)
        newest = self.log.newest(topic)
        data = self.snapshot(topic)
        frames: list[bytes] = []
        if seen is not None:
            missed, gap = self.log.read(topic, seen)
            if not gap:
                return [self.frame(wire.made_here("metadata", topic, data, at=seen)), *self.send(missed)]
            self.positions[topic] = newest
            frames.append(self.frame(wire.made_here("gap", topic, {"topic": topic}, at=newest)))
        self.positions[topic] = newest
        frames.append(self.frame(wire.made_here("metadata", topic, data, at=newest)))
        later, _ = self.log.read(topic, newest)
        return [*frames, *self.send(later)]

    def go_on(self, topic: str) -> list[bytes]:
        """Return the frames that were missed since the last update that was sent."""
        seen = self.positions.get(topic)
        if seen is None:
            return self.begin(topic)
        missed, gap = self.log.read(topic, seen)
        # nothing was ever published: an empty log is no gap
        if gap and (missed or seen != self.log.newest(topic)):
            return self.begin(topic)
        return self.send(missed)

    def send(self, updates: Iterable[Update]) -> list[bytes]:
        """Return the frames of updates that were not sent before; what stands in no log changes no place."""
        frames: list[bytes] = []
        for update in updates:
            if not update.id:
                frames.append(self.frame(update))
            elif position(update.id) > position(self.positions.get(update.topic, BEGINNING)):
                self.positions[update.topic] = update.id
                frames.append(self.frame(update))
        return frames

    def leave(self, topic: str) -> None:
        """Forget the place in a topic."""
        self.positions.pop(topic, None)

    def error(self, code: str, message: str, topic: str = "") -> bytes:
        """Return the frame of an error, which changes no place."""
        return self.frame(wire.made_here("error", topic, {"code": code, "error": message}))

    def frame(self, update: Update) -> bytes:
        """Return the frame of one event; its id holds the places that a client comes back with."""
        return wire.frame(update, wire.encode_positions(self.positions) if self.multiplexed else update.id)
