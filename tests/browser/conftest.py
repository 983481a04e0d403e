"""One platform and one Chromium for all tests of this folder; each test opens browsers of its own on it."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from orchcli.errors import ToolMissing
from orchcli.project import Project
from orchcli.running.processes import Children
from orchcli.webui import Builder
from shared.workflows.drawing.graph import Graph
from tests.browser.visits import ARGUMENTS, Visit
from tests.support.clusters import missing, wait_for_builder
from tests.support.files import ROOT
from tests.support.kube import Kube
from tests.support.person import Person
from tests.support.platform import Platform, start_platform

NODE_SECONDS = 20
HERE = Path(__file__).resolve().parent
# with what the first one starts: the build of the interface, the platform, a cluster
TEST_SECONDS = 240
OpenVisit = Callable[..., Visit]
Create = Callable[..., str]


def pytest_configure() -> None:
    wait_for_builder()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever makes the first account comes first: it can be made once per installation."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.timeout(TEST_SECONDS))
    items.sort(key=lambda item: "first_account" not in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def interface() -> Path:
    """The built interface; built here when something of it changed."""
    project = Project(ROOT)
    project.prepare()
    try:
        Builder(project, os.environ, Children().spawn).run()
    except ToolMissing as error:
        missing(f"the web interface is not built: {error.message}; {error.remedy}")
    return ROOT / "ui" / "dist"


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """The system's Chromium: ``CHROMIUM``, or PATH, or where Debian has it."""
    named = os.environ.get("CHROMIUM")
    found = named or shutil.which("chromium") or shutil.which("chromium-browser") or "/usr/bin/chromium"
    if not Path(found).exists():
        missing(f"no Chromium at {found}; apt-get install chromium, or CHROMIUM=/path/of/chromium")
    return Path(found)


@pytest.fixture(scope="session")
def _clusters(chromium_path: Path, request: pytest.FixtureRequest) -> None:
    """
    Start the clusters that the tests will ask for.

    A cluster brings network interfaces of its own, and Chromium breaks off everything it fetches when one comes or goes
    (ERR_NETWORK_CHANGED). One that cannot be had is told to those tests that need it.
    """
    marked = any(item.get_closest_marker("node") for item in request.session.items)
    for name in ("simulated_kube", *(["node_kube"] if marked else [])):
        with contextlib.suppress(pytest.skip.Exception):
            request.getfixturevalue(name)


@pytest.fixture(scope="session")
def chromium(chromium_path: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def platform(interface: Path, _clusters: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The whole platform, with little time for a node to become ready."""
    running = start_platform(
        tmp_path_factory.mktemp("platform"),
        runs={"node_seconds": NODE_SECONDS},
        clusters={"health_seconds": 5, "timeout_seconds": 3},
        web={"ui_directory": interface},
    )
    yield running
    running.close()


@pytest.fixture
def first_account(platform: Platform) -> None:
    """Mark the test that makes the first account; see ``pytest_collection_modifyitems``."""


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
    return ada.connect(node_kube.text, "local")


@pytest.fixture
def create(ada: Person, simulated_cluster: str, namespace: str) -> Create:
    """Make a workflow of ada's in the test's namespace and return its id."""

    def made(graph: Graph, name: str = "shop", cluster_id: str = simulated_cluster) -> str:
        return ada.create(name, graph, cluster_id=cluster_id, namespace=namespace)

    return made


@pytest.fixture
def visits() -> list[Visit]:
    """The browsers that a test has opened."""
    return []


@pytest.fixture
def visit(
    platform: Platform, chromium: Browser, visits: list[Visit], request: pytest.FixtureRequest
) -> Iterator[OpenVisit]:
    """Open a browser; at the end each one is looked through for what must not happen."""

    def opened(url: str = platform.url, *, dark: bool = False) -> Visit:
        visits.append(Visit(chromium, url, dark=dark))
        return visits[-1]

    failed_before = request.session.testsfailed
    yield opened
    for each in visits:
        # after a failure the page may be anywhere
        if request.session.testsfailed > failed_before:
            each.close()
        else:
            each.end()
