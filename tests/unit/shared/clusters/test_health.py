from __future__ import annotations

from typing import Any

import pytest

from shared.clusters.clients import Clients
from shared.clusters.health import HealthChecks, health_of
from shared.clusters.models import Cluster, ClusterStatus, Health
from shared.crypto import KeyRing
from shared.errors import ClusterRefused, ClusterUnreachable, KubeOrchError, NeedsReentry, NotFound, TemporaryError
from shared.kubernetes.client import ClusterClient
from shared.settings import ClusterSettings
from tests.support.factories import make_cluster
from tests.support.fakes.clusters import FakeClient, FakeClusterStore, opens
from tests.support.fakes.updates import FakeUpdates

CLUSTER = make_cluster("ana", id="c1", version="v1.30.0", node_count=5)


def of(**more: Any) -> Health:
    return health_of(CLUSTER, opens(FakeClient(**more)))


def test_a_cluster_that_answers_is_connected() -> None:
    assert of() == Health(ClusterStatus.CONNECTED, "", 3.5, "v1.34.1", 2)


def test_credentials_of_one_namespace_are_no_error() -> None:
    health = of(failing={"list": ClusterRefused("denied", code="cluster-forbidden")})
    assert (health.status, health.node_count) == (ClusterStatus.CONNECTED, None)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ClusterUnreachable("gone"), ClusterStatus.UNREACHABLE),
        (ClusterRefused("no", code="cluster-unauthorized"), ClusterStatus.UNAUTHORIZED),
        (ClusterRefused("no", code="cluster-forbidden"), ClusterStatus.ERROR),
        (TemporaryError("throttled", code="cluster-throttled"), ClusterStatus.ERROR),
    ],
)
def test_what_keeps_a_cluster_from_answering_is_a_finding(error: KubeOrchError, status: ClusterStatus) -> None:
    client = FakeClient(failing={"ready": error})
    assert health_of(CLUSTER, opens(client)) == Health(status, error.message)
    assert client.is_closed


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NeedsReentry("enter them again"), ClusterStatus.ERROR),
        (ClusterUnreachable("refused", code="address-refused"), ClusterStatus.UNREACHABLE),
    ],
)
def test_a_client_that_cannot_be_opened_is_a_finding(error: KubeOrchError, status: ClusterStatus) -> None:
    def fails(_: Cluster) -> ClusterClient:
        raise error

    assert health_of(CLUSTER, fails) == Health(status, error.message)


class OneClient(Clients):
    def __init__(self, client: FakeClient) -> None:
        super().__init__(KeyRing({"k1": b"0" * 32}), ClusterSettings())
        self.client = client

    def open_for(self, cluster: Cluster) -> ClusterClient:
        del cluster
        return self.client


def test_only_a_change_is_told() -> None:
    clients, updates = OneClient(FakeClient()), FakeUpdates()
    store = FakeClusterStore(CLUSTER)
    checks = HealthChecks(store, clients, updates)
    assert checks.check("c1").version == "v1.34.1"
    assert updates.published == [], "it was connected before"
    clients.client = FakeClient(failing={"ready": ClusterUnreachable("gone")})
    after = checks.check("c1")
    assert (after.status_reason, after.latency_ms) == ("gone", None)
    assert (after.version, after.node_count) == ("v1.34.1", 2), "what cannot be known stays as it was"
    [(topic, event, data)] = updates.published
    assert (topic, event) == ("cluster:c1", "status")
    assert "credentials" not in str(data).replace("credentials_expire_at", "")
    checks.check("c1")
    assert len(updates.published) == 1


def test_a_deleted_cluster_is_not_checked() -> None:
    with pytest.raises(NotFound):
        HealthChecks(FakeClusterStore(), OneClient(FakeClient()), FakeUpdates()).check("c1")
