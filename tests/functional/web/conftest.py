"""The real application over real stores: in this process for requests, under gunicorn for streams."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI

from deploy.local import ports
from shared.platform import Platform
from shared.settings import Settings
from tests.support.platform import environment_of
from tests.support.wait import eventually
from web.app import create_app
from web.live.hub import Hub

PASSWORD = "a quiet afternoon"


@dataclass
class Person:
    """Somebody signed in, with a client of their own."""

    client: FlaskClient
    id: str
    token: str
    refresh_token: str
    email: str
    answer: dict[str, Any] = field(default_factory=dict)

    def call(self, method: str, path: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return self.client.open(f"/v1/api{path}", method=method, headers=headers, **more)


@pytest.fixture
def app(settings: Settings, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> OpenAPI:
    # its reader would block this process, whose sockets are the ordinary ones; streams are tested under gunicorn
    monkeypatch.setattr(Hub, "start", lambda _: None)
    return create_app(settings, platform)


@pytest.fixture
def client(app: OpenAPI) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def sign_up(app: OpenAPI) -> Callable[[str], Person]:
    """Make an account; the first one is the administrator."""

    def make(name: str) -> Person:
        client = app.test_client()
        email = f"{name}@example.com"
        body = {"name": name.title(), "email": email, "password": PASSWORD}
        answer = client.post("/v1/api/auth/register", json=body)
        assert answer.status_code == 201, answer.text
        found = answer.get_json()
        return Person(client, found["user"]["id"], found["access_token"], found["refresh_token"], email, found)

    return make


@pytest.fixture
def ada(sign_up: Callable[[str], Person]) -> Person:
    """The first account, so an administrator."""
    return sign_up("ada")


@pytest.fixture
def bob(ada: Person, sign_up: Callable[[str], Person]) -> Person:
    """A member."""
    return sign_up("bob")


CONFIGURATION = """
from pathlib import Path

exec(compile(Path("web/gunicorn.conf.py").read_text(), "web/gunicorn.conf.py", "exec"))

import gc
import signal

from greenlet import greenlet

_begin = post_worker_init


def post_worker_init(worker):
    _begin(worker)
    gevent.signal_handler(signal.SIGUSR2, _count)


def _count():
    gc.collect()
    number = sum(isinstance(thing, greenlet) and not thing.dead for thing in gc.get_objects())
    Path("{counts}.new").write_text(str(number))
    Path("{counts}.new").rename("{counts}")
"""


@dataclass
class Server:
    """gunicorn with gevent workers, one unless more are asked for."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path
    counts: Path

    @property
    def workers(self) -> list[int]:
        """The pids of the processes that serve."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(child) for child in children]

    def sockets(self) -> list[str]:
        """What of the workers' descriptors is a socket."""
        found = []
        for worker in self.workers:
            for path in Path(f"/proc/{worker}/fd").iterdir():
                with contextlib.suppress(OSError):
                    target = str(path.readlink())
                    if target.startswith("socket:"):
                        found.append(f"{worker} {target}")
        return found

    def greenlets(self) -> int:
        """How many greenlets the first worker has; it counts them when it is asked to."""
        self.counts.unlink(missing_ok=True)
        os.kill(self.workers[0], signal.SIGUSR2)
        eventually(self.counts.exists, what="the worker counts")
        return int(self.counts.read_text())

    def metric(self, name: str) -> float:
        """A number of ``/metrics``."""
        text = httpx.get(f"{self.url}/metrics", timeout=10).text
        return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name))


@pytest.fixture
def start_server(
    make_test_settings: Callable[..., Settings], platform: Platform, tmp_path: Path
) -> Iterator[Callable[..., Server]]:
    """Start gunicorn over the test's stores; keyword arguments are settings of the group ``web``, or other groups."""
    started: list[subprocess.Popen[bytes]] = []
    reserved: list[ports.Port] = []

    def start(*, groups: dict[str, Any] | None = None, **web: Any) -> Server:
        ours = ports.reserve()
        reserved.append(ours)
        port = ours.number
        web = {"port": port, "workers": 1, "streams_per_user": 2000, **web}
        settings = make_test_settings(web=web, **(groups or {}))
        log = tmp_path / f"web-{port}.log"
        counts, configuration = tmp_path / f"greenlets-{port}", tmp_path / f"gunicorn-{port}.py"
        configuration.write_text(CONFIGURATION.format(counts=str(counts)))
        command = [sys.executable, "-m", "gunicorn", "-c", str(configuration), "web.app:create_app()"]
        environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **environment_of(settings)}
        with log.open("wb") as output:
            process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
        started.append(process)
        url = f"http://127.0.0.1:{port}"

        def answers() -> bool:
            assert process.poll() is None, log.read_text()
            try:
                return httpx.get(f"{url}/healthz", timeout=1).status_code == 200
            except httpx.HTTPError:
                return False

        eventually(answers, timeout=40, what="web answers")
        return Server(url, process, log, counts)

    yield start
    for process in started:
        process.send_signal(signal.SIGTERM)
    for process in started:
        process.wait(15)
    for port in reserved:
        port.release()


@pytest.fixture
def server(start_server: Callable[..., Server]) -> Server:
    return start_server()
