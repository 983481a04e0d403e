"""Somebody finds out why a node does not do its work, and has it put right."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from shared.workflows.drawing.graph import Graph
from tests.browser.conftest import Create, OpenVisit
from tests.browser.graphs import shop
from tests.browser.visits import NARROW, WIDE, WorkflowScreen
from tests.fixtures.workflows.helpers import node
from tests.support.kube import Kube
from tests.support.person import Person


def astray() -> Graph:
    """Return the shop with a service whose port leads to none of its containers."""
    made = shop()
    return Graph(
        nodes=[
            item.model_copy(
                update={"data": {**item.data, "ports": [{"name": "http", "port": 80, "target_port": "9090"}]}}
            )
            if item.id == "front"
            else item
            for item in made.nodes
        ],
        edges=made.edges,
    )


def test_what_is_wrong_is_found_looked_at_and_put_right(
    ada: Person, create: Create, kube: Kube, namespace: str, visit: OpenVisit
) -> None:
    workflow_id = create(astray())
    ada.deploy(workflow_id)
    there = visit()
    there.allow(r"status of 409 .*/nodes/front/fix\b")
    page = there.sign_in(ada, f"/workflows/{workflow_id}?node=front")
    screen = WorkflowScreen(page)
    inspector = page.get_by_role("complementary", name="front, Service")
    inspector.get_by_role("tab", name="Diagnosis").click()
    look_again = inspector.get_by_role("button", name="Look again")
    fix = inspector.get_by_role("button", name=re.compile(r"9090|http.*…$"))
    expect(look_again).to_be_visible()
    expect(fix).to_be_visible()
    expect(inspector.get_by_role("article").first).to_contain_text("What helps")
    for dark in (False, True):
        there.shows_theme(dark=dark)
        there.picture(f"diagnosis-{'dark' if dark else 'light'}")
    fix.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("region", name="In the graph: front")).to_contain_text("9090")
    expect(dialog.get_by_role("region", name=re.compile("next run"))).to_contain_text("front")
    for dark in (True, False):
        there.shows_theme(dark=dark)
        there.picture(f"fix-{'dark' if dark else 'light'}")

    # somebody saves meanwhile: what was shown is not done, and shown as it is now
    drawn = astray()
    ada.save(workflow_id, Graph(nodes=[*drawn.nodes, node("more", "configmap", data={"A": "1"})], edges=drawn.edges))
    apply = dialog.get_by_role("button", name="Change the graph")
    apply.click()
    expect(dialog.get_by_role("alert")).to_contain_text("nothing was done")
    expect(apply).to_be_enabled()
    apply.click()
    expect(dialog).to_have_count(0)
    assert kube.get("service/front", "-n", namespace)["spec"]["ports"][0]["targetPort"] == 9090

    inspector.get_by_role("button", name="Plan the run").click()
    page.get_by_role("button", name=re.compile(r"^Apply ")).click()
    screen.expect_bar("Completed", timeout=40)
    assert kube.get("service/front", "-n", namespace)["spec"]["ports"][0]["targetPort"] == "http"
    look_again.click()
    expect(inspector.get_by_text("Nothing wrong found.")).to_be_visible()

    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    for dark in (False, True):
        there.shows_theme(dark=dark)
        there.picture(f"diagnosis-narrow-{'dark' if dark else 'light'}")
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})


def test_a_card_that_fails_leads_to_why(
    ada: Person, create: Create, kube: Kube, namespace: str, visit: OpenVisit
) -> None:
    workflow_id = create(shop())
    ada.deploy(workflow_id)
    kube.run("delete", "deployment/web", "-n", namespace)
    page = visit().sign_in(ada, f"/workflows/{workflow_id}")
    screen = WorkflowScreen(page)
    screen.expect_states(web="missing")
    screen.card("web").get_by_role("button", name="Why is web missing?").click()
    inspector = page.get_by_role("complementary", name="web, Deployment")
    expect(inspector.get_by_role("article").first).to_contain_text(re.compile("web"))
    expect(inspector.get_by_role("tab", name="Diagnosis")).to_have_attribute("aria-selected", "true")
