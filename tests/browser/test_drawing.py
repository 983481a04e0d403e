"""Drawing an application: with the pointer, with keys alone, undone, kept through a crash, and by two at once."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from shared.workflows.drawing.graph import Graph
from tests.browser.conftest import Create, OpenVisit
from tests.browser.graphs import shop
from tests.browser.visits import WorkflowScreen
from tests.support.person import Person

IMAGE = "registry.example.com/shop:1"


class Drawing:
    """What one does to draw on the page of a workflow."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.screen = WorkflowScreen(page)
        self.palette = page.get_by_role("navigation", name="Palette")
        self.save_button = page.get_by_role("button", name="Save", exact=True)

    def named(self, name: str) -> Locator:
        """Return the card that shows a name."""
        return self.screen.cards.filter(has=self.page.locator(".card-name", has_text=re.compile(f"^{name}$")))

    def add(self, title: str) -> None:
        """Add a node by a click in the palette."""
        before = self.screen.cards.count()
        self.palette.get_by_role("button", name=title, exact=True).first.click()
        expect(self.screen.cards).to_have_count(before + 1)

    def drag_wire(self, source: str, target: str) -> None:
        """Draw a wire from one card to another."""
        self.named(source).hover()
        start = self.named(source).locator(".react-flow__handle.source").first.bounding_box()
        end = self.named(target).bounding_box()
        assert start is not None
        assert end is not None
        mouse = self.page.mouse
        mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
        mouse.down()
        mouse.move(end["x"] + end["width"] / 2, end["y"] + 40, steps=6)
        mouse.up()

    def open(self, name: str) -> Locator:
        """Open a card's form."""
        self.named(name).locator("[data-card-button]").click()
        inspector = self.page.get_by_role("complementary", name=re.compile(f"^{name}, "))
        inspector.get_by_role("tab", name="Configure").click()
        return inspector

    def expect_saved(self) -> None:
        """Wait until the page says that everything is saved."""
        expect(self.page.get_by_text("Saved", exact=True).first).to_be_visible()


def drawn_by_name(person: Person, workflow_id: str) -> set[tuple[str, str, str]]:
    """Return the saved wires as names of source and target with their rule."""
    stored = person.get(f"/workflows/{workflow_id}")
    names = {node["id"]: node["data"]["name"] for node in stored["nodes"]}
    return {(names[edge["source"]], edge["data"]["rule"], names[edge["target"]]) for edge in stored["edges"]}


def test_an_application_is_drawn_by_pointer_saved_and_run(ada: Person, create: Create, visit: OpenVisit) -> None:
    workflow_id = create(Graph())
    there = visit()
    page = there.sign_in(ada, f"/workflows/{workflow_id}")
    drawing = Drawing(page)
    expect(page.get_by_text("Nothing is drawn yet")).to_be_visible()
    drawing.add("Deployment")
    drawing.add("Service")
    drawing.add("ConfigMap")
    drawing.drag_wire("service-1", "app-1")
    expect(drawing.screen.wires).to_have_count(1)
    # a configuration can be used in more than one way, which is asked
    drawing.drag_wire("config-1", "app-1")
    page.get_by_role("button", name=re.compile("^as environment")).click()
    expect(drawing.screen.wires).to_have_count(2)

    inspector = drawing.open("app-1")
    inspector.get_by_role("textbox", name=re.compile("^Image")).fill(IMAGE)
    expect(drawing.named("app-1")).to_contain_text("shop:1")
    inspector = drawing.open("service-1")
    inspector.get_by_role("button", name="Add port").click()
    inspector.get_by_label(re.compile(r"^Port\b")).first.fill("80")
    expect(drawing.named("service-1")).to_contain_text("80")

    drawing.save_button.click()
    drawing.expect_saved()
    wanted = {("service-1", "service-selects", "app-1"), ("config-1", "config-env", "app-1")}
    assert drawn_by_name(ada, workflow_id) == wanted
    page.reload()
    expect(drawing.screen.cards).to_have_count(3)
    expect(drawing.screen.wires).to_have_count(2)
    expect(drawing.named("app-1")).to_contain_text("shop:1")
    # docs/images/drawing.png is this one
    page.get_by_role("button", name="Close inspector").click()
    there.picture("drawing")

    drawing.screen.run_button.click()
    drawing.screen.expect_bar("Completed", timeout=60)


def test_the_same_is_drawn_by_keys_alone(ada: Person, create: Create, visit: OpenVisit) -> None:
    workflow_id = create(Graph())
    page = visit().sign_in(ada, f"/workflows/{workflow_id}")
    drawing = Drawing(page)
    expect(page.get_by_text("Nothing is drawn yet")).to_be_visible()
    keys = page.keyboard
    for words, count in (("deployment", 1), ("service", 2)):
        keys.press("a")
        expect(page.get_by_role("combobox", name="Node type")).to_be_focused()
        keys.type(words)
        keys.press("Enter")
        expect(drawing.screen.cards).to_have_count(count)
        expect(drawing.screen.cards.last.locator("[data-card-button]")).to_be_focused()
    keys.press("c")
    dialog = page.get_by_role("dialog", name="Connect service-1")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="sends traffic to").focus()
    keys.press("Enter")
    expect(drawing.screen.wires).to_have_count(1)

    drawing.named("app-1").locator("[data-card-button]").focus()
    keys.press("Enter")
    image = page.get_by_role("textbox", name=re.compile("^Image"))
    image.focus()
    keys.type(IMAGE)
    keys.press("Control+s")
    drawing.expect_saved()
    assert drawn_by_name(ada, workflow_id) == {("service-1", "service-selects", "app-1")}
    # a letter in a field is a letter
    assert page.get_by_role("combobox", name="Node type").count() == 0
    keys.press("Escape")
    expect(drawing.named("app-1").locator("[data-card-button]")).to_be_focused()
    keys.press("Delete")
    expect(drawing.screen.cards).to_have_count(1)
    keys.press("Control+z")
    expect(drawing.screen.cards).to_have_count(2)
    expect(drawing.screen.wires).to_have_count(1)
    drawing.expect_saved()


def test_a_wire_that_is_refused_says_why_and_offers_what_helps(ada: Person, create: Create, visit: OpenVisit) -> None:
    page = visit().sign_in(ada, f"/workflows/{create(shop())}")
    drawing = Drawing(page)
    expect(drawing.screen.wires).to_have_count(2)
    drawing.add("Ingress")
    drawing.drag_wire("ingress-1", "web")
    refusal = page.get_by_role("dialog", name="Why they cannot be connected")
    expect(refusal).to_contain_text("An Ingress cannot be connected to a Deployment. A Service goes between.")
    refusal.get_by_role("button", name="Add a Service between").click()
    expect(drawing.screen.cards).to_have_count(5)
    expect(drawing.screen.wires).to_have_count(4)
    page.get_by_role("button", name="Undo: Add a Service between").click()
    expect(drawing.screen.cards).to_have_count(4)
    expect(drawing.screen.wires).to_have_count(2)


def test_what_was_drawn_before_a_crash_is_taken_up_again(ada: Person, create: Create, visit: OpenVisit) -> None:
    there = visit()
    page = there.sign_in(ada, f"/workflows/{create(shop())}")
    drawing = Drawing(page)
    expect(drawing.screen.cards).to_have_count(3)
    drawing.add("Secret")
    expect(page.get_by_text("Unsaved changes").first).to_be_visible()
    address = page.url.split("?")[0]
    # the page is gone without a word
    again = there.open_tab()
    page.close(run_before_unload=False)
    there.page = again
    again.goto(address)
    drawing = Drawing(again)
    expect(drawing.screen.cards).to_have_count(3)
    again.get_by_role("button", name="Take it up again").click()
    expect(drawing.named("secret-1")).to_be_visible()
    drawing.save_button.click()
    drawing.expect_saved()


def test_two_who_save_at_once_keep_both(ada: Person, create: Create, visit: OpenVisit) -> None:
    workflow_id = create(shop())
    mine = Drawing(visit().sign_in(ada, f"/workflows/{workflow_id}"))
    expect(mine.screen.cards).to_have_count(3)
    mine.screen.expect_connection("live")
    mine.add("Secret")
    stored = ada.get(f"/workflows/{workflow_id}")
    [web] = [node for node in stored["nodes"] if node["id"] == "web"]
    web["data"]["replicas"] = 3
    body = {"nodes": stored["nodes"], "edges": stored["edges"]}
    ada.call("POST", f"/workflows/{workflow_id}/save", body, If_Match=f'"{stored["revision"]}"')
    mine.page.get_by_role("button", name="Compare and decide").click()
    dialog = mine.page.get_by_role("dialog", name=re.compile("has saved meanwhile"))
    dialog.get_by_role("button", name="Keep both").click()
    expect(mine.named("web")).to_contain_text("3")
    expect(mine.named("secret-1")).to_be_visible()
    mine.expect_saved()
    kept = ada.get(f"/workflows/{workflow_id}")["nodes"]
    assert {node["data"]["name"] for node in kept} == {"web", "front", "config", "secret-1"}
    assert [node["data"]["replicas"] for node in kept if node["id"] == "web"] == [3]
