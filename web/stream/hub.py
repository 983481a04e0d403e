"""
The hub: one Redis subscriber per process, however many browsers listen.

A reader thread (a greenlet under gunicorn) owns the connection, encodes each update once and pushes it into the
mailboxes of those who listen; it never waits for one of them. When the connection breaks it makes another, subscribes
again and reads from the log what was missed, so that listeners see a pause and no hole. A second thread closes streams
whose client is gone or takes nothing.
"""

from __future__ import annotations

import secrets
import select
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import orjson
import redis
from gevent import monkey
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry

from shared.errors import LimitReached, StorageUnavailable, TemporaryError
from shared.log import get_logger
from shared.settings import Settings
from shared.updates import UpdateLog, channel, position, topic_of, topics
from web import metrics
from web.stream.listener import Change, Frame, Listener

log = get_logger(__name__)

CONFIRM_SECONDS = 3.0
TICK_SECONDS = 1.0
PING_SECONDS = 10.0
PONG_SECONDS = 5.0
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0
LINGER_SECONDS = 5.0
STUCK_SECONDS = 30.0
JANITOR_SECONDS = 1.0
MOST_TOPICS = 50
CONTROL = "stream:control:"
ACCESS_PATTERN = channel(topics.access("*"))


class Hub:
    """
    Listeners of this process.

    :param on_access_change: told the id of a person whose access changed; None when it may be anybody's
    """

    def __init__(
        self, settings: Settings, updates: UpdateLog, *, on_access_change: Callable[[str | None], None]
    ) -> None:
        self._url = settings.redis.url.get_secret_value()
        self._per_user = settings.web.streams_per_user
        self._per_process = settings.web.streams_per_process
        self._updates = updates
        self._on_access_change = on_access_change
        self.process_id = secrets.token_hex(6)
        self._lock = threading.RLock()
        self._send_lock = threading.Lock()
        self._all: dict[str, Listener] = {}
        self._by_topic: dict[str, set[Listener]] = {}
        self._by_user: Counter[str] = Counter()
        self._seen: dict[str, tuple[int, int]] = {}
        self._idle_since: dict[str, float] = {}
        self._confirmed: set[str] = set()
        self._waiting: dict[str, threading.Event] = {}
        self._connection: Any = None
        self._started = False
        self._stopping = threading.Event()
        self._draining = False

    # -- what streams ask for ------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to listen, once; later calls do nothing."""
        if self._started:
            return
        with self._lock:
            if self._started or self._stopping.is_set():
                return
            self._started = True
        threading.Thread(target=self._read_forever, name="hub-reader", daemon=True).start()
        threading.Thread(target=self._tidy_forever, name="hub-janitor", daemon=True).start()

    def open(self, user_id: str, session_id: str, peer: socket.socket | None = None) -> Listener:
        """
        Make a mailbox for one stream; ``leave`` must follow.

        :raises LimitReached: this person has too many streams
        :raises TemporaryError: this process has too many, or is shutting down
        """
        self.start()
        with self._lock:
            if self._draining:
                raise TemporaryError("This process is shutting down. Connect again.", code="shutting-down", delay=1)
            if len(self._all) >= self._per_process:
                raise TemporaryError("This process holds as many streams as it can.", code="too-many-streams", delay=10)
            if self._by_user[user_id] >= self._per_user:
                msg = f"You have {self._per_user} streams open already; close one."
                raise LimitReached(msg, code="too-many-streams", retry_after_seconds=10)
            listener = Listener(f"{self.process_id}.{secrets.token_urlsafe(12)}", user_id, session_id, peer)
            self._all[listener.id] = listener
            self._by_user[user_id] += 1
        metrics.STREAMS_OPEN.set(len(self._all))
        return listener

    def leave(self, listener: Listener) -> None:
        """Forget a stream; safe to repeat."""
        with self._lock:
            if self._all.pop(listener.id, None) is None:
                return
            self._by_user[listener.user_id] -= 1
            if self._by_user[listener.user_id] <= 0:
                del self._by_user[listener.user_id]
            for topic in list(listener.last):
                self._remove(listener, topic)
            listener.closed = listener.closed or "left"
            listener.peer = None
        metrics.STREAMS_OPEN.set(len(self._all))

    def subscribe(self, listener: Listener, topic: str) -> None:
        """
        Have a topic's updates pushed from now on; returns when Redis has confirmed it.

        :raises StorageUnavailable: Redis does not answer
        """
        with self._lock:
            listener.last.setdefault(topic, (0, 0))
            self._by_topic.setdefault(topic, set()).add(listener)
            self._idle_since.pop(topic, None)
            if topic in self._confirmed:
                return
            event = self._waiting.get(topic)
            is_first = event is None
            if event is None:
                event = self._waiting[topic] = threading.Event()
        if is_first:
            self._send("SUBSCRIBE", channel(topic))
        if not event.wait(CONFIRM_SECONDS):
            self.unsubscribe(listener, topic)
            raise StorageUnavailable("Updates are not available at the moment.", code="updates-unavailable", delay=2)

    def unsubscribe(self, listener: Listener, topic: str) -> None:
        """Push a topic's updates no more."""
        with self._lock:
            listener.last.pop(topic, None)
            listener.behind.pop(topic, None)
            self._remove(listener, topic)

    def note_position(self, topic: str, update_id: str) -> None:
        """Note where a topic's log stands, for the case that nothing is announced before the connection breaks."""
        with self._lock:
            if topic in self._by_topic:
                self._seen.setdefault(topic, position(update_id))

    def find(self, connection_id: str) -> Listener | None:
        """Return an open stream of this process."""
        return self._all.get(connection_id)

    def counts(self) -> dict[str, int]:
        """Return how many streams and subscriptions there are."""
        with self._lock:
            return {"streams": len(self._all), "topics": len(self._by_topic), "subscriptions": len(self._confirmed)}

    def drain(self) -> None:
        """End all streams and take no new ones: this process is about to stop."""
        with self._lock:
            self._draining = True
            listeners = list(self._all.values())
        for listener in listeners:
            listener.end("shutdown")

    def close(self) -> None:
        """Stop for good."""
        self.drain()
        self._stopping.set()
        self._disconnect()

    def _remove(self, listener: Listener, topic: str) -> None:
        listeners = self._by_topic.get(topic)
        if listeners is None:
            return
        listeners.discard(listener)
        if not listeners:
            del self._by_topic[topic]
            self._idle_since[topic] = time.monotonic()

    # -- the connection ------------------------------------------------------------------------------------------

    def _read_forever(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        connected_before = False
        while not self._stopping.is_set():
            try:
                self._connect()
                if connected_before:
                    metrics.HUB_RECONNECTS.inc()
                    self._catch_up()
                connected_before, pause = True, FIRST_PAUSE_SECONDS
                self._serve()
            except (RedisError, OSError) as error:
                if not self._stopping.is_set():
                    log.warning("hub_disconnected", reason=type(error).__name__, streams=len(self._all))
            self._disconnect()
            self._stopping.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _connect(self) -> None:
        """Connect and subscribe to everything somebody waits for; returns when all of it is confirmed."""
        client = redis.Redis.from_url(
            self._url, socket_timeout=5, socket_connect_timeout=2, protocol=2, retry=Retry(NoBackoff(), 0)
        )
        connection: Any = client.connection_pool.get_connection()
        with self._lock:
            self._confirmed.clear()
            wanted = set(self._by_topic)
            for topic in wanted:
                self._waiting.setdefault(topic, threading.Event())
        with self._send_lock:
            self._connection = connection
            connection.send_command("PSUBSCRIBE", ACCESS_PATTERN, check_health=False)
            names = [f"{CONTROL}{self.process_id}", *map(channel, wanted)]
            connection.send_command("SUBSCRIBE", *names, check_health=False)
        deadline = time.monotonic() + PONG_SECONDS
        while not wanted <= self._confirmed:
            if time.monotonic() > deadline:
                raise RedisConnectionError("subscriptions are not confirmed")
            self._read(connection, 0.5)

    def _serve(self) -> None:
        """Read until the connection breaks."""
        connection = self._connection
        heard = pinged = time.monotonic()
        while not self._stopping.is_set():
            at = time.monotonic()
            if self._read(connection, TICK_SECONDS):
                heard = at
                continue
            self._unsubscribe_idle()
            if at - heard > PING_SECONDS + PONG_SECONDS:
                raise RedisConnectionError("no answer to a ping")
            if at - heard > PING_SECONDS and at - pinged > PING_SECONDS:
                pinged = at
                self._send("PING")

    def _read(self, connection: Any, seconds: float) -> bool:
        if connection is None or connection is not self._connection:
            raise RedisConnectionError("disconnected")
        if not connection.can_read(timeout=seconds):
            return False
        self._handle(connection.read_response(disconnect_on_error=False, push_request=True))
        return True

    def _handle(self, answer: Any) -> None:
        if not isinstance(answer, list) or not answer:
            return
        kind = bytes(answer[0])
        if kind == b"message":
            self._announced(answer[1].decode(), answer[2])
        elif kind == b"pmessage":
            self._access_changed(topic_of(answer[2].decode()))
        elif kind == b"subscribe":
            self._confirm(topic_of(answer[1].decode()))

    def _announced(self, name: str, payload: bytes) -> None:
        if name.startswith(CONTROL):
            self._controlled(payload)
            return
        frame = Frame.announced(topic_of(name), payload)
        with self._lock:
            self._seen[frame.topic] = frame.position
        self._dispatch(frame)

    def _dispatch(self, frame: Frame) -> None:
        for listener in tuple(self._by_topic.get(frame.topic, ())):
            if not listener.push(frame):
                metrics.STREAM_GAPS.labels("slow").inc()
                log.warning("stream_too_slow", connection_id=listener.id, topics=len(listener.last))

    def _confirm(self, topic: str) -> None:
        with self._lock:
            self._confirmed.add(topic)
            event = self._waiting.pop(topic, None)
        if event is not None:
            event.set()

    def _catch_up(self) -> None:
        """Push what was published while there was no connection; ends of sessions may have been missed as well."""
        for topic in list(self._by_topic):
            seen = self._seen.get(topic)
            missed, is_gap = [], seen is None
            if seen is not None:
                missed, is_gap = self._updates.read(topic, f"{seen[0]}-{seen[1]}")
            if is_gap:
                self._lost_track(topic)
                continue
            for update in missed:
                frame = Frame.of(update)
                with self._lock:
                    self._seen[topic] = max(frame.position, self._seen.get(topic, (0, 0)))
                self._dispatch(frame)
        self._on_access_change(None)
        for listener in list(self._all.values()):
            listener.check_access()
        log.info("hub_reconnected", streams=len(self._all), topics=len(self._by_topic))

    def _lost_track(self, topic: str) -> None:
        with self._lock:
            self._seen.pop(topic, None)
            listeners = tuple(self._by_topic.get(topic, ()))
        for listener in listeners:
            metrics.STREAM_GAPS.labels("log-lost").inc()
            listener.fall_behind(topic, "log-lost")

    def _access_changed(self, topic: str) -> None:
        user_id = topics.split(topic)[1]
        self._on_access_change(user_id)
        for listener in list(self._all.values()):
            if listener.user_id == user_id:
                listener.check_access()

    def _send(self, *command: str) -> None:
        """Send without waiting for the answer; a failure is noticed by the reader."""
        with self._send_lock:
            if self._connection is not None:
                with suppress(RedisError, OSError):
                    self._connection.send_command(*command, check_health=False)

    def _disconnect(self) -> None:
        with self._send_lock:
            connection, self._connection = self._connection, None
        with self._lock:
            self._confirmed.clear()
        if connection is not None:
            with suppress(RedisError, OSError):
                connection.disconnect()

    def _unsubscribe_idle(self) -> None:
        """Let go of topics nobody has listened to for a while; people who go back and forth cost nothing."""
        with self._lock:
            at = time.monotonic()
            idle = [topic for topic, since in self._idle_since.items() if at - since > LINGER_SECONDS]
            for topic in idle:
                del self._idle_since[topic]
                self._confirmed.discard(topic)
                self._seen.pop(topic, None)
            if idle:
                self._send("UNSUBSCRIBE", *map(channel, idle))

    # -- control from other processes ----------------------------------------------------------------------------

    def _controlled(self, payload: bytes) -> None:
        """Hand a change of topics to its stream; the answer goes to the list its sender reads."""
        wanted = orjson.loads(payload)
        reply_to = str(wanted["reply_to"])
        listener = self.find(str(wanted["connection_id"]))
        if listener is None or listener.user_id != wanted["user_id"]:
            self._updates_reply(reply_to, {"found": False})
            return
        listener.ask(
            Change(tuple(wanted["add"]), tuple(wanted["remove"]), lambda result: self._updates_reply(reply_to, result))
        )

    def _updates_reply(self, reply_to: str, result: dict[str, Any]) -> None:
        with suppress(RedisError):
            client = redis.Redis.from_url(self._url, socket_timeout=1, socket_connect_timeout=1)
            with client:
                client.rpush(reply_to, orjson.dumps(result))
                client.expire(reply_to, 10)

    # -- clients that are gone -----------------------------------------------------------------------------------

    def _tidy_forever(self) -> None:
        expected = time.monotonic() + JANITOR_SECONDS
        while not self._stopping.wait(JANITOR_SECONDS):
            metrics.LOOP_LAG.set(max(0.0, time.monotonic() - expected))
            listeners = list(self._all.values())
            end_gone(listeners)
            end_stuck(listeners)
            expected = time.monotonic() + JANITOR_SECONDS


def end_gone(listeners: Iterable[Listener]) -> None:
    """End streams whose client has closed its side; one system call for all of them."""
    poll = monkey.get_original("select", "poll")()
    by_descriptor: dict[int, Listener] = {}
    for listener in listeners:
        descriptor = listener.peer.fileno() if listener.peer is not None else -1
        if descriptor >= 0:
            by_descriptor[descriptor] = listener
            poll.register(descriptor, select.POLLRDHUP)
    if by_descriptor:
        for descriptor, _ in poll.poll(0):
            by_descriptor[descriptor].end("gone")


def end_stuck(listeners: Iterable[Listener]) -> None:
    """Cut clients off that have taken no byte for ``STUCK_SECONDS``; their stream is blocked in a write."""
    for listener in listeners:
        if listener.is_stuck(STUCK_SECONDS) and listener.peer is not None:
            log.warning("stream_stuck", connection_id=listener.id)
            listener.end("stuck")
            with suppress(OSError):
                listener.peer.shutdown(socket.SHUT_RDWR)
