"""The command line and the real platform, without Kubernetes: started, looked at, hurt, stopped; nothing is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local import ports
from orchcli import locks
from orchcli.project import Project
from orchcli.running import control, processes
from tests.support.files import ROOT
from tests.support.wait import eventually

SHARED = ("beat", "deploy", "orchcli", "requirements", "shared", "web", "worker", ".venv", "Procfile", ".env.example")
SETTINGS = {
    "redis": "ORCHCLI_REDIS_PORT",
    "mongo": "ORCHCLI_MONGO_PORT",
    "kube": "ORCHCLI_KUBE_PORT",
    "web": "KUBEORCH_WEB__PORT",
    "flower": "ORCHCLI_FLOWER_PORT",
}


class Checkout:
    """The repository's programs with settings, data and ports of their own; no interface to build."""

    def __init__(self, root: Path) -> None:
        for name in SHARED:
            (root / name).symlink_to(ROOT / name)
        self.project = Project(root)
        reserved = {service: ports.reserve() for service in SETTINGS}
        self.ports = {service: port.number for service, port in reserved.items()}
        for port in reserved.values():
            port.release()
        foreign = {"PORT", "KUBE", "KUBECONFIG", "CI"}
        inherited = {name: value for name, value in os.environ.items() if name not in foreign}
        chosen = {SETTINGS[service]: str(port) for service, port in self.ports.items()}
        self.env = {**inherited, **chosen, "PYTHONPATH": str(ROOT), "KUBEORCH_WEB__WORKERS": "1"}
        self.url = f"http://127.0.0.1:{self.ports['web']}"

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "orchcli", "--project", str(self.project.root), *words]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words), env=self.env, capture_output=True, text=True, check=False, timeout=200
        )

    def data(self, *words: str) -> Any:
        done = self.run("--json", *words)
        return json.loads(done.stdout)["data"]

    def service(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = next(one for one in self.data("status")["services"] if one["name"] == name)
        return found

    def left(self) -> list[int]:
        return [who.pid for who in processes.carrying(f"{self.project.mark}:")]

    def assert_nothing_left(self) -> None:
        assert self.left() == []
        assert [port for port in self.ports.values() if not ports.is_free(port)] == []
        assert locks.supervisor_pid(self.project) is None
        assert not control.path_of(self.project).exists()


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    made = Checkout(tmp_path)
    yield made
    made.run("stop", "--timeout", "20")
    made.assert_nothing_left()


@pytest.mark.timeout(400)
def test_the_platform_starts_in_the_background_heals_and_leaves_nothing(checkout: Checkout) -> None:
    began = checkout.run("start", "-d", "--kube", "none")
    assert began.returncode == 0, began.stderr + began.stdout
    assert checkout.url in began.stdout
    assert "[7/9] release … done" in began.stderr

    for path in ("/healthz", "/readyz"):
        assert httpx.get(checkout.url + path).status_code == 200
    assert httpx.get(f"http://127.0.0.1:{checkout.ports['flower']}/flower/").status_code == 401

    seen = checkout.data("status")
    assert seen["running"]
    services = {one["name"]: (one["state"], one["health"]) for one in seen["services"]}
    up = ("redis", "mongo", "worker", "worker-builds", "watcher", "web", "beat", "flower")
    assert services == {"release": ("done", "-"), **dict.fromkeys(up, ("ready", "ok"))}
    assert checkout.run("status").returncode == 0
    assert checkout.run("start", "-d").returncode == 0
    assert checkout.run("start").returncode == 7

    # a service that dies comes back, and its gate is passed by the new one
    worker = checkout.service("worker")
    os.kill(worker["pid"], signal.SIGKILL)

    def is_back() -> bool:
        now = checkout.service("worker")
        return bool(now["state"] == "ready" and now["pid"] != worker["pid"] and now["restarts"] == 1)

    eventually(is_back, timeout=60)

    # a service stops and starts alone
    assert checkout.data("stop", "flower") == {"stopped": ["flower"], "killed": []}
    assert checkout.service("flower")["state"] == "stopped"
    assert checkout.run("start", "flower").returncode == 0
    assert checkout.service("flower")["health"] == "ok"

    lines = [json.loads(line) for line in checkout.run("--json", "logs", "web", "release").stdout.splitlines()]
    assert {line["service"] for line in lines} == {"release"} | ({"web"} & {line["service"] for line in lines})
    assert [line["time"] for line in lines] == sorted(line["time"] for line in lines)

    # the supervisor is killed; what it kept is found and ended
    pid = locks.supervisor_pid(checkout.project)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: locks.supervisor_pid(checkout.project) is None)
    assert len(checkout.left()) > len(up)
    assert checkout.run("status").returncode == 5
    ended = checkout.run("stop")
    assert ended.returncode == 0, ended.stderr
    assert "ended what was left of mongo" in ended.stderr
    checkout.assert_nothing_left()
    assert checkout.run("stop").returncode == 0

    # what it stored is there again, also after such an end
    again = checkout.run("start", "-d", "--kube", "none")
    assert again.returncode == 0, again.stderr
    assert "[7/9] release … done" in again.stderr
    assert "up to date" in again.stderr
    ended = checkout.run("stop")
    assert ended.returncode == 0, ended.stderr
    assert "killed" not in ended.stderr
    checkout.assert_nothing_left()


def started(checkout: Checkout, *words: str) -> subprocess.Popen[str]:
    """A start in front, when its service is up."""
    process = subprocess.Popen(
        checkout.command("start", *words), env=checkout.env, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    shown = []
    for line in process.stderr:
        shown.append(line)
        if line.startswith("First account"):
            return process
    raise AssertionError("".join(shown))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)])
def test_in_front_a_signal_ends_everything_in_order(checkout: Checkout, number: signal.Signals, code: int) -> None:
    process = started(checkout, "redis", "mongo")
    assert not ports.is_free(checkout.ports["redis"])
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == code
    assert "stopped" in said
    checkout.assert_nothing_left()


def test_a_second_ctrl_c_kills_what_does_not_end(checkout: Checkout) -> None:
    process = started(checkout, "redis")
    pid = checkout.service("redis")["pid"]
    os.kill(pid, signal.SIGSTOP)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    assert process.stderr.readline().startswith(("\n", "stopping everything")) or process.stderr.readline()
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "had to be killed: redis" in said
    checkout.assert_nothing_left()


def test_stop_ends_one_that_runs_in_front_elsewhere(checkout: Checkout) -> None:
    process = started(checkout, "redis")
    stopped = checkout.run("--json", "stop")
    assert json.loads(stopped.stdout)["data"] == {"stopped": ["redis"], "killed": []}
    process.communicate(timeout=10)
    assert process.returncode == 0
    checkout.assert_nothing_left()


def test_a_supervisor_that_hears_nothing_is_killed_and_what_it_kept_is_ended(checkout: Checkout) -> None:
    process = started(checkout, "redis")
    process.send_signal(signal.SIGSTOP)
    stopped = checkout.run("stop", "--timeout", "1")
    assert stopped.returncode == 0, stopped.stderr
    assert process.wait(10) == -signal.SIGKILL
    process.communicate()
    checkout.assert_nothing_left()


def test_a_taken_port_stops_the_start_before_anything_runs(checkout: Checkout) -> None:
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", checkout.ports["web"]))
        other.listen()
        done = checkout.run("--json", "start", "-d", "--kube", "none")
        assert done.returncode == 7
        error = json.loads(done.stderr.splitlines()[-1])["error"]
        assert error["code"] == "port-taken"
        assert f"pid {os.getpid()}" in error["message"]
        assert checkout.left() == []


def test_a_setting_that_is_none_stops_the_start_with_the_name_that_was_meant(checkout: Checkout) -> None:
    checkout.env["KUBEORCH_MONGO_URI"] = "mongodb://x"
    done = checkout.run("start", "redis")
    assert done.returncode == 5
    assert "KUBEORCH_MONGO_URI is not a setting; did you mean KUBEORCH_MONGO__URI?" in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("start", "--runtime", "docker"), 2, "not part of this version yet"),
        (("start", "--mode", "full"), 2, "not part of this version yet"),
        (("start", "shop"), 11, 'no service "shop"'),
        (("start", "--nothing"), 2, "No such option"),
        (("start", "--kube", "external", "kube"), 2, "needs KUBECONFIG"),
        (("clean", "--data", "--no-input"), 15, "nothing was removed"),
        (("logs",), 11, "no logs"),
        (("status",), 5, ""),
    ],
)
def test_what_cannot_be_done_has_a_sentence_and_an_exit_code(
    checkout: Checkout, words: tuple[str, ...], code: int, sentence: str
) -> None:
    checkout.project.prepare()
    done = checkout.run(*words)
    assert done.returncode == code, done.stderr
    assert sentence in done.stderr
    assert "Usage:" not in done.stderr


def test_outside_a_checkout_it_says_so(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "orchcli", "--json", "status"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert json.loads(done.stderr)["error"]["code"] == "no-project"
