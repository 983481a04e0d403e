"""The cluster of this machine: offered at its start, given to the first account."""

from __future__ import annotations

from typing import Self

from shared.clock import now
from shared.clusters.credentials import CredentialCipher
from shared.clusters.models import Cluster, ClusterStatus, LocalOffer
from shared.clusters.store import LOCAL, ClusterStore
from shared.kubernetes.connection.credentials import parse_kubeconfig
from shared.log import get_logger
from shared.platform import Platform

log = get_logger(__name__)


class LocalOffers:
    """Keeps the offer, and gives it away."""

    def __init__(self, store: ClusterStore, cipher: CredentialCipher) -> None:
        self._store = store
        self._cipher = cipher

    @classmethod
    def over(cls, platform: Platform) -> Self:
        """Make it over a process' connections."""
        return cls(ClusterStore(platform.db), CredentialCipher(platform.keyring))

    def offer(self, kubeconfig: str, *, simulated: bool) -> None:
        """
        Keep the cluster of this machine for the first account; the newest offer counts.

        :raises InvalidInput: the kubeconfig cannot be used
        """
        credentials = parse_kubeconfig(kubeconfig)
        sealed = self._cipher.seal_offer(credentials)
        self._store.offer(
            LocalOffer(id=LOCAL, credentials=sealed, server=credentials.server, simulated=simulated, offered_at=now())
        )

    def accept(self, owner_id: str) -> Cluster | None:
        """
        Give the offered cluster to somebody, as ``local``; the one they have gets the offer's credentials.

        :return: the cluster, or None when nothing is offered
        """
        offer = self._store.offered()
        if offer is None:
            return None
        credentials = self._cipher.open_offer(offer)
        known = self._store.find_local(owner_id)
        if known is not None:
            sealed = self._cipher.seal(credentials, known.id)
            return self._store.replace_credentials(known.id, credentials, sealed, simulated=offer.simulated)
        cluster = Cluster.new(LOCAL, credentials, owner_id=owner_id, seal=self._cipher.seal)
        cluster.local, cluster.simulated = True, offer.simulated
        cluster.is_default = self._store.count_for(owner_id) == 0
        cluster.status, cluster.last_checked_at = ClusterStatus.CONNECTED, now()
        self._store.insert(cluster)
        log.info("local_cluster_given", cluster_id=cluster.id, user_id=owner_id)
        return cluster
