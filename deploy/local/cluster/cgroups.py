"""
The control groups of a real node: one of its name in every hierarchy, below which the kubelet puts its pods.

Two kubelets in one group would clean up each other's pods.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")


def hierarchies() -> list[Path]:
    """Return the roots of the hierarchies that a kubelet uses; none where the machine has no control groups."""
    if _unified():
        return [ROOT]
    return [
        path
        for path in sorted(ROOT.glob("*"))
        if path.is_dir() and not path.is_symlink() and (path / "cgroup.procs").exists()
    ]


def make(name: str) -> None:
    """Make a group, with every controller that there is."""
    if _unified():
        available = (ROOT / "cgroup.controllers").read_text().split()
        wanted = " ".join(f"+{controller}" for controller in available)
        with contextlib.suppress(OSError):
            (ROOT / "cgroup.subtree_control").write_text(wanted)
    for root in hierarchies():
        (root / name).mkdir(exist_ok=True)


def members(name: str) -> Iterator[int]:
    """Yield the processes of a group and those below, of every hierarchy."""
    for root in hierarchies():
        for folder in _folders(root / name):
            with contextlib.suppress(OSError):
                yield from (int(line) for line in (folder / "cgroup.procs").read_text().split())


def remove(name: str) -> None:
    """Remove a group and those below, whose processes have ended."""
    for root in hierarchies():
        for folder in reversed(_folders(root / name)):
            _remove_one(folder)


def _unified() -> bool:
    return (ROOT / "cgroup.controllers").exists()


def _folders(group: Path) -> list[Path]:
    """Return a group and those below it, outermost first; they may vanish while we look."""
    return [Path(folder) for folder, _folders, _files in os.walk(group)]


def _remove_one(folder: Path) -> None:
    """Remove one group; the kernel needs a moment after the last process ended."""
    for _ in range(40):
        try:
            folder.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.05)
        else:
            return
