"""Prometheus metrics of this process; loopback callers or a token only."""

from __future__ import annotations

import hmac
import os

from flask import Flask, Response, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from pydantic import SecretStr

from shared.errors import Forbidden
from web.auth import public
from web.services import services

REQUESTS = Counter("kubeorch_http_requests_total", "Requests by route template.", ["route", "method", "status"])
DURATIONS = Histogram("kubeorch_http_request_seconds", "Duration of requests in seconds.", ["route"])
STREAMS = Gauge("kubeorch_streams_open", "Open streams of this host.", multiprocess_mode="livesum")
_LOOPBACK = {"127.0.0.1", "::1"}
_FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")


def count_request(route: str, method: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    REQUESTS.labels(route, method, str(status)).inc()
    DURATIONS.labels(route).observe(seconds)


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
        STREAMS.set(services().hub.listeners)
        return Response(_render(), content_type=CONTENT_TYPE_LATEST)

    app.add_url_rule("/metrics", "metrics", show)
