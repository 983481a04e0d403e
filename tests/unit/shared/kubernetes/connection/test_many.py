"""Many manifests applied at once, over real sockets: order, refusals, silence, and what ends it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from shared.errors import ClusterRefused, InvalidInput, KubeOrchError, NotFound
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.connection.credentials import Credentials
from shared.kubernetes.connection.many import Apply
from tests.support.fake_api import Answer, FakeApi, Request, status

Told = dict[int, dict[str, Any] | KubeOrchError]


def echo(request: Request) -> Answer:
    return Answer(200, {**request.body, "status": {"seen": True}})


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with FakeApi() as fake:
        fake.respond = echo
        yield fake


@pytest.fixture
def client(api: FakeApi) -> Iterator[ClusterClient]:
    opened = ClusterClient(Credentials(server=api.url, token="bearer-of-this-test"), timeout_seconds=2)
    yield opened
    opened.close()


def configmap(number: int, **data: str) -> dict[str, Any]:
    metadata = {"name": f"c{number}", "namespace": "shop"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def applies(count: int) -> list[Apply]:
    return [Apply(configmap(number), dry_run=True) for number in range(count)]


def send(client: ClusterClient, wanted: list[Apply], *, at_once: int = 4) -> tuple[Told, list[int]]:
    told: Told = {}
    left = client.apply_many(wanted, told.__setitem__, at_once=at_once, go_on=lambda: None)
    return told, list(left)


def test_every_answer_comes_to_its_manifest(client: ClusterClient, api: FakeApi) -> None:
    told, left = send(client, applies(30))
    assert left == []
    names = {number: answer["metadata"]["name"] for number, answer in told.items() if isinstance(answer, dict)}
    assert names == {number: f"c{number}" for number in range(30)}
    # four at once come in any order
    [first] = [request for request in api.requests if request.path == "/api/v1/namespaces/shop/configmaps/c0"]
    assert first.method == "PATCH"
    assert first.query == {"fieldManager": "kubeorch", "fieldValidation": "Strict", "dryRun": "All"}


def test_each_says_how_it_is_applied(client: ClusterClient, api: FakeApi) -> None:
    send(client, [Apply(configmap(0), force=True, field_validation="Ignore")])
    assert api.requests[0].query == {"fieldManager": "kubeorch", "fieldValidation": "Ignore", "force": "true"}


def test_no_more_than_asked_for_are_under_way(client: ClusterClient, api: FakeApi) -> None:
    most, now, lock, meet = 0, 0, threading.Lock(), threading.Barrier(3)

    def respond(request: Request) -> Answer:
        nonlocal most, now
        with lock:
            now += 1
            most = max(most, now)
        if request.path.endswith(("c0", "c1", "c2")):
            meet.wait(10)
        with lock:
            now -= 1
        return echo(request)

    api.respond = respond
    assert send(client, applies(20), at_once=3)[1] == []
    assert most == 3


def test_what_is_refused_is_told_and_the_others_go_on(client: ClusterClient, api: FakeApi) -> None:
    def respond(request: Request) -> Answer:
        if request.path.endswith("c2"):
            return Answer(422, status(422, 'ConfigMap "c2" is invalid: data: Invalid value'))
        return echo(request)

    api.respond = respond
    told, left = send(client, applies(5))
    assert left == []
    refused = told.pop(2)
    assert isinstance(refused, ClusterRefused)
    assert (refused.code, refused.message) == ("cluster-invalid", 'ConfigMap "c2" is invalid: data: Invalid value')
    assert all(isinstance(answer, dict) for answer in told.values())


def test_a_refusal_repeats_no_value_of_a_secret(client: ClusterClient, api: FakeApi) -> None:
    secret = {**configmap(0), "kind": "Secret", "stringData": {"password": "correct horse"}}
    api.always = Answer(422, status(422, "stringData: Invalid value: correct horse"))
    told, _ = send(client, [Apply(secret)])
    answer = told[0]
    assert isinstance(answer, KubeOrchError)
    assert "Invalid value" in answer.message
    assert "correct horse" not in answer.message


@pytest.mark.parametrize("silence", [Answer(429), Answer(503), Answer(200, b"<html>")], ids=["429", "503", "no JSON"])
def test_what_needs_patience_is_left_and_nothing_more_is_begun(
    client: ClusterClient, api: FakeApi, silence: Answer
) -> None:
    api.respond = lambda request: silence if request.path.endswith("c3") else echo(request)
    told, left = send(client, applies(50), at_once=1)
    assert sorted(told) == [0, 1, 2]
    assert left == list(range(3, 50))
    assert len(api.requests) == 4


def test_a_server_that_is_away_leaves_everything(api: FakeApi) -> None:
    client = ClusterClient(Credentials(server=api.url), timeout_seconds=2)
    assert send(client, applies(1))[1] == []
    api.__exit__()
    told, left = send(client, applies(20))
    assert (told, left) == ({}, list(range(20)))
    client.close()


def test_a_connection_that_was_closed_meanwhile_is_opened_again(client: ClusterClient, api: FakeApi) -> None:
    assert send(client, applies(8))[1] == []
    api.cut()
    told, left = send(client, applies(8))
    assert (sorted(told), left) == (list(range(8)), [])


def test_who_ends_it_is_heard_before_each_one(client: ClusterClient, api: FakeApi) -> None:
    told: Told = {}

    def go_on() -> None:
        if len(api.requests) == 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        client.apply_many(applies(20), told.__setitem__, at_once=1, go_on=go_on)
    assert sorted(told) == [0, 1, 2]
    # and the connections are whole
    assert send(client, applies(5))[1] == []


def test_what_is_under_way_is_told_when_somebody_ends_it(client: ClusterClient, api: FakeApi) -> None:
    told: Told = {}
    begun = 0

    def go_on() -> None:
        nonlocal begun
        begun += 1
        if begun == 4:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        client.apply_many(applies(20), told.__setitem__, at_once=4, go_on=go_on)
    assert sorted(told) == [0, 1, 2]
    assert len(api.requests) == 3


def test_what_is_under_way_is_told_after_an_error(client: ClusterClient, api: FakeApi) -> None:
    arrived = threading.Barrier(3)

    def respond(request: Request) -> Answer:
        # all three are under way before the first is answered
        arrived.wait(10)
        return echo(request)

    api.respond = respond
    told: list[int] = []

    def done(number: int, _: object) -> None:
        told.append(number)
        if len(told) == 1:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        client.apply_many(applies(3) * 4, done, at_once=3, go_on=lambda: None)
    assert sorted(told) == [0, 1, 2]
    assert len(api.requests) == 3


@pytest.mark.parametrize(
    ("name", "sent"),
    [("ä", "%C3%A4"), ("a b", "a%20b"), ("a?force=true", "a%3Fforce%3Dtrue"), ("system:a", "system:a")],
)
def test_a_name_is_one_segment_of_the_path_both_ways(client: ClusterClient, api: FakeApi, name: str, sent: str) -> None:
    manifest = configmap(0) | {"metadata": {"name": name, "namespace": "shop"}}
    told, left = send(client, [Apply(manifest)])
    assert (told, left) == ({0: {**manifest, "status": {"seen": True}}}, [])
    client.apply(manifest)
    assert [request.path for request in api.requests] == [f"/api/v1/namespaces/shop/configmaps/{sent}"] * 2
    assert all("force" not in request.query for request in api.requests)


@pytest.mark.parametrize("name", ["..", "../../secrets/a", "a/status", "a%2Fstatus"])
def test_a_name_that_leads_elsewhere_is_not_sent(client: ClusterClient, api: FakeApi, name: str) -> None:
    manifest = configmap(0) | {"metadata": {"name": name, "namespace": "shop"}}
    told, left = send(client, [Apply(manifest)])
    assert left == []
    assert isinstance(told[0], InvalidInput)
    with pytest.raises(InvalidInput, match="cannot be an object's"):
        client.apply(manifest)
    assert api.requests == []


def test_who_must_leave_at_once_leaves_the_connections_whole(client: ClusterClient, api: FakeApi) -> None:
    def done(number: int, _: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        client.apply_many(applies(8), done, at_once=4, go_on=lambda: None)
    told, left = send(client, applies(8))
    assert (sorted(told), left) == (list(range(8)), [])


def test_a_kind_nobody_knows_is_told_without_asking_for_it_again(client: ClusterClient, api: FakeApi) -> None:
    api.respond = lambda request: Answer(404) if request.method == "GET" else echo(request)
    unknown = {**configmap(0), "apiVersion": "example.com/v1", "kind": "Widget"}
    told, left = send(client, [Apply(unknown), Apply(configmap(1))])
    assert left == []
    assert isinstance(told[0], NotFound)
    assert isinstance(told[1], dict)


def test_of_two_threads_one_is_sent_to_the_patient_way(client: ClusterClient, api: FakeApi) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def respond(request: Request) -> Answer:
        begun.set()
        may_end.wait(10)
        return echo(request)

    api.respond = respond
    first = threading.Thread(target=send, args=(client, applies(1)))
    first.start()
    assert begun.wait(10)
    assert send(client, applies(3)) == ({}, [0, 1, 2])
    may_end.set()
    first.join(10)


def test_nobody_is_sent_elsewhere(client: ClusterClient, api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeApi() as elsewhere:
        elsewhere.respond = echo
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, elsewhere.url)
        api.always = Answer(307, headers={"Location": f"{elsewhere.url}/api"})
        told, left = send(client, applies(1))
        assert left == []
        assert isinstance(told[0], ClusterRefused)
        assert elsewhere.requests == []
