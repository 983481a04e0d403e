from __future__ import annotations

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from web import access_log


@pytest.fixture
def client() -> FlaskClient:
    app = Flask("log")
    access_log.register(app)

    @app.get("/things/<thing>")
    def _thing(thing: str) -> str:
        return f"{thing} {g.request_id}"

    @app.get("/healthz")
    def _healthz() -> str:
        return "ok"

    return app.test_client()


def test_an_id_that_was_sent_is_kept(client: FlaskClient) -> None:
    answer = client.get("/things/a", headers={"X-Request-Id": "abc-1.2_3"})
    assert (answer.text, answer.headers["X-Request-Id"]) == ("a abc-1.2_3", "abc-1.2_3")


@pytest.mark.parametrize("sent", ["", "a b", "x" * 65, '{"a":1}'])
def test_an_id_that_could_not_stand_in_a_log_is_replaced(client: FlaskClient, sent: str) -> None:
    answer = client.get("/things/a", headers={"X-Request-Id": sent})
    assert answer.headers["X-Request-Id"] not in {"", sent}
    assert answer.text == f"a {answer.headers['X-Request-Id']}"


def test_a_request_is_one_line_with_its_route_and_without_its_address(client: FlaskClient) -> None:
    with capture_logs() as lines:
        client.get("/things/secret?token=secret")
        client.get("/nothing")
    found = [(line["event"], line["method"], line["route"], line["status"]) for line in lines]
    assert found == [("request", "GET", "/things/<thing>", 200), ("request", "GET", "(none)", 404)]
    assert "secret" not in str(lines)


def test_what_asks_every_second_is_not_logged(client: FlaskClient) -> None:
    with capture_logs() as lines:
        assert client.get("/healthz").status_code == 200
    assert lines == []
