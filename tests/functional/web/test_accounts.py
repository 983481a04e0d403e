"""Signing up, in and out, on real stores."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI

from shared.clock import now
from shared.platform import Platform
from shared.settings import Settings
from tests.functional.web.conftest import PASSWORD, Person
from web.app import create_app


def test_the_first_account_is_admin_and_later_ones_are_members(ada: Person, bob: Person) -> None:
    assert ada.answer["user"]["role"] == "admin"
    assert bob.answer["user"]["role"] == "member"


def test_of_many_first_accounts_at_once_exactly_one_becomes_admin(app: OpenAPI) -> None:
    def register(number: int) -> str:
        body = {"name": "x", "email": f"p{number}@example.com", "password": PASSWORD}
        return str(app.test_client().post("/v1/api/auth/register", json=body).get_json()["user"]["role"])

    with ThreadPoolExecutor(8) as pool:
        roles = list(pool.map(register, range(8)))
    assert sorted(roles) == ["admin", *["member"] * 7]


def test_every_account_finds_a_starter_workflow(bob: Person) -> None:
    found = bob.call("GET", "/workflows").get_json()
    assert [item["name"] for item in found["items"]] == ["starter"]


def test_an_address_is_taken_however_it_is_capitalised(ada: Person, client: FlaskClient) -> None:
    body = {"name": "x", "email": "ADA@Example.COM", "password": PASSWORD}
    answer = client.post("/v1/api/auth/register", json=body)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "email-taken")
    signed_in = client.post("/v1/api/auth/login", json={"email": "Ada@EXAMPLE.com", "password": PASSWORD})
    assert signed_in.status_code == 200


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"password": "short"}, "password"),
        ({"password": "password123"}, "password"),
        ({"email": "nobody"}, "email"),
        ({"name": ""}, "name"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_what_cannot_be_an_account_is_refused_by_field(
    client: FlaskClient, platform: Platform, change: dict[str, Any], path: str
) -> None:
    body = {"name": "x", "email": "x@example.com", "password": PASSWORD, **change}
    answer = client.post("/v1/api/auth/register", json=body)
    assert answer.status_code == 422
    assert [item["path"] for item in answer.get_json()["fields"]] == [path]
    assert platform.db["users"].count_documents({}) == 0


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(ada: Person, client: FlaskClient) -> None:
    wrong = client.post("/v1/api/auth/login", json={"email": ada.email, "password": "not this one"})
    unknown = client.post("/v1/api/auth/login", json={"email": "no@example.com", "password": "not this one"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.get_json()["error"] == unknown.get_json()["error"]


def test_failures_in_a_row_lock_the_account_for_this_address(ada: Person, client: FlaskClient) -> None:
    for _ in range(6):
        client.post("/v1/api/auth/login", json={"email": ada.email, "password": "not this one"})
    answer = client.post("/v1/api/auth/login", json={"email": ada.email, "password": PASSWORD})
    assert (answer.status_code, answer.get_json()["code"]) == (429, "too-many-attempts")
    assert int(answer.headers["Retry-After"]) >= 1


def test_a_refresh_token_is_exchanged_and_the_cookie_works_too(ada: Person) -> None:
    cookie = ada.client.get_cookie("kubeorch_refresh", path="/v1/api/auth")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Strict"
    first = ada.client.post("/v1/api/auth/refresh")
    assert first.status_code == 200
    assert first.get_json()["refresh_token"] != ada.refresh_token
    assert first.get_json()["user"]["id"] == ada.id


def test_a_foreign_page_cannot_use_the_cookie(ada: Person) -> None:
    answer = ada.client.post("/v1/api/auth/refresh", headers={"Origin": "https://evil.example"})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "foreign-origin")


def test_a_used_refresh_token_that_comes_back_late_ends_the_session(ada: Person, app: OpenAPI) -> None:
    client = app.test_client()
    assert client.post("/v1/api/auth/refresh", json={"refresh_token": ada.refresh_token}).status_code == 200
    with time_machine.travel(now() + timedelta(seconds=20)):
        late = client.post("/v1/api/auth/refresh", json={"refresh_token": ada.refresh_token})
    assert (late.status_code, late.get_json()["code"]) == (401, "reused")
    assert ada.call("GET", "/profile").status_code == 401


def test_an_expired_access_token_says_so(ada: Person) -> None:
    with time_machine.travel(now() + timedelta(days=1, seconds=1)):
        answer = ada.call("GET", "/profile")
    assert (answer.status_code, answer.get_json()["code"]) == (401, "token-expired")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_session_ends_absolutely(ada: Person, client: FlaskClient) -> None:
    with time_machine.travel(now() + timedelta(days=7, seconds=1)):
        answer = client.post("/v1/api/auth/refresh", json={"refresh_token": ada.refresh_token})
    assert answer.status_code == 401


def test_signing_out_ends_this_session_only(ada: Person, client: FlaskClient) -> None:
    other = client.post("/v1/api/auth/login", json={"email": ada.email, "password": PASSWORD}).get_json()
    assert ada.call("POST", "/auth/logout").status_code == 204
    assert ada.call("GET", "/profile").status_code == 401
    header = {"Authorization": f"Bearer {other['access_token']}"}
    assert client.get("/v1/api/profile", headers=header).status_code == 200


def test_sessions_are_listed_and_ended_one_by_one(ada: Person, client: FlaskClient) -> None:
    other = client.post("/v1/api/auth/login", json={"email": ada.email, "password": PASSWORD}).get_json()
    found = ada.call("GET", "/profile/sessions").get_json()
    assert found["total"] == 2
    foreign = next(item["id"] for item in found["items"] if not item["current"])
    assert ada.call("DELETE", f"/profile/sessions/{foreign}").status_code == 204
    header = {"Authorization": f"Bearer {other['access_token']}"}
    assert client.get("/v1/api/profile", headers=header).status_code == 401


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ({"signup": "closed"}, "signup-closed"),
        ({"signup": "invite"}, "invite-required"),
        ({"signup": "domains", "domains": ["corp.example"]}, "signup-domain"),
    ],
)
def test_sign_up_follows_the_rules_after_the_first_account(
    make_test_settings: Callable[..., Settings], platform: Platform, rules: dict[str, Any], code: str
) -> None:
    changed = replace(platform, settings=make_test_settings(auth=rules))
    client = create_app(changed.settings, changed).test_client()
    body = {"name": "x", "email": "first@example.com", "password": PASSWORD}
    assert client.post("/v1/api/auth/register", json=body).status_code == 201
    answer = client.post("/v1/api/auth/register", json={**body, "email": "second@example.com"})
    assert (answer.status_code, answer.get_json()["code"]) == (403, code)


def test_sign_in_attempts_are_limited_per_address(
    make_test_settings: Callable[..., Settings], platform: Platform
) -> None:
    changed = replace(platform, settings=make_test_settings(rate={"auth": 3}))
    client = create_app(changed.settings, changed).test_client()
    statuses = [
        client.post("/v1/api/auth/login", json={"email": f"{n}@example.com", "password": "x"}).status_code
        for n in range(5)
    ]
    assert statuses == [401, 401, 401, 429, 429]
