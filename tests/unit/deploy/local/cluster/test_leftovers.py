from __future__ import annotations

from pathlib import Path

import pytest

from deploy.local.cluster import leftovers


def test_mounts_are_listed_innermost_first(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"1 2 0:3 / {point} rw - tmpfs none rw" for point in ("/", "/data", r"/data/a\040b", "/database")]
    monkeypatch.setattr(Path, "read_text", lambda _self: "\n".join(lines))
    assert leftovers.mounts_below([Path("/data")]) == ["/data/a b", "/data"]
