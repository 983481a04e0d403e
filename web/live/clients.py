"""
What is known about an open stream from outside: whose it is, and whether anybody still reads it.

The registration in Redis tells every process whose a stream is; it is short-lived and renewed by the stream, so that
one whose process died is gone soon.
"""

from __future__ import annotations

import socket
import time
from typing import Any, Protocol

import gevent
import redis
from redis.exceptions import RedisError

from shared.log import get_logger
from shared.updates import channel
from web.counters import STALLED

log = get_logger(__name__)

CONTROL = "stream-control"
REGISTERED_SECONDS = 45
STALLED_SECONDS = 30.0
_READABLE = 1


class Registry:
    """Whose stream is which, over all processes."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    def put(self, connection_id: str, user_id: str) -> None:
        """Say that a stream is open, for as long as it says so again; without Redis it will say so later."""
        try:
            self._redis.set(_key(connection_id), user_id, ex=REGISTERED_SECONDS)
        except RedisError as error:
            log.warning("stream_not_registered", reason=type(error).__name__)

    def owner(self, connection_id: str) -> str | None:
        """Return whose stream it is, or None when there is none."""
        found = self._redis.get(_key(connection_id))
        return found.decode() if isinstance(found, bytes) else None

    def remove(self, connection_id: str) -> None:
        """Forget a stream and what it was told; without Redis both run out by themselves."""
        try:
            self._redis.delete(_key(connection_id), channel(control(connection_id)))
        except RedisError as error:
            log.warning("stream_not_forgotten", reason=type(error).__name__)


def control(connection_id: str) -> str:
    """Return the topic on which a stream is told to change."""
    return f"{CONTROL}:{connection_id}"


def _key(connection_id: str) -> str:
    return f"stream:{connection_id}"


class Wakeable(Protocol):
    """What is told that the client is gone."""

    def wake(self) -> None:
        """Look around."""


class Client:
    """
    The socket at a stream's other end.

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
            self._watcher.start(self._look)

    def _look(self) -> None:
        # in the event loop itself: nothing here may wait
        self._stop()
        self._readable = True
        self._listener.wake()

    def is_gone(self) -> bool:
        """Whether the client has closed the connection."""
        if self._readable:
            self._readable = False
            try:
                self._gone = self._sock.recv(1, socket.MSG_PEEK) == b""
            except OSError:
                self._gone = True
        return self._gone

    def cut_off_when_stalled(self) -> bool:
        """End the connection of a client that has taken nothing for ``STALLED_SECONDS``; tells whether it did."""
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
