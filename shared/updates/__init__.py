"""
The ordered update log on Redis: updates reach browsers once, in order, and again after a gap in the connection.

One topic is one Redis Stream (trimmed to ``MAX_ENTRIES``, gone after ``IDLE_SECONDS``) and one pub/sub channel.
Publishing appends and announces in one atomic step, so the order of the channel is the order of the stream, and the
stream's id is the update's id. Updates of one topic that are published together are announced together: a line for each
in one message. Commands of Redis 6.2 only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import orjson
import redis
from redis.exceptions import RedisError

from shared.clock import now, rfc3339
from shared.log import get_logger

log = get_logger(__name__)

MAX_ENTRIES = 1000
IDLE_SECONDS = 24 * 3600
BEGINNING = "0-0"
"""The id before every update: what ``newest`` says of an empty topic."""

MOST_ANNOUNCED = 64
"""Updates in one message on a channel."""

_APPEND = """
local newest, lines = {}, {}
for i = 1, #KEYS do
  local event, body = ARGV[i * 2 + 2], ARGV[i * 2 + 3]
  newest[i] = redis.call('XADD', KEYS[i], 'MAXLEN', ARGV[1], '*', 'event', event, 'body', body)
  lines[#lines + 1] = newest[i] .. ' ' .. event .. ' ' .. body
  if KEYS[i + 1] ~= KEYS[i] or #lines == tonumber(ARGV[3]) then
    redis.call('EXPIRE', KEYS[i], ARGV[2])
    redis.call('PUBLISH', KEYS[i], table.concat(lines, '\\n'))
    lines = {}
  end
end
return table.concat(newest, ' ')
"""


@dataclass(frozen=True)
class Update:
    """
    One thing that happened.

    :param id: position in its topic, ``<milliseconds>-<n>``; grows within a topic. Empty for what stands in no log
    :param at: RFC 3339 UTC time at which it was published
    :param data: small, carries ids, never a secret value
    """

    id: str
    topic: str
    event: str
    at: str
    data: dict[str, object]

    @cached_property
    def json(self) -> bytes:
        """The update as JSON, in one line; written once, however many are told."""
        return orjson.dumps({"topic": self.topic, "id": self.id, "at": self.at, "data": self.data})


def channel(topic: str) -> str:
    """Return the key of a topic's stream, also the name of its channel; the braces keep both on one shard."""
    return f"updates:{{{topic}}}"


def channel_pattern() -> str:
    """Return the pattern of all topics' channels."""
    return "updates:{*}"


def topic_of(name: str) -> str:
    """Return the topic of a channel name."""
    return name.removeprefix("updates:{").removesuffix("}")


def position(update_id: str) -> tuple[int, int]:
    """
    Return an id as numbers that compare as the ids do.

    :raises ValueError: it is no id of an update
    """
    milliseconds, separator, number = update_id.partition("-")
    if not (separator and milliseconds.isdigit() and number.isdigit()):
        msg = f"not the id of an update: {update_id[:40]!r}"
        raise ValueError(msg)
    return int(milliseconds), int(number)


def decode(channel_name: bytes, payload: bytes) -> list[Update]:
    """Return the updates of one message of a channel, oldest first."""
    topic = topic_of(channel_name.decode())
    # JSON has no line breaks
    lines = (line.split(b" ", 2) for line in payload.split(b"\n"))
    return [_update(topic, update_id, event, body) for update_id, event, body in lines]


def announcement(event: str, data: Mapping[str, object]) -> bytes:
    """Return the message of an update that stands in no log: only who listens just now hears of it."""
    return b" ".join([b"", event.encode(), orjson.dumps({"at": rfc3339(now()), "data": data})])


def _update(topic: str, update_id: bytes, event: bytes, body: bytes) -> Update:
    content = orjson.loads(body)
    return Update(update_id.decode(), topic, event.decode(), content["at"], content["data"])


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


class Publisher(Protocol):
    """Publishes updates; senders that never read them back need no more."""

    def publish(self, topic: str, event: str, data: Mapping[str, object]) -> str | None:
        """Publish one update; returns its id, or None when it was lost."""

    def publish_many(self, updates: Iterable[tuple[str, str, Mapping[str, object]]]) -> list[str]:
        """Publish several updates, in order; returns their ids, or nothing when they were lost."""


class UpdateLog:
    """
    Appends updates and reads them again.

    :param client: a connection pool with ``decode_responses=False`` and a socket time-out of about a second
    """

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client
        self._append = client.register_script(_APPEND)

    def publish(self, topic: str, event: str, data: Mapping[str, object]) -> str | None:
        """
        Append one update and announce it; returns its id, or None when Redis did not take it.

        Never raises: the documents are the truth, a lost update is counted and logged, and the next snapshot heals it.
        """
        ids = self.publish_many([(topic, event, data)])
        return ids[0] if ids else None

    def publish_many(self, updates: Iterable[tuple[str, str, Mapping[str, object]]]) -> list[str]:
        """Append several updates, in order, in one round trip; returns their ids, or nothing when Redis failed."""
        batch = list(updates)
        if not batch:
            return []
        at = rfc3339(now())
        arguments: list[bytes | str | int] = [MAX_ENTRIES, IDLE_SECONDS, MOST_ANNOUNCED]
        for _, event, data in batch:
            arguments += [event, orjson.dumps({"at": at, "data": data}, option=orjson.OPT_NON_STR_KEYS)]
        try:
            ids = self._append(keys=[channel(topic) for topic, _, _ in batch], args=arguments)
        except RedisError as error:
            log.warning("updates_lost", count=len(batch), topic=batch[0][0], reason=type(error).__name__)
            return []
        return [part.decode() for part in ids.split()]

    def newest(self, topic: str) -> str:
        """Return the id of a topic's last update, ``BEGINNING`` when there is none; read it before a snapshot."""
        entries = self._redis.xrevrange(channel(topic), count=1)
        return _text(entries[0][0]) if entries else BEGINNING

    def read(self, topic: str, after: str, limit: int = MAX_ENTRIES) -> tuple[list[Update], bool]:
        """
        Return the updates newer than ``after``, oldest first, and whether some in between are gone.

        After a gap only a fresh snapshot is true. ``after=BEGINNING`` asks for whatever there is, without a gap. An id
        that is newer than everything here is of a log that was lost, so it is a gap too.

        :raises ValueError: ``after`` is no id
        """
        wanted = position(after)
        key = channel(topic)
        pipeline = self._redis.pipeline(transaction=True)
        pipeline.xrange(key, min=f"({after}", count=limit)
        pipeline.xrange(key, count=1)
        pipeline.xrevrange(key, count=1)
        pipeline.xlen(key)
        newer, first, last, length = pipeline.execute()
        updates = [_update(topic, entry, fields[b"event"], fields[b"body"]) for entry, fields in newer]
        if wanted == (0, 0):
            return updates, length >= MAX_ENTRIES
        if not first:
            return updates, True
        # the entry that was seen last must still be there, else something between it and the oldest may be gone
        oldest, newest = position(first[0][0].decode()), position(last[0][0].decode())
        return updates, not oldest <= wanted <= newest
