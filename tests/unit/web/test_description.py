"""The API's description names every route; the interface's types are made of it."""

from __future__ import annotations

import re

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
