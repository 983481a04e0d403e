from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from tests.support.settings import make_settings
from web import edge


def client(**web: Any) -> FlaskClient:
    app = Flask("edge")
    edge.register(app, make_settings(web=web).web)

    @app.get("/v1/whoami")
    def _whoami() -> str:
        return f"{request.remote_addr} {request.url}"

    @app.get("/page")
    def _page() -> str:
        return "page"

    return app.test_client()


@pytest.mark.parametrize(
    ("hops", "expected"),
    [
        (0, "10.0.0.9 http://localhost/v1/whoami"),
        (1, "10.0.0.2 https://console.example/v1/whoami"),
        (2, "10.0.0.1 http://localhost/v1/whoami"),
    ],
)
def test_as_many_proxies_are_believed_as_the_settings_name(hops: int, expected: str) -> None:
    forwarded = {
        "X-Forwarded-For": "10.0.0.1, 10.0.0.2",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "console.example",
    }
    answer = client(trusted_proxies=hops).get("/v1/whoami", headers=forwarded, environ_base={"REMOTE_ADDR": "10.0.0.9"})
    assert answer.text == expected


def test_every_answer_is_protected_also_one_that_is_an_error() -> None:
    for path in ("/page", "/nothing"):
        headers = client().get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "script-src 'self';" in headers["Content-Security-Policy"]


def test_answers_of_the_api_are_not_kept_and_pages_say_so_themselves() -> None:
    assert client().get("/v1/whoami").headers["Cache-Control"] == "no-store"
    assert "Cache-Control" not in client().get("/page").headers


def test_transport_security_is_asked_for_where_there_is_some() -> None:
    assert "Strict-Transport-Security" not in client().get("/page").headers
    assert "Strict-Transport-Security" in client().get("/page", base_url="https://console.example").headers


def test_origins_are_allowed_for_the_api_alone() -> None:
    foreign = {"Origin": "https://console.example"}
    allowed = client(cors_origins=["https://console.example"])
    assert allowed.get("/v1/whoami", headers=foreign).headers["Access-Control-Allow-Origin"] == foreign["Origin"]
    assert "Access-Control-Allow-Origin" not in allowed.get("/page", headers=foreign).headers
    assert "Access-Control-Allow-Origin" not in client().get("/v1/whoami", headers=foreign).headers
