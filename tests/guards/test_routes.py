"""Every address of the API is described whole: what it is for, who may call it, what it answers."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterator
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI
from pydantic import BaseModel

from shared.platform import Platform
from tests.support.settings import make_settings
from web.app import create_app
from web.auth import is_personal, is_public

EVERY_API_ROUTE = {"422", "429", "503"}


@pytest.fixture(scope="module")
def app() -> Iterator[OpenAPI]:
    """The application without its stores: nothing is asked of them."""
    settings = make_settings()
    platform = Platform.open(settings, "guard")
    yield create_app(settings, platform)
    platform.close()


@pytest.fixture(scope="module")
def description(app: OpenAPI) -> dict[str, Any]:
    found: dict[str, Any] = app.api_doc
    return found


def operations(description: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in description["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def endpoints(app: OpenAPI) -> dict[str, str]:
    """Return the endpoint of each route, as the description writes it."""
    found = {}
    for rule in app.url_map.iter_rules():
        path = rule.rule.replace("<", "{").replace(">", "}")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            found[f"{method} {path}"] = rule.endpoint
    return found


def test_the_description_is_openapi_3_1_and_names_every_route_of_the_api(
    app: OpenAPI, description: dict[str, Any]
) -> None:
    assert description["openapi"].startswith("3.1")
    described = {name for name, _ in operations(description)}
    missing = {name for name in endpoints(app) if " /v1" in name} - described
    assert not missing


def test_every_operation_says_what_it_is_for(description: dict[str, Any]) -> None:
    for name, operation in operations(description):
        assert operation.get("summary"), name
        assert operation.get("description"), name
        assert operation.get("tags"), name
        assert operation["tags"] != ["default"], name


def test_every_operation_says_who_may_call_it(app: OpenAPI, description: dict[str, Any]) -> None:
    known = endpoints(app)
    for name, operation in operations(description):
        security = operation.get("security") or []
        public = is_public(app, known[name])
        assert not (public and is_personal(app, known[name])), name
        if public:
            assert security == [], name
        else:
            assert security == [{"bearer": []}], name
            assert "401" in operation["responses"], name


def test_every_operation_says_what_it_answers(description: dict[str, Any]) -> None:
    for name, operation in operations(description):
        answers = operation["responses"]
        assert set(answers) >= EVERY_API_ROUTE, name
        good = [status for status in answers if status.startswith("2")]
        assert good, name
        for status, answer in answers.items():
            assert answer.get("description"), (name, status)
            if status not in {"202", "204"}:
                assert answer.get("content"), (name, status)
            if status.startswith("4"):
                schema = answer["content"]["application/json"]["schema"]
                assert schema["$ref"].endswith("/Problem"), (name, status)


def test_what_is_looked_up_by_id_may_be_missing(description: dict[str, Any]) -> None:
    for name, operation in operations(description):
        if "_id}" in name:
            assert "404" in operation["responses"], name


def test_ids_in_addresses_are_described_in_one_module(app: OpenAPI) -> None:
    paths = {
        rule.rule: typing.get_type_hints(inspect.unwrap(app.view_functions[rule.endpoint])).get("path")
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/v1") and rule.arguments
    }
    assert paths
    assert {rule: model.__module__ for rule, model in paths.items() if model} == dict.fromkeys(paths, "web.api.paths")


def test_what_is_edited_wants_the_revision(description: dict[str, Any]) -> None:
    for name, operation in operations(description):
        headers = {item["name"] for item in operation.get("parameters", []) if item["in"] == "header"}
        assert ("428" in operation["responses"]) == ("If-Match" in headers), name


def test_every_body_refuses_fields_it_does_not_know(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    for name, operation in operations(description):
        for content in (operation.get("requestBody") or {}).get("content", {}).values():
            reference = content["schema"]["$ref"].rpartition("/")[2]
            assert schemas[reference].get("additionalProperties") is False, (name, reference)


def models(kind: type[BaseModel] = BaseModel) -> Iterator[type[BaseModel]]:
    for child in kind.__subclasses__():
        yield child
        yield from models(child)


def test_no_two_models_share_a_name_in_the_description(description: dict[str, Any]) -> None:
    ours: dict[str, set[str]] = {}
    for model in models():
        if model.__module__.startswith(("web.", "shared.")) and "[" not in model.__name__:
            ours.setdefault(model.__name__, set()).add(model.__module__)
    described = set(description["components"]["schemas"])
    assert {name: places for name, places in ours.items() if name in described and len(places) > 1} == {}
