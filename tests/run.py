"""
Run the tiers of tests, each with its own closing line, and add them up: ``python -m tests.run [tier …]``.

A tier whose ground is missing is named, never passed over silently; with ``REQUIRE=all`` it fails. The last line is
``N passed, N failed, N skipped``. Tiers may also be named by ``TIERS="unit functional"``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UI = ROOT / "ui"
NO_TESTS = 5


@dataclass
class Count:
    """What a tier came to."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def check(*command: str, cwd: Path = ROOT) -> Count:
    """Run one command that is right or wrong as a whole."""
    print(f"--- {' '.join(command)}", flush=True)
    environment = {**os.environ, "PATH": f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}"}
    ended = subprocess.run(command, cwd=cwd, env=environment, check=False)
    if ended.returncode:
        print(f"FAILED ({ended.returncode}): {' '.join(command)}", flush=True)
    return Count(failed=1) if ended.returncode else Count(passed=1)


def pytest(*arguments: str) -> Count:
    """Run pytest and read its numbers from the report it writes."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", f"--junit-xml={report}", *arguments]
        print(f"--- pytest {' '.join(arguments)}", flush=True)
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        if code == NO_TESTS:
            print("no test was collected", flush=True)
            return Count(failed=1)
        count = _read(report) if report.exists() else Count()
    if code and not count.failed:
        count.failed = 1
    return count


def _read(report: Path) -> Count:
    count = Count()
    for suite in ET.parse(report).getroot().iter("testsuite"):  # noqa: S314 - our own pytest wrote it
        numbers = {key: int(suite.get(key, "0")) for key in ("tests", "failures", "errors", "skipped")}
        bad = numbers["failures"] + numbers["errors"]
        count += Count(numbers["tests"] - bad - numbers["skipped"], bad, numbers["skipped"])
    return count


def ui(script: str) -> Count:
    """Run one npm script of the web interface."""
    if not (UI / "package.json").exists():
        return Count()
    if not shutil.which("npm"):
        return missing("ui", "no npm on PATH; install Node 20.19 or newer")
    if not (UI / "node_modules" / ".package-lock.json").exists():
        installed = check("npm", "ci", "--no-audit", "--no-fund", cwd=UI)
        if installed.failed:
            return installed
    return check("npm", "run", "--silent", script, cwd=UI)


def missing(tier: str, why: str) -> Count:
    """Say that a tier's ground is missing; a failure when everything is required."""
    required = os.environ.get("REQUIRE") == "all"
    print(f"{'FAILED' if required else 'SKIPPED'} {tier}: {why}", flush=True)
    return Count(failed=1) if required else Count(skipped=1)


def static() -> Count:
    """Lint, types, import contracts, dependencies, the interface's lint and types."""
    count = Count()
    for command in (
        ("ruff", "check", "--quiet", "."),
        ("ruff", "format", "--check", "--quiet", "."),
        ("mypy",),
        ("lint-imports",),
        ("deptry", ".", "--config", "requirements/deptry.toml"),
    ):
        count += check(*command)
    for script in ("lint", "typecheck"):
        count += ui(script)
    return count


def unit() -> Count:
    """Tests without any service, and the interface's own."""
    return pytest("tests/unit", "tests/guards", "-n", "2") + ui("test")


def functional() -> Count:
    """Tests on real Redis and mongod."""
    return pytest("tests/functional", "-n", "2")


def cluster() -> Count:
    """Tests on a real API server."""
    return pytest("tests/cluster")


def browser() -> Count:
    """Chromium on the real platform."""
    return pytest("tests/browser")


TIERS: dict[str, Callable[[], Count]] = {
    "static": static,
    "unit": unit,
    "functional": functional,
    "cluster": cluster,
    "browser": browser,
}


def main(arguments: list[str]) -> int:
    """Run the named tiers, or all."""
    names = arguments or os.environ.get("TIERS", "").split() or list(TIERS)
    if unknown := [name for name in names if name not in TIERS]:
        print(f"no such tier: {' '.join(unknown)}; there are: {' '.join(TIERS)}", file=sys.stderr)
        return 2
    total, lines = Count(), []
    for name in names:
        started = time.monotonic()
        print(f"=== {name}", flush=True)
        count = TIERS[name]()
        total += count
        lines.append(f"{name}: {count} in {time.monotonic() - started:.0f} s")
        print(f"=== {lines[-1]}", flush=True)
    print("\n".join(["", *lines, str(total)]), flush=True)
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
