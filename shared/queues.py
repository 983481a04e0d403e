"""Every queue and every task by name, once; Procfile, beat and the workers are checked against this table."""

from __future__ import annotations

from enum import StrEnum


class QueueName(StrEnum):
    """The queues; which process consumes which is in the Procfile."""

    RUNS = "runs"
    IMPORTS = "imports"
    DEFAULT = "default"
    BUILDS = "builds"
    WATCH = "watch"
    HEALTH = "health"
    CONTROL = "control"


class TaskName(StrEnum):
    """The tasks; arguments are ids and plain values, and they only ever grow."""

    RUNS_EXECUTE = "runs.execute"
    RUNS_REAP = "runs.reap"
    CLUSTERS_CHECK = "clusters.check"
    CLUSTERS_CHECK_ALL = "clusters.check_all"
    CLUSTERS_WATCH = "clusters.watch"
    CLUSTERS_SUPERVISE = "clusters.supervise"
    SYSTEM_PROBE = "system.probe"
    SYSTEM_RETENTION = "system.retention"


_QUEUE_OF = {
    TaskName.RUNS_EXECUTE: QueueName.RUNS,
    TaskName.RUNS_REAP: QueueName.CONTROL,
    TaskName.CLUSTERS_CHECK: QueueName.HEALTH,
    TaskName.CLUSTERS_CHECK_ALL: QueueName.CONTROL,
    TaskName.CLUSTERS_WATCH: QueueName.WATCH,
    TaskName.CLUSTERS_SUPERVISE: QueueName.CONTROL,
    TaskName.SYSTEM_PROBE: QueueName.CONTROL,
    TaskName.SYSTEM_RETENTION: QueueName.CONTROL,
}


def queue_of(task: TaskName) -> QueueName:
    """Return the queue a task is sent to (the probe overrides it with its worker's own queue)."""
    return _QUEUE_OF[task]
