"""Prometheus metrics of this process; loopback callers or a token only."""

from __future__ import annotations

import hmac
import os

from flask import Flask, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from pydantic import SecretStr

from shared.errors import Forbidden
from web.auth import public
from web.services import services

_LOOPBACK = {"127.0.0.1", "::1"}
_FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")


def _is_allowed(token: SecretStr | None) -> bool:
    if token is None:
        # what a proxy on this machine passes on is not from this machine
        forwarded = any(name in request.headers for name in _FORWARDED)
        return not forwarded and (request.remote_addr or "") in _LOOPBACK
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return hmac.compare_digest(sent.encode(), token.get_secret_value().encode())


def _render() -> bytes:
    """Return the metrics of all processes of this host, or of this one when it stands alone."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def register(app: Flask) -> None:
    """Add ``/metrics``."""

    @public
    def show() -> Response:
        if not _is_allowed(services().settings.metrics.token):
            raise Forbidden("Metrics need the token of KUBEORCH_METRICS__TOKEN, or a caller on this machine.")
        return Response(_render(), content_type=CONTENT_TYPE_LATEST)

    app.add_url_rule("/metrics", "metrics", show)
