"""What ``orchcli clean`` removes, and what it leaves alone."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from orchcli.cli import Options
from orchcli.commands import clean
from orchcli.errors import InTheWay, NotConfirmed, Usage
from orchcli.project import Project


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = tmp_path / "shop"
    for folder in (".venv", "ui/dist", ".kubeorch/logs", ".kubeorch/data"):
        (root / folder).mkdir(parents=True)
        (root / folder / "file").write_bytes(b"x" * 1500)
    return Project(root)


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_each_kind_has_paths_of_its_own(project: Project) -> None:
    paths = [path for kind in clean.KINDS for path in clean.paths_of(project, kind)]
    assert len(paths) == len(set(paths))
    assert all(path.is_relative_to(project.root) for path in paths if path != clean._cluster_cache())


@pytest.mark.parametrize("kind", ["deps", "build", "logs", "data"])
def test_what_is_named_goes_and_the_rest_stays(project: Project, kind: str) -> None:
    everything = {kind: clean.paths_of(project, kind) for kind in clean.KINDS}
    options = Options(yes=True)
    assert clean.remove(project, everything[kind], options, confirm="shop", name_needed=kind == "data") == 0
    for other, paths in everything.items():
        is_there = any(path.exists() for path in paths)
        assert is_there is (other not in {kind, "cache"}), other


def test_a_dry_run_lists_sizes_and_removes_nothing(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    paths = clean.paths_of(project, "data")
    assert clean.remove(project, paths, Options(), confirm=None, name_needed=True, dry_run=True) == 0
    assert f"2 kB  {project.data}" in capsys.readouterr().err
    assert project.data.exists()


def test_where_nothing_is_nothing_is_asked(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    missing = [project.root / "missing"]
    assert clean.remove(project, missing, Options(), confirm=None, name_needed=True) == 0
    assert "nothing is there" in capsys.readouterr().err


@pytest.mark.parametrize("given", [None, "", "other", "SHOP"])
def test_data_go_only_by_the_projects_name(project: Project, given: str | None) -> None:
    with pytest.raises(NotConfirmed, match="nothing was removed"):
        clean.remove(project, [project.data], Options(yes=True), confirm=given, name_needed=True)
    assert project.data.exists()


@pytest.mark.parametrize(("answer", "goes"), [("shop\n", True), (" shop \n", True), ("y\n", False), ("", False)])
def test_who_can_be_asked_types_the_name(
    project: Project, monkeypatch: pytest.MonkeyPatch, answer: str, *, goes: bool
) -> None:
    monkeypatch.setattr(Options, "may_ask", True)
    typed(monkeypatch, answer)
    if goes:
        clean.remove(project, [project.data], Options(), confirm=None, name_needed=True)
    else:
        with pytest.raises(NotConfirmed):
            clean.remove(project, [project.data], Options(), confirm=None, name_needed=True)
    assert project.data.exists() is not goes


@pytest.mark.parametrize(("answer", "goes"), [("y\n", True), ("YES\n", True), ("n\n", False), ("", False)])
def test_what_can_be_made_again_needs_a_yes(
    project: Project, monkeypatch: pytest.MonkeyPatch, answer: str, *, goes: bool
) -> None:
    monkeypatch.setattr(Options, "may_ask", True)
    typed(monkeypatch, answer)
    if goes:
        clean.remove(project, [project.logs], Options(), confirm=None, name_needed=False)
    else:
        with pytest.raises(NotConfirmed):
            clean.remove(project, [project.logs], Options(), confirm=None, name_needed=False)
    assert project.logs.exists() is not goes


def test_nobody_to_ask_is_a_no(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Options, "may_ask", False)
    with pytest.raises(NotConfirmed) as caught:
        clean.remove(project, [project.logs], Options(), confirm=None, name_needed=False)
    assert caught.value.remedy == "-y"


def test_who_uses_the_files_ends_first_and_only_after_a_yes(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []

    def stop() -> None:
        seen.append(project.logs.exists())

    monkeypatch.setattr(Options, "may_ask", False)
    with pytest.raises(NotConfirmed):
        clean.remove(project, [project.logs], Options(), confirm=None, name_needed=False, first=stop)
    assert seen == []
    clean.remove(project, [project.logs], Options(yes=True), confirm=None, name_needed=False, first=stop)
    assert seen == [True]
    assert not project.logs.exists()


def test_a_platform_that_runs_keeps_its_files(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchcli.locks.supervisor_pid", lambda _: 7)
    with pytest.raises(InTheWay):
        clean.remove(project, [project.logs], Options(yes=True), confirm=None, name_needed=False)
    assert project.logs.exists()


def test_what_is_not_ours_is_never_removed(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    outside = tmp_path / "outside"
    outside.mkdir()
    link = project.root / "link"
    link.symlink_to(outside)
    for path in (outside, project.root, project.root / "..", link, Path("/"), tmp_path / "home"):
        with pytest.raises(Usage, match="is not ours to remove"):
            clean.require_removable(path, project)
    clean.require_removable(project.data, project)
    clean.require_removable(tmp_path / "cache" / "kubeorch", project)


def test_a_folder_with_a_mount_inside_is_in_the_way(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    mount = project.data / "pods" / "volume"
    monkeypatch.setattr(clean, "_mounts", lambda: [Path("/proc"), mount])
    with pytest.raises(InTheWay, match="is mounted inside"):
        clean.require_removable(project.data, project)
    clean.require_removable(project.logs, project)


def test_the_machines_own_mounts_are_known() -> None:
    assert Path("/proc") in clean._mounts()


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (1_500_000, "2 MB"), (2_340_000_000, "2.3 GB"), (5e12, "5000.0 GB")],
)
def test_sizes_are_told_for_people(size: float, text: str) -> None:
    assert clean._human(size) == text


def test_the_size_of_a_folder_is_that_of_its_files(project: Project) -> None:
    (project.data / "more").mkdir()
    (project.data / "more" / "file").write_bytes(b"y" * 20)
    assert clean.size_of(project.data) == 1520
    assert clean.size_of(project.data / "file") == 1500
