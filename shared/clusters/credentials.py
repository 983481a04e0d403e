"""Credentials of clusters: taken from what a person typed, sealed for the database, opened for a client."""

from __future__ import annotations

from typing import Any

from shared.clusters.models import Cluster, LocalOffer, NewCluster
from shared.clusters.store import COLLECTION, LOCAL, OFFERS
from shared.crypto import KeyRing
from shared.errors import FieldError, InvalidInput
from shared.kubernetes.connection.credentials import DEFAULT_NAMESPACE, Credentials, parse_kubeconfig, require_valid


class CredentialCipher:
    """Seals credentials for the place where they are kept, and opens them from there alone."""

    def __init__(self, keyring: KeyRing) -> None:
        self._keyring = keyring

    def seal(self, credentials: Credentials, cluster_id: str) -> dict[str, Any]:
        """Seal the credentials of a cluster."""
        return self._seal(credentials, _of_cluster(cluster_id))

    def open(self, cluster: Cluster) -> Credentials:
        """
        Open a stored cluster's credentials.

        :raises NeedsReentry: the key ring does not open them
        """
        return self._open(cluster.credentials, _of_cluster(cluster.id))

    def seal_offer(self, credentials: Credentials) -> dict[str, Any]:
        """Seal the credentials of this machine's cluster, which is nobody's yet."""
        return self._seal(credentials, _OF_OFFER)

    def open_offer(self, offer: LocalOffer) -> Credentials:
        """
        Open the credentials of an offer.

        :raises NeedsReentry: the key ring does not open it
        """
        return self._open(offer.credentials, _OF_OFFER)

    def _seal(self, credentials: Credentials, place: str) -> dict[str, Any]:
        return self._keyring.seal(credentials.model_dump_json().encode(), context=place)

    def _open(self, sealed: dict[str, Any], place: str) -> Credentials:
        return Credentials.model_validate_json(self._keyring.open(sealed, context=place))


_OF_OFFER = f"{OFFERS}/{LOCAL}/credentials"


def _of_cluster(cluster_id: str) -> str:
    return f"{COLLECTION}/{cluster_id}/credentials"


def credentials_of(wanted: NewCluster) -> Credentials:
    """
    Return the credentials that a person typed.

    :raises InvalidInput: a field that is missing or cannot be right
    """
    if wanted.auth_type == "kubeconfig":
        if wanted.kubeconfig is None:
            raise _missing("kubeconfig")
        credentials = parse_kubeconfig(wanted.kubeconfig.get_secret_value(), wanted.context)
        if wanted.namespace:
            credentials = credentials.model_copy(update={"namespace": wanted.namespace})
        return credentials
    if not wanted.server:
        raise _missing("server")
    if wanted.token is None or not wanted.token.get_secret_value().strip():
        raise _missing("token")
    return require_valid(
        Credentials(
            server=wanted.server.strip(),
            token=wanted.token.get_secret_value().strip(),
            ca_certificate=wanted.ca_certificate or None,
            namespace=wanted.namespace or DEFAULT_NAMESPACE,
            tls_server_name=wanted.tls_server_name or None,
            insecure_skip_tls_verify=wanted.insecure_skip_tls_verify,
        )
    )


def _missing(field: str) -> InvalidInput:
    return InvalidInput(f"{field} is missing.", fields=[FieldError(field, "must be given for this kind of sign-in")])
