"""Celery's consumer, which must outlive a broker that goes away in the middle of a task."""

from __future__ import annotations

from typing import Any, ClassVar

from celery import bootsteps
from celery.worker.consumer import Consumer as CeleryConsumer
from kombu.transport.redis import Channel
from redis.exceptions import ConnectionError as RedisConnectionError


class Consumer(CeleryConsumer):
    """Consumes as Celery does, without Gossip."""

    class Blueprint(bootsteps.Blueprint):
        """
        The steps that are started with each connection.

        Gossip is left out: it cannot be stopped on a connection that is gone, and we elect no leader.
        """

        name = "Consumer"
        default_steps: ClassVar[list[str]] = [
            "celery.worker.consumer.connection:Connection",
            "celery.worker.consumer.mingle:Mingle",
            "celery.worker.consumer.events:Events",
            "celery.worker.consumer.heart:Heart",
            "celery.worker.consumer.control:Control",
            "celery.worker.consumer.tasks:Tasks",
            "celery.worker.consumer.consumer:Evloop",
            "celery.worker.consumer.agent:Agent",
        ]

        def shutdown(self, parent: Any) -> None:
            """Stop the steps that have started."""
            self.send_all(parent, "shutdown")


def _connparams(self: Any, asynchronous: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 - kombu's signature
    """
    Return the parameters with which a channel connects; a connection closed meanwhile raises a connection error.

    Kombu would ask None for its host name, and the AttributeError, which nobody expects from a lost connection, would
    end the worker: when a channel that is closed puts its messages back, or when a task that outlived the connection is
    acknowledged. Such a message stays in Redis until its visibility time-out; a run is adopted by its lease before.
    """
    if self.connection is None or self.connection.client is None:
        raise RedisConnectionError("this connection to the broker was closed")
    parameters: dict[str, Any] = _original(self, asynchronous)
    return parameters


_original = Channel._connparams  # noqa: SLF001 - the only place where all its connections are made
Channel._connparams = _connparams  # noqa: SLF001
