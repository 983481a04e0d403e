"""Lock files: everything is pinned with hashes, agrees with what is asked for, and names no host."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.support.files import ROOT

FOLDER = ROOT / "requirements"
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


def test_nothing_is_left_for_pip_to_resolve() -> None:
    """Every install by hash takes the lock and no more, and the lock has all that its packages need."""
    installers = ["deploy/bootstrap.sh", "deploy/Dockerfile", "deploy/local/go.py", "orchcli/webui.py"]
    for name in installers:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert text.count("--require-hashes") == text.count("--no-deps") > 0, name
    ended = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


ONLY_LOCKED = """
import importlib, importlib.metadata, pkgutil, re, sys

locked = set(sys.argv[1].split(","))
owners = importlib.metadata.packages_distributions()
foreign = {
    name for name, names in owners.items()
    if not any(re.sub(r"[-_.]+", "-", one).lower() in locked for one in names)
}

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if path is None and name in foreign:
            raise ModuleNotFoundError(f"No module named {name!r} (it is not in the lock)", name=name)

sys.meta_path.insert(0, Refuse())
from celery import Celery
Celery(broker="redis://127.0.0.1:1/0").connection().transport
for root in ("shared", "web", "worker", "beat"):
    package = importlib.import_module(root)
    for found in pkgutil.walk_packages(package.__path__, f"{root}."):
        importlib.import_module(found.name)
import flower.command, gunicorn.workers.ggevent, redbeat.schedulers
print("imported", len(sys.modules))
"""


def test_the_image_needs_nothing_but_its_two_locks() -> None:
    names = ",".join(sorted({*pins("web"), *pins("worker")}))
    environment = {"PATH": os.defpath, "PYTHONPATH": str(FOLDER.parent), **example_settings()}
    command = [sys.executable, "-c", ONLY_LOCKED, names]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=FOLDER.parent)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("imported")


def example_settings() -> dict[str, str]:
    """Invented secrets: modules that are processes read their settings when they are imported."""
    key = base64.b64encode(bytes(range(32))).decode()
    return {"KUBEORCH_SECRET_KEY": "s" * 32, "KUBEORCH_JWT__SECRET": "j" * 32, "KUBEORCH_KEYRING": f"k1:{key}"}
