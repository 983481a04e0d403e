"""Clusters in memory, which tests/functional compares with the real store, and servers that answer what is wanted."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from shared.access import Scope, no_such
from shared.clusters.clients import Clients
from shared.clusters.models import Cluster, ClusterStatus, Health, LocalOffer, in_seconds
from shared.clusters.store import ClusterStore
from shared.crypto import KeyRing
from shared.errors import ClusterRefused, Conflict, KubeOrchError
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.connection.credentials import Credentials
from shared.kubernetes.objects import ApiResource, Manifest
from shared.settings import ClusterSettings

Answer = TypeVar("Answer")
KEYRING = KeyRing({"k1": os.urandom(32)})
FORBIDDEN = ClusterRefused("no", code="cluster-forbidden")


class FakeClusterStore(ClusterStore):
    """Keeps clusters by id."""

    def __init__(self, *clusters: Cluster) -> None:
        self.rows = {cluster.id: cluster for cluster in clusters}
        self.kept_offer: LocalOffer | None = None

    def insert(self, cluster: Cluster) -> None:
        """Add one."""
        if any((row.owner_id, row.name) == (cluster.owner_id, cluster.name) for row in self.rows.values()):
            raise Conflict("taken", code="cluster-name-taken")
        self.rows[cluster.id] = cluster
        if cluster.is_default:
            self.set_default(cluster.owner_id, cluster.id)

    def find(self, cluster_id: str) -> Cluster | None:
        """Return one or None."""
        return self.rows.get(cluster_id)

    def find_local(self, owner_id: str) -> Cluster | None:
        """Return a person's cluster of this machine."""
        return next((row for row in self.rows.values() if row.owner_id == owner_id and row.local), None)

    def list(
        self, scope: Scope, *, limit: int = 50, cursor: str | None = None
    ) -> tuple[list[Cluster], int, str | None]:
        """Return the clusters of a scope by name, on one page."""
        del limit, cursor
        found = sorted((row for row in self.rows.values() if row.owner_id == scope.owner_id), key=lambda row: row.name)
        return found, len(found), None

    def count_for(self, owner_id: str) -> int:
        """Count a person's."""
        return sum(row.owner_id == owner_id for row in self.rows.values())

    def record_health(self, cluster_id: str, health: Health) -> Cluster:
        """Keep what a check found."""
        values: dict[str, Any] = {
            "status": health.status,
            "status_reason": health.reason,
            "latency_ms": health.latency_ms,
        }
        if health.status is ClusterStatus.CONNECTED:
            values |= {"version": health.version, "node_count": health.node_count}
        return self._change(cluster_id, values)

    def replace_credentials(
        self, cluster_id: str, credentials: Credentials, sealed: dict[str, Any], *, simulated: bool
    ) -> Cluster:
        """Keep new credentials."""
        values: dict[str, Any] = {
            "server": credentials.server,
            "simulated": simulated,
            "credentials": sealed,
            "credentials_expire_at": in_seconds(credentials.expire_at),
        }
        revision = self.get(cluster_id).credential_revision
        return self._change(cluster_id, values | {"credential_revision": revision + 1})

    def set_default(self, owner_id: str, cluster_id: str) -> None:
        """Make one the only default."""
        for row in list(self.rows.values()):
            if row.owner_id == owner_id:
                self._change(row.id, {"is_default": row.id == cluster_id})

    def delete(self, cluster_id: str) -> bool:
        """Forget one."""
        return self.rows.pop(cluster_id, None) is not None

    def offer(self, offer: LocalOffer) -> None:
        """Keep the newest offer."""
        self.kept_offer = offer

    def offered(self) -> LocalOffer | None:
        """Return it."""
        return self.kept_offer

    def _change(self, cluster_id: str, values: dict[str, Any]) -> Cluster:
        cluster = self.find(cluster_id)
        if cluster is None:
            raise no_such("cluster")
        self.rows[cluster_id] = cluster.model_copy(update=values)
        return self.rows[cluster_id]


class FakeClient(ClusterClient):
    """
    A server that answers, or fails at one step.

    :param failing: name of a method, and what it raises
    :param denied: verbs that the credentials may not use
    """

    def __init__(self, *, failing: dict[str, Exception] | None = None, denied: tuple[str, ...] = ()) -> None:
        self.failing = failing or {}
        self.denied = denied
        self.is_closed = False

    def ready(self) -> float:
        """Answer after a while."""
        return self._answer("ready", 3.5)

    def version(self) -> Manifest:
        """Say which version it is."""
        return self._answer("version", {"gitVersion": "v1.34.1"})

    def can_i(self, verb: str, resource: ApiResource, namespace: str | None = None) -> tuple[bool, str]:
        """Say whether a verb is allowed."""
        del resource, namespace
        return self._answer("can_i", (verb not in self.denied, ""))

    def list(self, *_args: Any, **_more: Any) -> tuple[list[Manifest], str]:
        """List two machines."""
        machines: list[Manifest] = [{}, {}]
        return self._answer("list", (machines, ""))

    def close(self) -> None:
        """Close."""
        self.is_closed = True

    def _answer(self, step: str, value: Answer) -> Answer:
        if step in self.failing:
            raise self.failing[step]
        return value


class FakeAnswers(ClusterClient):
    """
    A server that answers by path, and refuses what it has no answer for.

    :param answers: by path without its query; a page for the query's ``continue`` stands under ``path?continue=…``
    :param rights: the answer about all rights
    :param allowed: the answer about one right
    :param hold: no list is answered before this is set
    :ivar asked: paths and questions, as they came
    """

    def __init__(
        self,
        answers: Mapping[str, Manifest | KubeOrchError] | None = None,
        *,
        rights: Manifest | None = None,
        allowed: Callable[[str, ApiResource, str | None], bool] = lambda *_: True,
        hold: threading.Event | None = None,
    ) -> None:
        self.answers = answers or {}
        self.rights = rights or {}
        self.allowed = allowed
        self.hold = hold
        self.asked: list[str] = []

    def read(self, path: str, *, accept: str = "") -> Manifest:
        """Answer a path."""
        del accept
        self.asked.append(path)
        if self.hold is not None:
            self.hold.wait(10)
        start, _, query = path.partition("?")
        page = next((part for part in query.split("&") if part.startswith("continue=")), "")
        answer = self.answers.get(f"{start}?{page}" if page else start, FORBIDDEN)
        if isinstance(answer, KubeOrchError):
            raise answer
        return answer

    def rules(self, namespace: str) -> Manifest:
        """Answer about all rights."""
        self.asked.append(f"rules {namespace}")
        return self.rights

    def can_i(self, verb: str, resource: ApiResource, namespace: str | None = None) -> tuple[bool, str]:
        """Answer about one right."""
        self.asked.append(f"{verb} {resource.plural} {namespace}")
        return self.allowed(verb, resource, namespace), ""

    def close(self) -> None:
        """Nothing is open."""


class FakeClients(Clients):
    """
    Has a client for each cluster of a dictionary, or one for all.

    :param clients: by the clusters' ids; a client alone answers for whatever cluster and credentials
    """

    def __init__(self, clients: Mapping[str, ClusterClient] | ClusterClient) -> None:
        super().__init__(KEYRING, ClusterSettings())
        self.clients = clients

    def open(self, credentials: Credentials) -> ClusterClient:
        """Return the one client."""
        del credentials
        assert isinstance(self.clients, ClusterClient)
        return self.clients

    def client_for(self, cluster: Cluster) -> ClusterClient:
        """Return a cluster's client."""
        return self.clients if isinstance(self.clients, ClusterClient) else self.clients[cluster.id]


def opens(client: ClusterClient) -> Callable[[object], ClusterClient]:
    """Return what opens this client for whatever credentials."""
    return lambda _: client
