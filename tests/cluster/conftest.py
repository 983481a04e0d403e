"""What holds for every test of this folder; the clusters themselves are fixtures of ``tests/support/clusters.py``."""

from __future__ import annotations

from tests.support.clusters import wait_for_builder


def pytest_configure() -> None:
    wait_for_builder()
