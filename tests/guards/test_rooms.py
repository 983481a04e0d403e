"""What stands in one place stays there: ownership, drivers of databases, queries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.files import ROOT

PROCESSES = ("web", "worker", "beat")


def lines(*folders: str, without: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Yield place and text of every line of Python in some folders."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith(without):
                for number, text in enumerate(path.read_text().splitlines(), 1):
                    yield f"{name}:{number}", text


def found(pattern: str, *folders: str, without: tuple[str, ...] = ()) -> list[str]:
    searched = re.compile(pattern)
    return [f"{place}: {text.strip()}" for place, text in lines(*folders, without=without) if searched.search(text)]


def test_only_access_compares_owners() -> None:
    assert found(r"owner_id\s*(==|!=)|(==|!=)\s*\S*owner_id", "shared", *PROCESSES, without=("shared/access.py",)) == []


def test_a_driver_s_errors_stay_in_stores() -> None:
    # shared/processes/alive.py is a program of its own that asks Redis alone
    edges = ("shared/storage/", "shared/updates/", "shared/broker.py", "shared/processes/alive.py")
    assert found(r"\b(PyMongoError|RedisError)\b", "shared", without=edges) == []


def test_only_stores_write_and_ask_the_database() -> None:
    stores = ("shared/storage/", *(path.relative_to(ROOT).as_posix() for path in stores_of_nouns()))
    assert found(r"[\"']\$(set|push|unset|in|ne|lt|gt)[\"']", "shared", *PROCESSES, without=stores) == []


def stores_of_nouns() -> Iterator[Path]:
    """Yield the modules in which a subclass of the stores' base stands."""
    for path in sorted((ROOT / "shared").rglob("*.py")):
        if re.search(r"^class \w+\((Store|JobStore)\b", path.read_text(), re.MULTILINE):
            yield path


def test_every_class_over_a_database_is_a_store() -> None:
    opened = re.compile(r"^class (\w+)(\(\w+\))?:\n(?:(?!^class ).*\n)*?    def __init__\(self, db\b", re.MULTILINE)
    bare = [
        f"{path.name}: {name}"
        for path in sorted((ROOT / "shared").rglob("*.py"))
        for name, base in opened.findall(path.read_text())
        if base != "(Store)"
    ]
    assert bare == []
