"""Finding out whether pods can run here."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.local import kube, node
from deploy.local.process import StartFailed


def test_without_root_there_are_no_pods(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr("sys.platform", "linux")
    assert node.obstacle() == "pods need root; run as root for a real node"


def test_what_is_missing_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(node, "find_tool", lambda name: None if name in {"containerd", "busybox"} else f"/bin/{name}")
    monkeypatch.setattr(node, "find_plugins", lambda: None)
    found = node.obstacle() or ""
    assert "containerd, the CNI plugins, a static busybox" in found
    assert "apt-get install containerd" in found


def test_a_busybox_that_needs_libraries_is_no_shell_for_images(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "busybox"
    monkeypatch.setattr(node, "find_tool", lambda _name: str(program))
    program.write_bytes(b"\x7fELF" + bytes(600) + b"/lib64/ld-linux-x86-64.so.2\0")
    assert node.find_busybox() is None
    program.write_bytes(b"\x7fELF" + bytes(600))
    assert node.find_busybox() == program


def test_auto_falls_back_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "obstacle", lambda: "missing: runc")
    assert kube.choose("auto") == ("simulated", "missing: runc")


def test_a_node_that_was_asked_for_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "obstacle", lambda: "missing: runc")
    with pytest.raises(StartFailed, match="missing: runc"):
        kube.choose("node")


def test_one_directory_runs_one_cluster(tmp_path: Path) -> None:
    with kube._lock(tmp_path), pytest.raises(StartFailed, match=r"running in .* already"):
        kube.start(tmp_path, kind="simulated")


def test_mounts_are_listed_innermost_first(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"1 2 0:3 / {point} rw - tmpfs none rw" for point in ("/", "/data", r"/data/a\040b", "/database")]
    monkeypatch.setattr(Path, "read_text", lambda _self: "\n".join(lines))
    assert node.mounts_below([Path("/data")]) == ["/data/a b", "/data"]
