"""A cluster starts by one command, and nothing is left of it when it ends, however it ends."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import kube as local_kube
from deploy.local import ports
from tests.support.clusters import require
from tests.support.kube import Kind, Kube
from tests.support.traces import traces
from tests.support.wait import eventually

DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web"},
    "spec": {
        "replicas": 2,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "web", "image": "localhost/kubeorch-starter:1"}]},
        },
    },
}


@pytest.fixture(autouse=True)
def _ground(request: pytest.FixtureRequest) -> None:
    require("node" if request.node.get_closest_marker("node") else "simulated")


@contextlib.contextmanager
def in_the_foreground(directory: Path, kind: Kind) -> Iterator[tuple[subprocess.Popen[bytes], Kube]]:
    """Run the command as `make up` does, until the end of the block kills it at the latest."""
    port = ports.reserve()
    port.release()
    ready = directory / "ready"
    command = [sys.executable, "-m", "deploy.local.kube", "--directory", str(directory / "k"), "--kind", kind]
    words = [*command, "--port", str(port.number), "--ready-file", str(ready), "--nodes", "2"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    try:
        eventually(ready.exists, timeout=60)
        facts = json.loads(ready.read_text())
        assert facts["kind"] == kind
        assert facts["server"] == f"https://127.0.0.1:{port.number}"
        assert facts["version"].startswith("v1.")
        yield process, Kube(Path(facts["kubeconfig"]), facts["server"], kind, Path(facts["kubectl"]))
    finally:
        process.kill()
        process.wait()


def deploy(cluster: Kube) -> None:
    cluster.apply(DEPLOYMENT, namespace="default")
    cluster.run("rollout", "status", "deployment/web", "--timeout=60s")


def test_simulated_nodes_by_the_command(tmp_path: Path) -> None:
    with in_the_foreground(tmp_path, "simulated") as (process, cluster):
        assert (tmp_path / "k" / "kubeconfig").stat().st_mode & 0o777 == 0o600
        assert len(cluster.get("nodes")["items"]) == 2
        deploy(cluster)
        assert set(traces(tmp_path / "k")) >= {"processes"}
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert not (tmp_path / "ready").exists()
    assert traces(tmp_path / "k") == {}


def test_what_was_deployed_is_there_after_a_restart(tmp_path: Path) -> None:
    for number in (1, 2):
        running = local_kube.start(tmp_path, kind="simulated", nodes=number)
        cluster = Kube(running.kubeconfig, running.server, "simulated", running.kubectl)
        try:
            if number == 1:
                deploy(cluster)
            assert cluster.get("deployment/web")["spec"]["replicas"] == 2
            assert len(cluster.get("nodes")["items"]) == number
        finally:
            running.stop()


@pytest.mark.node
def test_a_node_that_stops_leaves_nothing(tmp_path: Path) -> None:
    with in_the_foreground(tmp_path, "node") as (process, cluster):
        deploy(cluster)
        everything = {"processes", "mounts", "interfaces", "routes", "namespaces", "rules", "control groups", "state"}
        assert everything <= set(traces(tmp_path / "k"))
        process.send_signal(signal.SIGTERM)
        assert process.wait(40) == 0
    assert traces(tmp_path / "k") == {}


@pytest.mark.node
def test_what_a_killed_node_left_is_cleaned(tmp_path: Path) -> None:
    with in_the_foreground(tmp_path, "node") as (_process, cluster):
        deploy(cluster)
    # the kernel ends the programs together with their starter; nobody has told the pods
    eventually(lambda: not any("/k/bin/" in line for line in traces(tmp_path / "k")["processes"]), timeout=20)
    assert {"processes", "mounts", "interfaces"} <= set(traces(tmp_path / "k"))
    local_kube.clean(tmp_path / "k")
    assert traces(tmp_path / "k") == {}


@pytest.mark.node
def test_two_nodes_live_side_by_side(kube: Kube, tmp_path: Path) -> None:
    [first] = kube.get("nodes")["items"]
    running = local_kube.start(tmp_path, kind="node")
    second = Kube(running.kubeconfig, running.server, "node", running.kubectl)
    try:
        deploy(second)
        [other] = second.get("nodes")["items"]
        assert other["status"]["addresses"][0]["address"] != first["status"]["addresses"][0]["address"]
    finally:
        running.stop()
    assert kube.run("get", "--raw", "/readyz") == "ok"
    kube.run("wait", "--for=condition=Ready", "node/local", "--timeout=10s")
