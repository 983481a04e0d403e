"""Finding out whether pods can run here."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.local.cluster import host


def test_without_root_there_are_no_pods(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr("sys.platform", "linux")
    assert host.obstacle() == "pods need root; run as root for a real node"


def test_what_is_missing_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(host, "find_tool", lambda name: None if name in {"containerd", "busybox"} else f"/bin/{name}")
    monkeypatch.setattr(host, "find_plugins", lambda: None)
    found = host.obstacle() or ""
    assert "containerd, the CNI plugins, a static busybox" in found
    assert "apt-get install containerd" in found


def test_a_busybox_that_needs_libraries_is_no_shell_for_images(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "busybox"
    monkeypatch.setattr(host, "find_tool", lambda _name: str(program))
    program.write_bytes(b"\x7fELF" + bytes(600) + b"/lib64/ld-linux-x86-64.so.2\0")
    assert host.find_busybox() is None
    program.write_bytes(b"\x7fELF" + bytes(600))
    assert host.find_busybox() == program
