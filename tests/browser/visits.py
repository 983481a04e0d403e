"""A browser of one person, that notes what must never happen: errors, foreign requests, streams that stay open."""

from __future__ import annotations

import re
from collections import deque
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Error, Locator, Page, Request, Response, WebError, expect

from tests.support.person import PASSWORD, Person

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE = (1440, 900)
NARROW = (390, 844)
STREAM = "/v1/api/stream"
# answers of the API that are shown when a test has failed
TOLD = 30
SCREENSHOTS = Path(__file__).resolve().parent / "screenshots"
# a violation of the content security policy has an event of its own; here it becomes an error like others
REPORT_VIOLATIONS = """addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) =>
  console.error(`content security policy: ${effectiveDirective} refused ${blockedURI}`))"""

FINISH_TRANSITIONS = """() => document.getAnimations()
  .filter(({ effect }) => effect.getComputedTiming().endTime !== Infinity)
  .forEach((animation) => animation.finish())"""


class Visit:
    """
    One browser window, with its own cookies and storage.

    :param url: where the platform answers for this browser
    """

    def __init__(self, browser: Browser, url: str, *, dark: bool = False) -> None:
        self.url = url
        self._complaints: list[str] = []
        self._allowed: list[re.Pattern[str]] = []
        self._streams: set[Request] = set()
        self._talk: deque[str] = deque(maxlen=TOLD)
        self.streams_opened = 0
        width, height = WIDE
        self._context = browser.new_context(
            base_url=url,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="UTC",
        )
        self._context.set_default_timeout(10_000)
        self._context.add_init_script(REPORT_VIOLATIONS)
        self._context.on("console", self._on_console)
        self._context.on("weberror", self._on_error)
        self._context.on("request", self._on_request)
        self._context.on("response", self._on_response)
        self._context.on("requestfinished", self._on_end)
        self._context.on("requestfailed", self._on_end)
        self.page = self.open_tab()

    # -- moving about -------------------------------------------------------------------------------------------

    def open(self, path: str) -> Page:
        """Go to an address as if it were typed."""
        self.page.goto(path)
        return self.page

    def open_tab(self) -> Page:
        """Open another tab of the same browser; `page` stays the one before."""
        page = self._context.new_page()
        page.on("close", self._on_close)
        return page

    def sign_in(self, person: Person, path: str = "/workflows") -> Page:
        """Ask for a path as somebody who has an account, sign in when asked, and come to where it leads."""
        self.open(path)
        expect(self.page).to_have_url(re.compile(r"/login\?return_to="))
        self.fill_in(person)
        self.page.wait_for_url(f"**{path}")
        return self.page

    def fill_in(self, person: Person, password: str = PASSWORD) -> None:
        """Fill in and send the form of the sign-in page."""
        self.page.get_by_label("E-mail address").fill(f"{person.name}@example.com")
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def sign_out(self) -> None:
        """Leave by the menu of the account."""
        self.page.get_by_role("button", name=re.compile("^Account of ")).locator("visible=true").click()
        self.page.get_by_role("menuitem", name="Sign out").click()
        expect(self.page).to_have_url(re.compile(r"/login$"))

    def shows_theme(self, *, dark: bool) -> None:
        """Have the system prefer a theme."""
        self.page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
        expect(self.page.locator("html")).to_have_attribute("data-theme", "dark" if dark else "light")
        # colours change over a moment; what is looked at is how they are then
        self.page.evaluate(FINISH_TRANSITIONS)

    # -- what must not happen -----------------------------------------------------------------------------------

    def allow(self, *patterns: str) -> None:
        """Take errors of the console that match for a part of the story, such as a refusal that is provoked."""
        self._allowed += [re.compile(pattern) for pattern in patterns]

    def end(self) -> None:
        """Sign out where somebody is signed in, see that nothing stays open and nothing was wrong, and close."""
        try:
            if not self.page.is_closed() and urlsplit(self.page.url).path.strip("/") not in {"login", "signup", ""}:
                self.sign_out()
            self.check_no_stream()
            complaints = [text for text in self._complaints if not any(each.search(text) for each in self._allowed)]
            assert not complaints, "\n".join(complaints)
        finally:
            self.close()

    def close(self) -> None:
        """Close the browser window without a look."""
        self._context.close()

    def check_no_stream(self, *, timeout: float = 8.0) -> None:
        """See that no stream is open any more."""
        left = timeout
        while self._streams and left > 0 and not self.page.is_closed():
            self.page.wait_for_timeout(100)
            left -= 0.1
        assert not self._streams, f"still open: {[request.url for request in self._streams]}"

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._complaints.append(f"{message.text} ({message.location.get('url', '')})")

    def _on_error(self, error: WebError) -> None:
        self._complaints.append(f"uncaught: {error.error}")

    def _on_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in {"data", "blob"} and f"{address.scheme}://{address.netloc}" != self.url:
            self._complaints.append(f"request to another origin: {request.url}")
        if address.path == STREAM and request.method == "GET":
            self._streams.add(request)
            self.streams_opened += 1

    def _on_response(self, response: Response) -> None:
        address = urlsplit(response.url)
        if address.path.startswith("/v1/"):
            request = response.request
            self._talk.append(f"{response.status} {request.method} {address.path} {request.post_data or ''}")

    def _on_end(self, request: Request) -> None:
        self._streams.discard(request)

    def _on_close(self, page: Page) -> None:
        # a tab takes its requests with it without a word
        self._streams -= {request for request in self._streams if request.frame.page == page}

    # -- pictures -----------------------------------------------------------------------------------------------

    def picture(self, name: str) -> None:
        """Keep what is seen as ``screenshots/<name>.png``."""
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.evaluate("document.fonts.ready.then(() => true)")
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", animations="disabled")

    def picture_of_failure(self, name: str) -> str:
        """Keep what is seen when a test has failed, and say where; says why where nothing can be seen."""
        try:
            self.picture(f"failed-{name}")
        except Error as error:
            return f"no picture: {error.message}"
        seen = f"{SCREENSHOTS / f'failed-{name}.png'} shows {self.page.url}"
        return "\n".join([seen, "the console:", *self._complaints, "the last answers:", *self._talk])


class WorkflowScreen:
    """What one sees and does on the page of a workflow."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.run_button = page.get_by_role("button", name=re.compile(r"^Run( again)?$"))
        self.cancel_button = page.get_by_role("button", name="Cancel", exact=True)
        self.bar = page.get_by_role("region", name="Run", exact=True)
        self.chip = page.locator("[data-connection]").locator("visible=true")
        self.cards = page.locator("[data-card]")
        self.wires = page.locator(".react-flow__edge")

    def card(self, node_id: str) -> Locator:
        """Return a node's card."""
        return self.page.locator(f'[data-card="{node_id}"]')

    def expect_states(self, *, timeout: float = 15.0, **states: str) -> None:
        """Wait until cards show these states, and are not stale."""
        for node_id, state in states.items():
            expect(self.card(node_id)).to_have_attribute("data-state", state, timeout=timeout * 1000)

    def expect_bar(self, *texts: str | re.Pattern[str], timeout: float = 15.0) -> None:
        """Wait until the run bar says all of this."""
        for text in texts:
            expect(self.bar).to_contain_text(text, timeout=timeout * 1000)

    def expect_connection(self, state: str, *, timeout: float = 15.0) -> None:
        """Wait until the chip shows how the live connection is."""
        expect(self.chip).to_have_attribute("data-connection", state, timeout=timeout * 1000)

    def states(self) -> dict[str, str | None]:
        """Return what each card shows."""
        return {str(card.get_attribute("data-card")): card.get_attribute("data-state") for card in self.cards.all()}

    def note_states(self) -> None:
        """Begin to note every state that cards show, also those that pass in a moment."""
        self.page.evaluate(
            """() => {
              const seen = (window.seenStates = {})
              const note = (card) => {
                const list = (seen[card.dataset.card] ??= [])
                if (list.at(-1) !== card.dataset.state) list.push(card.dataset.state)
              }
              document.querySelectorAll('[data-card]').forEach(note)
              new MutationObserver((changes) => changes.forEach(({ target }) => target.dataset.card && note(target)))
                .observe(document.body, { subtree: true, attributes: true, attributeFilter: ['data-state'] })
            }"""
        )

    def noted_states(self) -> dict[str, list[str]]:
        """Return the states of each card since they are noted, in order."""
        found: dict[str, Any] = self.page.evaluate("window.seenStates")
        return found
