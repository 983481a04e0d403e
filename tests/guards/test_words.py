"""What stands in no file: work left undone, this or that machine's paths, hosts of registries, what is generated."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.support.files import ROOT, tracked

# put together here, so that this file holds none of them
UNDONE = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX", "NotImplemented" + "Error"]) + r")\b")
SKIPPED = re.compile(r"\bmark\." + r"skip\b|\.(?:skip|only)\(|\bx(?:it|describe)\(")
HOSTS = ["pypi" + ".org", "pythonhosted" + ".org", "registry" + ".npmjs.org", "registry" + ".yarnpkg.com"]
HOSTS += ["proxy" + ".golang.org", "sum" + ".golang.org", "deb" + ".debian.org", "archive" + ".ubuntu.com"]
HOMES = re.compile(r"(?<![\w.~-])/(?:w" + r"ork|r" + r"oot|home/[a-z]{2,}|Users/[a-z]{2,})/")
CODE = {".py", ".ts", ".tsx", ".js", ".mjs", ".css", ".html", ".go", ".sh", ".toml", ".yml", ".yaml", ""}
LARGEST_BYTES = 3_000_000


def texts() -> dict[str, str]:
    found = {}
    for path in tracked():
        data = path.read_bytes()
        if b"\0" not in data:
            found[str(path.relative_to(ROOT))] = data.decode("utf-8")
    return found


TEXTS = texts()


def code() -> dict[str, str]:
    return {name: text for name, text in TEXTS.items() if (ROOT / name).suffix in CODE and "go.sum" not in name}


def hits(pattern: re.Pattern[str], among: dict[str, str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:80]}"
        for name, text in among.items()
        if pattern.search(text)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_there_are_files() -> None:
    assert len(TEXTS) > 100
    assert len(code()) > 100


def test_nothing_is_left_undone() -> None:
    assert hits(UNDONE, code()) == []


def test_no_test_is_switched_off() -> None:
    tests = {name: text for name, text in code().items() if re.search(r"(^tests/|\.test\.)", name)}
    # a skip inside a fixture or test says why and depends on the machine; a mark does neither
    assert hits(SKIPPED, {name: re.sub(r"\bpytest\.skip\(", "", text) for name, text in tests.items()}) == []


@pytest.mark.parametrize("host", HOSTS)
def test_no_registry_is_named(host: str) -> None:
    assert hits(re.compile(re.escape(host)), TEXTS) == []


def test_no_path_of_one_machine_is_named() -> None:
    assert hits(HOMES, TEXTS) == []


def test_nothing_generated_is_under_version_control() -> None:
    command = ["git", "ls-files", "--cached", "--ignored", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert listed == ""
    large = {str(path.relative_to(ROOT)) for path in tracked() if path.stat().st_size > LARGEST_BYTES}
    assert large == set()
