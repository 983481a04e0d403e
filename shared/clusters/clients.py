"""Clients of clusters: kept open for those who ask again and again, or opened for one purpose."""

from __future__ import annotations

import threading
from typing import Self

from shared.clusters.credentials import CredentialCipher
from shared.clusters.models import Cluster
from shared.crypto import KeyRing
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.connection.credentials import Credentials
from shared.platform import Platform
from shared.settings import ClusterSettings

_MOST_OPEN = 200


def open_client(credentials: Credentials, settings: ClusterSettings) -> ClusterClient:
    """Return a client of its own; the caller closes it."""
    return ClusterClient(
        credentials, timeout_seconds=settings.timeout_seconds, allow_private=settings.private_addresses == "allow"
    )


class Clients:
    """Clients of this process, one per cluster and revision of its credentials, so that connections are kept alive."""

    def __init__(self, keyring: KeyRing, settings: ClusterSettings) -> None:
        self._cipher = CredentialCipher(keyring)
        self._settings = settings
        self._lock = threading.Lock()
        self._open: dict[str, tuple[int, ClusterClient]] = {}

    @classmethod
    def over(cls, platform: Platform) -> Self:
        """Make it with a process' keys and settings."""
        return cls(platform.keyring, platform.settings.clusters)

    def open(self, credentials: Credentials) -> ClusterClient:
        """Return a client for credentials that are stored nowhere; the caller closes it."""
        return open_client(credentials, self._settings)

    def open_for(self, cluster: Cluster) -> ClusterClient:
        """
        Return a client of its own for one cluster; the caller closes it.

        :raises NeedsReentry: the credentials cannot be opened
        """
        return self.open(self._cipher.open(cluster))

    def client_for(self, cluster: Cluster) -> ClusterClient:
        """
        Return a client; do not close it.

        :raises NeedsReentry: the credentials cannot be opened
        """
        with self._lock:
            known = self._open.get(cluster.id)
            if known and known[0] == cluster.credential_revision:
                return known[1]
        client = self.open_for(cluster)
        with self._lock:
            if len(self._open) >= _MOST_OPEN:
                self._open.pop(next(iter(self._open)))[1].close()
            before = self._open.get(cluster.id)
            if before and before[0] == cluster.credential_revision:
                # somebody else was faster, and may be using theirs by now
                client.close()
                return before[1]
            self._open[cluster.id] = (cluster.credential_revision, client)
        if before:
            before[1].close()
        return client

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for _, client in self._open.values():
                client.close()
            self._open.clear()
