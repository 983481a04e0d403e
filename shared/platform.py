"""The composition root: the connections that every process opens once and hands to actions as arguments."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from typing import Any, Self

import redis
from pymongo.database import Database
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from shared.broker import TaskQueue, make_celery
from shared.crypto import KeyRing
from shared.settings import Settings
from shared.storage import connect
from shared.storage.leases import Leases
from shared.updates import UpdateLog

REDIS_ANSWER_SECONDS = 1.0
REDIS_CONNECTIONS = 64
REDIS_WAIT_SECONDS = 5.0


def open_redis(settings: Settings) -> redis.Redis:
    """
    Return a pooled client for commands that answer at once; blocking readers need one without a time-out.

    A thousand streams may want something at the same moment: they wait for a connection, where redis-py's ordinary
    pool fails from the 101st on.
    """
    pool = redis.BlockingConnectionPool.from_url(
        settings.redis.url.get_secret_value(),
        max_connections=REDIS_CONNECTIONS,
        timeout=REDIS_WAIT_SECONDS,
        socket_timeout=REDIS_ANSWER_SECONDS,
        socket_connect_timeout=REDIS_ANSWER_SECONDS,
        health_check_interval=15,
        retry=Retry(ExponentialBackoff(cap=0.2, base=0.02), retries=2),
    )
    return redis.Redis.from_pool(pool)


@dataclass(frozen=True, slots=True)
class Platform:
    """
    Connections and keys of one process.

    :param owner: who this process is in leases: ``worker@host:pid``
    """

    settings: Settings
    db: Database[dict[str, Any]]
    redis: redis.Redis
    updates: UpdateLog
    keyring: KeyRing
    queue: TaskQueue
    leases: Leases
    owner: str

    @classmethod
    def open(cls, settings: Settings, process: str) -> Self:
        """
        Connect lazily to everything; a prefork worker calls it after the fork.

        :raises InvalidInput: the key ring or an address is malformed
        """
        client = open_redis(settings)
        return cls(
            settings=settings,
            db=connect(settings.mongo, app_name=f"kubeorch-{process}"),
            redis=client,
            updates=UpdateLog(client),
            keyring=KeyRing.parse(settings.keyring.get_secret_value()),
            queue=TaskQueue(make_celery(settings, f"kubeorch-{process}")),
            leases=Leases(client),
            owner=f"{process}@{socket.gethostname()}:{os.getpid()}",
        )

    def close(self) -> None:
        """Give all connections back."""
        self.queue.close()
        self.redis.close()
        self.db.client.close()
