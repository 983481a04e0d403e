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
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from shared.log import get_logger
from shared.platform import Platform
from shared.updates import Update, channel_pattern, decode, topic_of

log = get_logger(__name__)

QUEUE_SIZE = 256
RECONNECT_SECONDS = 0.5
ACKNOWLEDGE_SECONDS = 2.0


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

    def wake(self) -> None:
        """Have the stream look around: the process is closing, or its client is gone."""
        self.offer(BEHIND)

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
    """Reads all updates once and gives each to those who listen; started by the first listener of the process."""

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
        """Deliver a topic's updates to a listener from now on."""
        with self._lock:
            self._listeners[topic].add(listener)

    def leave(self, listener: Listener, topic: str) -> None:
        """Deliver them no more."""
        with self._lock:
            group = self._listeners.get(topic)
            if group is None:
                return
            group.discard(listener)
            if not group:
                del self._listeners[topic]

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
            health_check_interval=10,
            # redis-py would connect again without a word, and what was published meanwhile would be lost
            retry=Retry(NoBackoff(), 0),
        )
        pubsub = client.pubsub()  # type: ignore[no-untyped-call]
        # every topic at once: only the reader touches the connection, and joining a topic needs no round trip
        pubsub.psubscribe(channel_pattern())
        if pubsub.get_message(timeout=ACKNOWLEDGE_SECONDS) is None:
            msg = "Redis did not confirm the subscription"
            raise RedisError(msg)
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
        if message is None or message.get("type") != "pmessage":
            return
        with self._lock:
            group = list(self._listeners.get(topic_of(message["channel"].decode()), ()))
        if not group:
            return
        update = decode(message["channel"], message["data"])
        for listener in group:
            listener.offer(update)

    def _tell_all_behind(self) -> None:
        with self._lock:
            everybody = {listener for group in self._listeners.values() for listener in group}
        for listener in everybody:
            listener.offer(BEHIND)

    def drain(self) -> None:
        """Have all streams end now, because this process is about to."""
        self.closing.set()
        self._tell_all_behind()

    def close(self) -> None:
        """End the reader; open streams end with it."""
        self.drain()
        if self._reader is not None:
            self._reader.kill(block=False)
