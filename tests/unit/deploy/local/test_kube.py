"""Which kind of cluster is started, and that a directory runs one."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.local import kube
from deploy.local.cluster import host
from deploy.local.process import StartFailed


def test_auto_falls_back_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "obstacle", lambda: "missing: runc")
    assert kube.choose("auto") == ("simulated", "missing: runc")


def test_a_node_that_was_asked_for_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "obstacle", lambda: "missing: runc")
    with pytest.raises(StartFailed, match="missing: runc"):
        kube.choose("node")


def test_one_directory_runs_one_cluster(tmp_path: Path) -> None:
    with kube._lock(tmp_path), pytest.raises(StartFailed, match=r"running in .* already"):
        kube.start(tmp_path, kind="simulated")
