"""Failures of requests to an API server: its refusals and the errors of the way, in our words."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any

import orjson
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError, SSLError
from urllib3.exceptions import TimeoutError as PoolTimeoutError

from shared.errors import (
    ClusterRefused,
    ClusterThrottled,
    ClusterUnreachable,
    KubeOrchError,
    TemporaryError,
    shorten,
)
from shared.kubernetes.masking import hide

MOST_CAUSES = 500
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _CONFLICT, _GONE, _INVALID, _THROTTLED = 401, 403, 404, 409, 410, 422, 429
_SERVER_ERRORS = 500
FIRST_REFUSAL = 300
"""From this status of HTTP on it is no answer; redirects are not followed, for credentials stay with their host."""
NOT_FOUND = "cluster-not-found"

_CODES = {
    _UNAUTHORIZED: "cluster-unauthorized",
    _FORBIDDEN: "cluster-forbidden",
    _NOT_FOUND: NOT_FOUND,
    _CONFLICT: "cluster-conflict",
    _GONE: "cluster-gone",
    _INVALID: "cluster-invalid",
}


def unreachable(where: str, error: Exception) -> ClusterUnreachable:
    """Return the error of an API server that did not answer: address, network, TLS or time-out."""
    cause = error.reason if isinstance(error, MaxRetryError) and error.reason else error
    if isinstance(cause, (SSLError, ssl.SSLError)):
        return ClusterUnreachable(f"{where}: {_tls_words(str(cause))}", details={"reason": "tls"})
    if isinstance(cause, NameResolutionError):
        return ClusterUnreachable(f"{where}: the name does not resolve.", details={"reason": "dns"})
    if isinstance(cause, NewConnectionError):
        words = "refused the connection" if "refused" in str(cause).lower() else "cannot be reached from here"
        return ClusterUnreachable(f"{where} {words}.", details={"reason": "connect"})
    if isinstance(cause, PoolTimeoutError):
        return ClusterUnreachable(f"{where} did not answer in time.", details={"reason": "timeout"})
    return ClusterUnreachable(f"{where}: {shorten(cause)}", details={"reason": "network"})


def refused(server: str, code: int, body: bytes, *, retry_after: str, hidden: set[str]) -> KubeOrchError:
    """
    Return the error for an answer that is not the wanted one.

    :param code: of HTTP
    :param hidden: values that it may repeat and nobody may read
    """
    try:
        status = hide(orjson.loads(body or b"{}"), hidden)
    except ValueError:
        status = {}
    status = status if isinstance(status, dict) and status.get("kind") == "Status" else {}
    message = shorten(status.get("message") or f"{server} answered {code}.", 600)
    if code == _THROTTLED:
        return ClusterThrottled(message, delay=float(retry_after) if retry_after.isdigit() else 1.0)
    if "failed to create typed patch object" in message:
        # a field that does not exist in a built-in kind is answered as a server error
        return ClusterRefused(message, status=status, code=_CODES[_INVALID], details=_causes(status))
    if code >= _SERVER_ERRORS:
        return TemporaryError(f"The API server failed: {message}", delay=2.0, code="cluster-failed")
    if code == _UNAUTHORIZED:
        message = "The cluster does not accept these credentials (any more). Enter new ones."
    return ClusterRefused(message, status=status, code=_CODES.get(code, "cluster-refused"), details=_causes(status))


def _causes(status: Mapping[str, Any]) -> dict[str, object]:
    details = status.get("details") or {}
    causes = [
        {"field": cause.get("field", ""), "message": shorten(cause.get("message", ""))}
        for cause in (details.get("causes") or [])[:MOST_CAUSES]
    ]
    return {"causes": causes} if causes else {}


def _tls_words(text: str) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in text and "self" in text:
        return "its certificate is signed by an authority we do not know. Add the cluster's CA certificate."
    if "CERTIFICATE_VERIFY_FAILED" in text and "expired" in text:
        return "its certificate has expired."
    if "Hostname mismatch" in text or "IP address mismatch" in text:
        return "its certificate is for another name. Set the TLS server name."
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return "its certificate cannot be verified. Add the cluster's CA certificate."
    if "WRONG_VERSION_NUMBER" in text or "record layer" in text:
        return "it does not speak TLS there; is it http://, or another port?"
    return shorten(f"TLS failed: {text}")
