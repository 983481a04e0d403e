"""
Whose an open stream is, known to every process.

The entry in Redis is short-lived and renewed by the stream, so that one whose process died is gone soon.
"""

from __future__ import annotations

import redis
from redis.exceptions import RedisError

from shared.log import get_logger
from shared.updates import channel

log = get_logger(__name__)

CONTROL = "stream-control"
REGISTERED_SECONDS = 45


class StreamOwners:
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
        """Forget a stream and the changes that it was sent; without Redis both run out by themselves."""
        try:
            self._redis.delete(_key(connection_id), channel(control(connection_id)))
        except RedisError as error:
            log.warning("stream_not_forgotten", reason=type(error).__name__)


def control(connection_id: str) -> str:
    """Return the topic on which a stream is told to change."""
    return f"{CONTROL}:{connection_id}"


def _key(connection_id: str) -> str:
    return f"stream:{connection_id}"
