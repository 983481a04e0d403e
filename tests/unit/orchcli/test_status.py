"""The snapshot that ``orchcli status`` shows: health of services, the table for people, the code for scripts."""

from __future__ import annotations

import json
import os
import socketserver
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from orchcli.commands import status
from orchcli.errors import Unhealthy
from orchcli.project import Project
from orchcli.running import probes, processes, state
from orchcli.running.state import ServiceState, State

Json = dict[str, Any]
FAILING = json.dumps(
    {
        "checks": [
            {"name": "mongo", "ok": False, "required": True},
            {"name": "beat", "ok": False, "required": False},
            {"name": "redis", "ok": True, "required": True},
        ]
    }
).encode()


class Answering:
    """A server on a free port that says what a test wants."""

    def __init__(self, server: socketserver.TCPServer) -> None:
        self.server = server
        self.port = int(server.server_address[1])
        self.thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)


@pytest.fixture
def pages() -> Iterator[dict[str, tuple[int, bytes]]]:
    """Pages by path; the server's port is under ``port``."""
    found: dict[str, tuple[int, bytes]] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            code, body = found.get(self.path, (404, b""))
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    running = Answering(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
    found["port"] = (running.port, b"")
    yield found
    running.close()


def redis(answer: bytes) -> Answering:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(1024)
            self.request.sendall(answer)

    return Answering(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler))


@pytest.mark.parametrize(
    ("answer", "password", "expected"),
    [
        (b"+PONG\r\n", "", None),
        (b"+OK\r\n+PONG\r\n", "secret", None),
        (b"-NOAUTH Authentication required.\r\n", "", "says -NOAUTH Authentication required."),
        (b"-WRONGPASS\r\n-NOAUTH\r\n", "secret", "says -WRONGPASS -NOAUTH"),
        (b"", "", "says nothing"),
    ],
)
def test_a_redis_is_asked_for_pong(answer: bytes, password: str, expected: str | None) -> None:
    running = redis(answer)
    found = probes.redis_answers(running.port, password)
    running.close()
    assert found == (None if expected is None else f"Redis on port {running.port} {expected}")
    refused = probes.redis_answers(running.port, password)
    assert refused == f"Redis on port {running.port}: Connection refused"


@pytest.mark.parametrize(
    ("code", "body", "expected"),
    [
        (200, b"", None),
        (503, b"", "/readyz answered 503 instead of 200"),
        (
            503,
            FAILING,
            "/readyz answered 503 instead of 200 (mongo)",
        ),
        (503, b'{"checks": [{"name": "mongo"}]}', "/readyz answered 503 instead of 200"),
        (503, b"[]", "/readyz answered 503 instead of 200"),
    ],
)
def test_pages_are_asked_for_their_status(
    pages: dict[str, tuple[int, bytes]], code: int, body: bytes, expected: str | None
) -> None:
    port = pages["port"][0]
    pages["/livez"], pages["/readyz"] = (200, b""), (code, body)
    assert probes.answers(port, [("/livez", 200), ("/readyz", 200)]) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [('{"uri": "x"}', {"uri": "x"}), ("[1]", None), ("{", None), (None, None)]
)
def test_a_ready_file_says_something_once_it_is_whole(tmp_path: Path, text: str | None, expected: Json | None) -> None:
    path = tmp_path / "mongo.json"
    if text is not None:
        path.write_text(text)
    assert probes.file_says(path) == expected


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def own() -> Json:
    """Return the identity of this process, which runs."""
    who = processes.identify(os.getpid())
    assert who is not None
    return {"pid": who.pid, "started": who.started}


def keep(project: Project, *services: ServiceState, **more: Any) -> None:
    project.home.mkdir(exist_ok=True)
    state.write(project, State(services=list(services), since=time.time(), **more))


def test_where_nothing_was_started_nothing_runs(project: Project) -> None:
    seen = status.snapshot(project)
    assert (seen["running"], seen["services"]) == (False, [])
    assert status.lines(seen) == ["nothing was started here yet"]
    assert status._code(seen) == Unhealthy.exit_code


@pytest.mark.parametrize(
    ("given", "runs", "health"),
    [
        ({"state": "ready"}, True, "ok"),
        ({"state": "ready", "pid": 2**22, "started": "1"}, False, "its process is gone"),
        ({"state": "ready"}, False, "its process is gone"),
        ({"state": "stopped"}, False, "-"),
        ({"state": "done"}, False, "-"),
        ({"state": "failed", "note": "given up"}, False, "given up"),
        ({"state": "starting"}, False, "starting"),
    ],
)
def test_the_health_of_a_service(project: Project, given: Json, *, runs: bool, health: str) -> None:
    keep(project, ServiceState("worker", **given, **(own() if runs else {})))
    [row] = status.snapshot(project)["services"]
    assert (row["health"], row["kind"]) == (health, "process")


def test_webs_own_checks_are_shown(project: Project, pages: dict[str, tuple[int, bytes]]) -> None:
    pages["/readyz"] = (503, b'{"checks": [{"name": "mongo", "ok": false, "detail": "away"}, "odd"]}')
    keep(project, ServiceState("web", "ready", port=pages["port"][0], **own()))
    seen = status.snapshot(project)
    assert seen["checks"] == [{"name": "mongo", "ok": False, "detail": "away"}]
    assert "mongo  FAILS  away" in status.lines(seen)
    pages["/readyz"] = (200, b"no json")
    assert status.snapshot(project)["checks"] == []


def test_a_redis_is_healthy_when_it_answers(project: Project) -> None:
    running = redis(b"+PONG\r\n")
    keep(project, ServiceState("redis", "ready", port=running.port, **own()))
    assert status.snapshot(project)["services"][0]["health"] == "ok"
    running.close()
    assert "Connection refused" in status.snapshot(project)["services"][0]["health"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59.9, "59 s"), (60, "1 min 0 s"), (3599, "59 min 59 s"), (3600, "1 h 0 min"), (90061, "25 h 1 min")],
)
def test_spans_are_told_in_their_two_largest_units(seconds: float, text: str) -> None:
    assert status._span(seconds) == text


def seen(**more: Any) -> Json:
    row = {
        "name": "web",
        "state": "ready",
        "health": "ok",
        "pid": 7,
        "since": time.time() - 61,
        "restarts": 0,
        "url": None,
        "port": 3000,
    }
    given: Json = {
        "running": True,
        "supervisor": 5,
        "mode": "production",
        "runtime": "local",
        "kubernetes": {},
        "services": [row],
        "checks": [],
        "leftovers": [],
    }
    return {**given, **more}


def test_the_table_says_who_runs_where() -> None:
    lines = status.lines(seen())
    assert lines[0] == "mode production, runtime local, supervisor 5"
    assert lines[3].split() == ["web", "ready", "ok", "7", "1", "min", "1", "s", "0", "127.0.0.1:3000"]


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({"running": False}, "mode production, runtime local, not running"),
        (
            {"kubernetes": {"server": "https://a:1", "kind": "simulated", "version": "v1.36.3"}},
            "Kubernetes  https://a:1  simulated, v1.36.3",
        ),
        ({"kubernetes": {"failure": "no room"}}, "Kubernetes  none: no room"),
        (
            {"running": False, "leftovers": [8, 9]},
            "left over from a supervisor that was killed: 8, 9; end them: orchcli stop",
        ),
    ],
)
def test_what_else_is_known_stands_below(more: Json, line: str) -> None:
    assert line in status.lines(seen(**more))


def test_a_cluster_is_not_told_of_when_nothing_runs() -> None:
    shown = status.lines(seen(running=False, kubernetes={"failure": "no room"}))
    assert not [line for line in shown if line.startswith("Kubernetes")]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({}, 0),
        ({"running": False}, Unhealthy.exit_code),
        ({"services": [{"health": "-"}, {"health": "ok"}]}, 0),
        ({"services": [{"health": "ok"}, {"health": "its process is gone"}]}, Unhealthy.exit_code),
    ],
)
def test_scripts_learn_by_the_code_whether_all_is_well(more: Json, code: int) -> None:
    assert status._code(seen(**more)) == code
