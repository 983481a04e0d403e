from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from shared.access import Actor, Role
from shared.clock import now
from shared.clusters.actions import Clusters
from shared.clusters.credentials import CredentialCipher
from shared.clusters.health import HealthChecks
from shared.clusters.models import Cluster, ClusterStatus, ConnectionTest, NewCluster
from shared.errors import ClusterUnreachable, Conflict, InvalidInput, NotFound
from shared.people import Person
from shared.queues import TaskName
from shared.workflows.drawing.graph import Graph
from shared.workflows.models import LastRun, Workflow
from tests.support.factories import make_cluster
from tests.support.fakes.clusters import KEYRING, FakeClient, FakeClients, FakeClusterStore
from tests.support.fakes.queue import FakeQueue
from tests.support.fakes.updates import FakeUpdates
from tests.support.fakes.workflows import FakeWorkflowStore

ANA = Actor("ana", Role.MEMBER, "s1", "Ana")
BOB = Actor("bob", Role.ADMIN, "s2", "Bob")
UNREACHABLE = ClusterUnreachable("No route to host.", details={"reason": "connect"})


class House:
    """The noun with everything it is made of."""

    def __init__(self, *clusters: Cluster, client: FakeClient | None = None) -> None:
        self.store, self.workflows, self.queue = FakeClusterStore(*clusters), FakeWorkflowStore(), FakeQueue()
        self.client = client or FakeClient()
        clients, cipher = FakeClients(self.client), CredentialCipher(KEYRING)
        health = HealthChecks(self.store, clients, FakeUpdates())
        self.clusters = Clusters(self.store, self.workflows, clients, cipher, health, self.queue)


def wanted(**more: Any) -> NewCluster:
    given: dict[str, Any] = {
        "name": "dev",
        "auth_type": "token",
        "server": "https://10.0.0.1:6443",
        "token": SecretStr("t"),
    }
    return NewCluster(**{**given, **more})


def test_a_cluster_is_found_by_who_may_see_it() -> None:
    house = House(make_cluster("ana", id="c1"))
    for missing in (house.clusters.find(BOB, "c1"), house.clusters.find(ANA, "c2"), house.clusters.find(ANA, None)):
        assert missing is None
    found = house.clusters.find(ANA, "c1")
    assert found is not None
    assert found == house.clusters.get(ANA, "c1")
    assert [item.id for item in house.clusters.list(ANA)[0]] == ["c1"]
    assert house.clusters.list(BOB) == ([], 0, None)


def test_only_who_rules_a_cluster_is_privileged_on_it() -> None:
    clusters = House(make_cluster("ana", id="c1")).clusters
    assert clusters.is_privileged_on(ANA, "c1")
    assert not clusters.is_privileged_on(BOB, "c1")
    assert clusters.is_privileged_on(BOB, None), "a graph without a cluster is not held back while it is drawn"
    assert clusters.is_privileged_on(BOB, "gone")


def test_a_cluster_that_answers_is_stored_sealed_and_watched_soon() -> None:
    house = House()
    made = house.clusters.connect(ANA, wanted())
    assert (made.status, made.version, made.is_default) == (ClusterStatus.CONNECTED, "v1.34.1", True)
    assert house.store.get(made.id).credentials == made.credentials
    assert CredentialCipher(KEYRING).open(made).token == "t"
    assert [(task, args[0]) for task, args in house.queue.sent] == [
        (TaskName.CLUSTERS_CHECK, made.id),
        (TaskName.CLUSTERS_WATCH, made.id),
    ]
    assert house.client.is_closed
    assert not house.clusters.connect(ANA, wanted(name="next")).is_default, "the first stays the default"


def test_a_cluster_that_fails_its_test_is_not_stored() -> None:
    house = House(client=FakeClient(failing={"version": UNREACHABLE}))
    with pytest.raises(InvalidInput) as caught:
        house.clusters.connect(ANA, wanted())
    assert caught.value.code == "cluster-test-failed"
    assert [(field.path, field.message) for field in caught.value.fields] == [("token", "No route to host.")]
    assert ConnectionTest.model_validate(caught.value.details["test"]).server == "https://10.0.0.1:6443"
    assert (house.store.rows, house.queue.sent) == ({}, [])


def test_an_untested_cluster_is_of_unknown_status() -> None:
    house = House(client=FakeClient(failing={"version": UNREACHABLE}))
    assert house.clusters.connect(ANA, wanted(save_untested=True)).status is ClusterStatus.UNKNOWN


def test_a_queue_that_is_away_does_not_undo_a_connection() -> None:
    house = House()
    house.queue.is_away = True
    assert house.clusters.connect(ANA, wanted()).id in house.store.rows


def test_one_cluster_is_the_default() -> None:
    house = House(make_cluster("ana", id="c1", name="a", is_default=True), make_cluster("ana", id="c2", name="b"))
    assert house.clusters.set_default(ANA, "c2").is_default
    assert [row.is_default for row in house.clusters.list(ANA)[0]] == [False, True]


def test_a_cluster_with_a_run_at_work_is_not_disconnected() -> None:
    house = House(make_cluster("ana", id="c1"))
    shop = Workflow.new("Shop", Graph(), owner=Person(user_id="ana"), cluster_id="c1", namespace="shop")
    house.workflows.insert(shop)
    assert house.workflows.run_started(shop.id, "r1")
    with pytest.raises(Conflict) as caught:
        house.clusters.disconnect(ANA, "c1")
    assert (caught.value.code, caught.value.details) == ("cluster-busy", {"workflow_id": shop.id})
    house.workflows.run_finished(
        shop.id, LastRun(id="r1", status="completed", version=1, finished_at=now()), succeeded=True
    )
    with pytest.raises(NotFound):
        house.clusters.disconnect(BOB, "c1")
    house.clusters.disconnect(ANA, "c1")
    assert house.store.rows == {}


def test_a_refresh_says_how_the_cluster_is_now() -> None:
    house = House(client=FakeClient(failing={"ready": UNREACHABLE}))
    made = house.clusters.connect(ANA, wanted())
    assert house.clusters.refresh(ANA, made.id).status is ClusterStatus.UNREACHABLE
    house.client.failing = {}
    refreshed = house.clusters.refresh(ANA, made.id)
    assert (refreshed.status, refreshed.status_reason, refreshed.node_count) == (ClusterStatus.CONNECTED, "", 2)
    with pytest.raises(NotFound):
        house.clusters.refresh(BOB, made.id)
