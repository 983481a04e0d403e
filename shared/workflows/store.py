"""The ``workflows`` collection."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel, ReturnDocument
from pymongo.database import Database

from shared.access import Scope
from shared.clock import now
from shared.errors import Conflict, NotFound
from shared.people import Person
from shared.storage.paging import page
from shared.storage.store import Store
from shared.workflows.drawing.graph import Graph
from shared.workflows.models import HeadChanges, LastRun, Workflow, WorkflowHead, WorkflowStatus

COLLECTION = "workflows"
INDEXES = [
    IndexModel(
        [("owner_id", ASCENDING), ("deleted_at", ASCENDING), ("updated_at", DESCENDING), ("_id", DESCENDING)],
        name="owner_updated",
    ),
    IndexModel([("cluster_id", ASCENDING)], name="cluster"),
    IndexModel(
        [("active_run_id", ASCENDING)],
        name="active_run",
        partialFilterExpression={"active_run_id": {"$type": "string"}},
    ),
]
WITHOUT_GRAPH = {"nodes": 0, "edges": 0}
LAST_CHANGED_FIRST = ("updated_at", DESCENDING)


@dataclass(frozen=True, slots=True)
class WorkflowFilter:
    """
    The filter of a list of workflows; everything that is left out lets all through.

    :param text: part of a name, description or tag, in any case
    """

    text: str = ""
    status: WorkflowStatus | None = None
    cluster_id: str | None = None
    tag: str = ""

    def query(self) -> dict[str, Any]:
        """Return it as the database asks."""
        wanted = {"status": self.status.value if self.status else None, "cluster_id": self.cluster_id}
        query: dict[str, Any] = {name: value for name, value in wanted.items() if value is not None}
        if self.tag:
            query["tags"] = self.tag
        if self.text:
            pattern = {"$regex": re.escape(self.text), "$options": "i"}
            query["$or"] = [{"name": pattern}, {"description": pattern}, {"tags": pattern}]
        return query


EVERY_WORKFLOW = WorkflowFilter()


class WorkflowStore(Store):
    """The only place that knows how workflows are stored; deleted ones are never found."""

    def __init__(self, db: Database[dict[str, Any]]) -> None:
        self._workflows = db[COLLECTION]

    def insert(self, workflow: Workflow) -> None:
        """Add a workflow."""
        self._workflows.insert_one(_to_raw(workflow))

    def find(self, workflow_id: str) -> Workflow | None:
        """Return one workflow or None."""
        row = self._workflows.find_one(_living(workflow_id))
        return Workflow.from_mongo(row) if row else None

    def get(self, workflow_id: str) -> Workflow:
        """
        Return one workflow.

        :raises NotFound: there is none
        """
        workflow = self.find(workflow_id)
        if workflow is None:
            raise NotFound("There is no such workflow.")
        return workflow

    def find_head(self, workflow_id: str) -> WorkflowHead | None:
        """Return one workflow without its graph, or None."""
        row = self._workflows.find_one(_living(workflow_id), WITHOUT_GRAPH)
        return WorkflowHead.from_mongo(row) if row else None

    def require_idle_on(self, cluster_id: str) -> None:
        """
        Raise a conflict unless no workflow of a cluster has an active run.

        :raises Conflict: code ``cluster-busy``; ``details`` names one that has
        """
        query = {"cluster_id": cluster_id, "deleted_at": None, "active_run_id": {"$type": "string"}}
        row = self._workflows.find_one(query, WITHOUT_GRAPH, sort=[("_id", DESCENDING)])
        if row is not None:
            head = WorkflowHead.from_mongo(row)
            raise Conflict(
                f"A run of the workflow {head.name} is at work on this cluster. Cancel it first.",
                code="cluster-busy",
                details={"workflow_id": head.id},
            )

    def with_custom_resources(self, scope: Scope, kinds: Iterable[str], limit: int = 200) -> list[Workflow]:
        """Return the workflows in which some node is a custom resource of one of these kinds."""
        node = {"type": "custom-resource", "data.kind": {"$in": list(kinds)}}
        rows = self._workflows.find({"owner_id": scope.owner_id, "deleted_at": None, "nodes": {"$elemMatch": node}})
        return [Workflow.from_mongo(row) for row in rows.sort("_id", DESCENDING).limit(limit)]

    def with_active_run(self, limit: int = 200) -> list[WorkflowHead]:
        """Return workflows that say a run of theirs is active."""
        rows = self._workflows.find({"active_run_id": {"$type": "string"}}, WITHOUT_GRAPH).limit(limit)
        return [WorkflowHead.from_mongo(row) for row in rows]

    def list(
        self,
        scope: Scope,
        wanted: WorkflowFilter = EVERY_WORKFLOW,
        *,
        sort: tuple[str, int] = LAST_CHANGED_FIRST,
        limit: int = 50,
        cursor: str | None = None,
    ) -> tuple[list[WorkflowHead], int, str | None]:
        """Return a page of workflows without their graphs."""
        query = {"owner_id": scope.owner_id, "deleted_at": None, **wanted.query()}
        rows, total, following = page(
            self._workflows, query, sort=sort, limit=limit, cursor=cursor, projection=WITHOUT_GRAPH
        )
        return [WorkflowHead.from_mongo(row) for row in rows], total, following

    def save_graph(
        self, workflow_id: str, graph: Graph, *, revision: int, by: Person, namespace: str | None = None
    ) -> Workflow:
        """
        Replace the graph if nobody has saved since.

        :param namespace: of the workflow, when it changes as well

        :raises Conflict: code ``revision-conflict``; ``details`` has the current revision and who saved it
        :raises NotFound: there is no such workflow
        """
        raw = graph.to_raw()
        changes = {"nodes": raw["nodes"], "edges": raw["edges"], "node_count": len(graph.nodes)}
        if namespace is not None:
            changes["namespace"] = namespace
        return self._change(workflow_id, changes, revision=revision, by=by)

    def update_head(self, workflow_id: str, changes: HeadChanges, *, revision: int, by: Person) -> Workflow:
        """
        Change fields of the head if nobody has saved since.

        :raises Conflict: code ``revision-conflict``
        :raises NotFound: there is no such workflow
        """
        return self._change(workflow_id, changes.given(), revision=revision, by=by)

    def _change(self, workflow_id: str, changes: Mapping[str, Any], *, revision: int, by: Person) -> Workflow:
        row = self._workflows.find_one_and_update(
            {**_living(workflow_id), "revision": revision},
            {"$set": {**changes, "saved_by": by.model_dump(), "updated_at": now()}, "$inc": {"revision": 1}},
            return_document=ReturnDocument.AFTER,
        )
        if row is None:
            raise self._conflict(workflow_id)
        return Workflow.from_mongo(row)

    def _conflict(self, workflow_id: str) -> Conflict | NotFound:
        current = self.find_head(workflow_id)
        if current is None:
            return NotFound("There is no such workflow.")
        saved_by = current.saved_by.model_dump() if current.saved_by else None
        who = f" by {current.saved_by.name}" if current.saved_by and current.saved_by.name else ""
        return Conflict(
            f"The workflow was saved meanwhile{who}; it is at revision {current.revision} now.",
            code="revision-conflict",
            details={"revision": current.revision, "saved_by": saved_by},
        )

    def give_cluster(self, owner_id: str, name: str, cluster_id: str) -> None:
        """Put a cluster into a person's workflow of this name that has none yet."""
        self._workflows.update_one(
            {"owner_id": owner_id, "name": name, "cluster_id": None, "deleted_at": None},
            {"$set": {"cluster_id": cluster_id}},
        )

    def set_status(self, workflow_id: str, status: WorkflowStatus) -> Workflow:
        """
        Move a workflow in its life; no new revision, because its content stays.

        :raises NotFound: there is no such workflow
        """
        row = self._workflows.find_one_and_update(
            _living(workflow_id),
            {"$set": {"status": status.value, "updated_at": now()}},
            return_document=ReturnDocument.AFTER,
        )
        if row is None:
            raise NotFound("There is no such workflow.")
        return Workflow.from_mongo(row)

    def set_current_version(self, workflow_id: str, version: int) -> None:
        """Record the newest version; an older number changes nothing."""
        self._workflows.update_one({"_id": workflow_id}, {"$max": {"current_version": version}})

    def run_started(self, workflow_id: str, run_id: str) -> bool:
        """
        Record the active run and count it; returns whether this run is the active one now.

        Of a workflow's runs only one is active, and its own collection sees to that. So another id that still stands
        here is of a run whose process died between its end and this record, and gives way. Fails for a deleted
        workflow. Safe to repeat.
        """
        result = self._workflows.update_one(
            {**_living(workflow_id), "active_run_id": {"$ne": run_id}},
            {"$set": {"active_run_id": run_id}, "$inc": {"run_count": 1}},
        )
        if result.modified_count:
            return True
        return self._workflows.find_one({**_living(workflow_id), "active_run_id": run_id}, {"_id": 1}) is not None

    def run_rests(self, workflow_id: str, run_id: str) -> None:
        """Record that the active run stopped as planned: nothing was done, and another may run."""
        change = {"$set": {"active_run_id": None}, "$inc": {"run_count": -1}}
        self._workflows.update_one({"_id": workflow_id, "active_run_id": run_id}, change)

    def run_finished(
        self, workflow_id: str, last_run: LastRun, *, succeeded: bool | None, removed: bool = False
    ) -> bool:
        """
        Record the end of the active run; of a run that is not (any more) the active one nothing is recorded.

        What is deployed is published, what was taken off its clusters is a draft again.

        :param succeeded: None counts neither as success nor as failure: cancelled
        :param removed: it was a teardown: nothing is deployed any more
        """
        counted = {} if succeeded is None else {"success_count" if succeeded else "failure_count": 1}
        change: dict[str, Any] = {"$set": {"active_run_id": None, "last_run": last_run.model_dump()}}
        if succeeded:
            change["$set"]["deployed_version"] = None if removed else last_run.version
        if counted:
            change["$inc"] = counted
        result = self._workflows.update_one({"_id": workflow_id, "active_run_id": last_run.id}, change)
        if result.modified_count and succeeded:
            before, after = WorkflowStatus.DRAFT, WorkflowStatus.PUBLISHED
            if removed:
                before, after = after, before
            self._workflows.update_one({"_id": workflow_id, "status": before.value}, {"$set": {"status": after.value}})
        return result.modified_count > 0

    def delete(self, workflow_id: str) -> None:
        """
        Delete softly, if no run is active.

        :raises Conflict: code ``run-active``; ``details`` has its id
        :raises NotFound: there is no such workflow
        """
        result = self._workflows.update_one(
            {**_living(workflow_id), "active_run_id": None}, {"$set": {"deleted_at": now()}}
        )
        if result.modified_count:
            return
        current = self.find_head(workflow_id)
        if current is None:
            raise NotFound("There is no such workflow.")
        raise Conflict(
            "A run of this workflow is active; cancel it or wait for its end.",
            code="run-active",
            details={"run_id": current.active_run_id},
        )


def _living(workflow_id: str) -> dict[str, Any]:
    return {"_id": workflow_id, "deleted_at": None}


def _to_raw(workflow: Workflow) -> dict[str, Any]:
    raw = workflow.to_mongo()
    raw |= workflow.graph.to_raw()
    return raw
