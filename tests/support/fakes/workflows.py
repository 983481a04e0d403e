"""Workflows in memory, as people and runs use them; tests/functional compares them with the real store."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shared.access import Scope
from shared.clock import now
from shared.errors import Conflict, NotFound
from shared.people import Person
from shared.workflows.drawing.graph import Graph
from shared.workflows.models import HeadChanges, LastRun, Workflow, WorkflowHead, WorkflowStatus
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
        row = self.rows.get(workflow_id)
        return None if row is None or row.deleted_at else row

    def find_head(self, workflow_id: str) -> WorkflowHead | None:
        """Return one without its graph, or None."""
        return self.find(workflow_id)

    def with_active_run(self, limit: int = 200) -> list[WorkflowHead]:
        """Return those that say a run of theirs is active."""
        found: list[WorkflowHead] = [row for row in self.rows.values() if row.active_run_id]
        return found[:limit]

    def with_custom_resources(self, scope: Scope, kinds: Iterable[str], limit: int = 200) -> list[Workflow]:
        """Return those in which some node is a custom resource of one of these kinds, the newest first."""
        wanted = set(kinds)
        found = [
            row
            for row in self.rows.values()
            if row.owner_id == scope.owner_id
            and row.deleted_at is None
            and any(node.type == "custom-resource" and node.data.get("kind") in wanted for node in row.nodes)
        ]
        return sorted(found, key=lambda row: row.id, reverse=True)[:limit]

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
        if current := self.rows.get(workflow_id):
            self._update(workflow_id, current_version=max(version, current.current_version))

    def set_status(self, workflow_id: str, status: WorkflowStatus) -> Workflow:
        """Move one in its life."""
        self.get(workflow_id)
        return self._update(workflow_id, status=status)

    def run_started(self, workflow_id: str, run_id: str) -> bool:
        """Note the active run and count it."""
        current = self.find(workflow_id)
        if current is not None and current.active_run_id != run_id:
            self._update(workflow_id, active_run_id=run_id, run_count=current.run_count + 1)
        return current is not None

    def run_rests(self, workflow_id: str, run_id: str) -> None:
        """Note that the active run stopped as planned."""
        current = self.rows.get(workflow_id)
        if current is not None and current.active_run_id == run_id:
            self._update(workflow_id, active_run_id=None, run_count=current.run_count - 1)

    def run_finished(
        self, workflow_id: str, last_run: LastRun, *, succeeded: bool | None, removed: bool = False
    ) -> bool:
        """Note how the active run ended."""
        current = self.rows.get(workflow_id)
        if current is None or current.active_run_id != last_run.id:
            return False
        values: dict[str, Any] = {"active_run_id": None, "last_run": last_run}
        if succeeded:
            before, after = WorkflowStatus.DRAFT, WorkflowStatus.PUBLISHED
            before, after = (after, before) if removed else (before, after)
            values |= {"deployed_version": None if removed else last_run.version}
            values |= {"status": after if current.status is before else current.status}
            values |= {"success_count": current.success_count + 1}
        elif succeeded is False:
            values |= {"failure_count": current.failure_count + 1}
        self._update(workflow_id, **values)
        return True

    def delete(self, workflow_id: str) -> None:
        """Delete one softly, if no run is active."""
        current = self.get(workflow_id)
        if current.active_run_id:
            raise Conflict("active", code="run-active", details={"run_id": current.active_run_id})
        self._update(workflow_id, deleted_at=now())

    def require_idle_on(self, cluster_id: str) -> None:
        """Raise unless no workflow of a cluster has an active run."""
        for row in self.rows.values():
            if row.cluster_id == cluster_id and row.active_run_id:
                raise Conflict("busy", code="cluster-busy", details={"workflow_id": row.id})

    def give_cluster(self, owner_id: str, name: str, cluster_id: str) -> None:
        """Put a cluster into a person's workflow of a name that has none."""
        for row in list(self.rows.values()):
            if (row.owner_id, row.name, row.cluster_id) == (owner_id, name, None):
                self.rows[row.id] = row.model_copy(update={"cluster_id": cluster_id})

    def _update(self, workflow_id: str, **values: Any) -> Workflow:
        self.rows[workflow_id] = self.rows[workflow_id].model_copy(update=values)
        return self.rows[workflow_id]

    def _keep(self, workflow_id: str, values: dict[str, object], revision: int, by: Person) -> Workflow:
        current = self.find(workflow_id)
        if current is None:
            raise NotFound("There is no such workflow.")
        if current.revision != revision:
            raise Conflict("saved meanwhile", code="revision-conflict", details={"revision": current.revision})
        return self._update(workflow_id, **values, revision=revision + 1, saved_by=by)
