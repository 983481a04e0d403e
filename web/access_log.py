"""A request's id, in its answer and in all its log lines, and the one line about its result."""

from __future__ import annotations

import re
import time

from flask import Flask, Response, g, request

from shared.ids import new_id
from shared.log import bind_context, clear_context, get_logger
from web.counters import count_request

log = get_logger(__name__)

_REQUEST_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_QUIET = {"/healthz", "/readyz", "/metrics"}


def register(app: Flask) -> None:
    """Begin and end every request."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.started = time.perf_counter()
    sent = request.headers.get("X-Request-Id", "")
    g.request_id = sent if _REQUEST_ID.fullmatch(sent) else new_id()
    clear_context()
    bind_context(request_id=g.request_id)


def _end(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.get("request_id", "")
    route = request.url_rule.rule if request.url_rule else "(none)"
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    count_request(route, request.method, response.status_code, seconds)
    if request.path not in _QUIET:
        actor = g.get("actor")
        log.info(
            "request",
            method=request.method,
            route=route,
            status=response.status_code,
            duration_ms=round(seconds * 1000, 1),
            user_id=actor.user_id if actor else None,
        )
    return response
