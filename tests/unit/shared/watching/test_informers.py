"""How well a cluster is seen: from the start, after a refusal, while it is away."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from shared.clock import now
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.connection.credentials import Credentials
from shared.kubernetes.informer import Pace
from shared.watching import informers as module
from shared.watching.informers import KINDS, Informers
from tests.support.fake_api import CUT, Answer, FakeApi, status
from tests.support.wait import eventually
from tests.unit.shared.watching.test_node_statuses import entry

SLOW = Pace(base=30, cap=30, denied=30)


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with FakeApi() as fake:
        yield fake


@pytest.fixture
def begin(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Informers]]:
    monkeypatch.setattr(module, "PROBE_SECONDS", 0.05)
    monkeypatch.setattr(module, "STALE_AFTER_SECONDS", 0.2)
    client = ClusterClient(Credentials(server=api.url, token="t"), timeout_seconds=2)
    begun: list[Informers] = []

    def start() -> Informers:
        begun.append(Informers(client, lambda *_: None, threading.Event(), pace=SLOW))
        begun[-1].start()
        return begun[-1]

    yield start
    for informers in begun:
        informers.stop()
    api.end_watches(CUT)
    client.close()


def paths(api: FakeApi) -> set[str]:
    return {request.path for request in api.lists()}


def test_the_number_of_watches_depends_on_kinds_alone(api: FakeApi, begin: Callable[[], Informers]) -> None:
    for number in range(40):
        api.put(f"c{number}")
    informers = begin()
    eventually(lambda: informers.is_ready, timeout=15)
    api.wait_for_watch(len(KINDS))
    assert len(api.watches()) == len(KINDS)
    assert len(api.lists()) == len(KINDS)


def test_a_kind_is_followed_as_soon_as_a_workflow_owns_one(api: FakeApi, begin: Callable[[], Informers]) -> None:
    informers, account = begin(), entry("ServiceAccount", "robot")
    eventually(lambda: informers.is_ready, timeout=15)
    assert informers.visibility_of(account) == "starting"
    informers.follow([account])
    eventually(lambda: informers.visibility_of(account) == "clear", timeout=15)
    informers.follow([account])
    assert [request.path for request in api.lists()].count("/api/v1/serviceaccounts") == 1


def test_where_the_cluster_is_denied_its_namespaces_are_watched(api: FakeApi, begin: Callable[[], Informers]) -> None:
    api.always = Answer(403, status(403, "not the whole cluster"))
    informers, wanted = begin(), entry("ConfigMap", "a")
    eventually(lambda: informers.visibility_of(wanted) == "denied", timeout=15)
    eventually(lambda: informers.is_ready, timeout=15)
    api.always = None
    informers.follow([wanted])
    eventually(lambda: informers.visibility_of(wanted) == "clear", timeout=15)
    assert "/api/v1/namespaces/shop/configmaps" in paths(api)
    assert "/api/v1/namespaces/shop/pods" in paths(api)
    assert informers.stale_since(wanted) is None


def test_what_was_never_seen_does_not_grow_old(api: FakeApi, begin: Callable[[], Informers]) -> None:
    api.always = Answer(403, status(403, "no"))
    informers, wanted = begin(), entry("ConfigMap", "a")
    eventually(lambda: informers.is_ready, timeout=15)
    waited = threading.Event()
    waited.wait(0.4)
    assert informers.update_staleness() == set()
    assert informers.stale_since(wanted) is None


def test_a_cluster_that_is_away_grows_old_and_is_true_again_when_it_answers(
    api: FakeApi, begin: Callable[[], Informers]
) -> None:
    informers, wanted = begin(), entry("ConfigMap", "a")
    eventually(lambda: informers.is_ready, timeout=15)
    api.wait_for_watch(len(KINDS))
    api.always = Answer(503)
    api.end_watches(CUT)
    # kinds go one after the other, so several looks may be needed
    eventually(lambda: "ConfigMap" in informers.update_staleness(), timeout=15)
    assert informers.stale_since(wanted) is not None
    # the pause of each watch is half a minute, the probe ends it
    api.always = None
    api.wait_for_watch(len(KINDS))
    eventually(lambda: "ConfigMap" in informers.update_staleness(), timeout=15)
    assert informers.stale_since(wanted) is None
    # and nothing was listed again
    assert len([request for request in api.lists() if request.path != "/readyz"]) == len(KINDS)


def test_a_kind_the_cluster_gets_later_is_seen_when_an_object_of_it_was_made(
    api: FakeApi, begin: Callable[[], Informers]
) -> None:
    informers = begin()
    eventually(lambda: informers.is_ready, timeout=15)
    asked = "/apis/example.com/v1"
    api.always = Answer(404, status(404, "no such group"))
    intended = entry("Widget", "a").model_copy(update={"api_version": "example.com/v1", "uid": ""})
    informers.follow([intended])
    eventually(lambda: informers.visibility_of(intended) == "clear", timeout=15)

    def times() -> int:
        return len([request for request in api.requests if request.path == asked])

    # what is only intended does not make it look again, nor what was made long ago
    old = intended.model_copy(update={"uid": "u1", "applied_at": now() - timedelta(hours=1)})
    informers.follow([intended, old])
    waited = threading.Event()
    waited.wait(0.3)
    assert times() == 1
    informers.follow([intended.model_copy(update={"uid": "u1", "applied_at": now()})])
    eventually(lambda: times() == 2, timeout=15, what="it looks again")
