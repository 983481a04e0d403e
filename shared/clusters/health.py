"""Health of clusters: asked now and then by workers, and at once by whoever looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

from shared.clusters.clients import Clients
from shared.clusters.models import Cluster, ClusterStatus, Health
from shared.clusters.store import ClusterStore
from shared.errors import ClusterRefused, ClusterUnreachable, KubeOrchError, NeedsReentry
from shared.kubernetes.client import ClusterClient
from shared.log import get_logger
from shared.platform import Platform
from shared.updates import Publisher, topics

log = get_logger(__name__)


class HealthChecks:
    """Asks clusters whether they are ready; records their health and publishes changes of it."""

    def __init__(self, store: ClusterStore, clients: Clients, updates: Publisher) -> None:
        self._store = store
        self._clients = clients
        self._updates = updates

    @classmethod
    def over(cls, platform: Platform) -> Self:
        """Make it over a process' connections."""
        return cls(ClusterStore(platform.db), Clients.over(platform), platform.updates)

    def check(self, cluster_id: str) -> Cluster:
        """
        Ask one cluster, within its time-out.

        :return: the cluster as it is known now
        :raises NotFound: the cluster was deleted
        """
        cluster = self._store.get(cluster_id)
        after = self._store.record_health(cluster_id, health_of(cluster, self._clients.open_for))
        if (after.status, after.status_reason) != (cluster.status, cluster.status_reason):
            log.info("cluster_status_changed", cluster_id=cluster_id, before=cluster.status, status=after.status)
            self._updates.publish(
                topics.cluster(cluster_id), "status", {"cluster": after.head().model_dump(mode="json")}
            )
        return after


def health_of(cluster: Cluster, open_client: Callable[[Cluster], ClusterClient]) -> Health:
    """Return the health of a cluster; the reason why it does not answer is a finding, no error."""
    try:
        client = open_client(cluster)
    except NeedsReentry as error:
        return Health(ClusterStatus.ERROR, error.message)
    except KubeOrchError as error:
        return Health(ClusterStatus.UNREACHABLE, error.message)
    try:
        return _asked(client, cluster)
    except ClusterUnreachable as error:
        return Health(ClusterStatus.UNREACHABLE, error.message)
    except ClusterRefused as error:
        status = ClusterStatus.UNAUTHORIZED if error.code == "cluster-unauthorized" else ClusterStatus.ERROR
        return Health(status, error.message)
    except KubeOrchError as error:
        return Health(ClusterStatus.ERROR, error.message)
    finally:
        client.close()


def _asked(client: ClusterClient, cluster: Cluster) -> Health:
    latency = client.ready()
    version = str(client.version().get("gitVersion", cluster.version))
    return Health(ClusterStatus.CONNECTED, latency_ms=latency, version=version, node_count=_count_nodes(client))


def _count_nodes(client: ClusterClient) -> int | None:
    try:
        return len(client.list("v1", "Node")[0])
    except ClusterRefused:
        # credentials of one namespace may not list the machines; that is no error
        return None
