"""Lock files: everything is pinned with hashes, agrees with what is asked for, and names no host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

FOLDER = Path(__file__).resolve().parent.parent.parent / "requirements"
PURPOSES = ["web", "worker", "local", "tools", "dev", "lint"]


def locked(purpose: str) -> Iterator[tuple[Requirement, list[str]]]:
    """Every entry of a lock with its hashes."""
    text = (FOLDER / f"{purpose}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            requirement, *hashes = re.split(r"\s+--hash=", line.strip())
            yield Requirement(requirement), [one.strip() for one in hashes]


def asked(purpose: str) -> Iterator[Requirement]:
    """Everything an .in file asks for, with the files it includes."""
    for line in (FOLDER / f"{purpose}.in").read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            yield from asked(line.removeprefix("-r ").removesuffix(".in"))
        elif line.strip() and not line.startswith("#"):
            yield Requirement(line)


def pins(purpose: str) -> dict[str, set[Version]]:
    result: dict[str, set[Version]] = {}
    for requirement, _ in locked(purpose):
        (specifier,) = requirement.specifier
        result.setdefault(canonicalize_name(requirement.name), set()).add(Version(specifier.version))
    return result


def test_there_is_a_lock_for_every_purpose() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == {*PURPOSES, "constraints"}
    assert {path.stem for path in FOLDER.glob("*.in")} == {*PURPOSES, "shared"}


@pytest.mark.parametrize("purpose", PURPOSES)
def test_everything_is_pinned_with_hashes(purpose: str) -> None:
    entries = list(locked(purpose))
    assert entries
    for requirement, hashes in entries:
        assert [one.operator for one in requirement.specifier] == ["=="], str(requirement)
        assert requirement.url is None, str(requirement)
        assert hashes, str(requirement)
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes), str(requirement)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_lock_has_what_is_asked_for(purpose: str) -> None:
    have = pins(purpose)
    for requirement in asked(purpose):
        versions = have.get(canonicalize_name(requirement.name), set())
        assert versions, f"{requirement.name} is not in {purpose}.txt; run: make lock"
        assert all(version in requirement.specifier for version in versions), f"{requirement}; run: make lock"


def test_no_two_purposes_disagree() -> None:
    every: dict[str, set[Version]] = {}
    constraints = pins("constraints")
    for purpose in PURPOSES:
        for name, versions in pins(purpose).items():
            every.setdefault(name, set()).update(versions)
    assert {name: versions for name, versions in every.items() if not versions <= constraints.get(name, set())} == {}
    assert constraints.keys() == every.keys()


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_no_host_is_named(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|--trusted-host", text)
