"""One open stream as the hub sees it: a bounded queue, and a mark on what has to be read again from the log."""

from __future__ import annotations

import queue
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from shared.updates import Update, position

MOST_QUEUED = 256


@dataclass(frozen=True, slots=True)
class Frame:
    """An update, encoded once for all listeners: ``data`` is the line of JSON that goes out."""

    topic: str
    id: str
    event: str
    data: bytes
    position: tuple[int, int]

    @classmethod
    def of(cls, update: Update) -> Frame:
        """Encode an update that was read from the log."""
        data = orjson.dumps({"topic": update.topic, "id": update.id, "at": update.at, "data": update.data})
        return cls(update.topic, update.id, update.event, data, position(update.id))

    @classmethod
    def announced(cls, topic: str, payload: bytes) -> Frame:
        """
        Encode what was announced on a topic's channel, without parsing it.

        The payload is ``<id> <event> {"at":…,"data":…}``; topic and id are put in front of its members.
        """
        update_id, event, body = payload.split(b" ", 2)
        head = orjson.dumps({"topic": topic, "id": update_id.decode()})
        return cls(topic, update_id.decode(), event.decode(), head[:-1] + b"," + body[1:], position(update_id.decode()))


@dataclass(frozen=True, slots=True)
class Change:
    """
    Topics to add to and remove from an open stream.

    :param reply: gets what came of it
    """

    add: tuple[str, ...]
    remove: tuple[str, ...]
    reply: Callable[[dict[str, Any]], None]


class Wake:
    """Something other than an update wants the stream's attention; its marks say what."""

    __slots__ = ()


WAKE = Wake()
Item = Frame | Change | Wake


class Listener:
    """
    A stream's mailbox.

    The hub pushes and never waits. When the mailbox is full everything in it is dropped and the topics are marked
    ``behind``; the stream reads them again from the log, so that slowness costs time and no update.

    :param peer: the client's socket, where there is one
    """

    __slots__ = ("behind", "closed", "id", "items", "last", "peer", "recheck", "session_id", "user_id", "writing_since")

    def __init__(self, identity: str, user_id: str, session_id: str, peer: socket.socket | None = None) -> None:
        self.id = identity
        self.user_id = user_id
        self.session_id = session_id
        self.peer = peer
        self.items: queue.SimpleQueue[Item] = queue.SimpleQueue()
        self.last: dict[str, tuple[int, int]] = {}
        self.behind: dict[str, str] = {}
        self.recheck = False
        self.closed: str | None = None
        self.writing_since: float | None = None

    def push(self, frame: Frame) -> bool:
        """Hand over an update; False when the mailbox was full and its content is dropped."""
        if self.closed is not None or frame.topic in self.behind:
            return True
        if self.items.qsize() >= MOST_QUEUED:
            self._drop()
            return False
        self.items.put(frame)
        return True

    def _drop(self) -> None:
        for topic in list(self.last):
            self.behind.setdefault(topic, "slow")
        kept: list[Change] = []
        while True:
            try:
                item = self.items.get_nowait()
            except queue.Empty:
                break
            if isinstance(item, Change):
                kept.append(item)
        for change in kept:
            self.items.put(change)
        self.items.put(WAKE)

    def fall_behind(self, topic: str, reason: str) -> None:
        """Have a topic read again from the log."""
        self.behind.setdefault(topic, reason)
        self.items.put(WAKE)

    def ask(self, change: Change) -> None:
        """Have topics changed by the stream itself."""
        self.items.put(change)

    def check_access(self) -> None:
        """Have the stream ask again whether its reader may still see all this."""
        self.recheck = True
        self.items.put(WAKE)

    def end(self, reason: str) -> None:
        """Have the stream end: ``shutdown``, ``gone`` or ``stuck``."""
        if self.closed is None:
            self.closed = reason
            self.items.put(WAKE)

    def take(self, seconds: float) -> Item | None:
        """Return the next item, or None when there was none for so long."""
        try:
            return self.items.get(timeout=max(0.0, seconds))
        except queue.Empty:
            return None

    def take_more(self) -> Item | None:
        """Return the next item if one is there."""
        try:
            return self.items.get_nowait()
        except queue.Empty:
            return None

    def is_new(self, frame: Frame) -> bool:
        """Tell whether an update was not sent before, and note that it is now."""
        last = self.last.get(frame.topic)
        if last is None or frame.position <= last:
            return False
        self.last[frame.topic] = frame.position
        return True

    def is_stuck(self, seconds: float) -> bool:
        """Tell whether the client has taken no byte for so long."""
        return self.writing_since is not None and time.monotonic() - self.writing_since > seconds
