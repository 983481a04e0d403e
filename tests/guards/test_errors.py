"""Every error has its status, and no other module than ``web.errors`` decides one."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator

import pytest

import shared
from shared import errors
from shared.errors import KubeOrchError
from tests.support.files import ROOT
from web.errors import STATUS, status_of


def classes(kind: type[KubeOrchError] = KubeOrchError) -> Iterator[type[KubeOrchError]]:
    for child in kind.__subclasses__():
        yield child
        yield from classes(child)


@pytest.fixture(scope="module", autouse=True)
def _everything_is_imported() -> None:
    for module in pkgutil.walk_packages(shared.__path__, "shared."):
        if ".migrations." not in module.name:
            importlib.import_module(module.name)


def test_every_error_is_mapped_to_a_status_of_its_own_kind() -> None:
    found = list(classes())
    assert len(found) > 10
    mapped = {kind for kind, _ in STATUS if kind is not KubeOrchError}
    for kind in found:
        assert any(issubclass(kind, known) for known in mapped), kind
        assert status_of(kind("x")) in {401, 403, 404, 409, 422, 429, 502, 503}, kind


def test_the_first_match_in_the_table_is_the_nearest() -> None:
    for kind in classes():
        order = [known for known, _ in STATUS if issubclass(kind, known)]
        nearest = max(order, key=lambda known: len(inspect.getmro(known)))
        assert order[0] is nearest, kind


def test_direct_children_of_the_root_stand_in_the_table() -> None:
    direct = {kind for kind in vars(errors).values() if inspect.isclass(kind) and kind.__bases__ == (KubeOrchError,)}
    assert direct <= {kind for kind, _ in STATUS}


def test_codes_are_kebab_case() -> None:
    for kind in classes():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", kind.default_code), kind
    for path in [*(ROOT / "shared").rglob("*.py"), *(ROOT / "web").rglob("*.py")]:
        for code in re.findall(r'\bcode="([^"{]*)"', path.read_text(encoding="utf-8")):
            assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code), (path, code)


def test_only_one_module_of_the_web_knows_statuses_of_errors() -> None:
    for path in (ROOT / "web").rglob("*.py"):
        if path.name != "errors.py":
            assert not re.search(r"\babort\(", path.read_text(encoding="utf-8")), path
