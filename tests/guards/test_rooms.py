"""What stands in one place stays there: ownership, drivers of databases, queries."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles

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


def functions(*folders: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield place and definition of every function and method in some folders."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.FunctionDef):
                    yield f"{path.relative_to(ROOT).as_posix()}:{node.lineno} {node.name}", node


def parameters(function: ast.FunctionDef) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


COLLABORATORS = re.compile(
    r"\b(\w*Store|Stores|Platform|UpdateLog|Publisher|TaskQueue|Tasks|KeyRing|Clients|ClusterFacts|Passwords|Lockout)\b"
)


def test_collaborators_arrive_in_constructors() -> None:
    travelling = {}
    for place, function in functions("shared"):
        if function.name not in {"__init__", "over"}:
            names = [
                item.arg
                for item in parameters(function)
                if item.annotation and COLLABORATORS.search(ast.unparse(item.annotation))
            ]
            if len(names) > 1:
                travelling[place] = names
    assert travelling == {}


def test_what_people_do_takes_who_and_what_is_meant() -> None:
    travellers = {"stores", "workflows", "clusters", "find_cluster", "enqueue", "queue", "updates", "keyring"}
    found = {
        place: names
        for place, function in functions("shared")
        if place.partition(":")[0].endswith("/actions.py") and function.name not in {"__init__", "over"}
        if (names := travellers & {item.arg for item in parameters(function)})
    }
    assert found == {}


def test_no_view_knows_a_store() -> None:
    assert found(r"^(from shared\.\S+ )?import .*\b\w+Store\b", "web/api", "web/live") == []


def test_a_view_parses_calls_once_and_shows() -> None:
    views = [
        (function.end_lineno or 0) - function.lineno + 1
        for _, function in functions("web/api")
        if any(re.match(r"(api|streams)\.", ast.unparse(item)) for item in function.decorator_list)
    ]
    median, nine_in_ten, longest = quantiles(views, n=10)[4], quantiles(views, n=10)[8], max(views)
    assert (median <= 6, nine_in_ten <= 12, longest <= 16) == (True, True, True), (median, nine_in_ten, longest)
