"""``orchcli clean``: removes files that can be made again, and others only when asked for them by name."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import click

from orchcli import locks, output
from orchcli.cli import Options, shared
from orchcli.errors import InTheWay, NotConfirmed, Usage
from orchcli.project import Project

KINDS = ("deps", "build", "logs", "cache", "data")


def paths_of(project: Project, kind: str) -> list[Path]:
    """Return the paths of one kind, whether they are there or not."""
    root, home = project.root, project.home
    caches = [
        root / name for name in (".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache")
    ]
    return {
        "deps": [root / ".venv", root / "ui" / "node_modules", project.tools],
        "build": [root / "ui" / "dist", home / "steps.json"],
        "logs": [project.logs],
        "cache": [*caches, _cluster_cache()],
        "data": [project.data, project.kube],
    }[kind]


def _cluster_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kubeorch"


@click.command("clean")
@click.option("--deps", is_flag=True, help="installed packages: .venv, ui/node_modules, fetched tools")
@click.option("--build", is_flag=True, help="the built web interface")
@click.option("--logs", is_flag=True, help="log files")
@click.option("--cache", is_flag=True, help="built programs of the local Kubernetes, caches of checks")
@click.option("--data", is_flag=True, help="what Redis, MongoDB and Kubernetes stored; cannot be made again")
@click.option("--all", "everything", is_flag=True, help="all of these, data included")
@click.option("--confirm", metavar="NAME", help="the project's name, for data where nobody can be asked")
@click.option("--dry-run", is_flag=True, help="only list")
@shared
@click.pass_obj
def command(options: Options, /, confirm: str | None, *, everything: bool, dry_run: bool, **kinds: bool) -> int:
    """List what would go, with sizes, and remove it; --build --logs --deps when nothing is named."""
    project = options.find()
    named = [kind for kind in KINDS if everything or kinds[kind]] or ["deps", "build", "logs"]
    paths = [path for kind in named for path in paths_of(project, kind)]
    return remove(project, paths, options, confirm=confirm, name_needed="data" in named, dry_run=dry_run)


def remove(
    project: Project,
    paths: list[Path],
    options: Options,
    /,
    *,
    confirm: str | None,
    name_needed: bool,
    dry_run: bool = False,
    first: Callable[[], object] | None = None,
) -> int:
    """
    List paths and remove them.

    :param name_needed: the project's name has to be given: they cannot be made again
    :param first: ends those that use them
    :raises NotConfirmed: nobody agreed; nothing was touched
    """
    there = [path for path in paths if path.exists()]
    for path in there:
        require_removable(path, project)
    sizes = {path: size_of(path) for path in there}
    output.inform(f"project {project.root}")
    for path, size in sizes.items():
        output.inform(f"  {_human(size):>9}  {path}")
    if not there:
        output.inform("  nothing is there")
    if dry_run or not there:
        return 0
    _agree(project, options, confirm, name_needed=name_needed)
    if first is not None:
        first()
    if locks.supervisor_pid(project) is not None:
        raise InTheWay("the platform runs", "orchcli stop")
    for path in there:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    if options.as_json:
        output.result("clean", [{"path": str(path), "bytes": size} for path, size in sizes.items()])
    else:
        output.inform(f"removed {_human(sum(sizes.values()))}")
    return 0


def _agree(project: Project, options: Options, confirm: str | None, *, name_needed: bool) -> None:
    if name_needed:
        given = confirm
        if given is None and options.may_ask:
            sys.stderr.write(f"This cannot be undone. Type the project's name ({project.name}): ")
            sys.stderr.flush()
            given = sys.stdin.readline().strip()
        if given != project.name:
            raise NotConfirmed("nothing was removed", f"--confirm {project.name}")
    elif not options.yes:
        if not options.may_ask:
            raise NotConfirmed("nothing was removed", "-y")
        sys.stderr.write("Remove these? [y/N] ")
        sys.stderr.flush()
        if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
            raise NotConfirmed("nothing was removed")


def require_removable(path: Path, project: Project) -> None:
    """
    Raise ``Usage`` or ``InTheWay`` unless a path may be removed.

    :raises Usage: it lies outside the project and our cache, is a mount point, or is one of the two as a whole
    """
    real = path.resolve()
    root, cache = project.root.resolve(), _cluster_cache().resolve()
    inside = real.is_relative_to(root) and real != root
    if not (inside or real == cache) or real in {Path("/"), Path.home().resolve()} or path.is_symlink():
        raise Usage(f"{path} is not ours to remove", "remove it by hand if it should go")
    mounts = [mount for mount in _mounts() if mount.is_relative_to(real)]
    if mounts:
        raise InTheWay(f"{mounts[0]} is mounted inside {path}", "orchcli stop")


def _mounts() -> list[Path]:
    try:
        lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    return [Path(line.split()[4].encode().decode("unicode_escape")) for line in lines]


def size_of(path: Path) -> int:
    """Return the bytes of a file or of all files below a folder."""
    if not path.is_dir():
        return path.lstat().st_size
    return sum((Path(folder) / name).lstat().st_size for folder, _, files in os.walk(path) for name in files)


def _human(size: float) -> str:
    for unit in ("B", "kB", "MB"):
        if size < 1000:  # noqa: PLR2004 - a thousand is where the next unit begins
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
