"""Streams step by step: the test is the hub's reader and reads one frame at a time."""

from __future__ import annotations

from collections.abc import Callable

from redis.client import PubSub

from shared.access import Actor
from shared.clock import now
from shared.ids import new_id
from shared.platform import Platform
from shared.updates import channel_pattern, topics
from shared.workflows.models import Workflow
from tests.support.events import Event, parse
from web.live.hub import Hub
from web.live.sse import Stream
from web.services import Services


class FedHub(Hub):
    """A hub whose reader is the test: ``pump`` delivers what was published."""

    def __init__(self, platform: Platform) -> None:
        super().__init__(platform)
        self.pubsub = PubSub(platform.redis.connection_pool)
        self.pubsub.psubscribe(channel_pattern())
        assert self.pubsub.get_message(timeout=2) is not None

    def start(self) -> None:
        """Nothing reads by itself, but waits end."""
        self._keep_time()

    def pump(self) -> None:
        while (message := self.pubsub.get_message(timeout=0.05)) is not None:
            if message["type"] == "pmessage":
                self.deliver(message["channel"], message["data"])


Open = Callable[..., "Reader"]


class Reader:
    """A stream read one frame at a time."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.frames = stream.frames()
        self.id = ""
        self._read: list[bytes] = []

    def raw(self) -> bytes:
        if not self._read:
            self._read = [frame + b"\n\n" for frame in next(self.frames).split(b"\n\n") if frame]
        return self._read.pop(0)

    def next(self) -> Event:
        while True:
            event = parse(self.raw().decode())
            if event is not None:
                self.id = event.id or self.id
                return event

    def numbers(self, count: int) -> list[int]:
        return [self.next().body["n"] for _ in range(count)]


def workflow_of(found: Services, who: Actor, name: str = "shop") -> str:
    at = now()
    made = Workflow(id=new_id(), name=name, slug=name, owner_id=who.user_id, created_at=at, updated_at=at)
    found.stores.workflows.insert(made)
    return topics.workflow(made.id)


def log(platform: Platform, topic: str, *numbers: int) -> list[str]:
    return [platform.updates.publish(topic, "log", {"n": n}) or "" for n in numbers]
