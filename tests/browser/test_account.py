"""From a fresh installation to an account: sign-up, sign-out, sign-in, and what others see of one's work."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Create, OpenVisit
from tests.browser.graphs import shop
from tests.browser.visits import WorkflowScreen
from tests.support.kube import Kube
from tests.support.person import PASSWORD, Person
from tests.support.platform import ROOT, Platform, environment_of


@pytest.fixture
def offered_cluster(platform: Platform, simulated_kube: Kube) -> None:
    """This machine's cluster waits for the first account, as after `make up`."""
    command = [sys.executable, "-m", "web.manage", "join-local", "--kind", "simulated"]
    environment = {**os.environ, **environment_of(platform.settings), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, "--kubeconfig", str(simulated_kube.kubeconfig)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "offered to the first account"


def test_a_stranger_makes_the_first_account_and_comes_back(
    first_account: None, offered_cluster: None, visit: OpenVisit
) -> None:
    there = visit()
    # nobody is there yet: every way in leads to the first account
    page = there.open("/")
    expect(page.get_by_role("heading", name="Create the first account")).to_be_visible()
    expect(page.get_by_text("becomes the administrator")).to_be_visible()
    page.get_by_label("Name").fill("Grace Hopper")
    page.get_by_label("E-mail address").fill("grace@example.com")
    page.get_by_label("Password", exact=True).fill("short")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_text("At least 10 characters.")).to_be_visible()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()

    # the list has the starter workflow, on this machine's cluster
    expect(page).to_have_url(re.compile(r"/workflows$"))
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="starter"))
    expect(row).to_contain_text("local / starter")
    expect(row).to_contain_text("Never run")
    page.get_by_role("button", name="Account of Grace Hopper").click()
    expect(page.get_by_text("Administrator", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    there.sign_out()

    # a wrong password is told by the server's sentence; the right one works, and the way goes on
    there.allow(r"status of 401 .*/auth/login")
    grace = Person(there.url, "grace")
    there.fill_in(grace, "not my password")
    expect(page.get_by_role("alert")).to_contain_text("E-mail address or password is wrong.")
    there.open("/workflows?q=start")
    expect(page).to_have_url(re.compile(r"/login\?return_to=%2Fworkflows%3Fq%3Dstart$"))
    there.fill_in(grace)
    expect(page).to_have_url(re.compile(r"/workflows\?q=start$"))
    expect(page.get_by_role("link", name="starter")).to_be_visible()


def test_somebody_elses_workflow_is_not_there(platform: Platform, create: Create, visit: OpenVisit) -> None:
    workflow_id = create(shop(), "secret plans")
    with contextlib.closing(platform.register("bob")) as bob:
        there = visit()
        there.allow("status of 404")
        page = there.sign_in(bob, f"/workflows/{workflow_id}")
    expect(page.get_by_role("alert")).to_contain_text("Not found")
    expect(page.get_by_text("secret plans")).to_have_count(0)
    assert WorkflowScreen(page).cards.count() == 0
    # the shell is still around it, and leads on
    page.get_by_role("link", name="All workflows").click()
    expect(page.get_by_role("link", name="starter")).to_be_visible()
