"""
Celery, set up once for every process; the only module of the domain that knows it.

``make_celery`` gives workers, beat and Flower the same application; ``TaskQueue`` is what web and actions use to
enqueue. Messages carry ids only, the documents in MongoDB are the truth.
"""

from __future__ import annotations

from typing import Any, Protocol

from celery import Celery
from kombu import Queue
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from shared.errors import StorageUnavailable
from shared.log import context
from shared.queues import QueueName, TaskName, queue_of
from shared.settings import Settings

ENQUEUE_SECONDS = 1.0


def make_celery(settings: Settings, main: str) -> Celery:
    """Return a Celery application that knows queues, routes and limits, and no task."""
    app = Celery(main, broker=settings.broker.url.get_secret_value(), set_as_current=False)
    app.conf.update(
        task_queues=[Queue(name.value, routing_key=name.value) for name in QueueName],
        task_default_queue=QueueName.DEFAULT.value,
        # a queue that nobody declared is a mistake, not a new queue that nobody reads
        task_create_missing_queues=False,
        task_routes={task.value: {"queue": queue_of(task).value} for task in TaskName},
        # JSON only: pickle in a broker is remote code execution
        task_serializer="json",
        accept_content=["json"],
        result_accept_content=["json"],
        # state lives in our documents
        task_ignore_result=True,
        result_backend=None,
        # the message comes back when a worker dies; every task may run twice
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        # one message at a time: a long run must not hold others back
        worker_prefetch_multiplier=1,
        worker_direct=True,
        worker_send_task_events=True,
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options=_transport(settings),
        # kombu's own heartbeat of dead connections to Redis
        broker_pool_limit=10,
        timezone="UTC",
        enable_utc=True,
    )
    return app


def _transport(settings: Settings) -> dict[str, Any]:
    options: dict[str, Any] = {
        "visibility_timeout": settings.broker.visibility_seconds,
        "socket_keepalive": True,
        "socket_connect_timeout": 5,
        # redis-py 8 gives up on reads after 5 s by default; a consumer waits in BRPOP for longer
        "socket_timeout": None,
        "health_check_interval": 15,
    }
    if settings.broker.sentinel_master:
        options["master_name"] = settings.broker.sentinel_master
    return options


class Tasks(Protocol):
    """Takes tasks for workers; the queue does."""

    def enqueue(self, task: TaskName, *args: str | int | None, expires: float | None = None) -> None:
        """
        Send one task; call it after the write it is about has succeeded.

        :param expires: seconds after which it is not worth doing any more
        """


class TaskQueue:
    """Sends tasks by name; gives up within about a second when the broker does not answer."""

    def __init__(self, app: Celery) -> None:
        # who enqueues must not hang on a broker that is away; workers' own connections are another application
        app.conf.broker_transport_options = {
            **app.conf.broker_transport_options,
            "socket_timeout": ENQUEUE_SECONDS,
            "socket_connect_timeout": ENQUEUE_SECONDS,
        }
        self._app = app

    def enqueue(
        self,
        task: TaskName,
        *args: str | int | None,
        headers: dict[str, str] | None = None,
        countdown: float | None = None,
        expires: float | None = None,
    ) -> None:
        """
        Send one task to its queue; call it after the write it is about has succeeded.

        :param args: ids and plain values
        :param countdown: seconds to wait before it may start
        :param expires: seconds after which nobody should start it any more
        :raises StorageUnavailable: the broker does not answer; the reaper enqueues queued runs again
        """
        sent = {"request_id": str(context().get("request_id", "")), **(headers or {})}
        try:
            self._app.send_task(
                task.value,
                args=args,
                queue=queue_of(task).value,
                headers=sent,
                countdown=countdown,
                expires=expires,
                retry=True,
                retry_policy={"max_retries": 1, "interval_start": 0.1, "interval_max": 0.1},
            )
        except (OperationalError, RedisError, OSError) as error:
            msg = "The job queue does not answer; what you saved is kept. Try again in a moment."
            raise StorageUnavailable(msg, code="queue-unavailable") from error

    def lengths(self) -> dict[str, int]:
        """
        Return the number of messages that wait in each queue.

        :raises StorageUnavailable: the broker does not answer
        """
        try:
            with self._app.connection_for_write() as connection:
                # asked for by name, because a channel of its own accord tries for much longer
                connection.ensure_connection(
                    max_retries=1, interval_start=0.1, interval_step=0, timeout=ENQUEUE_SECONDS
                )
                client = connection.default_channel.client
                return {name.value: int(client.llen(name.value)) for name in QueueName}
        except (OperationalError, RedisError, OSError) as error:
            raise StorageUnavailable("The job queue does not answer.", code="queue-unavailable") from error

    def close(self) -> None:
        """Give connections back."""
        self._app.close()
