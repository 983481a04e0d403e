"""Versions of a workflow: graphs that were run, and those that people wanted to keep."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson
from pymongo import ASCENDING, DESCENDING, IndexModel, ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from shared.clock import now
from shared.errors import Conflict, NotFound
from shared.ids import new_id
from shared.people import Person
from shared.storage.paging import page
from shared.storage.store import Store
from shared.workflows.drawing.graph import Graph
from shared.workflows.models import Workflow
from shared.workflows.versions.models import Version, VersionChanges

COLLECTION = "workflow_versions"
INDEXES = [
    IndexModel([("workflow_id", ASCENDING), ("version", DESCENDING)], unique=True, name="workflow_version"),
    IndexModel(
        [("workflow_id", ASCENDING), ("tag", ASCENDING)],
        unique=True,
        name="workflow_tag",
        partialFilterExpression={"tag": {"$gt": ""}},
    ),
]
ATTEMPTS = 8


def graph_digest(graph: Graph, *, namespace: str, secret_versions: Mapping[str, str]) -> str:
    """Return a digest over the parts that compile: moving a card or writing a note makes no new version."""
    nodes = sorted(
        ({"id": node.id, "type": node.type, "data": node.data} for node in graph.real_nodes),
        key=lambda node: str(node["id"]),
    )
    edges = sorted((edge.model_dump() for edge in graph.edges), key=lambda edge: str(edge["id"]))
    content = {"nodes": nodes, "edges": edges, "namespace": namespace, "secrets": dict(secret_versions)}
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


class VersionStore(Store):
    """The ``workflow_versions`` collection; numbers of a workflow grow by one and never repeat."""

    def __init__(self, db: Database[dict[str, Any]]) -> None:
        self._versions = db[COLLECTION]

    def get(self, workflow_id: str, version: int) -> Version:
        """
        Return one version.

        :raises NotFound: there is none
        """
        found = self.find(workflow_id, version)
        if found is None:
            raise NotFound(f"This workflow has no version {version}.")
        return found

    def find(self, workflow_id: str, version: int) -> Version | None:
        """Return one version or None."""
        row = self._versions.find_one({"workflow_id": workflow_id, "version": version})
        return Version.from_mongo(row) if row else None

    def latest(self, workflow_id: str) -> Version | None:
        """Return the newest version, or None before the first."""
        row = self._versions.find_one({"workflow_id": workflow_id}, sort=[("version", DESCENDING)])
        return Version.from_mongo(row) if row else None

    def list(self, workflow_id: str, *, limit: int, cursor: str | None) -> tuple[list[Version], int, str | None]:
        """Return a page of versions, newest first."""
        rows, total, following = page(
            self._versions, {"workflow_id": workflow_id}, sort=("version", DESCENDING), limit=limit, cursor=cursor
        )
        return [Version.from_mongo(row) for row in rows], total, following

    def ensure(
        self,
        workflow: Workflow,
        *,
        by: Person,
        secret_versions: Mapping[str, str],
        run_id: str | None = None,
        **more: Any,
    ) -> Version:
        """
        Return the newest version if it holds this very graph and these secret values, else make the next one.

        :param more: as for :meth:`add`
        """
        return self._add(workflow, by=by, secret_versions=secret_versions, run_id=run_id, again=False, more=more)

    def add(
        self,
        workflow: Workflow,
        *,
        by: Person,
        secret_versions: Mapping[str, str],
        run_id: str | None = None,
        **more: Any,
    ) -> Version:
        """
        Make the next version.

        :param more: ``name``, ``tag``, ``description``, ``restored_from``, ``automatic``
        :raises Conflict: code ``tag-taken``, or too many at once
        """
        return self._add(workflow, by=by, secret_versions=secret_versions, run_id=run_id, again=True, more=more)

    def _add(
        self,
        workflow: Workflow,
        *,
        by: Person,
        secret_versions: Mapping[str, str],
        run_id: str | None,
        again: bool,
        more: Mapping[str, Any],
    ) -> Version:
        """
        Make the next version; without ``again`` only when the newest holds something else.

        Who loses the number to somebody else looks again, so that two who want the same graph share a version.
        """
        digest = graph_digest(workflow.graph, namespace=workflow.namespace, secret_versions=secret_versions)
        for _ in range(ATTEMPTS):
            latest = self.latest(workflow.id)
            if latest is not None and latest.graph_digest == digest and not again:
                return latest
            version = Version(
                id=new_id(),
                workflow_id=workflow.id,
                version=(latest.version if latest else 0) + 1,
                nodes=workflow.nodes,
                edges=workflow.edges,
                namespace=workflow.namespace,
                created_by=by,
                created_at=now(),
                run_id=run_id,
                graph_digest=digest,
                secret_versions=dict(secret_versions),
                **more,
            )
            try:
                self._versions.insert_one({**version.to_mongo(), **version.graph.to_raw()})
            except DuplicateKeyError as error:
                if not _is_number_taken(error):
                    raise _tag_taken(version.tag) from error
                continue
            return version
        raise Conflict("Several people are making versions of this workflow; try again.", code="version-conflict")

    def describe(self, workflow_id: str, version: int, changes: VersionChanges) -> Version:
        """
        Change name, tag or description.

        :raises Conflict: code ``tag-taken``
        :raises NotFound: there is no such version
        """
        try:
            row = self._versions.find_one_and_update(
                {"workflow_id": workflow_id, "version": version},
                {"$set": changes.given()},
                return_document=ReturnDocument.AFTER,
            )
        except DuplicateKeyError as error:
            raise _tag_taken(changes.tag or "") from error
        if row is None:
            raise NotFound(f"This workflow has no version {version}.")
        return Version.from_mongo(row)

    def delete(self, workflow_id: str, version: int) -> None:
        """
        Delete one version.

        :raises NotFound: there is no such version
        """
        if self._versions.delete_one({"workflow_id": workflow_id, "version": version}).deleted_count == 0:
            raise NotFound(f"This workflow has no version {version}.")

    def crowded(self, keep: int) -> Sequence[str]:
        """Return the workflows that have more versions than should be kept."""
        counted = self._versions.aggregate(
            [{"$group": {"_id": "$workflow_id", "count": {"$sum": 1}}}, {"$match": {"count": {"$gt": keep}}}]
        )
        return [str(row["_id"]) for row in counted]

    def trim(self, workflow_id: str, keep: int, *, protected: Collection[int]) -> int:
        """
        Delete old versions beyond the newest ``keep``, and return how many; those that people named or tagged stay.

        :param protected: numbers that stay as well: what is deployed, and what a run is at work on
        """
        numbers = self._versions.find({"workflow_id": workflow_id}, {"version": 1}, sort=[("version", DESCENDING)])
        newest = [int(row["version"]) for row in numbers.limit(keep)]
        result = self._versions.delete_many(
            {
                "workflow_id": workflow_id,
                "automatic": True,
                "name": "",
                "tag": "",
                "version": {"$nin": [*newest, *protected]},
            }
        )
        return result.deleted_count


def _is_number_taken(error: DuplicateKeyError) -> bool:
    return "version" in (error.details or {}).get("keyPattern", {})


def _tag_taken(tag: str) -> Conflict:
    return Conflict(
        f"Another version of this workflow has the tag {tag}. Choose another, or take it from that one first.",
        code="tag-taken",
    )
