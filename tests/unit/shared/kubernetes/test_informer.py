"""An informer over real sockets: bookmarks, cuts, 410, silence, refusals."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from shared.kubernetes import watches
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.connection.credentials import Credentials
from shared.kubernetes.informer import Informer, Pace, Watched
from tests.support.fake_api import CUT, Answer, FakeApi, status
from tests.support.wait import eventually

QUICK = Pace(base=0.05, cap=0.2, denied=0.1)


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with FakeApi() as fake:
        yield fake


@pytest.fixture
def client(api: FakeApi) -> Iterator[ClusterClient]:
    opened = ClusterClient(Credentials(server=api.url, token="t"), timeout_seconds=2)
    yield opened
    opened.close()


class Watching:
    """An informer at work, and what it told."""

    def __init__(self, client: ClusterClient, pace: Pace, kind: str = "ConfigMap", version: str = "v1") -> None:
        self.told: list[tuple[str, str]] = []
        self.stop = threading.Event()
        watched = Watched(version, kind, None, "app=shop")
        self.informer = Informer(client, watched, slim=lambda item: item, changed=self._changed, pace=pace)
        self.thread = threading.Thread(target=self.informer.run, args=(self.stop,), daemon=True)
        self.thread.start()

    def _changed(self, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
        word = "added" if before is None else "deleted" if after is None else "changed"
        self.told.append((word, (after or before or {})["metadata"]["name"]))

    def names(self) -> set[str]:
        return {item["metadata"]["name"] for item in self.informer.objects.values()}


@pytest.fixture
def watch(client: ClusterClient, api: FakeApi) -> Iterator[Callable[..., Watching]]:
    begun: list[Watching] = []

    def begin(pace: Pace = QUICK, **more: str) -> Watching:
        begun.append(Watching(client, pace, **more))
        return begun[-1]

    yield begin
    for watching in begun:
        watching.stop.set()
        watching.informer.wake()
    api.end_watches()
    for watching in begun:
        watching.thread.join(3)
        assert not watching.thread.is_alive()


def test_it_lists_page_by_page_and_watches_from_the_lists_version(api: FakeApi, watch: Callable[..., Watching]) -> None:
    api.page_size = 2
    for number in range(5):
        api.put(f"c{number}")
    watching = watch()
    api.wait_for_watch()
    assert watching.names() == {f"c{number}" for number in range(5)}
    assert [request.query.get("continue") for request in api.lists()] == [None, "2", "4"]
    [watched] = api.watches()
    assert watched.query["resourceVersion"] == "105"
    assert watched.query["allowWatchBookmarks"] == "1" or watched.query["allowWatchBookmarks"] == "true"
    assert 240 <= int(watched.query["timeoutSeconds"]) <= 300
    assert {request.query["labelSelector"] for request in api.requests} == {"app=shop"}


def test_it_follows_what_is_added_changed_and_deleted(api: FakeApi, watch: Callable[..., Watching]) -> None:
    watching = watch()
    api.wait_for_watch()
    api.put("a", data={"x": "1"})
    api.put("a", data={"x": "2"})
    api.remove("a")
    eventually(lambda: watching.told == [("added", "a"), ("changed", "a"), ("deleted", "a")], timeout=15)
    assert watching.informer.objects == {}


def test_a_watch_that_ends_goes_on_from_the_last_version_without_a_list(
    api: FakeApi, watch: Callable[..., Watching]
) -> None:
    watching = watch()
    api.wait_for_watch()
    api.put("a")
    api.bookmark()
    eventually(lambda: watching.told, timeout=15)
    api.end_watches()
    eventually(lambda: len(api.watches()) == 2, timeout=15)
    assert api.watches()[1].query["resourceVersion"] == str(api.version)
    assert len(api.lists()) == 1


@pytest.mark.parametrize("way", ["status", "event"])
def test_a_version_that_is_too_old_means_one_list_that_finds_what_was_missed(
    api: FakeApi, watch: Callable[..., Watching], way: str
) -> None:
    for name in ("stays", "goes", "changes"):
        api.put(name)
    watching = watch()
    api.wait_for_watch()
    # nobody hears of it
    api.remove("goes", tell=False)
    api.put("changes", tell=False, data={"x": "1"})
    api.put("comes", tell=False)
    if way == "status":
        api.answers.append(Answer(410, status(410, "too old resource version", reason="Expired")))
        api.end_watches()
    else:
        api.send({"type": "ERROR", "object": status(410, "too old resource version", reason="Expired")})
    eventually(lambda: watching.names() == {"stays", "changes", "comes"}, timeout=15)
    api.wait_for_watch()
    assert watching.told[3:] == [("deleted", "goes"), ("changed", "changes"), ("added", "comes")]
    assert len(api.lists()) == 2
    assert watching.informer.relists == 2


def test_an_object_that_was_made_again_under_its_name_is_another(api: FakeApi, watch: Callable[..., Watching]) -> None:
    api.put("a")
    watching = watch()
    api.wait_for_watch()
    api.remove("a", tell=False)
    api.put("a", tell=False)
    api.send({"type": "ERROR", "object": status(410)})
    eventually(lambda: len(watching.told) == 3, timeout=15)
    assert watching.told == [("added", "a"), ("deleted", "a"), ("added", "a")]


def test_a_cut_connection_is_opened_again_from_the_last_version(api: FakeApi, watch: Callable[..., Watching]) -> None:
    watching = watch()
    api.wait_for_watch()
    api.put("a")
    eventually(lambda: watching.told, timeout=15)
    api.end_watches(CUT)
    eventually(lambda: len(api.watches()) == 2, timeout=15)
    api.wait_for_watch()
    api.put("b")
    eventually(lambda: watching.names() == {"a", "b"}, timeout=15)
    assert len(api.lists()) == 1
    assert watching.told == [("added", "a"), ("added", "b")]


def test_a_silent_watch_is_given_up_and_opened_again(
    api: FakeApi, watch: Callable[..., Watching], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watches, "SILENCE_SECONDS", 0.2)
    watching = watch()
    eventually(lambda: len(api.watches()) >= 3, timeout=15)
    # the server lives, so nothing was blind meanwhile
    assert watching.informer.state == "live"
    assert len(api.lists()) == 1


def test_it_stays_down_until_a_watch_is_really_open(api: FakeApi, watch: Callable[..., Watching]) -> None:
    watching = watch()
    api.wait_for_watch()
    api.always = Answer(503)
    api.end_watches(CUT)
    down = eventually(lambda: watching.informer.down_since, timeout=15)
    attempts = len(api.requests)
    eventually(lambda: len(api.requests) > attempts + 2, timeout=15)
    assert watching.informer.down_since == down
    assert watching.informer.state == "down"
    api.always = None
    eventually(lambda: watching.informer.down_since is None, timeout=15)
    assert watching.informer.state == "live"


@pytest.mark.parametrize("code", [401, 403])
def test_refused_credentials_are_said_and_tried_again(api: FakeApi, watch: Callable[..., Watching], code: int) -> None:
    api.always = Answer(code, status(code, "no"))
    watching = watch()
    eventually(lambda: watching.informer.is_denied, timeout=15)
    assert not watching.informer.synced.is_set()
    api.always = None
    eventually(lambda: watching.informer.state == "live", timeout=15)


def test_a_server_that_throttles_is_left_alone_as_long_as_it_asks(api: FakeApi, watch: Callable[..., Watching]) -> None:
    api.answers.append(Answer(429, status(429, "slow down"), {"Retry-After": "1"}))
    began = time.monotonic()
    watching = watch()
    eventually(watching.informer.synced.is_set, timeout=15)
    assert time.monotonic() - began >= 1
    assert len(api.lists()) == 2


def test_it_can_be_woken_out_of_a_long_pause(api: FakeApi, watch: Callable[..., Watching]) -> None:
    api.always = Answer(503)
    watching = watch(Pace(base=30, cap=30, denied=30))
    eventually(lambda: watching.informer.state == "down", timeout=15)
    api.always = None
    watching.informer.wake()
    eventually(watching.informer.synced.is_set, timeout=15)


def test_an_unknown_kind_has_no_objects(api: FakeApi, watch: Callable[..., Watching]) -> None:
    api.always = Answer(404)
    watching = watch(kind="Widget", version="example.com/v1")
    eventually(watching.informer.synced.is_set, timeout=15)
    assert watching.informer.down_since is None
    assert watching.informer.objects == {}


@pytest.mark.parametrize(
    "rubbish",
    [b"not json\n", b'{"type": "ADDED", "object": {}}\n', b'{"type": "MODIFIED", "object": {"metadata": 5}}\n'],
)
def test_rubbish_does_not_end_it(api: FakeApi, watch: Callable[..., Watching], rubbish: bytes) -> None:
    watching = watch()
    api.wait_for_watch()
    api.send(rubbish)
    # the first one is not told that nobody listens any more
    api.wait_for_watch(2)
    api.put("a")
    eventually(lambda: watching.names() == {"a"}, timeout=15)


def test_events_come_whole_however_they_are_cut(api: FakeApi, watch: Callable[..., Watching]) -> None:
    watching = watch()
    api.wait_for_watch()
    line = b'{"type":"ADDED","object":{"metadata":{"name":"\xc3\xa4","uid":"u1","resourceVersion":"500"}}}\n'
    for start in range(0, len(line), 7):
        api.send(line[start : start + 7])
    eventually(lambda: watching.names() == {"ä"}, timeout=15)


def test_a_server_that_ends_every_watch_at_once_is_asked_slowly(api: FakeApi, watch: Callable[..., Watching]) -> None:
    api.end_watches_at_once = True
    watch(Pace(base=0.4, cap=0.4, denied=0.4))
    eventually(lambda: len(api.watches()) >= 2, timeout=15)
    before = len(api.watches())
    ends = time.monotonic() + 1
    eventually(lambda: time.monotonic() > ends, timeout=15)
    assert len(api.watches()) - before <= 6


def test_it_ends_when_it_is_told_to(api: FakeApi, watch: Callable[..., Watching]) -> None:
    watching = watch()
    api.wait_for_watch()
    watching.stop.set()
    api.end_watches(CUT)
    watching.thread.join(2)
    assert not watching.thread.is_alive()
    # what was cut by our own end is no complaint
    assert watching.informer.state == "live"
