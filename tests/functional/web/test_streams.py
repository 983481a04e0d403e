"""Streams of the real server: many clients, slow ones, stops and starts of everything around."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis

from deploy.local import redis as local_redis
from shared.ids import new_id
from shared.platform import Platform, open_redis
from shared.settings import Settings
from shared.updates import UpdateLog
from tests.functional.web.conftest import PASSWORD, Person, Server
from tests.support.events import Events
from tests.support.wait import eventually

Follow = Callable[..., Events]


@pytest.fixture
def follow(ada: Person) -> Iterator[Follow]:
    """Open streams as Ada; closed at the end."""
    opened: list[Events] = []

    def make(server: Server, path: str, *, last_id: str = "", token: str = "") -> Events:
        events = Events(f"{server.url}/v1/api{path}", token or ada.token, last_id)
        opened.append(events)
        return events

    yield make
    for events in opened:
        events.cut()


@pytest.fixture
def workflow_id(ada: Person) -> str:
    found: str = ada.call("POST", "/workflows", json={"name": "shop"}).get_json()["id"]
    return found


def say(platform: Platform, topic: str, numbers: range) -> None:
    platform.updates.publish_many([(topic, "log", {"n": n}) for n in numbers])


def test_a_cut_connection_goes_on_where_it_broke_off(
    server: Server, follow: Follow, workflow_id: str, platform: Platform
) -> None:
    topic, path = f"workflow:{workflow_id}", f"/workflows/{workflow_id}/status/stream"
    seen: list[int] = []
    last_id = ""
    for turn in range(4):
        events = follow(server, path, last_id=last_id)
        events.wait_for("metadata")
        say(platform, topic, range(turn * 20, turn * 20 + 10))
        events.wait_for_number(turn * 20 + 9)
        events.cut()
        seen += events.numbers()
        last_id = events.last_id
        say(platform, topic, range(turn * 20 + 10, turn * 20 + 20))
    events = follow(server, path, last_id=last_id)
    events.wait_for_number(79)
    assert seen + events.numbers() == list(range(80))


def test_the_head_says_that_it_is_a_stream_nobody_may_keep(server: Server, follow: Follow, workflow_id: str) -> None:
    events = follow(server, f"/workflows/{workflow_id}/status/stream")
    assert events.status == 200
    assert events.response.headers["Content-Type"].startswith("text/event-stream")
    assert events.response.headers["Cache-Control"] == "no-cache"
    assert events.response.headers["X-Accel-Buffering"] == "no"


def patch(server: Server, connection_id: str, token: str, **body: Any) -> httpx.Response:
    return httpx.patch(
        f"{server.url}/v1/api/stream/{connection_id}",
        json=body,
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )


def test_topics_are_changed_from_another_process(
    start_server: Callable[..., Server], follow: Follow, ada: Person, bob: Person, workflow_id: str, platform: Platform
) -> None:
    first, second = start_server(), start_server(workers=2)
    other = ada.call("POST", "/workflows", json={"name": "other"}).get_json()["id"]
    one, two = f"workflow:{workflow_id}", f"workflow:{other}"
    events = follow(first, f"/stream?topics={one},workflow:{new_id()},nonsense")
    connected = events.wait_for("connected")
    assert [item["code"] for item in connected.body["refused"]] == ["not-found", "topic-unknown"]
    connection_id = connected.body["connection_id"]
    events.wait_for("metadata", one)
    for _ in range(4):
        # whichever of the two workers answers
        assert patch(second, connection_id, ada.token, add=[]).status_code == 202
    assert patch(second, connection_id, ada.token, add=[two], remove=[one]).status_code == 202
    events.wait_for("metadata", two)
    say(platform, one, range(1))
    say(platform, two, range(1, 2))
    events.wait(lambda: events.named("log"))
    assert [(item.topic, item.body["n"]) for item in events.named("log")] == [(two, 1)]
    assert patch(second, connection_id, ada.token, add=["workflow:" + new_id()]).status_code == 202
    assert events.wait_for("error").body["code"] == "not-found"
    foreign = patch(second, connection_id, bob.token, add=[one])
    assert (foreign.status_code, foreign.json()["code"]) == (404, "stream-gone")
    unknown = patch(second, "0" * 24, ada.token, add=[one])
    assert unknown.status_code == 404
    events.cut()
    eventually(
        lambda: patch(second, connection_id, ada.token, add=[one]).status_code == 404,
        timeout=5,
        what="a stream that was left is forgotten",
    )


def test_people_are_told_of_each_other_from_another_process(
    start_server: Callable[..., Server], follow: Follow, ada: Person, bob: Person, workflow_id: str
) -> None:
    first, second = start_server(), start_server()
    topic = f"workflow:{workflow_id}"
    one, two = follow(first, f"/stream?topics={topic}"), follow(second, f"/stream?topics={topic}")
    connections = [events.wait_for("connected").body["connection_id"] for events in (one, two)]
    for events in (one, two):
        assert events.wait_for("metadata").body["presence"] == {"people": []}

    def here(events: Events) -> list[tuple[str, str | None]]:
        told = events.named("presence", topic)
        return [(item["name"], item["node_id"]) for item in told[-1].body["people"]] if told else []

    at = {"workflow_id": workflow_id, "node_id": "web"}
    assert patch(second, connections[0], ada.token, at=at).status_code == 202
    two.wait(lambda: here(two) == [("Ada", "web")], what="the first tab is seen")
    assert patch(first, connections[1], ada.token, at={"workflow_id": workflow_id}).status_code == 202
    one.wait(lambda: sorted(here(one), key=str) == [("Ada", "web"), ("Ada", None)], what="both are seen")
    one.cut()
    two.wait(lambda: here(two) == [("Ada", None)], what="the first tab is gone")
    strange = follow(first, "/stream", token=bob.token)
    foreign = patch(first, strange.wait_for("connected").body["connection_id"], bob.token, at=at)
    assert (foreign.status_code, foreign.json()["code"]) == (404, "not-found")
    wrong = patch(first, connections[1], ada.token, at={"workflow_id": workflow_id, "room": "kitchen"})
    assert wrong.status_code == 422


def raw_stream(server: Server, path: str, token: str, *, buffer: int | None = None) -> socket.socket:
    """A client that reads only when it is told to."""
    sock = socket.socket()
    if buffer is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    host, _, port = server.url.removeprefix("http://").partition(":")
    sock.connect((host, int(port)))
    sock.sendall(f"GET /v1/api{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    sock.settimeout(20)
    return sock


def some(sock: socket.socket, most: int) -> bytes:
    """What has come; a stream that is closed meanwhile is a failure."""
    found = sock.recv(most)
    assert found, "the stream was closed"
    return found


def test_a_client_that_does_not_read_holds_nobody_up_and_loses_nothing(
    server: Server, follow: Follow, ada: Person, workflow_id: str, platform: Platform
) -> None:
    topic, path = f"workflow:{workflow_id}", f"/workflows/{workflow_id}/status/stream"
    lazy = raw_stream(server, path, ada.token, buffer=4096)
    assert b"200 OK" in lazy.recv(200)
    quick = follow(server, path)
    quick.wait_for("metadata")
    filler = "x" * 20_000
    count = 900
    for start in range(0, count, 50):
        platform.updates.publish_many([(topic, "log", {"n": n, "x": filler}) for n in range(start, start + 50)])
        quick.wait_for_number(start + 49, timeout=5)
    assert quick.numbers() == list(range(count))
    # 18 MB do not fit into any buffer between: the lazy one's queue has been full meanwhile
    assert server.metric("kubeorch_streams_behind_total") >= 1
    received = b""
    while f'"n":{count - 1},'.encode() not in received[-60_000:]:
        received += some(lazy, 1 << 20)
    lazy.close()
    places = [received.find(f'"n":{n},'.encode()) for n in range(count)]
    assert places == sorted(places)
    assert -1 not in places
    assert received.count(b"event: log") == count


def test_three_hundred_clients_leave_nothing_behind(
    server: Server, ada: Person, workflow_id: str, platform: Platform, settings: Settings
) -> None:
    def open_one(_: int) -> socket.socket:
        sock = raw_stream(server, f"/stream?topics=workflow:{workflow_id}", ada.token)
        received = b""
        while b"event: metadata" not in received:
            received += some(sock, 65536)
        return sock

    open_one(0).close()
    eventually(lambda: server.metric("kubeorch_streams_open") == 0, what="the first one is gone")
    before = len(server.sockets())
    greenlets = server.greenlets()
    with ThreadPoolExecutor(16) as pool:
        clients = list(pool.map(open_one, range(300)))
    assert server.metric("kubeorch_streams_open") == 300
    assert len(server.sockets()) >= before + 300
    registry = open_redis(settings)
    assert len(list(registry.scan_iter("stream:*"))) == 300
    for client in clients:
        client.close()
    eventually(lambda: server.metric("kubeorch_streams_open") == 0, timeout=5, what="all streams are gone")
    assert list(registry.scan_iter("stream:*")) == []
    registry.close()
    # connections to the stores stay in their pools, as many as read at the same time
    eventually(lambda: len(server.sockets()) <= before + 80, timeout=5, what="descriptors are back")
    eventually(lambda: server.greenlets() <= greenlets + 5, timeout=5, what="greenlets are back")
    assert "Traceback" not in server.log.read_text()


def test_nobody_opens_more_streams_than_they_may(
    start_server: Callable[..., Server], follow: Follow, workflow_id: str, bob: Person
) -> None:
    server = start_server(streams_per_user=3, streams_per_process=4)
    path = f"/workflows/{workflow_id}/status/stream"
    opened = [follow(server, path) for _ in range(3)]
    for events in opened:
        events.wait_for("metadata")
    fourth = follow(server, path)
    assert (fourth.status, fourth.response.headers["Retry-After"]) == (429, "5")
    follow(server, "/stream?topics=", token=bob.token).wait_for("connected")
    full = follow(server, "/stream?topics=", token=bob.token)
    assert full.status == 503
    assert full.response.headers["Retry-After"]
    opened[0].cut()
    eventually(lambda: follow(server, path).status == 200, timeout=5, what="there is room again")


def test_signing_out_elsewhere_ends_streams_and_requests_at_once(
    start_server: Callable[..., Server], follow: Follow, ada: Person, workflow_id: str
) -> None:
    here, there = start_server(), start_server()
    header = {"Authorization": f"Bearer {ada.token}"}
    # both processes remember the session now
    for server in (here, there):
        assert httpx.get(f"{server.url}/v1/api/profile", headers=header).status_code == 200
    events = follow(here, f"/workflows/{workflow_id}/status/stream")
    events.wait_for("metadata")
    assert httpx.post(f"{there.url}/v1/api/auth/logout", headers=header).status_code == 204
    assert events.wait_for("error", timeout=3).body["code"] == "session-ended"
    events.wait_for_the_end(timeout=3)
    assert httpx.get(f"{here.url}/v1/api/profile", headers=header).status_code == 401


def test_streams_end_with_retry_when_the_server_stops(server: Server, follow: Follow, workflow_id: str) -> None:
    opened = [follow(server, f"/workflows/{workflow_id}/status/stream") for _ in range(5)]
    for events in opened:
        events.wait_for("metadata")
    server.process.send_signal(signal.SIGTERM)
    for events in opened:
        events.wait_for_the_end(timeout=5)
        assert events.blocks[-1] == "retry: 500"
    assert server.process.wait(10) == 0
    assert "graceful timeout" not in server.log.read_text()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[local_redis.Running]:
    """A Redis that may be killed."""
    running = local_redis.start(tmp_path / "own-redis")
    yield running
    running.stop()


def test_a_restart_of_redis_loses_nothing(
    own_redis: local_redis.Running,
    start_server: Callable[..., Server],
    follow: Follow,
    workflow_id: str,
    make_test_settings: Callable[..., Settings],
    tmp_path: Path,
) -> None:
    url = own_redis.url.rstrip("/").removesuffix("/0")
    groups = {"redis": {"url": f"{url}/1"}, "broker": {"url": f"{url}/0"}}
    server = start_server(groups=groups)
    client = open_redis(make_test_settings(**groups))
    updates = UpdateLog(client)
    topic = f"workflow:{workflow_id}"
    opened = [follow(server, f"/workflows/{workflow_id}/status/stream") for _ in range(20)]
    many = follow(server, f"/stream?topics={topic}")
    for events in [*opened, many]:
        events.wait_for("metadata")
    for n in range(5):
        assert updates.publish(topic, "log", {"n": n})
    for events in [*opened, many]:
        events.wait_for_number(4)
    # what was acknowledged is on disk within a second; a clean shutdown writes all of it
    client.config_set("appendfsync", "always")
    assert updates.publish(topic, "log", {"n": 5})
    os.kill(own_redis.pid, signal.SIGKILL)
    own_redis.stop()
    again = local_redis.start(tmp_path / "own-redis", port=own_redis.port)
    try:
        eventually(lambda: updates.publish(topic, "log", {"n": 6}), what="Redis takes updates again")
        for n in range(7, 10):
            assert updates.publish(topic, "log", {"n": n})
        for events in [*opened, many]:
            events.wait_for_number(9)
            assert events.numbers() == list(range(10))
            assert not events.ended
        token = opened[0].token
        connection_id = many.named("connected")[0].body["connection_id"]
        assert eventually(lambda: patch(server, connection_id, token, add=[]).status_code == 202, what="registration")
    finally:
        with contextlib.suppress(redis.RedisError):
            client.close()
        again.stop()


def test_readiness_names_each_dependency_that_is_away(
    own_redis: local_redis.Running, start_server: Callable[..., Server]
) -> None:
    url = own_redis.url.rstrip("/").removesuffix("/0")
    server = start_server(groups={"redis": {"url": f"{url}/1"}, "broker": {"url": f"{url}/0"}})

    def failing() -> tuple[int, set[str]]:
        answer = httpx.get(f"{server.url}/readyz", timeout=10)
        return answer.status_code, {item["name"] for item in answer.json()["checks"] if not item["ok"]}

    assert failing() == (200, set())
    own_redis.stop()
    eventually(lambda: failing() == (503, {"redis", "broker"}), timeout=10, what="Redis is missed")
    assert httpx.get(f"{server.url}/healthz", timeout=5).status_code == 200
    assert httpx.get(f"{server.url}/v1/api/auth/methods", timeout=10).status_code == 200
    login = httpx.post(
        f"{server.url}/v1/api/auth/login", json={"email": "a@example.com", "password": PASSWORD}, timeout=10
    )
    assert (login.status_code, login.json()["code"]) == (503, "storage-unavailable")


def test_without_mongodb_everything_that_needs_it_is_503(
    start_server: Callable[..., Server], ada: Person, tmp_path: Path
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        uri = f"mongodb://127.0.0.1:{nobody.getsockname()[1]}/test?replicaSet=rs0"
        server = start_server(groups={"mongo": {"uri": uri}})
        answer = httpx.get(f"{server.url}/readyz", timeout=10)
        assert answer.status_code == 503
        away = {item["name"] for item in answer.json()["checks"] if not item["ok"]}
        assert away == {"mongodb", "schema"}
        refused = httpx.get(
            f"{server.url}/v1/api/profile", headers={"Authorization": f"Bearer {ada.token}"}, timeout=20
        )
        assert (refused.status_code, refused.json()["code"]) == (503, "storage-unavailable")
        assert refused.headers["Retry-After"]
