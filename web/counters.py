"""Counters of this process for Prometheus; ``web.metrics`` shows it."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("kubeorch_http_requests_total", "Requests by route template.", ["route", "method", "status"])
DURATIONS = Histogram("kubeorch_http_request_seconds", "Duration of requests in seconds.", ["route"])
STREAMS = Gauge("kubeorch_streams_open", "Open streams of this host.", multiprocess_mode="livesum")
BEHIND = Counter("kubeorch_streams_behind_total", "Streams that were too slow and read on from the log.")
STALLED = Counter("kubeorch_streams_stalled_total", "Streams that were closed because their client took nothing.")


def count_request(route: str, method: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    REQUESTS.labels(route, method, str(status)).inc()
    DURATIONS.labels(route).observe(seconds)
