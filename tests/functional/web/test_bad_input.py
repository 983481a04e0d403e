"""Everything a client can get wrong: the right status, a code, a path, and nothing stored."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
import redis
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI

from shared.platform import Platform
from tests.functional.web.conftest import Person


def node(**changes: Any) -> dict[str, Any]:
    return {"id": "web", "type": "deployment", "position": {"x": 0, "y": 0}, "data": {}, **changes}


def workflow_of(person: Person) -> dict[str, Any]:
    answer = person.call("POST", "/workflows", json={"name": "shop"})
    assert answer.status_code == 201
    found: dict[str, Any] = answer.get_json()
    return found


KUBECONFIG_WITH_EXEC = """
apiVersion: v1
kind: Config
current-context: c
contexts: [{name: c, context: {cluster: k, user: u}}]
clusters: [{name: k, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: u, user: {exec: {command: aws, apiVersion: client.authentication.k8s.io/v1}}}]
"""


@pytest.mark.parametrize(
    ("body", "code", "path"),
    [
        ({"auth_type": "kubeconfig", "kubeconfig": "{{{"}, None, "kubeconfig"),
        ({"auth_type": "kubeconfig", "kubeconfig": KUBECONFIG_WITH_EXEC}, None, "kubeconfig"),
        ({"auth_type": "kubeconfig"}, "invalid-input", "kubeconfig"),
        ({"auth_type": "token", "server": "https://127.0.0.1:1"}, "invalid-input", "token"),
        ({"auth_type": "token", "server": "ftp://x", "token": "t"}, None, "server"),
        ({"auth_type": "token", "server": "https://127.0.0.1:1", "token": "t"}, "cluster-test-failed", "token"),
        ({"auth_type": "magic"}, "invalid-input", "auth_type"),
        ({"auth_type": "token", "name": "Upper"}, "invalid-input", "name"),
    ],
)
def test_a_cluster_that_cannot_be_is_not_stored(
    ada: Person, platform: Platform, body: dict[str, Any], code: str | None, path: str
) -> None:
    answer = ada.call("POST", "/clusters", json={"name": "prod", **body})
    found = answer.get_json()
    assert answer.status_code == 422, found
    assert code is None or found["code"] == code
    assert any(item["path"].startswith(path) for item in found["fields"]), found
    assert platform.db["clusters"].count_documents({}) == 0


@pytest.mark.parametrize(
    ("nodes", "edges", "path"),
    [
        ([node(type="unheard-of")], [], "nodes.0.type"),
        ([node(), node()], [], "nodes.1.id"),
        ([node()], [{"id": "e", "source": "web", "target": "nowhere", "type": "wires"}], "edges.0.target"),
        ([node(id="Not Valid!")], [], "nodes.0.id"),
        ([node(data={"$where": 1})], [], "nodes.0.data"),
        ([node(data={"a\0b": 1})], [], "nodes.0.data"),
        ([node(data={"n": 2**60})], [], "nodes.0.data.n"),
        ([node(surprise=1)], [], "nodes.0.surprise"),
        ([node(position={"x": 1e12, "y": 0})], [], "nodes.0.position.x"),
    ],
)
def test_a_graph_that_cannot_be_kept_is_not_saved(
    ada: Person, nodes: list[dict[str, Any]], edges: list[dict[str, Any]], path: str
) -> None:
    workflow = workflow_of(ada)
    answer = ada.call(
        "POST",
        f"/workflows/{workflow['id']}/save",
        json={"nodes": nodes, "edges": edges},
        headers={"If-Match": '"1"'},
    )
    assert answer.status_code == 422, answer.text
    assert any(item["path"].startswith(path) for item in answer.get_json()["fields"]), answer.text
    assert ada.call("GET", f"/workflows/{workflow['id']}").get_json()["revision"] == 1


def test_mistakes_inside_a_node_are_found_by_validation_with_their_place(ada: Person) -> None:
    workflow = workflow_of(ada)
    data = {"name": "Web", "image": "nginx", "ports": [{"name": "http", "container_port": 70000}]}
    answer = ada.call(
        "POST", f"/workflows/{workflow['id']}/validate", json={"nodes": [node(data=data)], "edges": []}
    ).get_json()
    places = {(issue["node_id"], issue["path"]) for issue in answer["issues"]}
    assert ("web", "/name") in places
    assert ("web", "/ports/0/container_port") in places


def test_a_body_of_nine_mebibytes_is_refused(ada: Person) -> None:
    answer = ada.call("POST", "/workflows", json={"name": "x" * 9 * 1024 * 1024})
    assert (answer.status_code, answer.get_json()["code"]) == (413, "body-too-large")


@pytest.mark.parametrize(
    "raw", [b"{", b"[1]", b'"{}"', b"1", b"null", b"", b"\xff\xfe", b'{"name": NaN}', b"[" * 100_000]
)
def test_a_body_that_is_no_object_is_refused(ada: Person, raw: bytes) -> None:
    answer = ada.call("POST", "/workflows", data=raw, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422, answer.text
    assert answer.get_json()["code"] in {"invalid-json", "invalid-input"}


def test_a_body_of_another_kind_is_refused(ada: Person) -> None:
    answer = ada.call("POST", "/workflows", data="name=x", headers={"Content-Type": "text/plain"})
    assert (answer.status_code, answer.get_json()["code"]) == (415, "unsupported-media-type")


def test_a_body_that_is_nested_too_deeply_is_refused(ada: Person) -> None:
    data = b'{"name": "x", "nodes": ' + b"[" * 100 + b"]" * 100 + b"}"
    answer = ada.call("POST", "/workflows", data=data, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.get_json()["code"]) == (422, "json-too-deep")


def test_a_nul_character_is_refused_with_its_path(ada: Person) -> None:
    answer = ada.call("POST", "/workflows", json={"name": "x", "description": "a\0b"})
    assert answer.status_code == 422
    assert [item["path"] for item in answer.get_json()["fields"]] == ["description"]


def test_a_lone_surrogate_is_refused(ada: Person) -> None:
    answer = ada.call("POST", "/workflows", data=b'{"name": "\\ud800"}', headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid-json")


def test_saving_needs_the_revision_and_the_right_one(ada: Person) -> None:
    workflow = workflow_of(ada)
    place = f"/workflows/{workflow['id']}/save"
    graph: dict[str, Any] = {"nodes": [], "edges": []}
    assert ada.call("POST", place, json=graph).status_code == 428
    saved = ada.call("POST", place, json=graph, headers={"If-Match": '"1"'})
    assert (saved.status_code, saved.headers["ETag"]) == (200, '"2"')
    stale = ada.call("POST", place, json=graph, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.get_json()["revision"]) == (409, 2)
    assert stale.get_json()["saved_by"]["name"] == "Ada"
    assert ada.call("POST", place, json=graph, headers={"If-Match": "soon"}).status_code == 422


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=x",
        "cursor=nonsense",
        "cursor=" + base64.urlsafe_b64encode(b'[{"$oid": "x"}, "1"]').decode(),
        "cursor=" + base64.urlsafe_b64encode(json.dumps([{"$gt": ""}, "1"]).encode()).decode(),
        "sort=password",
        "unknown=1",
        "q=%00",
        "tag=%00",
        "cluster_id=%00",
    ],
)
def test_a_list_refuses_a_query_it_does_not_know(ada: Person, query: str) -> None:
    answer = ada.call("GET", f"/workflows?{query}")
    assert answer.status_code == 422, answer.text
    assert answer.get_json()["fields"]


def test_running_without_a_cluster_says_so(ada: Person) -> None:
    workflow = workflow_of(ada)
    answer = ada.call("POST", f"/workflows/{workflow['id']}/run")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "no-cluster")


def test_unknown_addresses_and_methods_get_the_same_shape(client: FlaskClient) -> None:
    for answer, status in ((client.get("/v1/api/nothing"), 404), (client.delete("/v1/api/auth/login"), 405)):
        assert answer.status_code == status
        assert set(answer.get_json()) == {"error", "code", "fields", "request_id"}
    assert "POST" in client.delete("/v1/api/auth/login").headers["Allow"]


def test_a_request_id_comes_back_and_a_malformed_one_is_replaced(client: FlaskClient) -> None:
    assert client.get("/v1", headers={"X-Request-Id": "abc-123"}).headers["X-Request-Id"] == "abc-123"
    assert client.get("/v1", headers={"X-Request-Id": "a b\x7f"}).headers["X-Request-Id"] != "a b\x7f"


def test_every_answer_carries_the_security_headers(client: FlaskClient) -> None:
    for path in ("/v1", "/v1/api/nothing", "/"):
        headers = client.get(path).headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "unsafe-eval" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"


def test_a_store_that_does_not_answer_is_503_and_never_500(
    app: OpenAPI, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise redis.ConnectionError("gone")

    monkeypatch.setattr(redis.Redis, "execute_command", broken)
    answer = ada.client.post("/v1/api/auth/login", json={"email": ada.email, "password": "x"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


def test_what_nobody_expected_is_500_without_a_word_of_it(
    app: OpenAPI, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr("shared.workflows.actions.Workflows.get", broken)
    answer = ada.call("GET", "/workflows/1")
    assert (answer.status_code, answer.get_json()["code"]) == (500, "internal-error")
    assert "hunter2" not in answer.text
