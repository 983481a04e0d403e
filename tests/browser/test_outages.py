"""What people see when a line is cut: it is said at once, what is shown is never older than it says, and it heals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Create, OpenVisit
from tests.browser.graphs import held_back, let_go, shop
from tests.browser.visits import WorkflowScreen
from tests.support.kube import Kube
from tests.support.person import Person
from tests.support.platform import Platform
from tests.support.proxy import Proxy

LOST = (r"ERR_(CONNECTION_\w+|INCOMPLETE_CHUNKED_ENCODING|EMPTY_RESPONSE|NETWORK_CHANGED)", "status of 50[234]")
# after half a minute without a word of the API server nothing is called true any more
STALE_SECONDS = 50.0


@pytest.fixture
def line(platform: Platform) -> Iterator[Proxy]:
    """A line between the browser and the platform; asked for before `visit`, so that it outlives the browser."""
    address = urlsplit(platform.url)
    with Proxy((address.hostname or "", address.port or 0)) as proxy:
        yield proxy


def test_a_stream_that_is_cut_in_the_middle_of_a_run_loses_nothing(
    line: Proxy, ada: Person, create: Create, kube: Kube, namespace: str, visit: OpenVisit
) -> None:
    workflow_id = create(held_back(namespace))
    there = visit(f"http://127.0.0.1:{line.port}")
    there.allow(*LOST)
    screen = WorkflowScreen(there.sign_in(ada, f"/workflows/{workflow_id}"))
    screen.expect_connection("live")
    screen.run_button.click()
    screen.expect_states(web="waiting")
    line.refuse()
    screen.expect_connection("reconnecting")
    expect(screen.chip).to_contain_text("Reconnecting")
    # the run ends while nobody hears of it
    [run] = ada.get(f"/workflows/{workflow_id}/runs")["items"]
    let_go(kube, namespace)
    assert ada.ended(run["id"])["status"] == "completed"
    line.accept()
    screen.expect_connection("live", timeout=40)
    screen.expect_bar("Completed", "3 created")
    screen.expect_states(web="healthy", front="healthy", config="healthy")
    truth = {node_id: item["state"] for node_id, item in ada.statuses(workflow_id).items()}
    assert screen.states() == truth


def test_the_page_recovers_when_the_platform_restarts(
    platform: Platform, ada: Person, create: Create, kube: Kube, namespace: str, visit: OpenVisit
) -> None:
    workflow_id = create(shop())
    ada.deploy(workflow_id)
    there = visit()
    there.allow(*LOST)
    screen = WorkflowScreen(there.sign_in(ada, f"/workflows/{workflow_id}"))
    screen.expect_states(web="healthy", front="healthy", config="healthy")
    screen.expect_connection("live")
    platform.stop("web")
    screen.expect_connection("reconnecting")
    platform.start("web")
    screen.expect_connection("live", timeout=40)
    # and it hears again
    kube.run("delete", "configmap/config", "-n", namespace)
    screen.expect_states(config="missing", timeout=10)


def test_statuses_go_stale_while_the_cluster_is_away_and_true_again(
    ada: Person, create: Create, kube: Kube, namespace: str, visit: OpenVisit
) -> None:
    with Proxy.before(kube.text) as line:
        cluster_id = ada.connect(line.kubeconfig(kube.text), f"line-{namespace}")
        workflow_id = create(shop(), "stale", cluster_id)
        ada.deploy(workflow_id)
        page = visit().sign_in(ada, f"/workflows/{workflow_id}")
        screen = WorkflowScreen(page)
        screen.expect_states(web="healthy", front="healthy", config="healthy")
        line.refuse()
        # the word stays, with its age, and the colour goes
        card = screen.card("web")
        expect(card).to_have_attribute("data-stale", "true", timeout=STALE_SECONDS * 1000)
        expect(card).to_have_attribute("data-state", "healthy")
        expect(card).to_have_attribute("data-tone", "idle")
        expect(card).to_contain_text(re.compile(r"Healthy, as of \d\d:\d\d:\d\d \(\d+ s\)"))
        expect(page.get_by_role("toolbar")).to_contain_text("3 stale")
        line.accept()
        for node_id in ("web", "front", "config"):
            expect(screen.card(node_id)).not_to_have_attribute("data-stale", "true", timeout=STALE_SECONDS * 1000)
        screen.expect_states(web="healthy", front="healthy", config="healthy")
        kube.run("delete", "configmap/config", "-n", namespace)
        screen.expect_states(config="missing")
        ada.call("DELETE", f"/clusters/{cluster_id}", status=204)
