from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask.testing import FlaskClient

from shared.platform import Platform
from shared.settings import Settings
from tests.functional.web.conftest import PASSWORD, Person
from web.app import create_app


def sign_up(client: FlaskClient, email: str, invite: str | None) -> Any:
    body = {"name": "Guest", "email": email, "password": PASSWORD, "invite": invite}
    return client.post("/v1/api/auth/register", json=body)


def test_an_invite_lets_one_person_in_once(make_test_settings: Callable[..., Settings], platform: Platform) -> None:
    settings = make_test_settings(auth={"signup": "invite"})
    app = create_app(settings, replace(platform, settings=settings))
    admin = sign_up(app.test_client(), "ada@example.com", None)
    headers = {"Authorization": f"Bearer {admin.get_json()['access_token']}"}
    made = app.test_client().post("/v1/api/invites", json={"email": "bob@example.com"}, headers=headers)
    assert made.status_code == 201
    code = made.get_json()["code"]
    assert made.get_json()["link"].endswith(f"/signup?invite={code}")
    assert code not in app.test_client().get("/v1/api/invites", headers=headers).text
    checked = app.test_client().post("/v1/api/auth/invites/check", json={"code": code})
    assert checked.get_json() == {"valid": True, "email": "bob@example.com"}
    assert sign_up(app.test_client(), "eve@example.com", None).get_json()["code"] == "invite-required"
    assert sign_up(app.test_client(), "eve@example.com", code).get_json()["code"] == "invalid-invite"
    assert sign_up(app.test_client(), "bob@example.com", code).status_code == 201
    assert sign_up(app.test_client(), "carl@example.com", code).get_json()["code"] == "invalid-invite"
    checked = app.test_client().post("/v1/api/auth/invites/check", json={"code": code})
    assert checked.get_json() == {"valid": False, "email": None}


def test_only_administrators_invite(ada: Person, bob: Person) -> None:
    assert bob.call("POST", "/invites", json={}).status_code == 403
    assert bob.call("GET", "/invites").status_code == 403
    made = ada.call("POST", "/invites", json={"hours": 1}).get_json()
    assert bob.call("DELETE", f"/invites/{made['id']}").status_code == 403
    assert ada.call("DELETE", f"/invites/{made['id']}").status_code == 204
    assert ada.call("DELETE", f"/invites/{made['id']}").status_code == 404
    assert ada.call("POST", "/invites", json={"hours": 0}).get_json()["code"] == "invalid-input"


def test_passwords_can_be_switched_off(make_test_settings: Callable[..., Settings], platform: Platform) -> None:
    settings = make_test_settings(auth={"password": False})
    client = create_app(settings, replace(platform, settings=settings)).test_client()
    assert client.get("/v1/api/auth/methods").get_json()["password"] is False
    assert sign_up(client, "ada@example.com", None).get_json()["code"] == "password-disabled"
    refused = client.post("/v1/api/auth/login", json={"email": "ada@example.com", "password": PASSWORD})
    assert (refused.status_code, refused.get_json()["code"]) == (403, "password-disabled")
