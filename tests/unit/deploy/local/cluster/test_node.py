from __future__ import annotations

from pathlib import Path

import pytest

from deploy.local.cluster import node


def test_a_directory_too_deep_for_sockets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="at most"):
        node.Node(tmp_path / ("d" * 80))
