"""
The Celery application of worker and watcher: its tasks, its log lines, and the errors after which it tries again.

Started as ``celery -A worker.celery_app worker …``; queues and pools are in the Procfile.
"""

from __future__ import annotations

from typing import Any

from celery import Task, signals
from pymongo.errors import PyMongoError
from redis.exceptions import RedisError

from shared.broker import make_celery
from shared.errors import StorageUnavailable, TemporaryError
from shared.kubernetes.connection.server import load
from shared.log import bind_context, clear_context, configure, get_logger
from shared.processes.memory import settle
from shared.storage.errors import translate
from worker import context
from worker.probe import ConsumptionProbe

log = get_logger(__name__)

MOST_RETRIES = 20
TASK_SECONDS = 3900
"""Hard limit of a task: above ``RUNS__TOTAL_SECONDS``, below the broker's visibility timeout."""


class PlatformTask(Task):
    """Is tried again when waiting can help; other errors go to the log alone, for outcomes stand in our documents."""

    abstract = True
    max_retries = MOST_RETRIES

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the task with its ids bound to every line of the log."""
        clear_context()
        headers = getattr(self.request, "headers", None) or {}
        request_id = headers.get("request_id") or getattr(self.request, "request_id", "")
        bind_context(task_id=self.request.id, task=self.name, request_id=request_id)
        try:
            return self.run(*args, **kwargs)
        except TemporaryError as error:
            raise self.retry(countdown=error.delay, exc=error) from error
        except RedisError as error:
            raise self.retry(countdown=2, exc=StorageUnavailable("Redis does not answer.")) from error
        except PyMongoError as error:
            translated = translate(error)
            if isinstance(translated, TemporaryError):
                raise self.retry(countdown=translated.delay, exc=translated) from error
            raise translated from error


app = make_celery(context.settings(), "kubeorch")
app.Task = PlatformTask
app.conf.update(
    imports=("worker.tasks.runs", "worker.tasks.clusters", "worker.tasks.system"),
    worker_consumer="worker.consumer:Consumer",
    task_time_limit=TASK_SECONDS,
    task_soft_time_limit=TASK_SECONDS - 60,
)
app.set_default()
app.steps["consumer"].add(ConsumptionProbe)


@signals.setup_logging.connect
def _configure_logging(**_kwargs: object) -> None:
    settings = context.settings()
    configure("worker", level=settings.log.level, fmt=settings.log.format)


@signals.celeryd_after_setup.connect
def _settle(**_kwargs: object) -> None:
    # tasks are imported, no process is forked yet
    load()
    settle()


@signals.task_failure.connect
def _log_failure(task_id: str = "", exception: BaseException | None = None, sender: Any = None, **_: object) -> None:
    log.error("task_failed", task_id=task_id, task=getattr(sender, "name", ""), reason=repr(exception)[:256])


@signals.worker_shutting_down.connect
def _stop_watching(**_kwargs: object) -> None:
    from worker.tasks.clusters import stop_all

    stop_all()
