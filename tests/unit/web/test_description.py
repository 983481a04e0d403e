"""The API's description names every route; the interface's types are made of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydantic import BaseModel

from shared.platform import Platform
from tests.support.settings import make_settings
from web.app import create_app
from web.openapi_dump import description

_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


def test_every_method_of_every_route_is_described() -> None:
    settings = make_settings()
    platform = Platform.open(settings, "test")
    try:
        app = create_app(settings, platform)
    finally:
        platform.close()
    served = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/v1/api/")
        for method in (rule.methods or set()) & _METHODS
    }
    described = {(path, method) for path, item in description()["paths"].items() for method in item}
    assert len(served) > 30
    assert served - described == set()


def models(base: type[BaseModel] = BaseModel) -> Iterator[type[BaseModel]]:
    for model in base.__subclasses__():
        yield model
        yield from models(model)


def test_no_two_models_share_a_name_in_the_description() -> None:
    described = description()["components"]["schemas"]
    places: dict[str, set[str]] = {}
    for model in models():
        if model.__module__.startswith(("shared.", "web.")):
            places.setdefault(model.__name__, set()).add(model.__module__)
    # the description keeps the last of them alone, so that answers of the other would be described wrongly
    assert {name: where for name, where in places.items() if name in described and len(where) > 1} == {}
