"""Tasks of clusters: health checks, and the long watch."""

from __future__ import annotations

import threading

from shared.clusters.store import ClusterStore
from shared.errors import NotFound
from shared.queues import TaskName
from shared.watching.watch import unwatched_clusters, watch_cluster
from worker import context
from worker.celery_app import app

_stop = threading.Event()


def stop_all() -> None:
    """End all watches of this process and release their leases."""
    _stop.set()


@app.task(name=TaskName.CLUSTERS_CHECK.value, acks_late=False)
def check(cluster_id: str) -> None:
    """Check one cluster's health."""
    try:
        context.health_checks().check(cluster_id)
    except NotFound:
        # deleted between the tick and now
        return


@app.task(name=TaskName.CLUSTERS_CHECK_ALL.value, acks_late=False)
def check_all() -> None:
    """Send one health check per cluster; those that nobody could do in time are dropped."""
    platform = context.platform()
    for cluster_id in ClusterStore(platform.db).ids():
        platform.queue.enqueue(TaskName.CLUSTERS_CHECK, cluster_id, expires=platform.settings.clusters.health_seconds)


@app.task(name=TaskName.CLUSTERS_WATCH.value, acks_late=False, max_retries=0, time_limit=None, soft_time_limit=None)
def watch(cluster_id: str) -> None:
    """Watch one cluster for as long as this process lives; returns at once when another does."""
    watch_cluster(context.platform(), cluster_id, _stop)


@app.task(name=TaskName.CLUSTERS_SUPERVISE.value, acks_late=False)
def supervise() -> None:
    """Start a watch for every cluster that has none."""
    platform = context.platform()
    for cluster_id in unwatched_clusters(platform):
        platform.queue.enqueue(TaskName.CLUSTERS_WATCH, cluster_id, expires=25)
