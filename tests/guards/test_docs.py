"""Documents name only what exists: links, files, make targets, modules, commands, settings."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from deploy import cli_docs
from orchcli.cli import cli
from shared.settings import PREFIX, setting_names
from tests.support.files import ROOT, tracked

PAGES = sorted({ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")})
TEXTS = {page: page.read_text(encoding="utf-8") for page in PAGES}
MADE = (".venv", ".kubeorch", "~", "ui/dist", "ui/node_modules")
"""Where files come to be that are not under version control."""

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def spans(text: str) -> Iterator[str]:
    """Every piece of code: blocks line by line, then what stands between backquotes."""
    for block in re.findall(r"```\w*\n(.*?)```", text, re.DOTALL):
        yield from block.splitlines()
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@cache
def files() -> tuple[set[str], set[str]]:
    """Every path and folder under version control, and every file's bare name."""
    paths: set[str] = set()
    names: set[str] = set()
    for path in tracked():
        relative = path.relative_to(ROOT)
        names.add(relative.name)
        paths.update(str(one) for one in (relative, *relative.parents))
    return paths, names


@cache
def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):(?!=)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@cache
def commands() -> set[str]:
    def walk(group: click.Group, path: str) -> Iterator[str]:
        context = click.Context(group)
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            yield f"{path} {name}".strip()
            if isinstance(command, click.Group):
                yield from walk(command, f"{path} {name}".strip())

    return set(walk(cli, ""))


@pages
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", TEXTS[page]):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), target
        assert found.is_relative_to(ROOT), target
        assert not anchor or anchor in anchors(found), target


@pages
def test_every_picture_is_there(page: Path) -> None:
    for source in re.findall(r"""<img[^>]*src=["']([^"']+)""", TEXTS[page]):
        assert (page.parent / source).is_file(), source


@pages
def test_every_named_file_is_there(page: Path) -> None:
    paths, names = files()
    tops = {path.split("/")[0] for path in paths}
    for span in spans(TEXTS[page]):
        for word in re.findall(r"[\w.~*-]+(?:/[\w.*-]+)*/?", span):
            clean = word.rstrip("/").rstrip(".")
            if clean.startswith(MADE) or "*" in clean:
                continue
            if "/" in clean and clean.split("/")[0] in tops and f"{clean}/" not in span.replace(word, "", 1):
                beside = page.parent.relative_to(ROOT) / clean
                assert clean in paths or str(beside) in paths, f"{clean} in `{span}`"
            elif re.fullmatch(r"[\w-]+\.(py|toml|yml|sh|in|conf)", clean):
                assert clean in names or f"compose.override{Path(clean).suffix}" == clean, f"{clean} in `{span}`"


@pages
def test_every_make_target_exists(page: Path) -> None:
    for span in spans(TEXTS[page]):
        for target in re.findall(r"^(?:[A-Z_]+=\S+ )*make ([a-z][a-z-]*)", span):
            assert target in targets(), span


@pages
def test_every_setting_exists(page: Path) -> None:
    known = {f"{PREFIX}{name}" for name, _, _ in setting_names()}
    for name in re.findall(rf"\b{PREFIX}[A-Z][A-Z_]*", TEXTS[page]):
        assert name.removesuffix("_FILE") in known, name


@pages
def test_every_module_and_command_exists(page: Path) -> None:
    for span in spans(TEXTS[page]):
        for module in re.findall(r"python3? -m ((?:deploy|web|worker|beat|tests|orchcli)[\w.]*)", span):
            assert importlib.util.find_spec(module) is not None, module
        for words in re.findall(r"orchcli ((?:[a-z][a-z-]* ?)+)", span):
            first, *rest = words.split()
            assert first in commands(), span
            if any(one.startswith(f"{first} ") for one in commands()) and rest:
                assert f"{first} {rest[0]}" in commands(), span


def test_the_page_of_the_command_line_is_current() -> None:
    assert cli_docs.PAGE.read_text(encoding="utf-8") == cli_docs.render(), "run: python -m deploy.cli_docs"


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "adr"
    listed = re.findall(r"^\| \[(\d+)\]\((\S+)\) \| (.+) \|$", TEXTS[folder / "README.md"], re.MULTILINE)
    there = sorted(path.name for path in folder.glob("[0-9]*.md"))
    assert [name for _, name, _ in listed] == there
    for number, name, title in listed:
        assert name.startswith(f"{int(number):03}-")
        assert TEXTS[folder / name].startswith(f"# {number}. {title}\n")
        assert all(f"**{part}.**" in TEXTS[folder / name] for part in ("Context", "Decision", "Consequences"))


def test_the_readme_has_two_commands_and_the_tests_run_them() -> None:
    (block,) = re.findall(r"```sh\n(.*?)```", TEXTS[ROOT / "README.md"], re.DOTALL)
    assert block.split("\n") == ["make up", "make test", ""]
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    started = re.findall(r"^(?:setsid )?(make .*?)(?: <.*)?$", script, re.MULTILINE)
    assert started == ["make test"]
    assert "tests.run static" not in script


def test_the_makefile_explains_every_target() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    explained = set(re.findall(r"^([a-z-]+):.*## ", text, re.MULTILINE))
    (phony,) = re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert targets() == explained == set(phony.split())
