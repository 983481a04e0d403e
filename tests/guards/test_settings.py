"""Settings: the files made from them are current, and no setting exists that nobody reads."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from deploy.settings_docs import COMPOSE, ENV_EXAMPLE, GENERATED, SETTINGS_PAGE, STORES, groups, render_env, render_page
from shared.settings import PREFIX, Settings, setting_names
from tests.support.files import ROOT

PRODUCT = ("shared", "web", "worker", "beat", "deploy")
NAMES = [name for name, _, _ in setting_names()]


@cache
def attributes() -> dict[Path, set[str]]:
    """Every attribute and name that a module of the product uses."""
    found: dict[Path, set[str]] = {}
    for folder in PRODUCT:
        for path in (ROOT / folder).rglob("*.py"):
            if path != ROOT / "shared" / "settings.py":
                tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                found[path] = {
                    node.attr if isinstance(node, ast.Attribute) else node.id
                    for node in tree
                    if isinstance(node, ast.Attribute | ast.Name)
                }
    return found


def test_the_example_is_current() -> None:
    assert ENV_EXAMPLE.read_text(encoding="utf-8") == render_env(), "run: python -m deploy.settings_docs"


def test_the_page_is_current() -> None:
    assert SETTINGS_PAGE.read_text(encoding="utf-8") == render_page(), "run: python -m deploy.settings_docs"


def test_both_name_every_setting() -> None:
    example, page = ENV_EXAMPLE.read_text(encoding="utf-8"), SETTINGS_PAGE.read_text(encoding="utf-8")
    for name in NAMES:
        assert re.search(rf"^#?{PREFIX}{name}=", example, re.MULTILINE), name
        assert f"`{PREFIX}{name}`" in page
    assert sorted(one.name for group in groups() for one in group.settings) == sorted(NAMES)


def test_the_example_leaves_exactly_the_secrets_to_be_made() -> None:
    lines = [line for line in ENV_EXAMPLE.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    assert lines == [f"{PREFIX}{name}=" for name in GENERATED] + [f"{name}=" for name in STORES]
    assert not {*STORES, *COMPOSE} & set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_read(name: str) -> None:
    *group, last = name.lower().split("__")
    needed = {last}
    holders: set[str] = {"settings", "_settings"}
    if group:
        annotation = Settings.model_fields[group[0]].annotation
        assert annotation is not None
        holders = {group[0], annotation.__name__}
    by_code = any(needed <= used and holders & used for used in attributes().values())
    by_start = any(
        f"{PREFIX}{name}" in path.read_text(encoding="utf-8")
        for path in (ROOT / "Procfile", ROOT / "docker-compose.yml", ROOT / "orchcli" / "services.py")
        if path.exists()
    )
    assert by_code or by_start, f"nothing reads {PREFIX}{name}"
