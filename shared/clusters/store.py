"""The collections ``clusters`` and ``cluster_offers``."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING, IndexModel, ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from shared.access import Scope, no_such
from shared.clock import now
from shared.clusters.models import Cluster, ClusterStatus, Health, LocalOffer, in_seconds
from shared.errors import Conflict, FieldError
from shared.kubernetes.connection.credentials import Credentials
from shared.storage.paging import page
from shared.storage.store import Store

COLLECTION = "clusters"
OFFERS = "cluster_offers"
LOCAL = "local"
INDEXES = [
    IndexModel([("owner_id", ASCENDING), ("name", ASCENDING)], name="owner_name", unique=True),
    IndexModel([("status", ASCENDING)], name="status"),
]


class ClusterStore(Store):
    """Reads and writes clusters."""

    def __init__(self, db: Database[dict[str, Any]]) -> None:
        self._rows = db[COLLECTION]
        self._offers = db[OFFERS]

    def insert(self, cluster: Cluster) -> None:
        """
        Add a cluster.

        :raises Conflict: code ``cluster-name-taken``
        """
        try:
            self._rows.insert_one(cluster.to_mongo())
        except DuplicateKeyError as error:
            message = f"You have a cluster named {cluster.name} already."
            raise Conflict(message, code="cluster-name-taken", fields=[FieldError("name", message)]) from error
        if cluster.is_default:
            self.set_default(cluster.owner_id, cluster.id)

    def find(self, cluster_id: str) -> Cluster | None:
        """Return a cluster or None."""
        raw = self._rows.find_one({"_id": cluster_id})
        return Cluster.from_mongo(raw) if raw else None

    def get(self, cluster_id: str) -> Cluster:
        """
        Return a cluster.

        :raises NotFound: there is none
        """
        cluster = self.find(cluster_id)
        if cluster is None:
            raise no_such("cluster")
        return cluster

    def find_local(self, owner_id: str) -> Cluster | None:
        """Return a person's cluster of this machine."""
        raw = self._rows.find_one({"owner_id": owner_id, "local": True})
        return Cluster.from_mongo(raw) if raw else None

    def ids(self, *, connected: bool = False) -> list[str]:
        """Return the ids of all clusters that are not disabled, or of those that answered last time."""
        query: dict[str, Any] = {"status": "connected"} if connected else {"status": {"$ne": "disabled"}}
        return [row["_id"] for row in self._rows.find(query, {"_id": 1})]

    def list(
        self, scope: Scope, *, limit: int = 50, cursor: str | None = None
    ) -> tuple[list[Cluster], int, str | None]:
        """Return one page of clusters by name."""
        query = {"owner_id": scope.owner_id}
        rows, total, after = page(self._rows, query, sort=("name", ASCENDING), limit=limit, cursor=cursor)
        return [Cluster.from_mongo(row) for row in rows], total, after

    def count_for(self, owner_id: str) -> int:
        """Return the number of a person's clusters."""
        return self._rows.count_documents({"owner_id": owner_id})

    def record_health(self, cluster_id: str, health: Health) -> Cluster:
        """
        Store the result of a health check, and return the cluster as it is now; unknown fields stay as they were.

        :raises NotFound: the cluster was deleted
        """
        values: dict[str, Any] = {
            "status": health.status.value,
            "status_reason": health.reason,
            "latency_ms": health.latency_ms,
        }
        if health.status is ClusterStatus.CONNECTED:
            values |= {"version": health.version, "node_count": health.node_count}
        return self._change(cluster_id, {"$set": {**values, "last_checked_at": now()}})

    def replace_credentials(
        self, cluster_id: str, credentials: Credentials, sealed: dict[str, Any], *, simulated: bool
    ) -> Cluster:
        """
        Store new credentials with the fields that follow from them; cached clients are thrown away.

        :raises NotFound: the cluster was deleted
        """
        values = {
            "server": credentials.server,
            "simulated": simulated,
            "credentials": sealed,
            "credentials_expire_at": in_seconds(credentials.expire_at),
        }
        return self._change(cluster_id, {"$set": values, "$inc": {"credential_revision": 1}})

    def _change(self, cluster_id: str, change: dict[str, dict[str, Any]]) -> Cluster:
        stamped = {**change, "$set": {**change["$set"], "updated_at": now()}}
        raw = self._rows.find_one_and_update({"_id": cluster_id}, stamped, return_document=ReturnDocument.AFTER)
        if raw is None:
            raise no_such("cluster")
        return Cluster.from_mongo(raw)

    def set_default(self, owner_id: str, cluster_id: str) -> None:
        """Make one cluster the owner's default and no other."""
        self._rows.update_one({"_id": cluster_id, "owner_id": owner_id}, {"$set": {"is_default": True}})
        others = {"owner_id": owner_id, "_id": {"$ne": cluster_id}, "is_default": True}
        self._rows.update_many(others, {"$set": {"is_default": False}})

    def delete(self, cluster_id: str) -> bool:
        """Delete a cluster's row; nothing on the cluster itself."""
        return self._rows.delete_one({"_id": cluster_id}).deleted_count == 1

    def offer(self, offer: LocalOffer) -> None:
        """Keep the cluster of this machine for the first account; the newest offer counts."""
        raw = offer.to_mongo()
        self._offers.replace_one({"_id": LOCAL}, {**raw, "_id": LOCAL}, upsert=True)

    def offered(self) -> LocalOffer | None:
        """Return the offer, None without one."""
        raw = self._offers.find_one({"_id": LOCAL})
        return LocalOffer.from_mongo(raw) if raw else None
