"""
Clusters for tests: a real control plane, one of each kind per run, and a namespace per test.

A test marked ``node`` gets a cluster whose pods run; any other one with simulated nodes, on which every image
"runs" at once, on every machine alike. ``TEST_KUBECONFIG`` names a cluster to use instead of both; the user's own
``KUBECONFIG`` is never looked at. ``REQUIRE=all`` makes a cluster that cannot be had a failure instead of a skip.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from deploy.local import kube as local_kube
from deploy.local import programs
from deploy.local.cluster import host
from tests.support.kube import Kind, Kube

OR_ANOTHER = "make kube builds them, or TEST_KUBECONFIG=…"


def wait_for_builder() -> None:
    """Wait for a build that goes on beside us; a test that waited for it would run out of its time."""
    if not os.environ.get("TEST_KUBECONFIG") and programs.missing(list(programs.RECIPES)):
        programs.wait_for_builder(programs.say_aloud)


def missing(why: str) -> NoReturn:
    if os.environ.get("REQUIRE") == "all":
        pytest.fail(f"{why} (REQUIRE=all)", pytrace=False)
    pytest.skip(why)


def _kubectl(root: Path) -> Path:
    found = shutil.which("kubectl")
    if found:
        return Path(found)
    built = programs.path_of("localkube")
    if not built.exists():
        missing("no kubectl: PATH has none and the local Kubernetes is not built (make kube)")
    link = root / "kubectl"
    with contextlib.suppress(FileExistsError):
        link.symlink_to(built)
    return link


def _external(kubeconfig: Path, root: Path) -> Kube:
    """Use the cluster of ``TEST_KUBECONFIG``."""
    kubectl = _kubectl(root)
    probe = Kube(kubeconfig, "", "node", kubectl)
    server = probe.run("config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}")
    played = all("kwok.x-k8s.io/node" in n["metadata"].get("annotations", {}) for n in probe.get("nodes")["items"])
    return Kube(kubeconfig, server, "simulated" if played else "node", kubectl)


def require(kind: Kind, remedy: str = "make kube builds them") -> None:
    """Skip, with the reason, where this kind cannot start; building takes too long for a test."""
    if kind == "node" and (obstacle := host.obstacle()):
        missing(f"no real node: {obstacle}")
    needed = programs.NODE if kind == "node" else programs.SIMULATED
    if lacking := programs.missing(needed):
        missing(f"not built: {', '.join(lacking)}; {remedy}")


@contextlib.contextmanager
def _locked(path: Path, how: int) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, how)
        yield


@contextlib.contextmanager
def _shared(kind: Kind, root: Path) -> Iterator[Kube]:
    """
    Share one cluster among the workers of a run.

    The first one starts it. Each holds a shared lock while it uses it; who started it waits for the others.
    """
    note, users, gate = root / f"{kind}.json", root / f"{kind}.users", root / f"{kind}.lock"
    with contextlib.ExitStack() as stack:
        with _locked(gate, fcntl.LOCK_EX):
            running = None
            if not note.exists():
                running = local_kube.start(root / kind, kind=kind, nodes=5)
                note.write_text(json.dumps(running.facts()))
            stack.enter_context(_locked(users, fcntl.LOCK_SH))
        facts = json.loads(note.read_text())
        try:
            yield Kube(Path(facts["kubeconfig"]), facts["server"], kind, Path(facts["kubectl"]))
        finally:
            stack.close()
            if running is not None:
                with _locked(gate, fcntl.LOCK_EX), _locked(users, fcntl.LOCK_EX):
                    note.unlink()
                    running.stop()


@pytest.fixture(scope="session")
def _cluster_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run share."""
    base = tmp_path_factory.getbasetemp()
    root = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "kube"
    root.mkdir(exist_ok=True)
    return root


@pytest.fixture(scope="session")
def simulated_kube(_cluster_root: Path) -> Iterator[Kube]:
    """A cluster on which nothing runs, for fixtures that live longer than a test; tests ask for `kube`."""
    if given := os.environ.get("TEST_KUBECONFIG"):
        yield _external(Path(given), _cluster_root)
        return
    require("simulated", OR_ANOTHER)
    with _shared("simulated", _cluster_root) as kube:
        yield kube


@pytest.fixture(scope="session")
def node_kube(_cluster_root: Path) -> Iterator[Kube]:
    """A cluster whose pods run, for fixtures that live longer than a test; tests are marked ``node``."""
    if given := os.environ.get("TEST_KUBECONFIG"):
        kube = _external(Path(given), _cluster_root)
        if kube.kind != "node":
            missing("the cluster of TEST_KUBECONFIG has simulated nodes only")
        yield kube
        return
    require("node", OR_ANOTHER)
    with _shared("node", _cluster_root) as kube:
        yield kube


@pytest.fixture
def kube(request: pytest.FixtureRequest) -> Kube:
    """The cluster that the test's mark asks for."""
    marked = request.node.get_closest_marker("node") is not None
    found: Kube = request.getfixturevalue("node_kube" if marked else "simulated_kube")
    return found


@pytest.fixture
def namespace(kube: Kube) -> Iterator[str]:
    """A namespace of this test alone; its deletion goes on while the next test runs."""
    name = f"test-{uuid.uuid4().hex[:10]}"
    kube.run("create", "namespace", name)
    yield name
    kube.run("delete", "namespace", name, "--wait=false")
