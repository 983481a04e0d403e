"""Actions of people on clusters: see, try, connect, check and disconnect them."""

from __future__ import annotations

from contextlib import suppress
from typing import Protocol, Self

from shared.access import Actor, Verb, may, require, scope
from shared.broker import Tasks
from shared.clock import now
from shared.clusters.clients import Clients
from shared.clusters.credentials import CredentialCipher, credentials_of
from shared.clusters.health import HealthChecks
from shared.clusters.models import Cluster, ClusterStatus, ConnectionTest, NewCluster
from shared.clusters.store import ClusterStore
from shared.clusters.trial import try_connection
from shared.errors import FieldError, InvalidInput, TemporaryError
from shared.log import get_logger
from shared.platform import Platform
from shared.queues import TaskName

log = get_logger(__name__)

SOON_SECONDS = 60
"""Checks and watches that no worker has begun by then are sent again by the clock."""


class Occupants(Protocol):
    """The users of clusters; workflows are."""

    def require_idle_on(self, cluster_id: str) -> None:
        """
        Raise ``Conflict`` unless nobody is at work on a cluster.

        :raises Conflict: code ``cluster-busy``
        """


class Clusters:
    """Clusters, for one person at a time."""

    def __init__(
        self,
        store: ClusterStore,
        occupants: Occupants,
        clients: Clients,
        cipher: CredentialCipher,
        health: HealthChecks,
        queue: Tasks,
    ) -> None:
        self._store = store
        self._occupants = occupants
        self._clients = clients
        self._cipher = cipher
        self._health = health
        self._queue = queue

    @classmethod
    def over(cls, platform: Platform, occupants: Occupants) -> Self:
        """Make it over a process' connections and those who use clusters."""
        return cls(
            ClusterStore(platform.db),
            occupants,
            Clients.over(platform),
            CredentialCipher(platform.keyring),
            HealthChecks.over(platform),
            platform.queue,
        )

    def get(self, actor: Actor, cluster_id: str, verb: Verb = Verb.SEE) -> Cluster:
        """
        Return a cluster the actor may do this with.

        :raises NotFound: there is none, or it may not be seen
        :raises Forbidden: the verb is missing
        """
        cluster = self._store.get(cluster_id)
        require(actor, verb, cluster, what="cluster")
        return cluster

    def find(self, actor: Actor, cluster_id: str | None) -> Cluster | None:
        """Return a cluster that the actor may see, or None."""
        cluster = self._store.find(cluster_id) if cluster_id else None
        return cluster if cluster is not None and may(actor, Verb.SEE, cluster) else None

    def is_privileged_on(self, actor: Actor, cluster_id: str | None) -> bool:
        """Whether the actor may use privileged fields; without a cluster nothing is held back."""
        cluster = self._store.find(cluster_id) if cluster_id else None
        return cluster is None or may(actor, Verb.PRIVILEGED, cluster)

    def list(
        self, actor: Actor, *, limit: int = 50, cursor: str | None = None
    ) -> tuple[list[Cluster], int, str | None]:
        """Return a page of the clusters in the actor's scope, by name."""
        require(actor, Verb.SEE, None)
        return self._store.list(scope(actor), limit=limit, cursor=cursor)

    def test(self, actor: Actor, wanted: NewCluster) -> ConnectionTest:
        """
        Try a connection; returns the checks that passed and failed, with their remedies.

        :raises InvalidInput: what was typed cannot be tried at all
        """
        require(actor, Verb.CREATE, None, what="cluster")
        return try_connection(credentials_of(wanted), self._clients.open)

    def connect(self, actor: Actor, wanted: NewCluster) -> Cluster:
        """
        Test and store a cluster, and have it watched; with ``save_untested`` also one that does not answer.

        :raises InvalidInput: code ``cluster-test-failed``; ``details["test"]`` has the checks
        :raises Conflict: the name is taken
        """
        require(actor, Verb.CREATE, None, what="cluster")
        credentials = credentials_of(wanted)
        tried = None if wanted.save_untested else try_connection(credentials, self._clients.open)
        if tried is not None and not tried.ok:
            raise test_failed(wanted, tried)
        cluster = Cluster.new(
            wanted.name, credentials, owner_id=actor.user_id, auth_type=wanted.auth_type, seal=self._cipher.seal
        )
        cluster.is_default = wanted.is_default or self._store.count_for(actor.user_id) == 0
        if tried is not None:
            cluster.status, cluster.version, cluster.last_checked_at = ClusterStatus.CONNECTED, tried.version, now()
        self._store.insert(cluster)
        log.info("cluster_connected", cluster_id=cluster.id, user_id=actor.user_id)
        self._watch_soon(cluster.id)
        return cluster

    def set_default(self, actor: Actor, cluster_id: str) -> Cluster:
        """Make a cluster the one that its owner's new workflows get."""
        cluster = self.get(actor, cluster_id, Verb.EDIT)
        self._store.set_default(cluster.owner_id, cluster.id)
        return self._store.get(cluster.id)

    def refresh(self, actor: Actor, cluster_id: str) -> Cluster:
        """Check a cluster's health now."""
        return self._health.check(self.get(actor, cluster_id, Verb.OPERATE).id)

    def disconnect(self, actor: Actor, cluster_id: str) -> None:
        """
        Forget a cluster; the workloads on it go on running.

        :raises Conflict: code ``cluster-busy``: a run is at work on it
        """
        cluster = self.get(actor, cluster_id, Verb.DELETE)
        self._occupants.require_idle_on(cluster.id)
        self._store.delete(cluster.id)

    def _watch_soon(self, cluster_id: str) -> None:
        with suppress(TemporaryError):
            # the cluster is stored: when the queue does not answer now, beat sends both within a minute
            self._queue.enqueue(TaskName.CLUSTERS_CHECK, cluster_id, expires=SOON_SECONDS)
            self._queue.enqueue(TaskName.CLUSTERS_WATCH, cluster_id, expires=SOON_SECONDS)


def test_failed(wanted: NewCluster, tried: ConnectionTest) -> InvalidInput:
    """Return the error of a cluster that is not stored, with the first check that failed."""
    failed = next(item for item in tried.checks if item.state == "fail")
    return InvalidInput(
        f"{failed.title} failed: {failed.detail}",
        code="cluster-test-failed",
        fields=[FieldError(wanted.auth_type, failed.detail)],
        details={"test": tried.model_dump()},
    )
