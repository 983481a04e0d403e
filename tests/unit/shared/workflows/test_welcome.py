from __future__ import annotations

from typing import Any

import pytest

from shared.clusters.credentials import CredentialCipher
from shared.clusters.local_offer import LocalOffers
from shared.clusters.models import ClusterStatus
from shared.crypto import KeyRing
from shared.errors import InvalidInput
from shared.people import Person
from shared.workflows.welcome import Welcome
from tests.support.fakes.clusters import FakeClusterStore
from tests.support.fakes.workflows import FakeWorkflowStore

ADA, BOB = Person(user_id="ada", name="Ada"), Person(user_id="bob", name="Bob")
CIPHER = CredentialCipher(KeyRing({"k1": b"0" * 32}))
KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: local
contexts: [{name: local, context: {cluster: local, user: ada}}]
clusters: [{name: local, cluster: {server: "https://127.0.0.1:%s"}}]
users: [{name: ada, user: {token: t}}]
"""


class House:
    def __init__(self) -> None:
        self.clusters, self.workflows = FakeClusterStore(), FakeWorkflowStore()
        self.offers = LocalOffers(self.clusters, CIPHER)
        self.welcome = Welcome(self.offers, self.workflows)

    def offer(self, port: int = 6443, **more: Any) -> None:
        self.offers.offer(KUBECONFIG % port, **{"simulated": False, **more})


def test_the_first_account_gets_this_machine_s_cluster_with_its_starter() -> None:
    house = House()
    house.offer(simulated=True)
    house.welcome.greet(ADA, is_first=True)
    house.welcome.greet(BOB, is_first=False)
    [cluster] = house.clusters.rows.values()
    assert (cluster.owner_id, cluster.name, cluster.local, cluster.simulated) == ("ada", "local", True, True)
    assert (cluster.status, cluster.is_default) == (ClusterStatus.CONNECTED, True)
    assert CIPHER.open(cluster).token == "t"
    starters = {row.owner_id: (row.name, row.cluster_id) for row in house.workflows.rows.values()}
    assert starters == {"ada": ("starter", cluster.id), "bob": ("starter", None)}


def test_without_an_offer_there_is_only_the_starter() -> None:
    house = House()
    house.welcome.greet(ADA, is_first=True)
    assert house.clusters.rows == {}
    assert [row.cluster_id for row in house.workflows.rows.values()] == [None]
    assert house.welcome.join(ADA) is None


def test_who_was_there_before_the_offer_gets_it_later() -> None:
    house = House()
    house.welcome.greet(ADA, is_first=True)
    house.offer()
    cluster = house.welcome.join(ADA)
    assert cluster is not None
    assert [row.cluster_id for row in house.workflows.rows.values()] == [cluster.id]


def test_a_second_offer_brings_new_credentials_to_the_same_cluster() -> None:
    house = House()
    house.offer(6443)
    before = house.welcome.join(ADA)
    house.offer(7443, simulated=True)
    after = house.welcome.join(ADA)
    assert before is not None
    assert after is not None
    assert (after.id, after.server, after.simulated) == (before.id, "https://127.0.0.1:7443", True)
    assert after.credential_revision == before.credential_revision + 1
    assert CIPHER.open(after).server == "https://127.0.0.1:7443"


def test_a_kubeconfig_that_cannot_be_used_is_not_offered() -> None:
    house = House()
    with pytest.raises(InvalidInput):
        house.offers.offer("nothing", simulated=False)
    assert house.clusters.offered() is None
