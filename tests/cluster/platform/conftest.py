"""One platform for all tests of this folder, one person with both clusters; a namespace and a workflow per test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from shared.workflows.drawing.graph import Graph
from tests.support.kube import Kube
from tests.support.person import Person, Stream
from tests.support.platform import Platform, start_platform

NODE_SECONDS = 15


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The whole platform, with health checks every five seconds and little time for a node to become ready."""
    running = start_platform(
        tmp_path_factory.mktemp("platform"),
        runs={"node_seconds": NODE_SECONDS},
        clusters={"health_seconds": 5, "timeout_seconds": 3},
    )
    yield running
    running.close()


@pytest.fixture(scope="session")
def ada(platform: Platform) -> Iterator[Person]:
    """Somebody whose clusters the tests share, so that one watch per cluster is enough."""
    person = platform.register("ada")
    yield person
    person.close()


@pytest.fixture(scope="session")
def simulated_cluster(ada: Person, simulated_kube: Kube) -> str:
    return ada.connect(simulated_kube.text, "simulated")


@pytest.fixture(scope="session")
def node_cluster(ada: Person, node_kube: Kube) -> str:
    return ada.connect(node_kube.text, "node")


@pytest.fixture
def cluster_id(request: pytest.FixtureRequest) -> str:
    """The connected cluster that the test's mark asks for."""
    marked = request.node.get_closest_marker("node") is not None
    found: str = request.getfixturevalue("node_cluster" if marked else "simulated_cluster")
    return found


@dataclass(frozen=True)
class Made:
    """A workflow of a test, and how its owner works with it."""

    person: Person
    id: str
    namespace: str

    def save(self, graph: Graph) -> None:
        self.person.save(self.id, graph)

    def run(self) -> str:
        return self.person.run(self.id)

    def deploy(self, *, status: str = "completed", timeout: float = 60.0) -> dict[str, object]:
        return self.person.deploy(self.id, status=status, timeout=timeout)

    def follow(self) -> Stream:
        return self.person.follow_workflow(self.id)


@pytest.fixture
def make(ada: Person, cluster_id: str, namespace: str) -> Callable[[Graph], Made]:
    """Create a workflow in the test's namespace."""

    def create(graph: Graph, name: str = "shop", cluster: str = cluster_id) -> Made:
        return Made(ada, ada.create(name, graph, cluster_id=cluster, namespace=namespace), namespace)

    return create
