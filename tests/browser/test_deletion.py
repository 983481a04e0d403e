"""Somebody deletes a workflow, and is told by name what holds data before anything is gone."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from shared.workflows.drawing.graph import Graph
from tests.browser.conftest import Create, OpenVisit
from tests.browser.graphs import shop
from tests.browser.visits import NARROW, WIDE
from tests.fixtures.workflows.helpers import node
from tests.support.kube import Kube
from tests.support.person import Person
from tests.support.wait import eventually

CLAIMS = ("kept", "spare")


def with_data() -> Graph:
    """Return the shop with two volume claims beside it."""
    made = shop()
    claims = [node(name, "persistentvolumeclaim", storage="1Gi") for name in CLAIMS]
    return Graph(nodes=[*made.nodes, *claims], edges=made.edges)


def test_data_goes_only_when_it_is_named(
    ada: Person, create: Create, kube: Kube, namespace: str, visit: OpenVisit
) -> None:
    workflow_id = create(with_data(), f"data-{namespace}")
    ada.deploy(workflow_id)
    eventually(lambda: {*CLAIMS} <= {*ada.statuses(workflow_id)}, timeout=20)
    there = visit()
    page = there.sign_in(ada, f"/workflows?q=data-{namespace}")
    page.get_by_role("button", name=f"Actions for data-{namespace}").locator("visible=true").click()
    page.get_by_role("menuitem", name="Delete…").click()
    dialog = page.get_by_role("alertdialog")
    spare = dialog.get_by_role("checkbox", name=f"PersistentVolumeClaim {namespace}/spare")
    expect(dialog.get_by_role("checkbox", name=f"PersistentVolumeClaim {namespace}/kept")).not_to_be_checked()
    spare.check()
    for width, height in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": height})
        for dark in (False, True):
            there.shows_theme(dark=dark)
            there.picture(f"delete-{width}-{'dark' if dark else 'light'}")
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    dialog.get_by_role("textbox", name=re.compile("^To delete 1 object with data")).fill(f"data-{namespace}")
    dialog.get_by_role("button", name="Remove and delete").click()
    expect(page.get_by_text("is removed from its cluster, and deleted after that")).to_be_visible()
    eventually(lambda: ada.send("GET", f"/workflows/{workflow_id}").status_code == 404, timeout=40)
    left = {item["metadata"]["name"] for item in kube.get("persistentvolumeclaims", "-n", namespace)["items"]}
    assert left == {"kept"}
