"""Answers as no API server should give them, over both ways: each has an end, and none leads elsewhere."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from shared.errors import ClusterRefused, ClusterThrottled, ClusterUnreachable, KubeOrchError, TemporaryError
from shared.kubernetes import watches
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.connection import batch, transport
from shared.kubernetes.connection.credentials import Credentials
from shared.kubernetes.connection.many import Apply
from shared.kubernetes.objects import BUILT_IN, ObjectRef
from tests.support.fake_api import Answer, FakeApi, status

MANIFEST: dict[str, Any] = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "shop"}}
REF = ObjectRef("v1", "ConfigMap", "shop", "c")
WHOLE = json.dumps(MANIFEST).encode()
TOKEN = "bearer-of-this-test"
Ask = Callable[[ClusterClient], object]
ASKS: dict[str, Ask] = {
    "get": lambda client: client.get(REF),
    "list": lambda client: client.list("v1", "ConfigMap"),
    "apply": lambda client: client.apply(MANIFEST),
    "create": lambda client: client.create(MANIFEST),
    "delete": lambda client: client.delete(REF),
    "review": lambda client: client.can_i("get", BUILT_IN["v1", "Pod"]),
    "logs": lambda client: client.logs("shop", "c"),
    "watch": lambda client: next(client.watch("v1", "ConfigMap", resource_version="1", timeout_seconds=60)),
}


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with FakeApi() as fake:
        yield fake


@pytest.fixture
def client(api: FakeApi) -> Iterator[ClusterClient]:
    opened = ClusterClient(Credentials(server=api.url, token=TOKEN), timeout_seconds=2)
    yield opened
    opened.close()


def head(*headers: str, version: str = "1.1") -> bytes:
    return "\r\n".join([f"HTTP/{version} 200 OK", "Connection: close", *headers, "", ""]).encode()


def sized(body: bytes, *headers: str) -> bytes:
    return head(f"Content-Length: {len(body)}", *headers) + body


def chunked(body: bytes) -> bytes:
    return head("Transfer-Encoding: chunked") + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


def at_once(client: ClusterClient) -> object:
    """Apply one manifest with those that are many; None when it is left."""
    told: dict[int, object] = {}
    left = client.apply_many([Apply(MANIFEST)], told.__setitem__, at_once=1, go_on=lambda: None)
    assert bool(left) != bool(told)
    return told.get(0)


GOOD = {
    "with its length": sized(WHOLE),
    "in chunks": chunked(WHOLE),
    "until the end": head() + WHOLE,
    "of HTTP 1.0": head(version="1.0") + WHOLE,
}


@pytest.mark.parametrize("raw", GOOD.values(), ids=GOOD)
def test_an_answer_comes_whole_however_it_is_framed(client: ClusterClient, api: FakeApi, raw: bytes) -> None:
    api.always = Answer(raw=raw)
    # again and again: each answer ends its connection
    for _ in range(3):
        assert client.get(REF) == MANIFEST
        assert client.apply(MANIFEST) == MANIFEST
        assert at_once(client) == MANIFEST


def test_what_is_packed_though_nobody_asked_is_unpacked_by_the_patient_way(client: ClusterClient, api: FakeApi) -> None:
    api.always = Answer(raw=sized(gzip.compress(WHOLE), "Content-Encoding: gzip"))
    assert client.get(REF) == MANIFEST
    assert at_once(client) is None
    assert all("gzip" not in request.headers.get("Accept-Encoding", "") for request in api.requests)


CUT_OFF = {
    "too short": Answer(raw=head("Content-Length: 500") + WHOLE),
    "reset": Answer(raw=head("Content-Length: 500") + WHOLE, is_reset=True),
    "a chunk too short": Answer(raw=head("Transfer-Encoding: chunked") + b"1f4\r\n" + WHOLE),
    "no last chunk": Answer(raw=head("Transfer-Encoding: chunked") + b"%x\r\n%s\r\n" % (len(WHOLE), WHOLE)),
    "not what was packed": Answer(raw=sized(b"\x1f\x8b broken", "Content-Encoding: gzip")),
    "nothing": Answer(raw=b""),
    "no head": Answer(raw=b"SSH-2.0-OpenSSH_9.9\r\n"),
}


@pytest.mark.parametrize("answer", CUT_OFF.values(), ids=CUT_OFF)
def test_an_answer_that_is_cut_off_is_none(client: ClusterClient, api: FakeApi, answer: Answer) -> None:
    api.always = answer
    for ask in ("get", "apply", "logs"):
        with pytest.raises(ClusterUnreachable):
            ASKS[ask](client)
    assert at_once(client) is None
    # and what follows is answered
    api.always = Answer(raw=sized(WHOLE))
    assert client.get(REF) == MANIFEST
    assert at_once(client) == MANIFEST


LONG = json.dumps({**MANIFEST, "data": {"long": "x" * 5000}}).encode()
TOO_LARGE = {
    "that says so": sized(LONG),
    "in chunks": chunked(LONG),
    "until the end": head() + LONG,
    "once it is unpacked": sized(gzip.compress(LONG), "Content-Encoding: gzip"),
}


@pytest.mark.parametrize("raw", TOO_LARGE.values(), ids=TOO_LARGE)
def test_an_answer_that_is_too_large_is_not_read(
    client: ClusterClient, api: FakeApi, monkeypatch: pytest.MonkeyPatch, raw: bytes
) -> None:
    monkeypatch.setattr(transport, "MOST_BYTES", 4000)
    monkeypatch.setattr(batch, "LARGEST_ANSWER", 4000)
    api.always = Answer(raw=raw)
    for ask in ("get", "apply"):
        with pytest.raises(ClusterRefused) as refused:
            ASKS[ask](client)
        assert refused.value.code == "cluster-answer-too-large"
    assert at_once(client) is None
    api.always = Answer(raw=sized(WHOLE))
    assert client.get(REF) == MANIFEST
    assert at_once(client) == MANIFEST


def test_an_event_without_an_end_ends_the_watch(
    client: ClusterClient, api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watches, "LONGEST_EVENT", 4000)
    events = client.watch("v1", "ConfigMap", resource_version="1", timeout_seconds=60)
    assert next(events) == {"type": watches.OPEN}
    api.wait_for_watch()
    for _ in range(5):
        api.send(b"x" * 1000)
    with pytest.raises(ClusterUnreachable, match="without an end"):
        next(events)


@pytest.mark.parametrize("body", [b"<html>", b"", b"{"], ids=["HTML", "nothing", "half"])
def test_what_is_not_json_is_no_api_server(client: ClusterClient, api: FakeApi, body: bytes) -> None:
    api.always = Answer(200, body)
    with pytest.raises(ClusterRefused, match="not Kubernetes' JSON"):
        client.get(REF)
    assert at_once(client) is None


@pytest.mark.parametrize(("asked", "waited"), [("7", 7.0), ("soon", 1.0), ("", 1.0)])
def test_who_asks_for_patience_gets_it_once_it_is_known_for_how_long(
    client: ClusterClient, api: FakeApi, asked: str, waited: float
) -> None:
    api.always = Answer(429, status(429, "slow down"), {"Retry-After": asked})
    for ask in ASKS.values():
        with pytest.raises(ClusterThrottled, match="slow down") as throttled:
            ask(client)
        assert throttled.value.delay == waited
    assert len(api.requests) == len(ASKS), "nobody asks again without having waited"
    assert at_once(client) is None


def test_a_server_that_fails_is_asked_once(client: ClusterClient, api: FakeApi) -> None:
    api.always = Answer(503, status(503, "etcd is away"), {"Retry-After": "1"})
    with pytest.raises(TemporaryError, match="etcd is away"):
        client.get(REF)
    assert len(api.requests) == 1


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_credentials_stay_with_their_server(client: ClusterClient, api: FakeApi, code: int) -> None:
    with FakeApi() as elsewhere:
        api.always = Answer(code, headers={"Location": f"{elsewhere.url}/api/v1/namespaces/shop/configmaps/c"})
        for ask in ASKS.values():
            with pytest.raises(KubeOrchError):
                ask(client)
        assert isinstance(at_once(client), ClusterRefused)
        assert elsewhere.requests == []
    assert len(api.requests) == len(ASKS) + 1


def test_the_environment_knows_no_proxy(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeApi() as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        client = ClusterClient(Credentials(server=api.url, token=TOKEN), timeout_seconds=2)
        api.always = Answer(200, MANIFEST)
        assert client.get(REF) == MANIFEST
        assert at_once(client) == MANIFEST
        client.close()
        assert proxy.requests == []
    assert len(api.requests) == 2


def test_a_name_is_resolved_once_and_that_address_is_connected_to(
    api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(api.url.rpartition(":")[2])
    asked: list[object] = []
    found = socket.getaddrinfo

    def resolve(host: Any, *more: Any, **options: Any) -> Any:
        if host == "api.shop.example":
            asked.append(host)
            host = "127.0.0.1" if len(asked) == 1 else "169.254.169.254"
        return found(host, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    client = ClusterClient(Credentials(server=f"http://api.shop.example:{port}/k8s/one/"), timeout_seconds=2)
    api.always = Answer(200, MANIFEST)
    assert client.get(REF) == MANIFEST
    assert at_once(client) == MANIFEST
    client.close()
    assert asked == ["api.shop.example"]
    assert [request.headers["Host"] for request in api.requests] == [f"api.shop.example:{port}"] * 2
    assert {request.path for request in api.requests} == {"/k8s/one/api/v1/namespaces/shop/configmaps/c"}
