"""Workflows in memory, as far as people's actions use them; tests/functional compares them with the real store."""

from __future__ import annotations

from shared.access import Scope
from shared.errors import Conflict, NotFound
from shared.people import Person
from shared.workflows.drawing.graph import Graph
from shared.workflows.models import HeadChanges, Workflow, WorkflowHead
from shared.workflows.store import EVERY_WORKFLOW, LAST_CHANGED_FIRST, WorkflowFilter, WorkflowStore


class FakeWorkflowStore(WorkflowStore):
    """Keeps workflows by id."""

    def __init__(self, *workflows: Workflow) -> None:
        self.rows = {workflow.id: workflow for workflow in workflows}

    def insert(self, workflow: Workflow) -> None:
        """Add one."""
        self.rows[workflow.id] = workflow

    def find(self, workflow_id: str) -> Workflow | None:
        """Return one or None."""
        return self.rows.get(workflow_id)

    def find_head(self, workflow_id: str) -> WorkflowHead | None:
        """Return one without its graph, or None."""
        return self.rows.get(workflow_id)

    def list(
        self,
        scope: Scope,
        wanted: WorkflowFilter = EVERY_WORKFLOW,
        *,
        sort: tuple[str, int] = LAST_CHANGED_FIRST,
        limit: int = 50,
        cursor: str | None = None,
    ) -> tuple[list[WorkflowHead], int, str | None]:
        """Return all of a scope, on one page."""
        del wanted, sort, limit, cursor
        found: list[WorkflowHead] = [row for row in self.rows.values() if row.owner_id == scope.owner_id]
        return found, len(found), None

    def save_graph(
        self, workflow_id: str, graph: Graph, *, revision: int, by: Person, namespace: str | None = None
    ) -> Workflow:
        """Replace the graph if the revision is the stored one."""
        values: dict[str, object] = {"nodes": graph.nodes, "edges": graph.edges, "node_count": len(graph.nodes)}
        if namespace is not None:
            values["namespace"] = namespace
        return self._keep(workflow_id, values, revision, by)

    def update_head(self, workflow_id: str, changes: HeadChanges, *, revision: int, by: Person) -> Workflow:
        """Change the head if the revision is the stored one."""
        return self._keep(workflow_id, changes.given(), revision, by)

    def set_current_version(self, workflow_id: str, version: int) -> None:
        """Note the newest version."""
        current = self.get(workflow_id)
        newest = max(version, current.current_version)
        self.rows[workflow_id] = current.model_copy(update={"current_version": newest})

    def give_cluster(self, owner_id: str, name: str, cluster_id: str) -> None:
        """Put a cluster into a person's workflow of a name that has none."""
        for row in list(self.rows.values()):
            if (row.owner_id, row.name, row.cluster_id) == (owner_id, name, None):
                self.rows[row.id] = row.model_copy(update={"cluster_id": cluster_id})

    def _keep(self, workflow_id: str, values: dict[str, object], revision: int, by: Person) -> Workflow:
        current = self.find(workflow_id)
        if current is None:
            raise NotFound("There is no such workflow.")
        if current.revision != revision:
            raise Conflict("saved meanwhile", code="revision-conflict", details={"revision": current.revision})
        self.rows[workflow_id] = current.model_copy(update={**values, "revision": revision + 1, "saved_by": by})
        return self.rows[workflow_id]
