"""The table of tasks that beat enqueues, as ``celery -A beat.schedule beat -S beat.scheduler:Scheduler``."""

from __future__ import annotations

from dataclasses import dataclass

from celery import signals

from shared.broker import make_celery
from shared.log import configure
from shared.queues import TaskName, queue_of
from shared.settings import Settings, load_settings


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the table; a tick that nobody took within its period is dropped."""

    name: str
    task: TaskName
    seconds: float
    reason: str


def entries(settings: Settings) -> list[Entry]:
    """Return the table."""
    health = float(settings.clusters.health_seconds)
    return [
        Entry("cluster-health", TaskName.CLUSTERS_CHECK_ALL, health, "people see a dead cluster within a minute"),
        Entry("reaper", TaskName.RUNS_REAP, 10, "a run whose worker died goes on soon after its lease ran out"),
        Entry("watch-supervisor", TaskName.CLUSTERS_SUPERVISE, 5, "a dead watcher's clusters are taken over in 20 s"),
        Entry("retention", TaskName.SYSTEM_RETENTION, 3600, "finished runs are kept as long as the setting says"),
    ]


settings = load_settings()
app = make_celery(settings, "kubeorch-beat")
app.conf.update(
    beat_schedule={
        entry.name: {
            "task": entry.task.value,
            "schedule": entry.seconds,
            "options": {"queue": queue_of(entry.task).value, "expires": entry.seconds},
        }
        for entry in entries(settings)
    },
    beat_max_loop_interval=5,
    redbeat_redis_url=settings.redis.url.get_secret_value(),
    redbeat_key_prefix="beat:",
    # above five times the loop interval, so that a slow loop does not lose the lock
    redbeat_lock_timeout=30,
)


@signals.beat_init.connect
def _configure_logging(**_kwargs: object) -> None:
    configure("beat", level=settings.log.level, fmt=settings.log.format)
