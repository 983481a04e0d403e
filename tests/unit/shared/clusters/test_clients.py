from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from shared.clock import now
from shared.clusters.clients import Clients
from shared.clusters.models import Cluster
from shared.clusters.store import COLLECTION
from shared.crypto import KeyRing
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.connection.credentials import Credentials
from shared.settings import ClusterSettings

KEYRING = KeyRing({"k1": b"0" * 32})


def cluster(revision: int = 1) -> Cluster:
    opened = Credentials(server="http://127.0.0.1:1").model_dump_json().encode()
    return Cluster(
        id="c1",
        name="prod",
        server="http://127.0.0.1:1",
        auth_type="token",
        namespace="default",
        credentials=KEYRING.seal(opened, context=f"{COLLECTION}/c1/credentials"),
        credential_revision=revision,
        owner_id="u1",
        created_at=now(),
        updated_at=now(),
    )


def test_all_who_ask_at_once_get_the_same_open_client() -> None:
    clients, together = Clients(KEYRING, ClusterSettings()), threading.Barrier(8)

    def ask(_: int) -> ClusterClient:
        together.wait(5)
        return clients.client_for(cluster())

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(ask, range(8)))
    assert len(found) == 1
    assert clients.client_for(cluster()) in found
    clients.close()


def test_new_credentials_mean_a_new_client() -> None:
    clients = Clients(KEYRING, ClusterSettings())
    assert clients.client_for(cluster()) is not clients.client_for(cluster(revision=2))
    clients.close()
