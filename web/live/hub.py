"""
One Redis subscriber for all listeners of this process.

A listener has a bounded queue. When it is full it is emptied and the listener told that it is behind: it reads what it
missed from the update log. The same happens to all when the connection to Redis was cut, so a restart loses nothing.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import gevent
import redis
from gevent.lock import BoundedSemaphore
from gevent.queue import Queue
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from shared.log import get_logger
from shared.platform import Platform
from shared.updates import Update, channel_pattern, decode, topic_of, topics
from web.counters import BEHIND as BEHIND_TOTAL
from web.live.browser_socket import BrowserSocket

log = get_logger(__name__)

QUEUE_SIZE = 512
"""Updates that wait for one stream: what a run of a large graph tells at once, and half of what the log holds."""
RECONNECT_SECONDS = 0.5
SWEEP_SECONDS = 0.5
"""How late a stream may be told that nothing came in time. One timer serves all; one a stream would be a fifth of what
an update costs."""
ACKNOWLEDGE_SECONDS = 2.0
READERS = 32
"""Streams of this process that read snapshots or the log at the same time: below the pools of both stores."""
# a Redis that is gone without a word is found out within half a minute
_KEEPALIVE = {socket.TCP_KEEPIDLE: 15, socket.TCP_KEEPINTVL: 5, socket.TCP_KEEPCNT: 3}


class Behind:
    """Put into a queue instead of updates: read on from the log."""


BEHIND = Behind()


class Listener:
    """One stream: its topics and the updates that were not sent yet."""

    def __init__(self, hub: Hub, wanted: Iterable[str]) -> None:
        self.topics: set[str] = set()
        self._hub = hub
        self._queue: Queue = Queue()
        self._waiting = 0
        self._due: float | None = None
        for topic in wanted:
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

    def offer(self, item: Sequence[Update] | Behind) -> None:
        """Queue updates that came together; a full queue is emptied, because the log has everything."""
        self._waiting += _count(item)
        if self._waiting <= QUEUE_SIZE:
            self._queue.put_nowait(item)
            return
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put_nowait(BEHIND)
        self._waiting = _count(BEHIND)
        BEHIND_TOTAL.inc()
        log.warning("listener_behind", topics=len(self.topics), queue=QUEUE_SIZE)

    def wake(self) -> None:
        """Have the stream look around: the process is closing, or its browser is gone."""
        self.offer(BEHIND)

    def next(self, seconds: float) -> Sequence[Update] | Behind | None:
        """Return the next updates, all of one topic, or None when none came in time by the hub's sweep."""
        self._due = time.monotonic() + seconds
        found: Sequence[Update] | Behind | None = self._queue.get()
        self._due = None
        if found is not None:
            self._waiting -= _count(found)
        return found

    def remind(self, moment: float) -> None:
        """End a wait for which the time is over."""
        if self._due is not None and moment >= self._due:
            self._due = None
            self._queue.put_nowait(None)

    def close(self) -> None:
        """Leave all topics."""
        for topic in list(self.topics):
            self.remove(topic)
        self._hub.forget(self)


def _count(item: Sequence[Update] | Behind) -> int:
    return 1 if isinstance(item, Behind) else len(item)


class Hub:
    """
    Reads all updates once and gives each to those who listen.

    :ivar on_access: called with the id of a person whose sessions or rights have changed
    :ivar gate: held while a stream reads a snapshot or the log
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._groups: dict[str, set[Listener]] = defaultdict(set)
        self._listeners: set[Listener] = set()
        self._sockets: set[BrowserSocket] = set()
        self._lock = threading.RLock()
        self._pubsub: redis.client.PubSub | None = None
        self._reader: gevent.Greenlet | None = None
        self._sweeper: gevent.Greenlet | None = None
        self.closing = threading.Event()
        self.gate = BoundedSemaphore(READERS)
        self.on_access: Callable[[str], None] | None = None

    @property
    def listeners(self) -> int:
        """The number of open streams."""
        return len(self._listeners)

    @property
    def topics(self) -> int:
        """The number of topics with listeners."""
        return len(self._groups)

    def listen(self, wanted: Iterable[str]) -> Listener:
        """Open a listener; everything published after this returns reaches it."""
        self.start()
        listener = Listener(self, wanted)
        self._listeners.add(listener)
        return listener

    def forget(self, listener: Listener) -> None:
        """Take a listener that left all topics out of the count."""
        self._listeners.discard(listener)

    def join(self, listener: Listener, topic: str) -> None:
        """Deliver a topic's updates to a listener from now on."""
        with self._lock:
            self._groups[topic].add(listener)

    def leave(self, listener: Listener, topic: str) -> None:
        """Deliver them no more."""
        with self._lock:
            group = self._groups.get(topic)
            if group is None:
                return
            group.discard(listener)
            if not group:
                del self._groups[topic]

    def watch(self, browser: BrowserSocket) -> None:
        """Cut a browser off when it stops reading."""
        self._sockets.add(browser)

    def unwatch(self, browser: BrowserSocket) -> None:
        """Leave a browser alone that is done."""
        self._sockets.discard(browser)

    def start(self) -> None:
        """Begin to read, if that has not begun yet."""
        with self._lock:
            if self._reader is None or self._reader.dead:
                try:
                    self._connect()
                except (RedisError, OSError):
                    # the reader goes on trying, and tells everybody when it succeeds
                    self._disconnect()
                self._reader = gevent.spawn(self._read)
            self._keep_time()

    def _keep_time(self) -> None:
        """Begin to end waits and to cut off who stalls, if that has not begun yet."""
        if self._sweeper is None or self._sweeper.dead:
            self._sweeper = gevent.spawn(self._sweep)

    def _connect(self) -> None:
        client = redis.Redis.from_url(
            self._platform.settings.redis.url.get_secret_value(),
            # the only blocking reader: it waits for as long as nothing happens
            socket_timeout=None,
            socket_connect_timeout=2,
            socket_keepalive=True,
            socket_keepalive_options=_KEEPALIVE,
            health_check_interval=10,
            # redis-py would connect again without a word, and what was published meanwhile would be lost
            retry=Retry(NoBackoff(), 0),
        )
        pubsub = client.pubsub()  # type: ignore[no-untyped-call]
        self._pubsub = pubsub
        # every topic at once: only the reader touches the connection, and joining a topic needs no round trip
        pubsub.psubscribe(channel_pattern())
        if pubsub.get_message(timeout=ACKNOWLEDGE_SECONDS) is None:
            msg = "Redis did not confirm the subscription"
            raise RedisError(msg)

    def _disconnect(self) -> None:
        pubsub, self._pubsub = self._pubsub, None
        if pubsub is not None:
            with contextlib.suppress(RedisError, OSError):
                pubsub.close()
                pubsub.connection_pool.disconnect()

    def _read(self) -> None:
        while not self.closing.is_set():
            try:
                if self._pubsub is None:
                    self._connect()
                    self._tell_all_behind()
                self._take()
            except (RedisError, OSError, ValueError) as error:
                log.warning("hub_disconnected", reason=type(error).__name__)
                self._disconnect()
                gevent.sleep(RECONNECT_SECONDS)

    def _take(self) -> None:
        message = self._pubsub.get_message(timeout=30.0) if self._pubsub is not None else None
        if message is not None and message.get("type") == "pmessage":
            self.deliver(message["channel"], message["data"])

    def deliver(self, channel_name: bytes, payload: bytes) -> None:
        """Offer the updates of one message to the listeners of its topic."""
        topic = topic_of(channel_name.decode())
        kind, identity = topics.split(topic)
        if kind == "access" and self.on_access is not None:
            self.on_access(identity)
        with self._lock:
            group = list(self._groups.get(topic, ()))
        if not group:
            return
        updates = decode(channel_name, payload)
        for listener in group:
            listener.offer(updates)

    def _sweep(self) -> None:
        while not self.closing.is_set():
            gevent.sleep(SWEEP_SECONDS)
            moment = time.monotonic()
            for listener in list(self._listeners):
                listener.remind(moment)
            for browser in list(self._sockets):
                browser.cut_off_when_stalled()

    def _tell_all_behind(self) -> None:
        for listener in list(self._listeners):
            listener.offer(BEHIND)

    def drain(self) -> None:
        """Have all streams end now, because this process is about to."""
        self.closing.set()
        self._tell_all_behind()

    def close(self) -> None:
        """End the reader; open streams end with it."""
        self.drain()
        for worker in (self._reader, self._sweeper):
            if worker is not None:
                worker.kill(block=False)
        self._disconnect()
