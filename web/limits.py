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
STRICT_PATHS = (
    "/v1/api/auth/login",
    "/v1/api/auth/register",
    "/v1/api/auth/refresh",
    "/v1/api/auth/invites/count_or_refuse",
)

# Two fixed windows weighted by time make a sliding one, with two small keys. What is refused does not count, so that
# waiting for as long as the answer says is enough.
_HIT = """
local current = tonumber(redis.call('GET', KEYS[1]) or '0')
local before = tonumber(redis.call('GET', KEYS[2]) or '0')
local refused = 0
if current + before * (1 - tonumber(ARGV[1])) + 1 > tonumber(ARGV[2]) then refused = 1 end
if refused == 0 or ARGV[4] == '1' then
  redis.call('INCR', KEYS[1])
  redis.call('EXPIRE', KEYS[1], ARGV[3])
end
return {refused, current, before}
"""


def seconds_until_free(current: int, before: int, share: float, limit: int) -> float:
    """
    Return the seconds until one more request fits.

    :param current: requests of this window
    :param before: requests of the window before it
    :param share: the part of this window that is over, 0 to 1
    """
    room = limit - 1
    if current <= room and before > 0:
        free_at = 1 - (room - current) / before
        if free_at <= 1:
            return max(0.0, free_at - share) * WINDOW_SECONDS
    into_next = max(0.0, 1 - room / current) if current else 0.0
    return (1 - share + into_next) * WINDOW_SECONDS


def hit(client: redis.Redis, key: str, limit: int, *, always_counts: bool = False) -> float | None:
    """Count one request; returns seconds to wait when it is over the limit."""
    moment = time.time()
    window, share = int(moment // WINDOW_SECONDS), (moment % WINDOW_SECONDS) / WINDOW_SECONDS
    keys = [f"rate:{{{key}}}:{window}", f"rate:{{{key}}}:{window - 1}"]
    arguments = [share, limit, WINDOW_SECONDS * 2, int(always_counts)]
    refused, current, before = client.eval(_HIT, len(keys), *keys, *arguments)
    return seconds_until_free(int(current), int(before), share, limit) if refused else None


def count_or_refuse(key: str, limit: int) -> None:
    """
    Count one request; when Redis has not answered once, the request's other counts are left out.

    :raises LimitReached: with the time after which it makes sense to try again; never for streams, which are counted
        but have limits of their own
    """
    if "uncounted" in g:
        return
    streams = _is_stream()
    try:
        wait = hit(services().platform.redis, key, limit, always_counts=streams)
    except RedisError:
        # limits protect, they must not stop people when Redis is away
        g.uncounted = True
        log.warning("rate_limit_unavailable")
        return
    if wait is not None and not streams:
        raise LimitReached("Too many requests. Wait a moment.", code="rate-limited", retry_after_seconds=wait)


def _is_stream() -> bool:
    return request.method == "GET" and request.path.endswith("/stream")


def _counted() -> bool:
    return request.path.startswith("/v1/api/") and request.method != "OPTIONS"


def register_addresses(app: Flask) -> None:
    """Count every request to the API by its address, before anybody asks who it is from."""

    @app.before_request
    def _count_address() -> None:
        if not _counted():
            return
        rates, address = services().settings.rate, request.remote_addr or "unknown"
        if request.path in STRICT_PATHS and request.method == "POST":
            count_or_refuse(f"auth:{address}", rates.auth)
        count_or_refuse(f"address:{address}", rates.address)


def register_people(app: Flask) -> None:
    """Count every request of somebody who is signed in."""

    @app.before_request
    def _count_person() -> None:
        if _counted() and "actor" in g:
            count_or_refuse(f"user:{g.actor.user_id}", services().settings.rate.user)
