"""Limits as clients meet them, on a real Redis; time passes for this process and for what Redis keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
import time_machine
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from shared.platform import Platform, open_redis
from shared.settings import Settings
from tests.functional.web.conftest import PASSWORD, Person
from tests.support.proxy import Proxy
from web.app import create_app
from web.limits import WINDOW_SECONDS

START = 1_800_000_000 // WINDOW_SECONDS * WINDOW_SECONDS
PLAIN = "/v1/api/profile"
STREAM = "/v1/api/runs/none/stream"
LOGIN = "/v1/api/auth/login"
REFRESH = "/v1/api/auth/refresh"
Limited = Callable[..., FlaskClient]


class Time:
    """A clock that stands until it is told to go on; keys of Redis that expire grow older with it."""

    def __init__(self, traveller: time_machine.Traveller, platform: Platform) -> None:
        self._traveller = traveller
        self._redis = platform.redis

    def set(self, second: float) -> None:
        """Begin so many seconds after a whole minute, in a Redis where nothing was counted yet."""
        self._redis.flushdb()
        self._traveller.move_to(START + second, tick=False)

    def go_on(self, seconds: float) -> None:
        self._traveller.shift(seconds)
        for key in self._redis.scan_iter():
            left = self._redis.pttl(key) - int(seconds * 1000)
            if left > 0:
                self._redis.pexpire(key, left)
            else:
                self._redis.delete(key)


@pytest.fixture
def time(platform: Platform) -> Iterator[Time]:
    with time_machine.travel(START, tick=False) as traveller:
        yield Time(traveller, platform)


@pytest.fixture
def limited(make_test_settings: Callable[..., Settings], platform: Platform) -> Limited:
    """Make a client of an application with these limits over the test's stores."""

    def make(**rate: int) -> FlaskClient:
        settings = make_test_settings(rate=rate)
        return create_app(settings, replace(platform, settings=settings)).test_client()

    return make


def is_refused(answer: TestResponse) -> bool:
    assert answer.status_code in {401, 404, 429}, answer.text
    return answer.status_code == 429


def seconds_told(answer: TestResponse) -> int:
    assert is_refused(answer)
    return int(answer.headers["Retry-After"])


def test_what_is_refused_is_answered_to_the_letter(limited: Limited, time: Time) -> None:
    client = limited(address=1)
    client.get(PLAIN)
    answer = client.get(PLAIN)
    assert answer.get_json() == {
        "error": "Too many requests. Wait a moment.",
        "code": "rate-limited",
        "fields": [],
        "request_id": answer.headers["X-Request-Id"],
    }
    assert answer.headers["Content-Type"] == "application/json"
    assert not [name for name, _ in answer.headers if name.startswith("X-RateLimit")]


@pytest.mark.parametrize("limit", [1, 7, 10])
def test_waiting_as_long_as_told_is_enough_and_less_is_not(limited: Limited, time: Time, limit: int) -> None:
    client = limited(address=limit)
    for second in (0, 0.3, 17.6, 30, 59.4):
        time.set(second)
        for _ in range(limit):
            assert not is_refused(client.get(PLAIN)), second
        told = seconds_told(client.get(PLAIN))
        time.go_on(told - 1.001)
        assert is_refused(client.get(PLAIN)), (second, told)
        time.go_on(1.001)
        assert not is_refused(client.get(PLAIN)), (second, told)


def test_waiting_as_long_as_told_is_enough_after_a_busy_minute_too(limited: Limited, time: Time) -> None:
    client = limited(address=10)
    time.set(40)
    for _ in range(10):
        assert not is_refused(client.get(PLAIN))
    time.go_on(30.7)
    while not is_refused(client.get(PLAIN)):
        pass
    for _ in range(12):
        told = seconds_told(client.get(PLAIN))
        time.go_on(told)
        assert not is_refused(client.get(PLAIN)), told


def test_what_is_refused_does_not_count(limited: Limited, time: Time) -> None:
    client = limited(address=3)
    for _ in range(3):
        assert not is_refused(client.get(PLAIN))
    told = seconds_told(client.get(PLAIN))
    for _ in range(50):
        assert seconds_told(client.get(PLAIN)) == told
    time.go_on(told)
    assert not is_refused(client.get(PLAIN))


def test_streams_count_and_are_never_refused(limited: Limited, time: Time) -> None:
    client = limited(address=4)
    for _ in range(3):
        assert not is_refused(client.get(STREAM))
    assert not is_refused(client.get(PLAIN))
    assert is_refused(client.get(PLAIN))
    for _ in range(5):
        assert not is_refused(client.get(STREAM))


def test_streams_beyond_the_limit_count_as_well(limited: Limited, time: Time) -> None:
    client = limited(address=2)
    for _ in range(2):
        assert not is_refused(client.get(PLAIN))
    without = seconds_told(client.get(PLAIN))
    for _ in range(6):
        assert not is_refused(client.get(STREAM))
    told = seconds_told(client.get(PLAIN))
    assert told > without
    time.go_on(told - 1.001)
    assert is_refused(client.get(PLAIN))
    time.go_on(1.001)
    assert not is_refused(client.get(PLAIN))


def test_a_persons_streams_count_and_are_never_refused(ada: Person, limited: Limited) -> None:
    client, headers = limited(user=3), {"Authorization": f"Bearer {ada.token}"}
    for _ in range(2):
        assert client.get(STREAM, headers=headers).status_code == 404
    assert [client.get(PLAIN, headers=headers).status_code for _ in range(2)] == [200, 429]
    assert client.get(STREAM, headers=headers).status_code == 404


def test_only_what_opens_a_stream_is_let_through(limited: Limited, time: Time) -> None:
    client = limited(address=1)
    assert not is_refused(client.get(STREAM))
    for method, path in (("POST", STREAM), ("PATCH", "/v1/api/stream/x"), ("GET", f"{STREAM}/x")):
        assert is_refused(client.open(path, method=method)), (method, path)


def test_signing_in_has_a_limit_of_its_own(limited: Limited, time: Time) -> None:
    client = limited(auth=2, address=5)
    body = {"email": "nobody@example.com", "password": PASSWORD}
    assert [client.post(LOGIN, json=body).status_code for _ in range(4)] == [401, 401, 429, 429]
    # by address they count too, as far as they were let through
    assert [client.get(PLAIN).status_code for _ in range(4)] == [401, 401, 401, 429]
    assert client.post(LOGIN, json=body, environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code == 401


def test_what_counts_is_every_request_to_the_api(limited: Limited, time: Time) -> None:
    client = limited(address=2)
    for _ in range(5):
        assert client.get("/healthz").status_code == 200
        assert client.options(PLAIN).status_code == 200
    assert [client.get("/v1/api/unknown").status_code for _ in range(3)] == [404, 404, 429]
    assert is_refused(client.post("/v1/api/unknown"))
    assert client.get("/v1").status_code == 200


def test_all_processes_count_together(limited: Limited, time: Time) -> None:
    clients = [limited(address=3) for _ in range(2)]
    assert [is_refused(clients[n % 2].get(PLAIN)) for n in range(5)] == [False, False, False, True, True]


@pytest.fixture
def far(make_test_settings: Callable[..., Settings], platform: Platform) -> Iterator[tuple[OpenAPI, Proxy]]:
    """An application that reaches Redis through a line that can be held and cut, and that line."""
    there = urlsplit(platform.settings.redis.url.get_secret_value())
    with Proxy((there.hostname or "", there.port or 0)) as line:
        address = there._replace(netloc=there.netloc.replace(f":{there.port}", f":{line.port}")).geturl()
        settings = make_test_settings(redis={"url": address}, rate={"address": 1, "user": 1, "auth": 1})
        client = open_redis(settings)
        yield create_app(settings, replace(platform, settings=settings, redis=client)), line
        client.close()


@pytest.mark.parametrize("way", ["refuse", "hold"])
def test_without_redis_everybody_is_let_through_and_the_log_says_so(far: tuple[OpenAPI, Proxy], way: str) -> None:
    app, line = far
    client = app.test_client()
    assert [client.get(PLAIN).status_code for _ in range(2)] == [401, 429]
    line.cut()
    getattr(line, way)()
    with capture_logs() as lines:
        assert client.get(PLAIN).status_code == 401
        # counted twice when Redis is there, and waited for once when it is not
        assert client.post(REFRESH).status_code == 401
    events = [entry["event"] for entry in lines if entry["log_level"] == "warning"]
    assert events == ["rate_limit_unavailable"] * 2
    line.release() if way == "hold" else line.accept()
    assert client.get(PLAIN).status_code == 429
