"""The main way: open a workflow, run it, watch its cards, and what happens when something is in the way."""

from __future__ import annotations

import json
import re
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NODE_SECONDS, Create, OpenVisit
from tests.browser.graphs import held_back, let_go, shop
from tests.browser.visits import NARROW, WorkflowScreen
from tests.support.kube import Kube
from tests.support.person import Person

# the state with its buttons, two lines of words and the button for all of them, in pixels
LOW = 130


def runs_of(person: Person, workflow_id: str) -> int:
    total: int = person.get(f"/workflows/{workflow_id}/runs")["total"]
    return total


@pytest.mark.node
def test_the_starter_comes_alive_and_answers(ada: Person, node_cluster: str, kube: Kube, visit: OpenVisit) -> None:
    [starter] = [item for item in ada.get("/workflows")["items"] if item["name"] == "starter"]
    ada.call("PUT", f"/workflows/{starter['id']}", {"cluster_id": node_cluster}, If_Match=f'"{starter["revision"]}"')
    there = visit()
    page = there.sign_in(ada)
    page.get_by_role("link", name="starter").click()
    screen = WorkflowScreen(page)
    expect(screen.cards).to_have_count(3)
    expect(screen.wires).to_have_count(2)
    screen.expect_states(service="not_deployed", web="not_deployed", config="not_deployed")

    screen.expect_connection("live")
    screen.note_states()
    screen.run_button.click()
    screen.expect_bar("Completed", "3 created", timeout=60)
    screen.expect_states(service="healthy", web="healthy", config="healthy", timeout=30)
    # each card had its turn, and what it needs was ready before the deployment
    seen = screen.noted_states()
    assert all("ready" in states or "waiting" in states or "applying" in states for states in seen.values()), seen
    expect(screen.card("web")).to_contain_text("ready 1/1")

    # docs/images/workflow.png is this one
    there.picture("workflow")
    screen.bar.get_by_role("button", name="Log").click()
    log = page.get_by_role("log")
    expect(log.get_by_role("listitem").filter(has_text="starter-config").first).to_be_visible()
    assert log.get_by_role("listitem").count() >= 4

    # the address is one that answers
    address = screen.card("service").locator("[data-address]").inner_text().strip()
    with urllib.request.urlopen(f"http://{address}/info", timeout=5) as answer:
        assert json.loads(answer.read())["greeting"] == "Hello from KubeOrch"

    page.reload()
    screen.expect_states(service="healthy", web="healthy", config="healthy")
    expect(screen.card("service")).to_contain_text(address)
    expect(page.get_by_role("toolbar")).to_contain_text("3 healthy")
    kube.run("delete", "namespace", "starter", "--wait=false")


def test_what_is_deleted_outside_is_missing_until_the_next_run(
    ada: Person, create: Create, kube: Kube, namespace: str, visit: OpenVisit
) -> None:
    workflow_id = create(shop())
    ada.deploy(workflow_id)
    page = visit().sign_in(ada, f"/workflows/{workflow_id}")
    screen = WorkflowScreen(page)
    screen.expect_states(web="healthy", front="healthy", config="healthy")
    screen.expect_connection("live")
    page.evaluate("window.sameDocument = true")
    kube.run("delete", "deployment/web", "-n", namespace)
    screen.expect_states(web="missing", timeout=5)
    expect(screen.card("web")).to_contain_text("Run the workflow")
    screen.run_button.click()
    screen.expect_states(web="healthy", front="healthy", config="healthy", timeout=30)
    screen.expect_bar("Completed", "1 created")
    assert page.evaluate("window.sameDocument") is True
    # leaving by the page's own way lets go of the stream
    page.get_by_role("button", name="Back to workflows").click()
    expect(page.get_by_role("heading", name="Workflows")).to_be_visible()


def test_a_run_that_cannot_become_ready_says_why_and_can_be_cancelled(
    ada: Person, create: Create, namespace: str, visit: OpenVisit
) -> None:
    workflow_id = create(held_back(namespace))
    there = visit()
    page = there.sign_in(ada, f"/workflows/{workflow_id}")
    screen = WorkflowScreen(page)
    # a second click is none
    screen.run_button.dblclick()
    reason = re.compile("cannot be scheduled: .*node")
    screen.expect_states(web="waiting")
    expect(screen.card("web")).to_contain_text(reason)
    screen.expect_bar("web", reason, "of 3 ready")
    screen.cancel_button.click()
    screen.expect_bar("Cancelled", "stays on the cluster")
    assert runs_of(ada, workflow_id) == 1

    # when nobody cancels, its time runs out, and the end says what to look at
    page.get_by_role("button", name="Run again").click()
    screen.expect_bar("Failed", timeout=NODE_SECONDS + 20)
    screen.expect_bar("web", reason)
    screen.expect_states(web="failed")
    expect(screen.bar).to_contain_text(re.compile(r"not ready (after|within) \d+ s"))
    expect(page.get_by_role("button", name="Run again")).to_be_enabled()
    assert runs_of(ada, workflow_id) == 2

    # where there is little room the bar stays low, and all it says can be read
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    there.picture("bar-narrow")
    screen.bar.get_by_role("button", name="Show all").click()
    there.picture("bar-narrow-all")
    expect(screen.bar.get_by_role("group", name="All of it")).to_contain_text(reason)
    screen.bar.get_by_role("button", name="Show less").click()
    shown = screen.bar.bounding_box()
    assert shown is not None
    assert shown["height"] <= LOW, f"the bar is {shown['height']} px high"


def test_a_second_run_joins_the_active_one(
    ada: Person, create: Create, kube: Kube, namespace: str, visit: OpenVisit
) -> None:
    workflow_id = create(held_back(namespace))
    # this browser does not hear what happens, and so offers Run while one is under way
    there = visit()
    there.allow(r"ERR_FAILED.*/v1/api/stream", r"status of 409 .*/run\b")
    there.page.route("**/v1/api/stream?*", lambda route: route.abort())
    page = there.sign_in(ada, f"/workflows/{workflow_id}")
    screen = WorkflowScreen(page)
    expect(screen.cards).to_have_count(3)
    run_id = ada.run(workflow_id)
    screen.run_button.click()
    expect(page.get_by_text("running already")).to_be_visible()
    expect(screen.cancel_button).to_be_visible()
    assert runs_of(ada, workflow_id) == 1
    # now it hears, and follows the run that it has joined
    there.page.unroute("**/v1/api/stream?*")
    let_go(kube, namespace)
    screen.expect_bar("Completed", timeout=40)
    assert ada.get_run(run_id)["status"] == "completed"


def test_a_tab_that_was_closed_in_the_middle_joins_in_again(
    ada: Person, create: Create, kube: Kube, namespace: str, visit: OpenVisit
) -> None:
    workflow_id = create(held_back(namespace))
    there = visit()
    screen = WorkflowScreen(there.sign_in(ada, f"/workflows/{workflow_id}"))
    screen.run_button.click()
    screen.expect_states(web="waiting")
    there.page.close()
    there.page = there.open_tab()
    # the cookie is enough: nobody is asked again
    screen = WorkflowScreen(there.open(f"/workflows/{workflow_id}"))
    screen.expect_states(web="waiting")
    screen.expect_bar("of 3 ready")
    screen.expect_connection("live")
    let_go(kube, namespace)
    screen.expect_bar("Completed", "3 created", timeout=30)
    screen.expect_states(web="healthy", front="healthy", config="healthy")
    assert runs_of(ada, workflow_id) == 1
