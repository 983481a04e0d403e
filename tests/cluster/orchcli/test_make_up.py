"""The README's commands in a clean clone: make up, sign up, run the starter workflow, make down; nothing is left."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.local import ports
from orchcli.commands.logs import level_of
from orchcli.logfiles import lines_of
from orchcli.project import Project
from orchcli.running import processes
from orchcli.running.services import SERVICES
from tests.support.clusters import missing, require
from tests.support.files import ROOT
from tests.support.kube import Kind
from tests.support.person import PASSWORD
from tests.support.traces import traces
from tests.support.wait import eventually

SETTINGS = ("ORCHCLI_REDIS_PORT", "ORCHCLI_MONGO_PORT", "ORCHCLI_KUBE_PORT", "ORCHCLI_FLOWER_PORT", "PORT")
START_SECONDS = 400.0


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a stranger has after git clone."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        missing("this is no git checkout, so it cannot be cloned")
    folder = tmp_path_factory.mktemp("c") / "k"
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(folder)], check=True)
    return folder


class Started:
    """`make up` in front, and what it printed."""

    def __init__(self, clone: Path, kind: str) -> None:
        reserved = [ports.reserve() for _ in SETTINGS]
        self.ports = [port.number for port in reserved]
        for port in reserved:
            port.release()
        foreign = {"KUBECONFIG", "VIRTUAL_ENV", "PYTHONPATH"}
        inherited = {name: value for name, value in os.environ.items() if name not in foreign}
        chosen = {name: str(port) for name, port in zip(SETTINGS, self.ports, strict=True)}
        self.env = {**inherited, **chosen, "KUBE": kind, "NO_INSTALL": "1"}
        self.clone = clone
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            ["make", "up"],
            cwd=clone,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(line.rstrip() for line in self.process.stdout)
        self.process.stdout.close()

    def is_told(self, begin: str) -> bool:
        assert self.process.poll() is None, self.text
        return any(line.startswith(begin) for line in self.lines)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@pytest.fixture(params=[pytest.param("node", marks=pytest.mark.node), "simulated"])
def started(request: pytest.FixtureRequest, clone: Path) -> Iterator[Started]:
    kind: Kind = request.param
    require(kind)
    made = Started(clone, kind)
    yield made
    if made.process.poll() is None:
        os.killpg(made.process.pid, signal.SIGTERM)
    made.process.wait(120)
    made.reader.join()


@pytest.mark.timeout(900)
def test_a_stranger_runs_the_starter_workflow_and_nothing_is_left(started: Started) -> None:
    kind = started.env["KUBE"]
    eventually(lambda: started.is_told("First account"), timeout=START_SECONDS, every=0.2)
    eventually(lambda: started.is_told("[9/9] join … done"), timeout=120, every=0.2)
    assert "offered to the first account" in started.text or "connected as" in started.text
    assert {"node": "real node", "simulated": "pods only say that they run"}[kind] in started.text

    with httpx.Client(base_url=f"http://127.0.0.1:{started.env['PORT']}", timeout=20) as client:
        assert client.get("/").status_code == 200
        who = {"email": "ada@example.com", "password": PASSWORD}
        answer = client.post("/v1/api/auth/register", json={"name": "Ada", **who})
        if answer.status_code != 201:  # the second kind of cluster finds the data of the first
            answer = client.post("/v1/api/auth/login", json=who)
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        [cluster] = client.get("/v1/api/clusters").json()["items"]
        assert (cluster["name"], cluster["simulated"]) == ("local", kind == "simulated")
        [workflow] = client.get("/v1/api/workflows").json()["items"]
        run = client.post(f"/v1/api/workflows/{workflow['id']}/run", json={}).json()["id"]

        def status() -> str:
            found = client.get(f"/v1/api/runs/{run}").json()
            return str(found.get("run", found)["status"])

        eventually(lambda: status() not in {"queued", "running"}, timeout=120, every=0.2)
        assert status() == "completed"

    project = Project(started.clone.resolve())
    lines = [line for service in SERVICES for line in lines_of(service.name, project.logs / f"{service.name}.log")]
    assert [line for line in lines if level_of(line.text) in {"error", "critical"}] == []

    down = subprocess.run(
        ["make", "down"], cwd=started.clone, env=started.env, capture_output=True, text=True, check=False, timeout=120
    )
    assert down.returncode == 0, down.stderr
    assert "killed" not in down.stderr
    assert started.process.wait(60) == 0, started.text
    started.reader.join()
    assert processes.carrying(f"{project.mark}:") == []
    assert [port for port in started.ports if not ports.is_free(port)] == []
    assert traces(project.kube) == {}
