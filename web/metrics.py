"""Prometheus metrics of this process; loopback callers or a token only."""

from __future__ import annotations

import hmac

from flask import Flask, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

from shared.errors import Forbidden
from web.auth import public
from web.services import services

REQUESTS = Counter("kubeorch_http_requests_total", "Requests by route template.", ["route", "method", "status"])
DURATIONS = Histogram("kubeorch_http_request_seconds", "Duration of requests in seconds.", ["route"])
STREAMS = Gauge("kubeorch_streams_open", "Open streams of this process.")
_LOOPBACK = {"127.0.0.1", "::1"}


def count_request(route: str, method: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    REQUESTS.labels(route, method, str(status)).inc()
    DURATIONS.labels(route).observe(seconds)


def register(app: Flask) -> None:
    """Add ``/metrics``."""

    @app.get("/metrics")
    @public
    def _metrics() -> Response:
        token = services().settings.metrics.token
        sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
        allowed = (
            hmac.compare_digest(sent, token.get_secret_value()) if token else (request.remote_addr or "") in _LOOPBACK
        )
        if not allowed:
            raise Forbidden("Metrics need the token of KUBEORCH_METRICS__TOKEN, or a caller on this machine.")
        STREAMS.set(services().hub.listeners)
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)
