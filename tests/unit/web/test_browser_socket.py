from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import gevent
import pytest

from web.live import browser_socket
from web.live.browser_socket import BrowserSocket


class Told:
    """Counts how often it is woken."""

    times = 0

    def wake(self) -> None:
        self.times += 1


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


def turn() -> None:
    """Let the event loop look at its sockets."""
    gevent.sleep(0.01)


def test_a_browser_that_leaves_is_noticed_without_writing(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    told = Told()
    browser = BrowserSocket(ours, told)
    turn()
    assert (told.times, browser.is_gone()) == (0, False)
    theirs.close()
    turn()
    assert (told.times, browser.is_gone()) == (1, True)
    browser.close()


def test_a_browser_that_sends_something_is_still_there(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    browser = BrowserSocket(ours, Told())
    theirs.sendall(b"GET / HTTP/1.1\r\n")
    turn()
    assert not browser.is_gone()
    browser.close()


def test_a_browser_that_takes_nothing_is_cut_off_after_a_while(
    pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = pair
    browser = BrowserSocket(ours, Told())
    browser.writing_since = time.monotonic()
    assert not browser.cut_off_when_stalled()
    monkeypatch.setattr(browser_socket, "STALLED_SECONDS", 0.0)
    assert browser.cut_off_when_stalled()
    assert theirs.recv(1) == b""
    browser.writing_since = None
    assert not browser.cut_off_when_stalled()
    browser.close()


def test_without_a_socket_nobody_is_ever_gone() -> None:
    browser = BrowserSocket(None, Told())
    assert not browser.is_gone()
    assert not browser.cut_off_when_stalled()
    browser.close()
