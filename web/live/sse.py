"""
Server-sent events: the order that loses nothing.

Subscribe, read the log's newest id, read the snapshot, send it as ``metadata``, replay what is newer than the client's
last id (or the snapshot), then go on live; what comes twice is dropped by id. When the log no longer has what is
missing the client is told ``gap`` and gets a fresh snapshot.
"""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Response, request
from pymongo.errors import PyMongoError
from redis.exceptions import RedisError

from shared.access import Actor
from shared.errors import KubeOrchError, LimitReached, StorageUnavailable, TemporaryError, Unauthenticated
from shared.log import get_logger
from shared.updates import BEGINNING, Update, position
from shared.updates import topics as names
from web.auth import ActorCache, look_up
from web.counters import STREAMS
from web.live import wire
from web.live.browser_socket import BrowserSocket
from web.live.hub import Behind, Listener
from web.live.replay import Replay
from web.live.stream_owners import StreamOwners, control
from web.live.topics import allow, snapshot, unlogged
from web.live.whereabouts import Whereabouts
from web.services import Services

log = get_logger(__name__)

HEARTBEAT_SECONDS = 15.0
RETRY_FAILED_SECONDS = 1.0
RECHECK_SECONDS = 60.0

_open: Counter[str] = Counter()


@dataclass
class Stream:
    """
    One open stream.

    :param positions: topic → id of the last update sent
    :param multiplexed: ids are a map of positions instead of one position, and topics may change
    :param sock: the server's socket to the client, where there is one
    """

    found: Services
    who: Actor
    cache: ActorCache
    expires_at: datetime
    topics: list[str]
    refused: list[dict[str, str]] = field(default_factory=list)
    multiplexed: bool = False
    positions: dict[str, str] = field(default_factory=dict)
    sock: Any = None
    id: str = field(default_factory=lambda: secrets.token_hex(12))
    _failed: set[str] = field(default_factory=set)
    _told: str = BEGINNING
    _ended: bytes | None = None
    _replay: Replay = field(init=False)
    _whereabouts: Whereabouts = field(init=False)

    def __post_init__(self) -> None:
        found = self.found
        self._whereabouts = Whereabouts(found, self.id)
        self._replay = Replay(
            found.platform.updates,
            lambda topic: snapshot(found, topic),
            multiplexed=self.multiplexed,
            positions=self.positions,
        )

    def frames(self) -> Generator[bytes, None, None]:
        """Yield frames until the client leaves, the token expires, or this process stops."""
        _open[self.who.user_id] += 1
        STREAMS.inc()
        listener = self.found.hub.listen([*self.topics, *self._private()])
        browser = BrowserSocket(self.sock, listener)
        self.found.hub.watch(browser)
        try:
            for frame in self._all(listener, browser):
                browser.writing_since = time.monotonic()
                yield frame
                browser.writing_since = None
        finally:
            self.found.hub.unwatch(browser)
            browser.close()
            listener.close()
            self._whereabouts.leave()
            if self.multiplexed:
                StreamOwners(self.found.platform.redis).remove(self.id)
            STREAMS.dec()
            _open[self.who.user_id] -= 1
            if not _open[self.who.user_id]:
                del _open[self.who.user_id]

    def _private(self) -> list[str]:
        """Return the topics that are about the stream itself."""
        access = names.access(self.who.user_id)
        return [access, control(self.id)] if self.multiplexed else [access]

    def _register(self) -> None:
        if self.multiplexed:
            StreamOwners(self.found.platform.redis).put(self.id, self.who.user_id)
            self._whereabouts.renew(self.who)

    def _all(self, listener: Listener, browser: BrowserSocket) -> Iterator[bytes]:
        yield wire.retry(wire.RETRY_MS)
        self._register()
        if self.multiplexed:
            data = {"connection_id": self.id, "topics": self.topics, "refused": self.refused}
            yield self._replay.frame(wire.made_here("connected", "", data))
        for topic in list(self.topics):
            yield from self._guarded(topic, self._replay.begin)
        yield from self._live(listener, browser)
        if self.found.hub.closing.is_set():
            yield wire.retry(wire.RETRY_SOON_MS)

    def _guarded(self, topic: str, make: Callable[[str], list[bytes]]) -> list[bytes]:
        """Return a topic's frames; when it is gone or cannot be read just now, say so instead of breaking off."""
        try:
            # many streams may want to read at once, after a restart of Redis all of them
            with self.found.hub.gate:
                return make(topic)
        except (StorageUnavailable, PyMongoError, RedisError) as error:
            log.warning("stream_snapshot_failed", reason=type(error).__name__)
            self._failed.add(topic)
            return []
        except KubeOrchError as error:
            return [self._replay.error(error.code, error.message, topic)]

    def _live(self, listener: Listener, browser: BrowserSocket) -> Iterator[bytes]:
        checked = beaten = registered = time.monotonic()
        access, expires = names.access(self.who.user_id), self.expires_at.timestamp()
        while not self.found.hub.closing.is_set():
            left = expires - time.time()
            if left <= 0:
                yield self._replay.error("token-expired", "The access token has expired. Refresh it and connect again.")
                return
            pause = RETRY_FAILED_SECONDS if self._failed else HEARTBEAT_SECONDS
            item = listener.next(min(pause, max(0.1, left)))
            if browser.is_gone():
                return
            changed = _topic_of(item) == access
            if changed or time.monotonic() - checked > RECHECK_SECONDS:
                checked = time.monotonic()
                yield from self._recheck(listener, forget=changed)
            frames = [] if item is None or changed else self._follow(listener, item)
            frames += self._retry_failed()
            if not frames and time.monotonic() - beaten >= HEARTBEAT_SECONDS * 0.9:
                frames = [wire.HEARTBEAT]
            # by a time of its own: a stream that is never silent is never beaten for
            if time.monotonic() - registered >= HEARTBEAT_SECONDS * 0.9 or isinstance(item, Behind):
                registered = time.monotonic()
                self._register()
            if frames:
                beaten = time.monotonic()
                # what came together goes out together: each chunk is a write to the socket
                yield b"".join(frames)
            if self._ended is not None:
                yield self._ended
                return

    def _follow(self, listener: Listener, item: Sequence[Update] | Behind) -> list[bytes]:
        if isinstance(item, Behind):
            return self._catch_up(listener)
        topic = _topic_of(item)
        if topic in self.topics:
            return self._replay.send(item)
        if topic == control(self.id):
            return [frame for update in item for frame in self._change(listener, update)]
        return []

    def _retry_failed(self) -> list[bytes]:
        """Begin topics whose snapshot could not be read."""
        frames: list[bytes] = []
        for topic in list(self._failed):
            self._failed.discard(topic)
            frames += self._guarded(topic, self._replay.begin)
        return frames

    def _catch_up(self, listener: Listener) -> list[bytes]:
        """Read updates from the log that this process may have missed, first of all changes of the stream itself."""
        if self.found.hub.closing.is_set():
            return []
        frames: list[bytes] = []
        if self.multiplexed:
            frames += self._guarded(control(self.id), lambda topic: self._missed_changes(listener, topic))
            self._failed.discard(control(self.id))
        for topic in list(self.topics):
            frames += self._guarded(topic, self._replay.go_on)
            frames += self._guarded(topic, self._unlogged)
        return frames

    def _unlogged(self, topic: str) -> list[bytes]:
        """Return the frames of the events that stand in no log, as they are now."""
        return self._replay.send(
            wire.made_here(event, topic, data) for event, data in unlogged(self.found, topic).items()
        )

    def _missed_changes(self, listener: Listener, topic: str) -> list[bytes]:
        missed, _ = self.found.platform.updates.read(topic, self._told)
        return [frame for update in missed for frame in self._change(listener, update)]

    def _change(self, listener: Listener, item: Update) -> list[bytes]:
        """Follow a PATCH, once: go elsewhere, leave topics, take up others."""
        frames: list[bytes] = []
        if position(item.id) <= position(self._told):
            return frames
        self._told = item.id
        if "at" in item.data:
            try:
                self._whereabouts.move(self.who, item.data["at"])
            except KubeOrchError as error:
                frames.append(self._replay.error(error.code, error.message))
        for topic in _strings(item.data.get("remove")):
            self._leave(listener, topic)
        for topic in _strings(item.data.get("add")):
            if topic in self.topics:
                continue
            if len(self.topics) >= wire.MOST_TOPICS:
                frames.append(
                    self._replay.error("too-many-topics", f"A stream has at most {wire.MOST_TOPICS} topics.", topic)
                )
                continue
            try:
                allow(self.found, self.who, topic)
            except KubeOrchError as error:
                frames.append(self._replay.error(error.code, error.message, topic))
                continue
            self.topics.append(topic)
            listener.add(topic)
            frames += self._guarded(topic, self._replay.begin)
        return frames

    def _leave(self, listener: Listener, topic: str) -> None:
        if topic in self.topics:
            self.topics.remove(topic)
            self._replay.leave(topic)
            self._failed.discard(topic)
            listener.remove(topic)

    def _recheck(self, listener: Listener, *, forget: bool) -> list[bytes]:
        """
        Check again that session and rights still hold.

        A session that has ended ends the stream. A topic that may not be heard any more is left, and where it was the
        only one there is nothing to stay for.
        """
        frames: list[bytes] = []
        try:
            if forget:
                self.cache.forget(self.who.session_id)
            self.who = look_up(self.found, self.cache, self.who.session_id, self.who.user_id)
            for topic in list(self.topics):
                frames += self._recheck_topic(listener, topic)
            self._whereabouts.recheck(self.who)
        except Unauthenticated as error:
            self._ended = self._replay.error(error.code, error.message)
        except (TemporaryError, PyMongoError, RedisError):
            # a store that does not answer says nothing about rights; the next look will
            return frames
        return frames

    def _recheck_topic(self, listener: Listener, topic: str) -> list[bytes]:
        try:
            allow(self.found, self.who, topic)
        except TemporaryError:
            raise
        except KubeOrchError as error:
            self._leave(listener, topic)
            ended = self._replay.error(error.code, error.message, topic)
            if self.multiplexed:
                return [ended]
            self._ended = ended
        return []


def _topic_of(item: Sequence[Update] | Behind | None) -> str:
    """Return the one topic of updates that came together."""
    return item[0].topic if isinstance(item, Sequence) and item else ""


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
    stream.sock = request.environ.get("gunicorn.socket")
    response = Response(stream.frames(), mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Accel-Buffering"] = "no"
    return response
