"""Clients of an HTTP API that keep their connections: each is a thread, and times come from raw bytes."""

from __future__ import annotations

import gc
import re
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

WAIT_SECONDS = 30.0
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_ETAG = re.compile(rb"\r\netag: *(\S+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Call:
    """One request: its answer's status, 0 when none came, and how long it took."""

    status: int
    seconds: float


class Schedule(Protocol):
    """The moments at which requests are to be sent."""

    def next(self) -> float | None:
        """Return the next moment on the monotonic clock; None when there is none."""


class AtOnce:
    """Always now, until the time is over."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    def next(self) -> float | None:
        """Return now."""
        moment = time.monotonic()
        return moment if moment < self._ends else None


class Paced:
    """So many a second at equal distances, however long the answers take."""

    def __init__(self, per_second: float, seconds: float) -> None:
        self._began = time.monotonic() + 0.05
        self._distance = 1 / per_second
        self._left = int(per_second * seconds)
        self._number = 0
        self._lock = threading.Lock()

    def next(self) -> float | None:
        """Return the moment of the next request; None after the last."""
        with self._lock:
            if self._number >= self._left:
                return None
            self._number += 1
            return self._began + self._number * self._distance


@dataclass
class Caller:
    """
    One client with one connection.

    :param path: what it asks for, always the same
    :param body: when it saves; each save says the revision that the answer before has named
    """

    url: str
    path: str
    token: str = ""
    body: bytes | None = None
    calls: list[Call] = field(default_factory=list)
    _etag: bytes = b'"1"'

    def run(self, schedule: Schedule) -> None:
        """Send requests at the moments of the schedule; an answer that breaks off ends it."""
        parts = urlsplit(self.url)
        with socket.create_connection((parts.hostname or "", parts.port or 80), WAIT_SECONDS) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while (moment := schedule.next()) is not None:
                time.sleep(max(0.0, moment - time.monotonic()))
                try:
                    connection.sendall(self._request())
                    status = self._read(connection)
                except OSError:
                    status = 0
                self.calls.append(Call(status, time.monotonic() - moment))
                if not status:
                    return

    def _request(self) -> bytes:
        body = self.body
        head = f"{'GET' if body is None else 'POST'} {self.path} HTTP/1.1\r\nHost: {urlsplit(self.url).netloc}\r\n"
        head += f"Authorization: Bearer {self.token}\r\n"
        if body is None:
            return head.encode() + b"\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        return head.encode() + b"If-Match: " + self._etag + b"\r\n\r\n" + body

    def _read(self, connection: socket.socket) -> int:
        content = b""
        while (end := content.find(b"\r\n\r\n")) < 0:
            content += _some(connection)
        head = content[: end + 2]
        length = _LENGTH.search(head)
        if length is None:
            message = "an answer without its length"
            raise OSError(message)
        missing = int(length[1]) - (len(content) - end - 4)
        while missing > 0:
            missing -= len(_some(connection))
        if found := _ETAG.search(head):
            self._etag = found[1]
        return int(head.split(b" ", 2)[1])


def _some(connection: socket.socket) -> bytes:
    found = connection.recv(256 * 1024)
    if not found:
        message = "the connection was closed"
        raise OSError(message)
    return found


def run(everybody: Sequence[Caller], schedule: Schedule) -> list[Call]:
    """Have all send at the moments of one schedule, and return their calls; the garbage collector waits so long."""
    threads = [threading.Thread(target=caller.run, args=(schedule,), daemon=True) for caller in everybody]
    gc.disable()
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        gc.enable()
    return [call for caller in everybody for call in caller.calls]
