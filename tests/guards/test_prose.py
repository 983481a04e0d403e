"""Names and docstrings say of what they are: no empty class names, no what-clauses in the place of an object."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.support.files import ROOT, tracked

FOLDERS = ("shared", "web", "worker", "beat", "orchcli", "deploy", "bench")
CLAUSE = re.compile(r"(Return|Yield|Say|Tell|Give|Keep|Find|Note|Do|Show|Take|Write)s? (what|how|why|which|who)\b")
"""A sentence whose object is a clause: *Return what a dry run of each answers*. *Whether …* is how predicates begin."""
EMPTY = {"Manager", "Helper", "Helpers", "Util", "Utils", "Misc", "Common", "Processor", "Data", "Info"}
PRIVATE = {"Ground", "Notes", "Work", "Sight", "Surroundings", "Shown", "Board"}
"""Words of a dialect that newcomers had to learn, and what is said instead: live objects, background writer, run
context, visibility, node statuses."""
VERBS = {"judge", "look", "go", "handle", "process"}
"""Verbs that need to say of what."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in tracked():
        name = path.relative_to(ROOT).as_posix()
        if name.startswith(FOLDERS) and name.endswith(".py"):
            yield name, ast.parse(path.read_text(encoding="utf-8"))


MODULES = dict(modules())
Documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def nodes() -> Iterator[tuple[str, ast.AST]]:
    for name, module in MODULES.items():
        for node in ast.walk(module):
            yield f"{name}:{getattr(node, 'lineno', 1)}", node


def has_clause(docstring: str) -> bool:
    return CLAUSE.match(docstring.strip()) is not None


@pytest.mark.parametrize(
    ("docstring", "expected"),
    [
        ("Return what a dry run of each answers, but for those that need patience.", True),
        ("Say how a node is.", True),
        ("Yields which of them are left.", True),
        ("Return the answers of a dry run.", False),
        ("Whether the cluster serves a kind.", False),
        ("Raise unless the work may go on.", False),
    ],
)
def test_a_clause_is_known_by_its_beginning(docstring: str, *, expected: bool) -> None:
    assert has_clause(docstring) is expected


def test_docstrings_name_their_subject() -> None:
    found = [
        f"{place}: {docstring.strip().splitlines()[0]}"
        for place, node in nodes()
        if isinstance(node, Documented) and (docstring := ast.get_docstring(node)) and has_clause(docstring)
    ]
    assert found == []


def test_classes_are_named_by_nouns_of_the_field() -> None:
    found = [f"{place}: {node.name}" for place, node in nodes() if isinstance(node, ast.ClassDef)]
    assert [entry for entry in found if entry.rpartition(" ")[2] in EMPTY | PRIVATE] == []


def test_functions_say_of_what() -> None:
    found = [f"{place}: {node.name}" for place, node in nodes() if isinstance(node, ast.FunctionDef)]
    assert [entry for entry in found if entry.rpartition(" ")[2] in VERBS] == []
