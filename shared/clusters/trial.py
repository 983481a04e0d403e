"""Trial of a connection, step by step: passed, failed or skipped, with a remedy."""

from __future__ import annotations

from collections.abc import Callable

from shared.clusters.models import ConnectionCheck, ConnectionTest
from shared.errors import KubeOrchError
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.connection.credentials import Credentials
from shared.kubernetes.objects import BUILT_IN

_NEEDED = (("create", "apps/v1", "Deployment"), ("patch", "apps/v1", "Deployment"), ("list", "v1", "Pod"))
_STEPS = (("address", "Address"), ("reach", "Connection"), ("auth", "Sign-in"), ("verbs", "Permissions"))


def try_connection(credentials: Credentials, open_client: Callable[[Credentials], ClusterClient]) -> ConnectionTest:
    """Try a connection; the steps after one that failed are skipped."""
    tried = ConnectionTest(ok=False, server=credentials.server, checks=[])
    client: ClusterClient | None = None
    try:
        client = open_client(credentials)
        _reach(client, credentials, tried)
        _sign_in(client, tried)
        _permissions(client, credentials.namespace, tried)
    except KubeOrchError as error:
        _record_failure(error, tried)
    finally:
        if client is not None:
            client.close()
    # what fails later than it passed has failed: a name that was found once may be gone at the next step
    done = {item.id: item for item in tried.checks}
    tried.checks = [done.get(name) or ConnectionCheck(id=name, title=title, state="skip") for name, title in _STEPS]
    tried.ok = all(item.state == "pass" for item in tried.checks)
    return tried


def _reach(client: ClusterClient, credentials: Credentials, tried: ConnectionTest) -> None:
    tried.checks.append(ConnectionCheck(id="address", title="Address", state="pass", detail=credentials.server))
    tried.version = str(client.version().get("gitVersion", ""))
    secured = "without verifying its certificate" if credentials.insecure_skip_tls_verify else "TLS verified"
    detail = f"{tried.version}, {secured}" if credentials.server.startswith("https") else tried.version
    tried.checks.append(ConnectionCheck(id="reach", title="Connection", state="pass", detail=detail))


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
