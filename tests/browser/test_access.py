"""Who cannot see or use a pointer gets along as well: axe finds nothing, and the keyboard is enough."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Create, OpenVisit
from tests.browser.graphs import held_back, shop
from tests.browser.visits import NARROW, WIDE, Visit, WorkflowScreen
from tests.support.clusters import missing
from tests.support.files import ROOT
from tests.support.person import Person
from tests.support.platform import Platform

UI = ROOT / "ui"
AXE = UI / "node_modules/axe-core/axe.min.js"
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
MOST_TABS = 40

Check = Callable[[Page, str], None]


@pytest.fixture(scope="session")
def axe() -> Check:
    """Look through a page by the rules of WCAG 2.2, levels A and AA."""
    if not AXE.exists():
        if shutil.which("npm") is None:
            missing(f"{AXE.relative_to(ROOT)} is not there, and no npm on PATH to install it")
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=UI, check=True, capture_output=True)
    program = AXE.read_text(encoding="utf-8")

    def check(page: Page, what: str) -> None:
        page.evaluate(program)
        found = page.evaluate("(levels) => axe.run(document, { runOnly: levels, resultTypes: ['violations'] })", LEVELS)
        assert found["passes"], f"axe has looked at nothing on {what}"
        violations = [
            f"{what}: {rule['id']} ({rule['help']}): {', '.join(str(node['target']) for node in rule['nodes'][:5])}"
            for rule in found["violations"]
        ]
        assert not violations, "\n".join(violations)

    return check


def in_all_looks(there: Visit, axe: Check, what: str) -> None:
    """Look through a page wide and narrow, light and dark; every pair of colours and every layout is seen once."""
    for (width, height), dark in ((WIDE, False), (NARROW, True)):
        there.shows_theme(dark=dark)
        there.page.set_viewport_size({"width": width, "height": height})
        axe(there.page, f"{what}, {width} px, {'dark' if dark else 'light'}")
    there.shows_theme(dark=False)
    there.page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})


def test_axe_finds_nothing_before_one_is_signed_in(ada: Person, visit: OpenVisit, axe: Check) -> None:
    there = visit()
    page = there.open("/login")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    in_all_looks(there, axe, "sign-in")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Enter your password.")).to_be_visible()
    in_all_looks(there, axe, "sign-in with complaints")
    page.get_by_role("link", name="Sign up").click()
    expect(page.get_by_role("heading", name="Sign up")).to_be_visible()
    page.get_by_label("Password", exact=True).fill("a quiet")
    in_all_looks(there, axe, "sign-up")


def test_axe_finds_nothing_on_lists_and_dialogs(ada: Person, create: Create, visit: OpenVisit, axe: Check) -> None:
    create(shop())
    there = visit()
    page = there.sign_in(ada)
    expect(page.get_by_role("link", name="starter")).to_be_visible()
    in_all_looks(there, axe, "workflows")
    page.get_by_role("link", name="New workflow").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    in_all_looks(there, axe, "new workflow")
    page.get_by_role("button", name="Cancel").click()
    there.open("/clusters")
    expect(page.get_by_role("link", name="Add cluster").first).to_be_visible()
    in_all_looks(there, axe, "clusters")
    there.open("/clusters/new")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    in_all_looks(there, axe, "add cluster")
    there.open("/nowhere")
    expect(page.get_by_role("heading", name="nothing at this address")).to_be_visible()
    in_all_looks(there, axe, "not found")


def test_axe_finds_nothing_on_a_workflow(
    ada: Person, create: Create, namespace: str, visit: OpenVisit, axe: Check
) -> None:
    workflow_id = create(held_back(namespace))
    there = visit()
    page = there.sign_in(ada, f"/workflows/{workflow_id}")
    screen = WorkflowScreen(page)
    expect(screen.cards).to_have_count(3)
    screen.expect_connection("live")
    in_all_looks(there, axe, "graph before a run")
    there.shows_theme(dark=True)
    axe(page, "graph before a run, dark")
    there.shows_theme(dark=False)
    screen.card("web").click()
    for tab in page.get_by_role("tab").all():
        tab.click()
        in_all_looks(there, axe, f"inspector, {tab.inner_text()}")
    page.keyboard.press("Escape")
    screen.run_button.click()
    screen.expect_states(web="waiting")
    screen.bar.get_by_role("button", name="Log").click()
    expect(page.get_by_role("log")).to_be_visible()
    axe(page, "graph during a run")
    screen.cancel_button.click()
    screen.expect_bar("Cancelled")
    in_all_looks(there, axe, "graph after a run, with its log")


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until something has focus, as somebody without a pointer does."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if target.evaluate_all("(found) => found.includes(document.activeElement)"):
            # what has focus can be seen to have it
            assert target.first.evaluate("(element) => element.matches(':focus-visible')")
            return
    message = f"{MOST_TABS} times Tab do not lead to {target}"
    raise AssertionError(message)


def test_the_keyboard_is_enough(
    platform: Platform, ada: Person, create: Create, namespace: str, visit: OpenVisit
) -> None:
    create(held_back(namespace), f"keys-{namespace}")
    page = visit().open("/login")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    tab_to(page, page.get_by_label("E-mail address"))
    page.keyboard.type("ada@example.com")
    page.keyboard.press("Tab")
    page.keyboard.type("a quiet afternoon")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/workflows$"))

    name = page.get_by_role("link", name=f"keys-{namespace}")
    expect(name).to_be_visible()
    tab_to(page, page.get_by_role("link", name="Skip to content"))
    page.keyboard.press("Enter")
    tab_to(page, name)
    page.keyboard.press("Enter")
    screen = WorkflowScreen(page)
    expect(screen.cards).to_have_count(3)
    # one has come to the heading of the new page
    expect(page.get_by_role("heading", level=1)).to_be_focused()

    tab_to(page, screen.run_button)
    page.keyboard.press("Enter")
    screen.expect_states(web="waiting")
    tab_to(page, page.locator("[data-card-button]"))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("complementary", name="web, Deployment")).to_be_visible()
    page.keyboard.press("Escape")
    expect(screen.card("web").locator("[data-card-button]")).to_be_focused()
    tab_to(page, screen.cancel_button)
    page.keyboard.press("Enter")
    screen.expect_bar("Cancelled")
