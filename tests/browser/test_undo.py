"""Somebody takes nodes off the graph, runs it, and puts back what the run has removed."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from shared.workflows.drawing.graph import Graph
from tests.browser.conftest import Create, OpenVisit
from tests.browser.graphs import shop
from tests.browser.visits import NARROW, WIDE, Visit, WorkflowScreen
from tests.support.kube import Kube
from tests.support.person import Person


def in_all_looks(there: Visit, sheet: Locator) -> None:
    """Keep pictures of the sheet wide and narrow, light and dark, and of one object where there is room for one."""
    page = there.page
    for dark in (False, True):
        there.shows_theme(dark=dark)
        there.picture(f"removed-{'dark' if dark else 'light'}")
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    there.picture("removed-narrow-dark")
    sheet.get_by_role("button", name="front").click()
    there.shows_theme(dark=False)
    there.picture("removed-object-narrow-light")
    sheet.get_by_role("button", name="All objects").click()
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})


def test_what_a_run_has_removed_comes_back(
    ada: Person, create: Create, kube: Kube, namespace: str, visit: OpenVisit
) -> None:
    drawn = shop()
    workflow_id = create(drawn)
    ada.deploy(workflow_id)
    ada.save(workflow_id, Graph(nodes=[item for item in drawn.nodes if item.id == "web"], edges=[]))
    there = visit()
    page = there.sign_in(ada, f"/workflows/{workflow_id}")
    screen = WorkflowScreen(page)
    expect(screen.cards).to_have_count(1)
    screen.run_button.click()
    screen.expect_bar("Completed", "2 removed", timeout=40)

    screen.bar.get_by_role("button", name="What was removed").click()
    sheet = page.get_by_role("region", name="Removed objects")
    expect(sheet.get_by_role("checkbox")).to_have_count(2)
    expect(sheet.get_by_label(f"YAML of Service {namespace}/front")).to_contain_text("kind: Service")
    in_all_looks(there, sheet)

    # of two nodes one stays away
    sheet.get_by_role("checkbox", name="Put back config, ConfigMap").uncheck()
    sheet.get_by_role("button", name="Put 1 node back on the canvas").click()
    expect(sheet.get_by_text("front is on the canvas again.")).to_be_visible()
    expect(screen.cards).to_have_count(2)
    expect(screen.card("front")).to_be_in_viewport()
    expect(screen.wires).to_have_count(1)
    expect(sheet.get_by_role("checkbox")).to_have_count(1)
    there.picture("removed-put-back-light")
    assert not kube.get("services", "-n", namespace)["items"]

    sheet.get_by_role("button", name="Plan the run").click()
    page.get_by_role("button", name=re.compile(r"^Apply 1 change")).click()
    screen.expect_bar("Completed", "1 created", timeout=40)
    assert kube.get("service/front", "-n", namespace)["spec"]["ports"][0]["port"] == 80

    # the newest run has removed nothing; what the one before has removed is still to be found
    page.get_by_role("button", name="Versions").click()
    page.get_by_role("button", name="What runs have removed").click()
    sheet.get_by_role("button", name="front").click()
    expect(sheet).to_contain_text("a run has made it again")
    expect(sheet.get_by_role("button", name="Plan the run")).to_have_count(0)
