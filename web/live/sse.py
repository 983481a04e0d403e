"""
Server-sent events: the order that loses nothing.

Subscribe, read the log's newest id, read the snapshot, send it as ``metadata``, replay what is newer than the client's
last id (or the snapshot), then go on live; what comes twice is dropped by id. When the log no longer has what is
missing the client is told ``gap`` and gets a fresh snapshot.
"""

from __future__ import annotations

import base64
import binascii
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import orjson
from flask import Response, request
from pymongo.errors import PyMongoError
from redis.exceptions import RedisError

from shared.access import Actor
from shared.clock import now, rfc3339
from shared.errors import KubeOrchError, LimitReached, TemporaryError
from shared.log import get_logger
from shared.updates import BEGINNING, Update, position
from shared.updates import topics as names
from web.auth import ActorCache, look_up
from web.live.hub import Behind, Listener
from web.live.snapshots import allow, snapshot
from web.services import Services

log = get_logger(__name__)

RETRY_MS = 3000
RETRY_SOON_MS = 500
HEARTBEAT_SECONDS = 15.0
RETRY_FAILED_SECONDS = 1.0
RECHECK_SECONDS = 60.0
MOST_TOPICS = 50
CONTROL = "stream-control"

_open: Counter[str] = Counter()


@dataclass
class Stream:
    """
    One open stream.

    :param positions: topic → id of the last update sent
    :param multiplexed: ids are a map of positions instead of one position
    """

    found: Services
    who: Actor
    cache: ActorCache
    expires_at: datetime
    topics: list[str]
    refused: list[dict[str, str]] = field(default_factory=list)
    multiplexed: bool = False
    positions: dict[str, str] = field(default_factory=dict)
    id: str = field(default_factory=lambda: secrets.token_hex(12))
    _failed: set[str] = field(default_factory=set)

    def frames(self) -> Iterator[bytes]:
        """Yield frames until the client leaves, the token expires, or this process stops."""
        access = names.access(self.who.user_id)
        control = f"{CONTROL}:{self.id}"
        listener = self.found.hub.listen([*self.topics, access, control])
        _open[self.who.user_id] += 1
        try:
            yield f"retry: {RETRY_MS}\n\n".encode()
            if self.multiplexed:
                data = {"connection_id": self.id, "topics": self.topics, "refused": self.refused}
                yield self._frame(Update("", "", "connected", rfc3339(now()), dict(data)))
            for topic in list(self.topics):
                yield from self._guarded(topic, self._begin(topic))
            yield from self._live(listener, access, control)
            if self.found.hub.closing.is_set():
                yield f"retry: {RETRY_SOON_MS}\n\n".encode()
        finally:
            listener.close()
            _open[self.who.user_id] -= 1

    def _begin(self, topic: str) -> Iterator[bytes]:
        """Send the snapshot, then what is newer than it or than what the client has seen."""
        updates = self.found.platform.updates
        seen = self.positions.get(topic)
        newest = updates.newest(topic)
        data = snapshot(self.found, topic)
        if seen is not None:
            missed, gap = updates.read(topic, seen)
            if not gap:
                yield self._metadata(topic, data, seen)
                yield from self._send(missed)
                return
            yield self._frame(Update(newest, topic, "gap", rfc3339(now()), {"topic": topic}))
        self.positions[topic] = newest
        yield self._metadata(topic, data, newest)
        if newest != BEGINNING:
            later, _ = updates.read(topic, newest)
            yield from self._send(later)

    def _metadata(self, topic: str, data: dict[str, object], at: str) -> bytes:
        return self._frame(Update(at, topic, "metadata", rfc3339(now()), data))

    def _send(self, updates: list[Update]) -> Iterator[bytes]:
        for update in updates:
            last = self.positions.get(update.topic, BEGINNING)
            if position(update.id) > position(last):
                self.positions[update.topic] = update.id
                yield self._frame(update)

    def _guarded(self, topic: str, frames: Iterator[bytes]) -> Iterator[bytes]:
        """Yield a topic's frames; when it is gone or cannot be read just now, say so instead of breaking off."""
        try:
            yield from frames
        except KubeOrchError as error:
            yield self._error(error.code, error.message, topic)
        except (PyMongoError, RedisError) as error:
            log.warning("stream_snapshot_failed", reason=type(error).__name__)
            self._failed.add(topic)

    def _live(self, listener: Listener, access: str, control: str) -> Iterator[bytes]:
        checked = beaten = time.monotonic()
        while not self.found.hub.closing.is_set():
            left = (self.expires_at - now()).total_seconds()
            if left <= 0:
                yield self._error("token-expired", "The access token has expired. Refresh it and connect again.")
                return
            pause = RETRY_FAILED_SECONDS if self._failed else HEARTBEAT_SECONDS
            item = listener.next(min(pause, max(0.1, left)))
            changed = isinstance(item, Update) and item.topic == access
            if changed or time.monotonic() - checked > RECHECK_SECONDS:
                checked = time.monotonic()
                ended = self._recheck(forget=changed)
                if ended:
                    yield ended
                    return
            if item is not None and not changed:
                yield from self._follow(listener, item, control)
            yield from self._retry_failed()
            if item is not None and not isinstance(item, Behind):
                beaten = time.monotonic()
            elif time.monotonic() - beaten >= HEARTBEAT_SECONDS - 1:
                beaten = time.monotonic()
                yield b": heartbeat\n\n"

    def _follow(self, listener: Listener, item: Update | Behind, control: str) -> Iterator[bytes]:
        if isinstance(item, Behind):
            yield from self._catch_up()
        elif item.topic == control:
            yield from self._change(listener, item)
        else:
            yield from self._send([item])

    def _retry_failed(self) -> Iterator[bytes]:
        """Begin topics whose snapshot could not be read."""
        for topic in list(self._failed):
            self._failed.discard(topic)
            yield from self._guarded(topic, self._begin(topic))

    def _catch_up(self) -> Iterator[bytes]:
        if self.found.hub.closing.is_set():
            return
        for topic in list(self.topics):
            yield from self._guarded(topic, self._begin_again(topic))

    def _begin_again(self, topic: str) -> Iterator[bytes]:
        updates = self.found.platform.updates
        seen = self.positions.get(topic, BEGINNING)
        missed, gap = updates.read(topic, seen)
        if gap and seen != updates.newest(topic):
            self.positions.pop(topic, None)
            yield self._frame(Update(updates.newest(topic), topic, "gap", rfc3339(now()), {"topic": topic}))
            yield from self._begin(topic)
            return
        yield from self._send(missed)

    def _change(self, listener: Listener, item: Update) -> Iterator[bytes]:
        """Follow a PATCH: leave topics, take up others."""
        wanted = item.data
        if wanted.get("by") != self.who.user_id:
            return
        for topic in _strings(wanted.get("remove")):
            if topic in self.topics:
                self.topics.remove(topic)
                self.positions.pop(topic, None)
                listener.remove(topic)
        for topic in _strings(wanted.get("add")):
            if topic not in self.topics and len(self.topics) < MOST_TOPICS:
                try:
                    allow(self.found, self.who, topic)
                except KubeOrchError as error:
                    yield self._error(error.code, error.message, topic)
                    continue
                self.topics.append(topic)
                listener.add(topic)
                yield from self._guarded(topic, self._begin(topic))

    def _recheck(self, *, forget: bool) -> bytes | None:
        """Look again whether session and rights still hold; returns the last frame when they do not."""
        try:
            if forget:
                self.cache.forget(self.who.session_id)
            look_up(self.found, self.cache, self.who.session_id, self.who.user_id)
            for topic in self.topics:
                allow(self.found, self.who, topic)
        except (TemporaryError, PyMongoError, RedisError):
            # a store that does not answer says nothing about rights; the next look will
            return None
        except KubeOrchError as error:
            return self._error(error.code, error.message)
        return None

    def _error(self, code: str, message: str, topic: str = "") -> bytes:
        return self._frame(Update("", topic, "error", rfc3339(now()), {"code": code, "error": message}))

    def _frame(self, update: Update) -> bytes:
        data = orjson.dumps({"topic": update.topic, "id": update.id, "at": update.at, "data": update.data})
        identity = encode_positions(self.positions).encode() if self.multiplexed else update.id.encode()
        head = b"id: " + identity + b"\n" if identity else b""
        return head + b"event: " + update.event.encode() + b"\ndata: " + data + b"\n\n"


def encode_positions(positions: dict[str, str]) -> str:
    """Return positions of many topics as one event id."""
    return base64.urlsafe_b64encode(orjson.dumps(positions)).decode().rstrip("=")


def decode_positions(text: str) -> dict[str, str]:
    """Return the positions in an event id; a text that is none has none, and the client gets snapshots."""
    try:
        found = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error):
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(topic): str(place) for topic, place in list(found.items())[:MOST_TOPICS] if valid_id(place)}


def valid_id(text: object) -> bool:
    """Whether a text is the id of an update."""
    try:
        position(str(text))
    except ValueError:
        return False
    return True


def _strings(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def respond(stream: Stream) -> Response:
    """
    Answer with a stream.

    :raises LimitReached: this person has too many open
    :raises TemporaryError: this process has too many open
    """
    limits = stream.found.settings.web
    if _open[stream.who.user_id] >= limits.streams_per_user:
        raise LimitReached(
            f"You have {limits.streams_per_user} streams open, which is the most. Close a tab.",
            code="too-many-streams",
            retry_after_seconds=5,
        )
    if stream.found.hub.listeners >= limits.streams_per_process:
        raise TemporaryError("This server holds as many streams as it may. Try again.", code="server-full", delay=2)
    response = Response(stream.frames(), mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def last_event_id() -> str:
    """Return what the client has seen last."""
    return request.headers.get("Last-Event-ID", "")[:8192]
