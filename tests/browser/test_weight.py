"""What a browser must fetch before a page is usable, by the manifest of the build, stays within its budget."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

KB = 1024
FRAME = ["index.html", "src/app/shell/shell.tsx"]
ROUTES = {
    "login": (["index.html", "src/features/auth/login-page.tsx"], 200),
    "workflows": ([*FRAME, "src/features/workflows/list/workflows-page.tsx"], 220),
    "canvas": ([*FRAME, "src/features/workflows/workflow-page.tsx"], 340),
}


class Build:
    """A build of the interface: its manifest and its files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._chunks: dict[str, Any] = json.loads((folder / ".vite" / "manifest.json").read_text(encoding="utf-8"))

    def files(self, parts: list[str], kind: str) -> set[str]:
        """Return the files of parts and of everything that they import, ``file`` or ``css``."""
        found: set[str] = set()
        for name in self._closure(parts):
            named = self._chunks[name].get(kind, [])
            found |= {named} if isinstance(named, str) else set(named)
        return found

    def weight(self, files: set[str]) -> int:
        """Return the bytes of files as they travel, compressed."""
        return sum(len(gzip.compress((self.folder / name).read_bytes(), 9, mtime=0)) for name in files)

    def _closure(self, parts: list[str]) -> Iterator[str]:
        seen: set[str] = set()
        waiting = list(parts)
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting += self._chunks[name].get("imports", [])
                yield name


@pytest.fixture(scope="module")
def build(interface: Path) -> Build:
    return Build(interface)


@pytest.mark.parametrize("route", ROUTES)
def test_a_route_is_light(build: Build, route: str) -> None:
    parts, budget = ROUTES[route]
    scripts, styles = build.files(parts, "file"), build.files(parts, "css")
    assert len(scripts) > 1
    assert styles
    assert build.weight(scripts) <= budget * KB, f"{build.weight(scripts) / KB:.1f} KB of {budget}"
    assert build.weight(styles) <= 30 * KB


def test_fonts_are_light(interface: Path) -> None:
    sizes = [path.stat().st_size for path in interface.rglob("*.woff2")]
    assert sizes
    assert sum(sizes) <= 95 * KB
