"""What every kind of access token is answered, to the letter; made by hand here, whoever checks them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from werkzeug.test import TestResponse

from shared.clock import now
from shared.platform import Platform
from shared.settings import Settings
from tests.functional.web.conftest import PASSWORD, Person
from web.services import services_of

SENTENCES = {
    "token-missing": "Sign in first.",
    "token-invalid": "The access token is not valid. Sign in again.",
    "token-expired": "The access token has expired. Refresh it or sign in again.",
    "session-ended": "The session has ended. Sign in again.",
}
CLAIMS = ("iss", "sub", "sid", "iat", "exp")
Sign = Callable[..., str]


def ask(client: FlaskClient, header: str | None) -> TestResponse:
    return client.get("/v1/api/profile", headers={} if header is None else {"Authorization": header})


def assert_refused(answer: TestResponse, code: str, about: object) -> None:
    assert answer.status_code == 401, about
    assert answer.get_json() == {
        "error": SENTENCES[code],
        "code": code,
        "fields": [],
        "request_id": answer.headers["X-Request-Id"],
    }, about
    assert answer.headers["WWW-Authenticate"] == "Bearer", about
    assert answer.headers["Content-Type"] == "application/json", about
    assert "Retry-After" not in answer.headers, about


@pytest.fixture
def claims(ada: Person) -> dict[str, Any]:
    """What a token of Ada's session has to say, no more."""
    (session,) = ada.call("GET", "/profile/sessions").get_json()["items"]
    at = int(now().timestamp())
    return {"iss": "kubeorch", "sub": ada.id, "sid": session["id"], "iat": at, "exp": at + 3600}


@pytest.fixture
def sign(claims: dict[str, Any], settings: Settings) -> Sign:
    """Sign Ada's claims with the platform's key; keyword arguments change claims, None leaves them out."""

    def make(*, algorithm: str = "HS256", key: Any = None, headers: dict[str, Any] | None = None, **more: Any) -> str:
        said = {name: value for name, value in {**claims, **more}.items() if value is not None}
        key = settings.jwt.secret.get_secret_value() if key is None else key
        return jwt.encode(said, key, algorithm=algorithm, headers=headers)

    return make


def test_the_five_claims_signed_with_the_platforms_key_are_a_token(ada: Person, sign: Sign) -> None:
    answer = ask(ada.client, f"Bearer {sign()}")
    assert (answer.status_code, answer.get_json()["id"]) == (200, ada.id)


def test_a_token_says_no_more_of_a_person_than_who_it_is(ada: Person, settings: Settings, claims: Any) -> None:
    said = jwt.decode(ada.token, settings.jwt.secret.get_secret_value(), algorithms=["HS256"], issuer="kubeorch")
    assert jwt.get_unverified_header(ada.token) == {"alg": "HS256", "typ": "JWT"}
    assert (said["sub"], said["sid"]) == (claims["sub"], claims["sid"])
    assert said["exp"] - said["iat"] == settings.jwt.access_seconds
    assert "Ada" not in str(said)
    assert ada.email not in str(said)


def test_the_answer_says_to_the_second_until_when_a_token_holds(ada: Person, client: FlaskClient) -> None:
    with time_machine.travel(now().replace(microsecond=999_000), tick=False):
        found = client.post("/v1/api/auth/login", json={"email": ada.email, "password": PASSWORD}).get_json()
    exp = jwt.decode(found["access_token"], options={"verify_signature": False})["exp"]
    assert datetime.fromisoformat(found["expires_at"]).timestamp() == exp


def test_no_token_outlives_its_session(ada: Person, client: FlaskClient) -> None:
    with time_machine.travel(now() + timedelta(days=6, hours=12)):
        found = client.post("/v1/api/auth/refresh", json={"refresh_token": ada.refresh_token}).get_json()
    said = [jwt.decode(token, options={"verify_signature": False}) for token in (ada.token, found["access_token"])]
    assert 0 <= said[1]["exp"] - said[0]["iat"] - 7 * 86400 <= 1


def test_the_scheme_is_bearer_in_any_case_and_blanks_do_not_matter(ada: Person, sign: Sign) -> None:
    for start in ("Bearer ", "bearer ", "BEARER ", "Bearer   ", "Bearer \t"):
        for end in ("", " ", "  "):
            assert ask(ada.client, f"{start}{sign()}{end}").status_code == 200, (start, end)


def test_what_is_no_bearer_token_is_nobodys(ada: Person, sign: Sign) -> None:
    token = sign()
    for header in (
        None,
        "",
        "Bearer",
        "Bearer ",
        "Basic YTpi",
        f"Basic {token}",
        f"Token {token}",
        token,
        f"Bearer\t{token}",
        f"Bearer:{token}",
        f"Basic YTpi, Bearer {token}",
    ):
        assert_refused(ask(ada.client, header), "token-missing", header)


def test_nothing_else_than_the_header_is_looked_at(ada: Person, sign: Sign) -> None:
    ada.client.set_cookie("access_token_cookie", sign())
    answer = ada.client.get(f"/v1/api/profile?jwt={sign()}&access_token={sign()}", json={"access_token": sign()})
    assert_refused(answer, "token-missing", "cookie, query and body")


def test_a_text_that_is_no_token_is_invalid(ada: Person, sign: Sign) -> None:
    token = sign()
    head, body, signature = token.split(".")
    for text in (
        "x",
        "a.b.c",
        "..",
        f"{head}.{body}",
        f"{head}.{body}.",
        f"{head}.{body}.{signature}.{signature}",
        f"{head}.{body[:-2]}.{signature}",
        f"{head}!.{body}.{signature}",
        f"{token} {token}",
        f"{token},",
        f",{token}",
        f"{token}, x",
        f"x, Bearer {token}",
        f"{token}\N{LATIN SMALL LETTER E WITH ACUTE}",
        "   ",
        "x" * 100_000,
        f"{head}.{body}.{'A' * 100_000}",
        f"{head}.{'A' * 100_000}.{signature}",
        f"{token}{' ' * 50_000}x",
    ):
        assert_refused(ask(ada.client, f"Bearer {text}"), "token-invalid", text[:200])


def test_only_our_key_and_our_algorithm_sign(ada: Person, sign: Sign) -> None:
    pair = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    key = pair.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    head, body, signature = sign().split(".")
    none = sign(algorithm="none", key="")
    for token in (
        sign(key="x" * 32),
        sign(key="x" * 64, algorithm="HS512"),
        sign(algorithm="HS384", key="k" * 48),
        sign(algorithm="RS256", key=key),
        none,
        none + signature,
        f"{none.split('.')[0]}.{body}.{signature}",
        f"{head}.{sign(sub='somebody').split('.')[1]}.{signature}",
        sign(headers={"crit": ["unheard-of"], "unheard-of": 1}),
    ):
        assert_refused(ask(ada.client, f"Bearer {token}"), "token-invalid", token[:200])


def test_the_platforms_key_signs_by_no_other_algorithm(ada: Person, sign: Sign) -> None:
    for algorithm in ("HS384", "HS512"):
        with pytest.warns(jwt.InsecureKeyLengthWarning):
            token = sign(algorithm=algorithm)
        assert_refused(ask(ada.client, f"Bearer {token}"), "token-invalid", algorithm)


def test_every_claim_is_needed_and_has_its_kind(ada: Person, sign: Sign) -> None:
    at = now().timestamp()
    missing: list[dict[str, Any]] = [{claim: None} for claim in CLAIMS]
    wrong: list[dict[str, Any]] = [
        {"iss": "other"},
        {"iss": ""},
        {"sub": 1},
        {"iat": "then"},
        {"exp": "later"},
        {"aud": "somebody else"},
        {"iat": at + 60},
        {"nbf": at + 60},
        {"exp": int(at) - 10, "sid": None},
        {"exp": int(at) - 10, "nbf": at + 60},
    ]
    for change in missing + wrong:
        assert_refused(ask(ada.client, f"Bearer {sign(**change)}"), "token-invalid", change)
    assert ask(ada.client, f"Bearer {sign(nbf=int(at) - 1)}").status_code == 200


def test_a_token_ends_at_its_second_without_leeway(ada: Person, sign: Sign, claims: dict[str, Any]) -> None:
    token = sign()
    with time_machine.travel(claims["exp"] - 0.01, tick=False):
        assert ask(ada.client, f"Bearer {token}").status_code == 200
    for late in (0.0, 0.01, 3600.0):
        with time_machine.travel(claims["exp"] + late, tick=False):
            assert_refused(ask(ada.client, f"Bearer {token}"), "token-expired", late)


def test_a_token_holds_from_its_second_without_leeway(ada: Person, sign: Sign, claims: dict[str, Any]) -> None:
    token = sign(iat=claims["iat"] - 100)
    with time_machine.travel(claims["iat"] - 100, tick=False):
        assert ask(ada.client, f"Bearer {token}").status_code == 200
    with time_machine.travel(claims["iat"] - 100.01, tick=False):
        assert_refused(ask(ada.client, f"Bearer {token}"), "token-invalid", "a moment too early")


def test_a_signed_token_of_no_session_or_of_somebody_elses_has_ended(ada: Person, bob: Person, sign: Sign) -> None:
    for change in ({"sid": "0" * 24}, {"sub": bob.id, "sid": "0" * 24}, {"sid": 7}):
        assert_refused(ask(ada.client, f"Bearer {sign(**change)}"), "session-ended", change)


def test_a_session_belongs_to_its_person(ada: Person, bob: Person, sign: Sign, app: OpenAPI) -> None:
    app.extensions["kubeorch-actors"].forget_user(ada.id)
    assert_refused(ask(ada.client, f"Bearer {sign(sub=bob.id)}"), "session-ended", "Ada's session as Bob")


def test_a_revoked_session_has_ended(ada: Person, sign: Sign) -> None:
    token = sign()
    assert ada.call("POST", "/auth/logout").status_code == 204
    assert_refused(ask(ada.client, f"Bearer {token}"), "session-ended", "signed out")


def test_a_person_who_is_gone_or_disabled_is_out(ada: Person, bob: Person, platform: Platform, app: OpenAPI) -> None:
    platform.db["users"].update_one({"_id": bob.id}, {"$set": {"disabled": True}})
    app.extensions["kubeorch-actors"].forget_user(bob.id)
    assert_refused(ask(bob.client, f"Bearer {bob.token}"), "session-ended", "disabled")
    platform.db["users"].delete_one({"_id": bob.id})
    assert_refused(ask(bob.client, f"Bearer {bob.token}"), "session-ended", "deleted")


def test_a_changed_password_ends_the_other_sessions(ada: Person, client: FlaskClient, app: OpenAPI) -> None:
    found = services_of(app)
    other = client.post("/v1/api/auth/login", json={"email": ada.email, "password": PASSWORD}).get_json()
    kept = jwt.decode(ada.token, options={"verify_signature": False})["sid"]
    found.accounts.change_password(found.accounts.get(ada.id), PASSWORD, "another afternoon")
    assert found.sessions.end_all(ada.id, but=kept) == 1
    app.extensions["kubeorch-actors"].forget_user(ada.id)
    assert_refused(ask(client, f"Bearer {other['access_token']}"), "session-ended", "the other session")
    assert ask(client, f"Bearer {ada.token}").status_code == 200


def test_who_a_session_is_is_looked_up_once_in_half_a_minute(
    ada: Person, platform: Platform, sign: Sign, claims: dict[str, Any]
) -> None:
    assert ask(ada.client, f"Bearer {ada.token}").status_code == 200
    platform.db["sessions"].delete_many({})
    assert ask(ada.client, f"Bearer {sign()}").status_code == 200, "kept until its topic or half a minute ends it"
    assert_refused(ask(ada.client, f"Bearer {sign(sid=claims['sid'] + '0')}"), "session-ended", "another session")


def test_public_addresses_look_at_no_token(ada: Person, sign: Sign) -> None:
    for header in ("Bearer x", f"Bearer {sign(exp=1)}", "Basic x"):
        answer = ada.client.get("/v1/api/auth/methods", headers={"Authorization": header})
        assert answer.status_code == 200, header
        assert ada.client.options("/v1/api/profile", headers={"Authorization": header}).status_code == 200, header
