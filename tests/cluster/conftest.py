"""What holds for every test of this folder; the clusters themselves are fixtures of ``tests/support/clusters.py``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.kubernetes.client import ClusterClient
from shared.kubernetes.connection.credentials import parse_kubeconfig
from tests.support.clusters import wait_for_builder
from tests.support.kube import Kube


def pytest_configure() -> None:
    wait_for_builder()


@pytest.fixture
def client(kube: Kube) -> Iterator[ClusterClient]:
    """Our client of the test's cluster, with all rights."""
    opened = ClusterClient(parse_kubeconfig(kube.text))
    yield opened
    opened.close()
