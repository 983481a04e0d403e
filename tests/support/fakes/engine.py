"""Everything the engine works with, in memory: stores, a workflow, clusters, a queue, and what is told."""

from __future__ import annotations

from itertools import count
from typing import Any

import fakeredis

from shared.clusters.actions import Clusters
from shared.clusters.credentials import CredentialCipher
from shared.clusters.health import HealthChecks
from shared.errors import NotFound
from shared.jobs.journal import Journal, Outbox
from shared.jobs.lease import Lease
from shared.jobs.once import Once
from shared.owned.models import OwnedObject
from shared.people import Person
from shared.runs.actions import Runs
from shared.runs.ending import Ending
from shared.runs.execute.context import RunContext
from shared.runs.execute.deploy import deploy
from shared.runs.execute.progress import Progress
from shared.runs.execute.teardown import teardown
from shared.runs.models import Run, RunKind, RunStatus
from shared.runs.reaping import Reaping
from shared.runs.starting import Starting
from shared.runs.stores import Stores
from shared.runs.subscribers import subscribers
from shared.runs.values import TriggerData, ValueStore
from shared.settings import RunSettings
from shared.workflows.actions import Workflows
from shared.workflows.drawing.graph import Edge, Node
from shared.workflows.models import Workflow
from shared.workflows.versions.models import Version
from tests.fixtures.workflows.helpers import graph
from tests.support.factories import make_cluster
from tests.support.fakes.claims import FakeClaimStore
from tests.support.fakes.clock import FakeClock
from tests.support.fakes.cluster import FakeCluster
from tests.support.fakes.clusters import KEYRING, FakeClients, FakeClusterStore
from tests.support.fakes.plans import FakeOwnedStore, FakePlanStore
from tests.support.fakes.queue import FakeQueue
from tests.support.fakes.runs import FakeRunStore, make_run
from tests.support.fakes.updates import FakeUpdates
from tests.support.fakes.versions import FakeSecretStore, FakeVersionStore
from tests.support.fakes.workflows import FakeWorkflowStore

ADA = Person(user_id="ada", name="Ada")
WORKFLOW, CLUSTER = "workflow1", "cluster1"


class Engine:
    """
    One person's workflow ``shop`` on one cluster, and all that runs of it read and write.

    :param parts: what is drawn
    """

    def __init__(self, *parts: Node | Edge, **more: Any) -> None:
        self.cluster = FakeCluster("shop")
        self.clusters = {CLUSTER: self.cluster}
        self.runs, self.plans, self.owned = FakeRunStore(), FakePlanStore(), FakeOwnedStore()
        self.workflows, self.versions, self.secrets = FakeWorkflowStore(), FakeVersionStore(), FakeSecretStore()
        self.redis = fakeredis.FakeRedis()
        self.stores = Stores(
            runs=self.runs,
            plans=self.plans,
            values=ValueStore(self.redis, KEYRING),
            owned=self.owned,
            workflows=self.workflows,
            versions=self.versions,
            secrets=self.secrets,
            clusters=FakeClusterStore(make_cluster("ada", id=CLUSTER)),
            clients=FakeClients(self.clusters),
        )
        self.queue, self.updates, self.clock = FakeQueue(), FakeUpdates(), FakeClock()
        self.settings = RunSettings(node_seconds=60, total_seconds=600, parallel=4)
        self.starting = Starting(self.stores, self.queue, self.updates)
        self.ending = Ending(self.runs, self.workflows, self.updates, subscribers(self.stores, self.starting))
        self.reaping = Reaping(self.stores, self.starting, self.ending)
        self._ids = (f"run{number}" for number in count(1))
        made = Workflow.new("Shop", graph(*parts), owner=ADA, cluster_id=CLUSTER, namespace="shop")
        self.workflows.insert(made.model_copy(update={"id": WORKFLOW, **more}))

    @property
    def workflow(self) -> Workflow:
        """The workflow as it is stored, deleted or not."""
        return self.workflows.rows[WORKFLOW]

    def people(self) -> Workflows:
        """Return what people do with workflows."""
        return Workflows(self.workflows, self.clusters_of_people(), self.updates)

    def actions(self) -> Runs:
        """Return what people, workers and the clock do with runs."""
        once = Once(FakeClaimStore())
        return Runs(self.stores, self.people(), self.starting, self.ending, once, self.updates, self.settings)

    def clusters_of_people(self) -> Clusters:
        """Return what people do with clusters."""
        stores, cipher = self.stores, CredentialCipher(KEYRING)
        health = HealthChecks(stores.clusters, stores.clients, self.updates)
        return Clusters(stores.clusters, self.workflows, stores.clients, cipher, health, self.queue)

    def add_cluster(self, cluster_id: str, *namespaces: str) -> FakeCluster:
        """Connect another cluster of the same person."""
        self.stores.clusters.insert(make_cluster("ada", id=cluster_id, name=cluster_id))
        self.clusters[cluster_id] = FakeCluster(*namespaces)
        return self.clusters[cluster_id]

    def draw(self, *parts: Node | Edge) -> None:
        """Save another graph."""
        drawn = graph(*parts)
        changed = self.workflow.model_copy(update={"nodes": drawn.nodes, "edges": drawn.edges})
        self.workflows.rows[WORKFLOW] = changed

    def version(self) -> Version:
        """Return the version of what is drawn."""
        nodes = self.workflow.graph.secret_node_ids
        secrets = self.secrets.current_versions(WORKFLOW, nodes)
        return self.versions.ensure(self.workflow, by=ADA, secret_versions=secrets)

    def taken(self, *, values: TriggerData | None = None, **more: Any) -> Run:
        """Store a run that a worker has taken."""
        version = self.version()
        run = make_run(**{"id": next(self._ids), "version": version.version, "has_values": values is not None, **more})
        if values is not None:
            self.stores.values.put(run.id, values)
        self.runs.keep(run)
        return run

    def working(self, run: Run) -> Working:
        """Have a run worked on."""
        return Working(self, run)

    def deploy(self, *parts: Node | Edge, **more: Any) -> Working:
        """Draw and deploy; what goes wrong is raised, and all is written then as well."""
        if parts:
            self.draw(*parts)
        working = self.working(self.taken(**more))
        working.deploy()
        return working

    def objects(self) -> dict[str, OwnedObject]:
        """Return what the workflow owns, by the names of its objects."""
        return {str(entry.ref): entry for entry in self.owned.of_workflow(WORKFLOW)}


class Working:
    """
    One run in its worker.

    :ivar status: what the work has come to
    """

    def __init__(self, engine: Engine, run: Run) -> None:
        lease = run.lease or Lease(owner="worker1", token=1, expires_at=run.created_at)
        self.run = run
        self.status: RunStatus | None = None
        self.outbox = Outbox(engine.updates)
        self.journal = Journal(
            run.id, lambda values, logs: engine.runs.write(run.id, lease.token, values, logs), self.outbox
        )
        self.progress = Progress(run, self.journal)
        self.context = RunContext(run, self.progress, engine.stores, engine.settings, clock=engine.clock)
        self._runs = engine.runs

    def deploy(self) -> RunStatus:
        """Do it."""
        work = teardown if self.run.kind is RunKind.TEARDOWN else deploy
        try:
            self.status = work(self.context)
        finally:
            self.journal.flush()
        return self.status

    @property
    def stored(self) -> Run:
        """The run as it is stored."""
        found = self._runs.find(self.run.id)
        if found is None:
            raise NotFound(self.run.id)
        return found

    @property
    def log(self) -> list[str]:
        """The lines of its log."""
        return [entry.text for entry in self.stored.logs]

    @property
    def nodes(self) -> dict[str, str]:
        """How far each node is."""
        return {node_id: state.state for node_id, state in self.stored.node_states.items()}
