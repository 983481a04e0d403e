"""The edge of the API: limits, foreign pages, metrics, audit, the interface's files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI

from shared.platform import Platform
from shared.settings import Settings
from tests.functional.web.conftest import PASSWORD, Person, Server
from web.app import create_app

ORIGIN = "https://console.example"
Make = Callable[..., OpenAPI]


@pytest.fixture
def make_app(make_test_settings: Callable[..., Settings], platform: Platform) -> Make:
    """Make the application with other settings over the same stores."""

    def make(**groups: Any) -> OpenAPI:
        settings = make_test_settings(**groups)
        return create_app(settings, replace(platform, settings=settings))

    return make


def register(client: FlaskClient, name: str = "ada") -> dict[str, str]:
    body = {"name": name, "email": f"{name}@example.com", "password": PASSWORD}
    token = client.post("/v1/api/auth/register", json=body).get_json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


def test_a_person_is_limited_whatever_address_they_use(make_app: Make) -> None:
    app = make_app(rate={"user": 3})
    headers = register(app.test_client())
    answers = [
        app.test_client().get("/v1/api/profile", headers=headers, environ_base={"REMOTE_ADDR": f"10.0.0.{n}"})
        for n in range(5)
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].get_json()["code"] == "rate-limited"
    assert int(answers[-1].headers["Retry-After"]) >= 1


def test_an_address_is_limited_before_anybody_asks_who_it_is(make_app: Make) -> None:
    client = make_app(rate={"address": 3}).test_client()
    assert [client.get("/v1/api/profile").status_code for _ in range(5)] == [401, 401, 401, 429, 429]
    assert client.get("/healthz").status_code == 200


def test_forwarded_addresses_count_only_behind_a_trusted_proxy(make_app: Make) -> None:
    for proxies, expected in ((0, [401, 429]), (1, [401, 401])):
        client = make_app(rate={"address": 1}, web={"trusted_proxies": proxies}).test_client()
        place = f"10.1.{proxies}"
        statuses = [
            client.get(
                "/v1/api/profile",
                headers={"X-Forwarded-For": f"{place}.{n}"},
                environ_base={"REMOTE_ADDR": f"{place}.200"},
            ).status_code
            for n in range(2)
        ]
        assert statuses == expected


def test_only_listed_origins_may_read_answers(make_app: Make) -> None:
    client = make_app(web={"cors_origins": [ORIGIN]}).test_client()
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization, if-match"}
    allowed = client.options("/v1/api/workflows", headers={"Origin": ORIGIN, **asked})
    assert allowed.status_code == 200
    assert allowed.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "POST" in allowed.headers["Access-Control-Allow-Methods"]
    answer = client.get("/v1", headers={"Origin": ORIGIN})
    assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
    foreign = client.options("/v1/api/workflows", headers={"Origin": "https://evil.example", **asked})
    assert "Access-Control-Allow-Origin" not in foreign.headers


def test_without_a_list_no_other_origin_may(client: FlaskClient) -> None:
    answer = client.get("/v1", headers={"Origin": ORIGIN})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_metrics_are_for_this_machine_or_for_a_token(make_app: Make) -> None:
    client = make_app().test_client()
    assert b"kubeorch_http_requests_total" in client.get("/metrics").data
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "10.0.0.1"}).status_code == 403
    assert client.get("/metrics", headers={"X-Forwarded-For": "10.0.0.1"}).status_code == 403
    guarded = make_app(metrics={"token": "m" * 20}).test_client()
    assert guarded.get("/metrics").status_code == 403
    assert guarded.get("/metrics", headers={"Authorization": "Bearer " + "n" * 20}).status_code == 403
    assert guarded.get("/metrics", headers={"Authorization": "Bearer " + "m" * 20}).status_code == 200


def test_deeds_are_in_the_audit_log_with_person_address_and_outcome(ada: Person, platform: Platform) -> None:
    ada.client.post("/v1/api/auth/login", json={"email": ada.email, "password": "not this one"})
    ada.client.post("/v1/api/auth/login", json={"email": "nobody@example.com", "password": "not this one"})
    ada.client.post("/v1/api/auth/login", json={"email": ada.email, "password": PASSWORD})
    body = {"name": "prod", "auth_type": "token", "server": "https://127.0.0.1:1", "token": "t", "save_untested": True}
    cluster = ada.call("POST", "/clusters", json=body).get_json()
    workflow = ada.call("GET", "/workflows").get_json()["items"][0]
    nodes = [{"id": "keys", "type": "secret", "data": {"name": "keys", "keys": ["a"]}}]
    place = f"/workflows/{workflow['id']}"
    saved = ada.call("POST", f"{place}/save", json={"nodes": nodes, "edges": []}, headers={"If-Match": '"1"'})
    assert saved.status_code == 200, saved.text
    changed = ada.call("PUT", place, json={"cluster_id": cluster["id"]}, headers={"If-Match": '"2"'})
    assert changed.status_code == 200, changed.text
    assert ada.call("PUT", f"{place}/secrets/keys", json={"values": {"a": "b"}}).status_code == 200
    run = ada.call("POST", f"{place}/run").get_json()
    assert ada.call("POST", f"/runs/{run['id']}/cancel").status_code == 202
    assert ada.call("DELETE", f"/clusters/{cluster['id']}").status_code == 204
    assert ada.call("POST", "/auth/logout").status_code == 204
    rows = list(platform.db["audit"].find({}).sort("_id"))
    session_id = rows[-1]["target"].partition(":")[2]
    assert [(row["action"], row["target"], row["outcome"]) for row in rows] == [
        ("user.register", f"user:{ada.id}", "done"),
        ("session.start", f"user:{ada.id}", "invalid-credentials"),
        ("session.start", "user:unknown", "invalid-credentials"),
        ("session.start", f"user:{ada.id}", "done"),
        ("cluster.connect", f"cluster:{cluster['id']}", "done"),
        ("secret.write", f"workflow:{workflow['id']}", "done"),
        ("run.start", f"run:{run['id']}", "done"),
        ("run.cancel", f"run:{run['id']}", "done"),
        ("cluster.delete", f"cluster:{cluster['id']}", "done"),
        ("session.end", f"session:{session_id}", "done"),
    ]
    assert {row["address"] for row in rows} == {"127.0.0.1"}
    assert all(row["request_id"] for row in rows)
    assert [row["actor_id"] for row in rows if row["outcome"] != "done"] == [None, None]
    assert {row["actor_id"] for row in rows if row["outcome"] == "done"} == {ada.id}


def test_the_interface_is_served_with_its_assets_kept_for_ever(
    make_app: Make, settings: Settings, platform: Platform
) -> None:
    folder = settings.web.ui_directory
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>page</title>")
    (folder / "assets" / "app-1.js").write_text("1")
    (folder.parent / "secret.txt").write_text("not ours")
    client = make_app().test_client()
    for path in ("/", "/workflows/123"):
        with client.get(path) as page:
            assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-cache")
            assert b"<title>page</title>" in page.data
    with client.get("/assets/app-1.js") as asset:
        assert "immutable" in asset.headers["Cache-Control"]
    for path in ("/assets/../../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt"):
        with client.get(path) as answer:
            assert b"not ours" not in answer.data
    with client.get("/assets/nothing.js") as missing:
        assert missing.status_code == 404


def test_the_real_server_answers_a_body_that_is_too_large_before_it_arrived(server: Server, ada: Person) -> None:
    headers = {"Authorization": f"Bearer {ada.token}", "Content-Type": "application/json"}
    place = f"{server.url}/v1/api/workflows"
    whole = httpx.post(place, content=b'{"name":"' + b"x" * 9 * 1024 * 1024 + b'"}', headers=headers)
    assert (whole.status_code, whole.json()["code"]) == (413, "body-too-large")

    def chunks() -> Iterator[bytes]:
        for _ in range(144):
            yield b" " * 65536

    chunked = httpx.post(place, content=chunks(), headers=headers)
    assert (chunked.status_code, chunked.json()["code"]) == (413, "body-too-large")
    assert httpx.get(f"{server.url}/v1/api/profile", headers=headers).status_code == 200
