from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from flask_jwt_extended import get_current_user
from flask_jwt_extended.exceptions import InvalidHeaderError, NoAuthorizationError

from shared.sessions.models import Session
from web import tokens
from web.tokens import bearer, is_whole, issue

KEY = "k" * 32
AT = datetime(2026, 1, 1, tzinfo=UTC)
END = AT + timedelta(hours=1)
CLAIMS = {"iss": "kubeorch", "sub": "u1", "sid": "s1", "iat": 1, "exp": 9e9}


@pytest.fixture
def app() -> Flask:
    """An application whose one view tells whose the token is and until when; it knows everybody."""
    app = Flask("tokens")
    manager = tokens.register(app, key=KEY)

    @manager.user_lookup_loader
    def _find(_header: Any, claims: Any) -> str:
        return f"{claims['sub']} by {claims['sid']}"

    @app.get("/")
    def _show() -> str:
        until = tokens.require_token()
        return f"{get_current_user()} until {until.isoformat()}"

    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def ask(client: FlaskClient, token: str) -> Any:
    return client.get("/", headers={"Authorization": f"Bearer {token}"})


def session() -> Session:
    return Session(
        id="s1",
        user_id="u1",
        salt="salt",
        rotated_at=AT,
        created_at=AT,
        last_used_at=AT,
        expires_at=AT + timedelta(days=7),
    )


def test_an_access_token_says_whose_session_it_is_and_until_when(app: Flask, client: FlaskClient) -> None:
    with time_machine.travel(AT, tick=False):
        with app.app_context():
            token = issue(session(), END)
        assert ask(client, token).text == f"u1 by s1 until {END.isoformat()}"


def test_a_token_says_nothing_of_cookies_and_holds_at_once(app: Flask) -> None:
    with app.app_context(), time_machine.travel(AT, tick=False):
        said = jwt.decode(issue(session(), END), KEY, algorithms=["HS256"], issuer="kubeorch")
    assert said.pop("jti")
    expected = {"iss": "kubeorch", "sub": "u1", "sid": "s1", "iat": AT.timestamp(), "exp": END.timestamp()}
    assert said == {**expected, "type": "access", "fresh": False}


def test_a_token_of_the_five_claims_alone_is_read_too(client: FlaskClient) -> None:
    assert ask(client, jwt.encode(CLAIMS, KEY)).text.startswith("u1 by s1")


def test_only_time_makes_a_token_expired(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), time_machine.travel(AT, tick=False):
        token = issue(session(), END)
    with time_machine.travel(END, tick=False):
        assert ask(client, token).get_json()["code"] == "token-expired"
    expired = {**CLAIMS, "exp": 2}
    assert ask(client, jwt.encode(expired, KEY)).get_json()["code"] == "token-expired"
    for claim in ("iss", "sub", "sid", "iat"):
        token = jwt.encode({key: value for key, value in expired.items() if key != claim}, KEY)
        assert ask(client, token).get_json()["code"] == "token-invalid", claim


@pytest.mark.parametrize(
    "token",
    [
        "a.b.c",
        jwt.encode(CLAIMS, "x" * 32),
        jwt.encode(CLAIMS, "", algorithm="none"),
        jwt.encode({**CLAIMS, "iss": "other"}, KEY),
        jwt.encode({**CLAIMS, "aud": "other"}, KEY),
        *(jwt.encode({key: value for key, value in CLAIMS.items() if key != claim}, KEY) for claim in CLAIMS),
    ],
)
def test_any_other_token_is_invalid(client: FlaskClient, token: str) -> None:
    answer = ask(client, token)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "token-invalid")


@pytest.mark.parametrize("header", ["Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c ", "Bearer \ta.b.c"])
def test_the_scheme_is_bearer_in_any_case(header: str) -> None:
    assert bearer(header) == "a.b.c"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic a", "a.b.c", "Bearer\ta", "Basic a, Bearer a"])
def test_another_scheme_is_no_token(header: str) -> None:
    with pytest.raises(NoAuthorizationError):
        bearer(header)


@pytest.mark.parametrize("header", ["Bearer  ", "Bearer a b", "Bearer a,", "Bearer ,a", "Bearer a, b", "Bearer é"])
def test_what_no_token_is_made_of_is_refused(header: str) -> None:
    with pytest.raises(InvalidHeaderError):
        bearer(header)


def test_a_claim_that_is_null_is_missing() -> None:
    assert is_whole(CLAIMS)
    for claim in CLAIMS:
        assert not is_whole({**CLAIMS, claim: None})
    assert not is_whole({**CLAIMS, "aud": ["other"]})
