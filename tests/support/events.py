"""A client of server-sent events that can be cut, resumed and looked at."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.support.wait import eventually


@dataclass
class Event:
    """One event as it came."""

    name: str
    id: str
    data: dict[str, Any]

    @property
    def topic(self) -> str:
        return str(self.data["topic"])

    @property
    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = self.data["data"]
        return found


def parse(block: str) -> Event | None:
    """Read one block; None for a comment or a bare retry."""
    values: dict[str, str] = {}
    for line in block.splitlines():
        name, _, value = line.partition(": ")
        values[name] = value
    if "event" not in values:
        return None
    return Event(values["event"], values.get("id", ""), json.loads(values["data"]))


@dataclass
class Events:
    """One connection; reads in a thread of its own."""

    url: str
    token: str
    last_id: str = ""
    events: list[Event] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    ended: bool = False

    def __post_init__(self) -> None:
        place = urlsplit(self.url)
        self._connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "text/event-stream"}
        if self.last_id:
            headers["Last-Event-ID"] = self.last_id
        self._connection.request("GET", f"{place.path}?{place.query}", headers=headers)
        self._socket = self._connection.sock
        self.response = self._connection.getresponse()
        self.status = self.response.status
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        lines: list[str] = []
        # the other side may end or cut the connection at any time
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError, AttributeError):
            while line := self.response.readline():
                text = line.decode().rstrip("\n")
                if text:
                    lines.append(text)
                    continue
                self._take("\n".join(lines))
                lines = []
        self.ended = True

    def _take(self, block: str) -> None:
        self.blocks.append(block)
        event = parse(block)
        if event is not None:
            if event.id:
                self.last_id = event.id
            self.events.append(event)

    def named(self, name: str, topic: str | None = None) -> list[Event]:
        return [item for item in list(self.events) if item.name == name and topic in {None, item.topic}]

    def wait(self, ask: Callable[[], Any], *, timeout: float = 15, what: str = "the event") -> Any:
        return eventually(ask, timeout=timeout, what=what)

    def wait_for(self, name: str, topic: str | None = None, *, timeout: float = 15) -> Event:
        found: list[Event] = eventually(lambda: self.named(name, topic), timeout=timeout, what=name)
        return found[0]

    def wait_for_number(self, number: int, *, timeout: float = 15) -> None:
        eventually(lambda: number in self.numbers(), timeout=timeout, what=f"number {number}")

    def wait_for_the_end(self, *, timeout: float) -> None:
        eventually(lambda: self.ended, timeout=timeout, what="the end of the stream")

    def numbers(self, name: str = "log") -> list[int]:
        return [item.body["n"] for item in self.named(name)]

    def cut(self) -> None:
        """Close the connection, as a client that goes away does."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self.response.close()
        self._connection.close()
