"""
One Redis subscriber for all listeners of this process.

A listener has a bounded queue. When it is full it is emptied and the listener told that it is behind: it reads what it
missed from the update log. The same happens to all when the connection to Redis was cut, so a restart loses nothing.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable

import gevent
import redis
from gevent.queue import Empty, Full, Queue
from redis.exceptions import RedisError

from shared.log import get_logger
from shared.platform import Platform
from shared.updates import Update, channel, decode

log = get_logger(__name__)

QUEUE_SIZE = 256
RECONNECT_SECONDS = 0.5
KEEPALIVE_CHANNEL = "updates:keepalive"


class Behind:
    """Put into a queue instead of updates: read on from the log."""


BEHIND = Behind()


class Listener:
    """One stream: its topics and what has not been sent yet."""

    def __init__(self, hub: Hub, topics: Iterable[str]) -> None:
        self.topics: set[str] = set()
        self._hub = hub
        self._queue: Queue = Queue(maxsize=QUEUE_SIZE)
        for topic in topics:
            self.add(topic)

    def add(self, topic: str) -> None:
        """Hear of a topic from now on."""
        if topic not in self.topics:
            self.topics.add(topic)
            self._hub.join(self, topic)

    def remove(self, topic: str) -> None:
        """Hear of a topic no more."""
        if topic in self.topics:
            self.topics.discard(topic)
            self._hub.leave(self, topic)

    def offer(self, update: Update | Behind) -> None:
        """Queue an update; a full queue is emptied, because the log has everything."""
        try:
            self._queue.put_nowait(update)
        except Full:
            while not self._queue.empty():
                self._queue.get_nowait()
            self._queue.put_nowait(BEHIND)
            log.warning("listener_behind", topics=len(self.topics))

    def next(self, seconds: float) -> Update | Behind | None:
        """Return what comes next, or None when nothing came in time."""
        try:
            found: Update | Behind = self._queue.get(timeout=seconds)
        except Empty:
            return None
        return found

    def close(self) -> None:
        """Leave all topics."""
        for topic in list(self.topics):
            self.remove(topic)


class Hub:
    """Subscribes to what somebody listens to; started by the first listener of the process."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._listeners: dict[str, set[Listener]] = defaultdict(set)
        self._lock = threading.RLock()
        self._pubsub: redis.client.PubSub | None = None
        self._reader: gevent.Greenlet | None = None
        self.closing = threading.Event()

    @property
    def listeners(self) -> int:
        """How many streams are open."""
        with self._lock:
            return len({listener for group in self._listeners.values() for listener in group})

    @property
    def topics(self) -> int:
        """How many topics somebody listens to."""
        with self._lock:
            return len(self._listeners)

    def listen(self, topics: Iterable[str]) -> Listener:
        """Open a listener; everything published after this returns reaches it."""
        self._start()
        return Listener(self, topics)

    def join(self, listener: Listener, topic: str) -> None:
        """Subscribe a listener to a topic."""
        with self._lock:
            first = not self._listeners[topic]
            self._listeners[topic].add(listener)
        if first:
            self._command("subscribe", topic)

    def leave(self, listener: Listener, topic: str) -> None:
        """Unsubscribe a listener; the last one ends the subscription."""
        with self._lock:
            group = self._listeners.get(topic)
            if group is None:
                return
            group.discard(listener)
            last = not group
            if last:
                del self._listeners[topic]
        if last:
            self._command("unsubscribe", topic)

    def _command(self, name: str, topic: str) -> None:
        pubsub = self._pubsub
        if pubsub is None:
            return
        try:
            getattr(pubsub, name)(channel(topic))
        except (RedisError, OSError):
            # the reader notices the cut and subscribes to everything again
            log.warning("hub_command_failed", command=name)

    def _start(self) -> None:
        with self._lock:
            if self._reader is None or self._reader.dead:
                try:
                    self._connect()
                except (RedisError, OSError):
                    # the reader goes on trying, and tells everybody when it succeeds
                    self._pubsub = None
                self._reader = gevent.spawn(self._read)

    def _connect(self) -> None:
        client = redis.Redis.from_url(
            self._platform.settings.redis.url.get_secret_value(),
            # the only blocking reader: it waits for as long as nothing happens
            socket_timeout=None,
            socket_connect_timeout=2,
            socket_keepalive=True,
        )
        pubsub = client.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
        with self._lock:
            topics = list(self._listeners)
        pubsub.subscribe(KEEPALIVE_CHANNEL, *[channel(topic) for topic in topics])
        self._pubsub = pubsub

    def _read(self) -> None:
        while not self.closing.is_set():
            try:
                if self._pubsub is None:
                    self._connect()
                    self._tell_all_behind()
                self._take()
            except (RedisError, OSError, ValueError) as error:
                log.warning("hub_disconnected", reason=type(error).__name__)
                self._pubsub = None
                gevent.sleep(RECONNECT_SECONDS)

    def _take(self) -> None:
        pubsub = self._pubsub
        message = pubsub.get_message(timeout=30.0) if pubsub is not None else None
        if message is None or message.get("type") != "message":
            return
        if message["channel"] == KEEPALIVE_CHANNEL.encode():
            return
        update = decode(message["channel"], message["data"])
        with self._lock:
            group = list(self._listeners.get(update.topic, ()))
        for listener in group:
            listener.offer(update)

    def _tell_all_behind(self) -> None:
        with self._lock:
            everybody = {listener for group in self._listeners.values() for listener in group}
        for listener in everybody:
            listener.offer(BEHIND)

    def close(self) -> None:
        """End the reader; open streams end with it."""
        self.closing.set()
        if self._reader is not None:
            self._reader.kill(block=False)
