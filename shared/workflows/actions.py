"""Actions of people on workflows: see, create, save, change and copy them."""

from __future__ import annotations

from typing import Self

from shared.access import Actor, Verb, require, scope
from shared.clusters.actions import Clusters
from shared.errors import FieldError, InvalidInput, NotFound
from shared.people import Person
from shared.platform import Platform
from shared.updates import Publisher, topics
from shared.workflows.drawing.graph import Graph, check_shape
from shared.workflows.kinds import TYPES
from shared.workflows.models import HeadChanges, NewWorkflow, Workflow, WorkflowHead
from shared.workflows.store import EVERY_WORKFLOW, LAST_CHANGED_FIRST, WorkflowFilter, WorkflowStore


class Workflows:
    """Workflows, for one person at a time; archiving and deleting take runs and live with them."""

    def __init__(self, store: WorkflowStore, clusters: Clusters, updates: Publisher) -> None:
        self._store = store
        self._clusters = clusters
        self._updates = updates

    @classmethod
    def over(cls, platform: Platform) -> Self:
        """Make it over a process' connections."""
        store = WorkflowStore(platform.db)
        return cls(store, Clusters.over(platform, store), platform.updates)

    def get(self, actor: Actor, workflow_id: str, verb: Verb = Verb.SEE) -> Workflow:
        """
        Return a workflow the actor may do this with.

        :raises NotFound: there is none, or it may not be seen
        :raises Forbidden: the verb is missing
        """
        workflow = self._store.get(workflow_id)
        require(actor, verb, workflow, what="workflow")
        return workflow

    def head(self, actor: Actor, workflow_id: str, verb: Verb = Verb.SEE) -> WorkflowHead:
        """
        Return a workflow the actor may do this with, without its graph.

        :raises NotFound: there is none, or it may not be seen
        :raises Forbidden: the verb is missing
        """
        head = self._store.find_head(workflow_id)
        if head is None:
            raise NotFound("There is no such workflow.")
        require(actor, verb, head, what="workflow")
        return head

    def list(
        self,
        actor: Actor,
        wanted: WorkflowFilter = EVERY_WORKFLOW,
        *,
        sort: tuple[str, int] = LAST_CHANGED_FIRST,
        limit: int = 50,
        cursor: str | None = None,
    ) -> tuple[list[WorkflowHead], int, str | None]:
        """Return a page of the workflows in the actor's scope, without their graphs."""
        require(actor, Verb.SEE, None, what="workflow")
        return self._store.list(scope(actor), wanted, sort=sort, limit=limit, cursor=cursor)

    def create(self, actor: Actor, wanted: NewWorkflow) -> Workflow:
        """
        Make a workflow, empty or with a graph.

        :raises InvalidInput: a graph that cannot be stored
        :raises NotFound: the cluster may not be seen
        """
        require(actor, Verb.CREATE, None, what="workflow")
        check_shape(wanted.graph, TYPES)
        self._require_cluster(actor, wanted.cluster_id)
        workflow = Workflow.new(
            wanted.name,
            wanted.graph,
            owner=Person.of(actor),
            description=wanted.description,
            cluster_id=wanted.cluster_id,
            namespace=wanted.namespace,
            tags=wanted.tags,
        )
        self._store.insert(workflow)
        return workflow

    def clone(self, actor: Actor, workflow_id: str, name: str) -> Workflow:
        """Copy a workflow as a draft of the actor's own: the graph, never secret values, runs or versions."""
        original = self.get(actor, workflow_id)
        require(actor, Verb.CREATE, None, what="workflow")
        copy = original.copy_as(name, owner=Person.of(actor))
        self._store.insert(copy)
        return copy

    def save(self, actor: Actor, workflow_id: str, graph: Graph, *, revision: int) -> Workflow:
        """
        Store a graph; nothing reaches a cluster, and mistakes inside the nodes do not matter yet.

        :param revision: the one the actor has edited
        :raises InvalidInput: the graph cannot be stored
        :raises Conflict: code ``revision-conflict`` or ``archived``
        """
        self.get(actor, workflow_id, Verb.EDIT).require_editable()
        check_shape(graph, TYPES)
        saved = self._store.save_graph(workflow_id, graph, revision=revision, by=Person.of(actor))
        self.announce_saved(saved, actor)
        return saved

    def update(self, actor: Actor, workflow_id: str, changes: HeadChanges, *, revision: int) -> Workflow:
        """
        Change name, description, cluster, namespace or tags.

        :raises Conflict: code ``revision-conflict`` or ``archived``
        :raises NotFound: the cluster may not be seen
        """
        self.get(actor, workflow_id, Verb.EDIT).require_editable()
        if not changes.given():
            raise InvalidInput("There is nothing to change.", code="nothing-to-change")
        self._require_cluster(actor, changes.cluster_id)
        saved = self._store.update_head(workflow_id, changes, revision=revision, by=Person.of(actor))
        self.announce_saved(saved, actor)
        return saved

    def announce_saved(self, workflow: Workflow, actor: Actor) -> None:
        """Publish to everybody with a workflow open that it was saved."""
        self._updates.publish(
            topics.workflow(workflow.id),
            "saved",
            {"revision": workflow.revision, "by": {"user_id": actor.user_id, "name": actor.name}},
        )

    def _require_cluster(self, actor: Actor, cluster_id: str | None) -> None:
        """Raise ``NotFound`` unless the actor may see the cluster; None names none."""
        if cluster_id is not None and self._clusters.find(actor, cluster_id) is None:
            raise NotFound(
                "There is no such cluster.",
                code="cluster-not-found",
                fields=[FieldError("cluster_id", "names no cluster you may see")],
            )
