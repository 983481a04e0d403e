"""Clusters as they are stored; what stands in for the store in unit tests does the same."""

from __future__ import annotations

import pytest

from shared.access import Scope
from shared.clock import now
from shared.clusters.models import ClusterStatus, Health, LocalOffer
from shared.clusters.store import ClusterStore
from shared.errors import Conflict, NotFound
from shared.kubernetes.connection.credentials import Credentials
from shared.platform import Platform
from tests.support.factories import make_cluster
from tests.support.fakes.clusters import FakeClusterStore

ANA = Scope("ana")


@pytest.fixture(params=["real", "fake"])
def store(request: pytest.FixtureRequest, platform: Platform) -> ClusterStore:
    return ClusterStore(platform.db) if request.param == "real" else FakeClusterStore()


def test_clusters_are_found_by_id_and_listed_by_name(store: ClusterStore) -> None:
    for owner_id, name in (("ana", "prod"), ("ana", "dev"), ("bob", "dev")):
        store.insert(make_cluster(owner_id, id=f"{owner_id}-{name}", name=name))
    assert store.get("ana-dev").name == "dev"
    assert store.find("ghost") is None
    with pytest.raises(NotFound) as caught:
        store.get("ghost")
    assert caught.value.code == "cluster-not-found"
    items, total, following = store.list(ANA)
    assert ([item.id for item in items], total, following) == (["ana-dev", "ana-prod"], 2, None)
    assert store.count_for("ana") == 2
    with pytest.raises(Conflict) as taken:
        store.insert(make_cluster("ana", name="dev"))
    assert taken.value.code == "cluster-name-taken"


def test_one_of_a_person_s_clusters_is_the_default(store: ClusterStore) -> None:
    for name in ("a", "b"):
        store.insert(make_cluster("ana", id=name, name=name, is_default=True))
    store.insert(make_cluster("bob", id="c", is_default=True))
    assert [store.get(cluster_id).is_default for cluster_id in "abc"] == [False, True, True]
    store.set_default("ana", "a")
    assert [store.get(cluster_id).is_default for cluster_id in "abc"] == [True, False, True]


def test_health_changes_what_was_found_and_nothing_else(store: ClusterStore) -> None:
    store.insert(make_cluster("ana", id="c1", status=ClusterStatus.UNKNOWN))
    well = store.record_health("c1", Health(ClusterStatus.CONNECTED, "", 3.5, "v1.34.1", 2))
    assert (well.status, well.latency_ms, well.version, well.node_count) == ("connected", 3.5, "v1.34.1", 2)
    away = store.record_health("c1", Health(ClusterStatus.UNREACHABLE, "gone"))
    assert (away.status, away.status_reason, away.latency_ms) == ("unreachable", "gone", None)
    assert (away.version, away.node_count, away.credential_revision) == ("v1.34.1", 2, 1)
    with pytest.raises(NotFound):
        store.record_health("ghost", Health(ClusterStatus.CONNECTED))


def test_new_credentials_are_a_new_revision(store: ClusterStore) -> None:
    store.insert(make_cluster("ana", id="c1", local=True))
    found = store.find_local("ana")
    assert found is not None
    assert store.find_local("bob") is None
    credentials = Credentials(server="https://127.0.0.1:7443", token="t")
    changed = store.replace_credentials(found.id, credentials, {"sealed": "x"}, simulated=True)
    assert (changed.server, changed.simulated, changed.credentials) == (credentials.server, True, {"sealed": "x"})
    assert changed.credential_revision == 2
    with pytest.raises(NotFound):
        store.replace_credentials("ghost", credentials, {}, simulated=False)


def test_the_newest_offer_counts(store: ClusterStore) -> None:
    assert store.offered() is None
    for server in ("one", "two"):
        store.offer(LocalOffer(id="local", credentials={}, server=server, simulated=False, offered_at=now()))
    offered = store.offered()
    assert offered is not None
    assert offered.server == "two"


def test_a_deleted_cluster_is_gone(store: ClusterStore) -> None:
    store.insert(make_cluster("ana", id="c1"))
    assert store.delete("c1")
    assert not store.delete("c1")
    assert store.find("c1") is None
