"""The objects of clusters, workflows, their versions, previews and plugins, over stores in memory."""

from __future__ import annotations

from typing import Any

from shared.access import Actor, Role
from shared.clusters.actions import Clusters
from shared.clusters.clients import Clients
from shared.clusters.credentials import CredentialCipher
from shared.clusters.facts import ClusterFacts
from shared.clusters.health import HealthChecks
from shared.crypto import KeyRing
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.connection.credentials import Credentials
from shared.settings import ClusterSettings
from shared.workflows.actions import Workflows
from shared.workflows.models import NewWorkflow, Workflow
from shared.workflows.previews import Previews
from shared.workflows.secret_actions import WorkflowSecrets
from shared.workflows.versions.actions import Versions
from tests.fixtures.workflows.helpers import graph, node, web
from tests.support.factories import make_cluster
from tests.support.fakes.clusters import FakeClient, FakeClusterStore
from tests.support.fakes.queue import FakeQueue
from tests.support.fakes.updates import FakeUpdates
from tests.support.fakes.versions import FakeSecretStore, FakeVersionStore
from tests.support.fakes.workflows import FakeWorkflowStore

ANA, BOB = Actor("ana", Role.MEMBER, "s1", "Ana"), Actor("bob", Role.ADMIN, "s2", "Bob")
KEYRING = KeyRing({"k1": b"0" * 32})


class OneClient(Clients):
    """Opens one client, whatever the credentials."""

    def __init__(self, client: ClusterClient) -> None:
        super().__init__(KEYRING, ClusterSettings())
        self.client = client

    def open(self, credentials: Credentials) -> ClusterClient:
        """Return the client."""
        del credentials
        return self.client


class Nouns:
    """One of each; Ana has a cluster ``c1``."""

    def __init__(self, *, client: ClusterClient | None = None, **cluster: Any) -> None:
        self.cluster_rows = FakeClusterStore(make_cluster("ana", **{"id": "c1", **cluster}))
        self.rows, self.version_rows, self.secret_rows = FakeWorkflowStore(), FakeVersionStore(), FakeSecretStore()
        self.updates, self.queue = FakeUpdates(), FakeQueue()
        clients = OneClient(client or FakeClient())
        health = HealthChecks(self.cluster_rows, clients, self.updates)
        self.clusters = Clusters(self.cluster_rows, self.rows, clients, CredentialCipher(KEYRING), health, self.queue)
        self.workflows = Workflows(self.rows, self.clusters, self.updates)
        self.secrets = WorkflowSecrets(self.workflows, self.secret_rows)
        self.versions = Versions(self.workflows, self.rows, self.version_rows, self.secret_rows)
        self.previews = Previews(self.workflows, self.version_rows, self.clusters, ClusterFacts(clients))

    def draw(self, *, cluster_id: str | None = None) -> Workflow:
        """Make Ana a workflow of a web server and its secret."""
        drawn = graph(web(), node("key", "secret", name="key", keys=["TOKEN", "PIN"]))
        return self.workflows.create(ANA, NewWorkflow(name="Shop", nodes=drawn.nodes, cluster_id=cluster_id))
