"""Pictures of what people see, wide and narrow, light and dark, for somebody to look at: ``screenshots/``."""

from __future__ import annotations

import contextlib

from playwright.sync_api import expect

from tests.browser.conftest import OpenVisit
from tests.browser.graphs import held_back, let_go, shop
from tests.browser.visits import NARROW, WIDE, Visit, WorkflowScreen
from tests.support.kube import Kube
from tests.support.platform import Platform
from tests.support.wait import eventually

LOOKS = [(size, dark) for size in (WIDE, NARROW) for dark in (False, True)]

STICKING_OUT = """[...document.querySelectorAll('.card > header, .card > .card-status, .card > .card-rows')]
  .filter((part) => part.getBoundingClientRect().right > part.parentElement.getBoundingClientRect().right)
  .map((part) => part.textContent)"""


def pictures(there: Visit, name: str) -> None:
    """Take all looks of a page; nothing on it may stick out to the side."""
    for (width, height), dark in LOOKS:
        there.page.set_viewport_size({"width": width, "height": height})
        there.shows_theme(dark=dark)
        there.picture(f"{name}-{width}-{'dark' if dark else 'light'}")
        reaches = there.page.evaluate("document.documentElement.scrollWidth")
        assert reaches <= width, f"{name} is {reaches} px wide where there are {width}"
        out = there.page.evaluate(STICKING_OUT)
        assert out == [], f"sticks out of a card in {name}: {out}"
    there.page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    there.shows_theme(dark=False)


def test_every_page_is_seen_in_every_look(platform: Platform, kube: Kube, namespace: str, visit: OpenVisit) -> None:
    with contextlib.closing(platform.register("edsger")) as edsger:
        there = visit()
        page = there.open("/login")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        pictures(there, "login")

        # nothing is there yet
        [starter] = edsger.get("/workflows")["items"]
        edsger.call("DELETE", f"/workflows/{starter['id']}?objects=orphan", status=204)
        there.sign_in(edsger)
        expect(page.get_by_role("heading", name="No workflows yet")).to_be_visible()
        pictures(there, "list-empty")

        cluster_id = edsger.connect(kube.text, "production")
        for name in ("billing", "mail"):
            edsger.create(name, shop(), cluster_id=cluster_id, namespace=f"{namespace}-{name}")
        done = edsger.create("storefront", shop(), cluster_id=cluster_id, namespace=namespace)
        edsger.deploy(done)
        # the watch of a cluster that was just connected has to begin
        eventually(lambda: [item["state"] for item in edsger.statuses(done).values()] == ["healthy"] * 3, timeout=20)
        page.reload()
        expect(page.get_by_role("row").filter(has_text="storefront")).to_contain_text("3 healthy")
        pictures(there, "list")

        workflow_id = edsger.create("shop", held_back(namespace), cluster_id=cluster_id, namespace=f"{namespace}-shop")
        there.open(f"/workflows/{workflow_id}")
        screen = WorkflowScreen(page)
        expect(screen.cards).to_have_count(3)
        screen.expect_connection("live")
        pictures(there, "graph-before")
        screen.run_button.click()
        screen.expect_states(web="waiting")
        screen.expect_bar("cannot be scheduled")
        pictures(there, "graph-during")
        let_go(kube, namespace)
        screen.expect_bar("Completed", timeout=30)
        screen.expect_states(web="healthy", front="healthy", config="healthy")
        pictures(there, "graph-after")
        screen.card("web").click()
        expect(page.get_by_role("complementary", name="web, Deployment")).to_be_visible()
        pictures(there, "graph-inspector")
        page.keyboard.press("Escape")
        screen.bar.get_by_role("button", name="Log").click()
        pictures(there, "graph-log")
        for name in ("billing", "mail", "shop"):
            kube.run("delete", "namespace", f"{namespace}-{name}", "--wait=false", "--ignore-not-found")
