"""The socket to the browser that reads a stream."""

from __future__ import annotations

import socket
import time
from typing import Any, Protocol

import gevent

from shared.log import get_logger
from web.counters import STALLED

log = get_logger(__name__)

STALLED_SECONDS = 30.0
_READABLE = 1


class Wakeable(Protocol):
    """The listener that hears when the browser is gone."""

    def wake(self) -> None:
        """Look around."""


class BrowserSocket:
    """
    The socket to the browser at a stream's other end: whether anybody still reads.

    A closed connection is readable: the event loop says so at once, long before a heartbeat fails to be written.

    :param sock: the server's socket, None where there is none (tests)
    """

    def __init__(self, sock: Any, listener: Wakeable) -> None:
        self._sock = sock
        self._listener = listener
        self._readable = False
        self._gone = False
        self.writing_since: float | None = None
        self._watcher: Any = None
        if sock is not None:
            self._watcher = gevent.get_hub().loop.io(sock.fileno(), _READABLE)
            self._watcher.start(self._check_browser)

    def _check_browser(self) -> None:
        # in the event loop itself: nothing here may wait
        self._stop()
        self._readable = True
        self._listener.wake()

    def is_gone(self) -> bool:
        """Whether the browser has closed the connection."""
        if self._readable:
            self._readable = False
            try:
                self._gone = self._sock.recv(1, socket.MSG_PEEK) == b""
            except OSError:
                self._gone = True
        return self._gone

    def cut_off_when_stalled(self) -> bool:
        """End the connection of a browser that has taken nothing for ``STALLED_SECONDS``; tells whether it did."""
        since = self.writing_since
        if since is None or time.monotonic() - since < STALLED_SECONDS:
            return False
        self.writing_since = None
        try:
            self._sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            # it went by itself meanwhile
            return False
        STALLED.inc()
        log.warning("stream_stalled", seconds=STALLED_SECONDS)
        return True

    def _stop(self) -> None:
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher.close()
            self._watcher = None

    def close(self) -> None:
        """Stop watching; the socket is the server's."""
        self._stop()
