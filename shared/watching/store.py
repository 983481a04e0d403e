"""The collection ``node_status``: the status of each node of each workflow, as last observed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pymongo import ASCENDING, DeleteOne, IndexModel, ReplaceOne
from pymongo.database import Database

from shared.storage.documents import Document, Moment, narrow
from shared.storage.store import Store

COLLECTION = "node_status"
INDEXES = [
    IndexModel([("workflow_id", ASCENDING)], name="workflow"),
    IndexModel([("cluster_id", ASCENDING)], name="cluster"),
]


class ObservedObject(BaseModel):
    """One object behind a node."""

    api_version: str
    kind: str
    namespace: str | None = None
    name: str
    uid: str = ""


class PublicNodeStatus(BaseModel):
    """The status of a node, as clients receive it."""

    model_config = ConfigDict(from_attributes=True)

    workflow_id: str
    node_id: str
    cluster_id: str
    type: str
    state: str
    message: str = ""
    reason: str = ""
    ready: int | None = None
    desired: int | None = None
    address: str | None = None
    details: dict[str, Any] = Field(default_factory=dict)
    objects: list[ObservedObject] = Field(default_factory=list)
    observed_at: Moment
    stale_since: Moment | None = None


class NodeStatus(PublicNodeStatus, Document):
    """One stored status; its id is workflow and node."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    id: str

    def public(self) -> PublicNodeStatus:
        """Return the part of it that clients receive."""
        return narrow(PublicNodeStatus, self)


class NodeStatusStore(Store):
    """Reads and writes node statuses, in bulk."""

    def __init__(self, db: Database[dict[str, Any]]) -> None:
        self._rows = db[COLLECTION]

    def of_workflow(self, workflow_id: str) -> list[NodeStatus]:
        """Return the statuses of a workflow's nodes."""
        return [NodeStatus.from_mongo(row) for row in self._rows.find({"workflow_id": workflow_id})]

    def of_cluster(self, cluster_id: str) -> list[NodeStatus]:
        """Return the statuses of everything on a cluster."""
        return [NodeStatus.from_mongo(row) for row in self._rows.find({"cluster_id": cluster_id})]

    def counts(self, workflow_ids: Iterable[str]) -> Mapping[str, dict[str, int]]:
        """Return for each workflow the number of nodes in each state."""
        by_workflow: dict[str, Counter[str]] = defaultdict(Counter)
        query = {"workflow_id": {"$in": list(workflow_ids)}}
        for row in self._rows.find(query, {"workflow_id": 1, "state": 1}):
            by_workflow[row["workflow_id"]][row["state"]] += 1
        return {workflow_id: dict(counter) for workflow_id, counter in by_workflow.items()}

    def put(self, statuses: Iterable[NodeStatus]) -> None:
        """Write statuses."""
        writes = [ReplaceOne({"_id": status.id}, status.to_mongo(), upsert=True) for status in statuses]
        if writes:
            self._rows.bulk_write(writes, ordered=False)

    def remove(self, ids: Iterable[str]) -> None:
        """Forget nodes that are gone from cluster and graph."""
        writes = [DeleteOne({"_id": status_id}) for status_id in ids]
        if writes:
            self._rows.bulk_write(writes, ordered=False)
