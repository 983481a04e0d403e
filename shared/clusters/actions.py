"""What is done with clusters: test, connect, check, delete; and the cluster of this machine, offered at its start."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Self

from shared.access import Actor, Verb, may
from shared.clock import now
from shared.clusters.models import (
    Cluster,
    ClusterStatus,
    ConnectionCheck,
    ConnectionTest,
    LocalOffer,
    NewCluster,
)
from shared.clusters.store import COLLECTION, LOCAL, OFFERS, ClusterStore
from shared.crypto import KeyRing
from shared.errors import (
    ClusterRefused,
    ClusterUnreachable,
    FieldError,
    InvalidInput,
    KubeOrchError,
    NeedsReentry,
)
from shared.ids import new_id
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.connection.credentials import DEFAULT_NAMESPACE, Credentials, check, parse_kubeconfig
from shared.kubernetes.objects import BUILT_IN
from shared.log import get_logger
from shared.platform import Platform
from shared.settings import ClusterSettings
from shared.updates import UpdateLog, topics

log = get_logger(__name__)

_NEEDED = (("create", "apps/v1", "Deployment"), ("patch", "apps/v1", "Deployment"), ("list", "v1", "Pod"))
_CACHED_CLIENTS = 200


def credentials_of(wanted: NewCluster) -> Credentials:
    """
    Return the credentials in what a person typed.

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
    return check(
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


def test(wanted: NewCluster, settings: ClusterSettings) -> ConnectionTest:
    """
    Try a connection and say what passed, what failed, and what to do.

    :raises InvalidInput: what was typed cannot be tried at all
    """
    credentials = credentials_of(wanted)
    tried = ConnectionTest(ok=False, server=credentials.server, checks=[])
    steps = [("address", "Address"), ("reach", "Connection"), ("auth", "Sign-in"), ("verbs", "Permissions")]
    client: ClusterClient | None = None
    try:
        client = _open(credentials, settings)
        tried.checks.append(ConnectionCheck(id="address", title="Address", state="pass", detail=credentials.server))
        tried.version = str(client.version().get("gitVersion", ""))
        secured = "without verifying its certificate" if credentials.insecure_skip_tls_verify else "TLS verified"
        detail = f"{tried.version}, {secured}" if credentials.server.startswith("https") else tried.version
        tried.checks.append(ConnectionCheck(id="reach", title="Connection", state="pass", detail=detail))
        _sign_in(client, tried)
        _permissions(client, credentials.namespace, tried)
    except KubeOrchError as error:
        _record_failure(error, tried)
    finally:
        if client is not None:
            client.close()
    done = {item.id for item in tried.checks}
    tried.checks += [ConnectionCheck(id=name, title=title, state="skip") for name, title in steps if name not in done]
    tried.ok = all(item.state == "pass" for item in tried.checks)
    return tried


def _sign_in(client: ClusterClient, tried: ConnectionTest) -> None:
    client.can_i("get", BUILT_IN["v1", "Pod"])
    tried.checks.append(
        ConnectionCheck(id="auth", title="Sign-in", state="pass", detail="The credentials are accepted.")
    )


def _permissions(client: ClusterClient, namespace: str, tried: ConnectionTest) -> None:
    denied = [
        f"{verb} {BUILT_IN[version, kind].plural}"
        for verb, version, kind in _NEEDED
        if not client.can_i(verb, BUILT_IN[version, kind], namespace)[0]
    ]
    if denied:
        detail = f"In namespace {namespace} these are denied: {', '.join(denied)}."
        remedy = "Bind the role edit: kubectl create rolebinding … --clusterrole=edit"
        tried.checks.append(
            ConnectionCheck(id="verbs", title="Permissions", state="fail", detail=detail, remedy=remedy)
        )
    else:
        detail = f"Workloads may be created in {namespace}."
        tried.checks.append(ConnectionCheck(id="verbs", title="Permissions", state="pass", detail=detail))


_REMEDIES = {
    "dns": "Check the name, or use the server's IP address.",
    "connect": "Check address and port, and that a firewall lets this machine through.",
    "timeout": "Check that a firewall lets this machine through.",
    "tls": "Add the cluster's CA certificate, or set the TLS server name.",
}


def _record_failure(error: KubeOrchError, tried: ConnectionTest) -> None:
    if error.code == "address-refused" or error.details.get("reason") == "dns":
        name, title = "address", "Address"
    elif error.code in {"cluster-unauthorized", "cluster-forbidden"}:
        name, title = "auth", "Sign-in"
        if not any(item.id == "reach" for item in tried.checks):
            tried.checks.append(
                ConnectionCheck(id="reach", title="Connection", state="pass", detail="The server answers.")
            )
    else:
        name, title = "reach", "Connection"
    remedy = _REMEDIES.get(str(error.details.get("reason", "")), "")
    if name == "auth":
        remedy = "Make a new token: kubectl create token <service account>"
    tried.checks.append(ConnectionCheck(id=name, title=title, state="fail", detail=error.message, remedy=remedy))


def connect(
    wanted: NewCluster, *, owner_id: str, clusters: ClusterStore, keyring: KeyRing, settings: ClusterSettings
) -> Cluster:
    """
    Test and store a cluster; with ``save_untested`` also one that does not answer.

    :raises InvalidInput: code ``cluster-test-failed``; ``details["test"]`` has the checks
    :raises Conflict: the name is taken
    """
    credentials = credentials_of(wanted)
    tried = None if wanted.save_untested else test(wanted, settings)
    if tried is not None and not tried.ok:
        failed = next(item for item in tried.checks if item.state == "fail")
        raise InvalidInput(
            f"{failed.title} failed: {failed.detail}",
            code="cluster-test-failed",
            fields=[FieldError(wanted.auth_type, failed.detail)],
            details={"test": tried.model_dump()},
        )
    cluster = _made(wanted.name, credentials, owner_id=owner_id, auth_type=wanted.auth_type, keyring=keyring)
    cluster.is_default = wanted.is_default or clusters.count_for(owner_id) == 0
    if tried is not None:
        cluster.status, cluster.version, cluster.last_checked_at = ClusterStatus.CONNECTED, tried.version, now()
    clusters.insert(cluster)
    log.info("cluster_connected", cluster_id=cluster.id, user_id=owner_id)
    return cluster


def _made(name: str, credentials: Credentials, *, owner_id: str, auth_type: str, keyring: KeyRing) -> Cluster:
    identity, at = new_id(), now()
    return Cluster(
        id=identity,
        name=name,
        server=credentials.server,
        auth_type="token" if auth_type == "token" else "kubeconfig",
        namespace=credentials.namespace,
        insecure_skip_tls_verify=credentials.insecure_skip_tls_verify,
        credentials_expire_at=_milliseconds(credentials.expire_at),
        credentials=_seal(credentials, identity, keyring),
        owner_id=owner_id,
        created_at=at,
        updated_at=at,
    )


def _milliseconds(moment: datetime | None) -> datetime | None:
    return moment.replace(microsecond=0) if moment else None


def _seal(
    credentials: Credentials, cluster_id: str, keyring: KeyRing, collection: str = COLLECTION
) -> dict[str, object]:
    return keyring.seal(credentials.model_dump_json().encode(), context=f"{collection}/{cluster_id}/credentials")


def credentials_for(cluster: Cluster, keyring: KeyRing) -> Credentials:
    """
    Open a stored cluster's credentials.

    :raises NeedsReentry: the key ring does not open them
    """
    opened = keyring.open(cluster.credentials, context=f"{COLLECTION}/{cluster.id}/credentials")
    return Credentials.model_validate_json(opened)


def _open(credentials: Credentials, settings: ClusterSettings) -> ClusterClient:
    return ClusterClient(
        credentials, timeout_seconds=settings.timeout_seconds, allow_private=settings.private_addresses == "allow"
    )


class Clients:
    """Clients of this process, one per cluster and revision of its credentials, so that connections are kept alive."""

    def __init__(self, keyring: KeyRing, settings: ClusterSettings) -> None:
        self._keyring = keyring
        self._settings = settings
        self._lock = threading.Lock()
        self._open: dict[str, tuple[int, ClusterClient]] = {}

    def client_for(self, cluster: Cluster) -> ClusterClient:
        """
        Return a client; do not close it.

        :raises NeedsReentry: the credentials cannot be opened
        """
        with self._lock:
            known = self._open.get(cluster.id)
            if known and known[0] == cluster.credential_revision:
                return known[1]
        client = _open(credentials_for(cluster, self._keyring), self._settings)
        with self._lock:
            if len(self._open) >= _CACHED_CLIENTS:
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


def client_for(cluster: Cluster, keyring: KeyRing, settings: ClusterSettings) -> ClusterClient:
    """Return a client of its own for one cluster; the caller closes it."""
    return _open(credentials_for(cluster, keyring), settings)


def check_health(
    cluster_id: str, *, clusters: ClusterStore, keyring: KeyRing, settings: ClusterSettings, updates: UpdateLog
) -> ClusterStatus:
    """
    Ask a cluster whether it is ready, within its time-out; record and publish what changed.

    :raises NotFound: the cluster was deleted
    """
    cluster = clusters.get(cluster_id)
    found = _health(cluster, lambda: client_for(cluster, keyring, settings))
    after = clusters.update(cluster_id, {**found, "last_checked_at": now()})
    if after is not None and (after.status, after.status_reason) != (cluster.status, cluster.status_reason):
        log.info("cluster_status_changed", cluster_id=cluster_id, before=cluster.status, status=after.status)
        updates.publish(topics.cluster(cluster_id), "status", {"cluster": after.head().model_dump(mode="json")})
    return ClusterStatus(str(found["status"]))


def _health(cluster: Cluster, make: Callable[[], ClusterClient]) -> dict[str, object]:
    try:
        client = make()
    except NeedsReentry as error:
        return {"status": ClusterStatus.ERROR.value, "status_reason": error.message, "latency_ms": None}
    except KubeOrchError as error:
        return {"status": ClusterStatus.UNREACHABLE.value, "status_reason": error.message, "latency_ms": None}
    try:
        latency = client.ready()
        found: dict[str, object] = {
            "status": ClusterStatus.CONNECTED.value,
            "status_reason": "",
            "latency_ms": latency,
            "version": str(client.version().get("gitVersion", cluster.version)),
        }
        found["node_count"] = _count_nodes(client)
    except ClusterUnreachable as error:
        return {"status": ClusterStatus.UNREACHABLE.value, "status_reason": error.message, "latency_ms": None}
    except ClusterRefused as error:
        status = ClusterStatus.UNAUTHORIZED if error.code == "cluster-unauthorized" else ClusterStatus.ERROR
        return {"status": status.value, "status_reason": error.message, "latency_ms": None}
    except KubeOrchError as error:
        return {"status": ClusterStatus.ERROR.value, "status_reason": error.message, "latency_ms": None}
    finally:
        client.close()
    return found


def _count_nodes(client: ClusterClient) -> int | None:
    try:
        return len(client.list("v1", "Node")[0])
    except ClusterRefused:
        # credentials of one namespace may not list the machines; that is no error
        return None


def offer_local(kubeconfig: str, *, simulated: bool, clusters: ClusterStore, keyring: KeyRing) -> None:
    """
    Keep the cluster of this machine for the first account (:func:`accept_local` gives it away).

    :raises InvalidInput: the kubeconfig cannot be used
    """
    credentials = parse_kubeconfig(kubeconfig)
    sealed = _seal(credentials, LOCAL, keyring, OFFERS)
    clusters.offer(
        LocalOffer(id=LOCAL, credentials=sealed, server=credentials.server, simulated=simulated, offered_at=now())
    )


def accept_local(owner_id: str, *, clusters: ClusterStore, keyring: KeyRing) -> Cluster | None:
    """
    Give the offered cluster to somebody, as ``local``; the one they have gets the offer's credentials.

    :return: the cluster, or None when nothing is offered
    """
    offer = clusters.offered()
    if offer is None:
        return None
    opened = keyring.open(offer.credentials, context=f"{OFFERS}/{LOCAL}/credentials")
    credentials = Credentials.model_validate_json(opened)
    known = clusters.find_local(owner_id)
    cluster = _made(LOCAL, credentials, owner_id=owner_id, auth_type="kubeconfig", keyring=keyring)
    cluster.local, cluster.simulated = True, offer.simulated
    if known is None:
        cluster.is_default = clusters.count_for(owner_id) == 0
        cluster.status, cluster.last_checked_at = ClusterStatus.CONNECTED, now()
        clusters.insert(cluster)
        log.info("local_cluster_given", cluster_id=cluster.id, user_id=owner_id)
        return cluster
    values = {
        "server": cluster.server,
        "simulated": offer.simulated,
        "credentials": _seal(credentials, known.id, keyring),
        "credentials_expire_at": cluster.credentials_expire_at,
    }
    clusters.replace_credentials(known.id, values)
    return clusters.get(known.id)


class Clusters:
    """What people do with clusters."""

    def __init__(self, store: ClusterStore) -> None:
        self._store = store

    @classmethod
    def over(cls, platform: Platform) -> Self:
        """Make it over a process' connections."""
        return cls(ClusterStore(platform.db))

    def find(self, actor: Actor, cluster_id: str | None) -> Cluster | None:
        """Return a cluster that the actor may see, or None."""
        cluster = self._store.find(cluster_id) if cluster_id else None
        return cluster if cluster is not None and may(actor, Verb.SEE, cluster) else None

    def is_privileged_on(self, actor: Actor, cluster_id: str | None) -> bool:
        """Whether the actor may use privileged fields; without a cluster nothing is held back."""
        cluster = self._store.find(cluster_id) if cluster_id else None
        return cluster is None or may(actor, Verb.PRIVILEGED, cluster)
