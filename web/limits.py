"""Rate limits: sliding windows in Redis per person and per address, stricter where passwords are tried."""

from __future__ import annotations

import time

import redis
from flask import Flask, g, request
from redis.exceptions import RedisError

from shared.errors import LimitReached
from shared.log import get_logger
from web.services import services

log = get_logger(__name__)

WINDOW_SECONDS = 60
STRICT_PATHS = ("/v1/api/auth/login", "/v1/api/auth/register", "/v1/api/auth/refresh")


def hit(client: redis.Redis, key: str, limit: int) -> float | None:
    """
    Count one request; returns seconds to wait when it is over the limit.

    Two fixed windows weighted by time make a sliding one, with two small keys.
    """
    moment = time.time()
    window = int(moment // WINDOW_SECONDS)
    share = (moment % WINDOW_SECONDS) / WINDOW_SECONDS
    pipeline = client.pipeline(transaction=False)
    pipeline.incr(f"rate:{key}:{window}")
    pipeline.expire(f"rate:{key}:{window}", WINDOW_SECONDS * 2)
    pipeline.get(f"rate:{key}:{window - 1}")
    current, _, before = pipeline.execute()
    weighted = int(current) + int(before or 0) * (1 - share)
    return WINDOW_SECONDS * (1 - share) if weighted > limit else None


def check(key: str, limit: int) -> None:
    """
    Count one request.

    :raises LimitReached: with the time after which it makes sense to try again
    """
    try:
        wait = hit(services().platform.redis, key, limit)
    except RedisError:
        # limits protect, they must not be what stops people when Redis is away
        log.warning("rate_limit_unavailable")
        return
    if wait is not None:
        raise LimitReached("Too many requests. Wait a moment.", code="rate-limited", retry_after_seconds=wait)


def register(app: Flask) -> None:
    """Count every request to the API."""

    @app.before_request
    def _count() -> None:
        if not request.path.startswith("/v1/api/"):
            return
        rates = services().settings.rate
        address = request.remote_addr or "unknown"
        if request.path in STRICT_PATHS and request.method == "POST":
            check(f"auth:{address}", rates.auth)
        check(f"address:{address}", rates.address)
        if "actor" in g:
            check(f"user:{g.actor.user_id}", rates.user)
