"""
The long task of one cluster: informers per kind, statuses written in bulk and published, under one lease.

The number of connections depends on kinds, never on workflows or objects.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from shared.clock import now
from shared.clusters.actions import client_for
from shared.clusters.store import ClusterStore
from shared.errors import KubeOrchError, NotFound
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.informer import Informer, Pace, Watched
from shared.kubernetes.objects import Manifest
from shared.leases import Lease
from shared.log import bind_context, get_logger
from shared.platform import Platform
from shared.runs.models import InventoryEntry
from shared.runs.store import InventoryStore
from shared.updates import topics
from shared.watching.board import Node, differs, slim, status_of
from shared.watching.store import NodeStatus, NodeStatusStore
from shared.workflows.labels import NODE, WORKFLOW

log = get_logger(__name__)

KINDS = (
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "DaemonSet"),
    ("apps/v1", "ReplicaSet"),
    ("batch/v1", "Job"),
    ("batch/v1", "CronJob"),
    ("v1", "Pod"),
    ("v1", "Service"),
    ("discovery.k8s.io/v1", "EndpointSlice"),
    ("v1", "ConfigMap"),
    ("v1", "Secret"),
    ("v1", "PersistentVolumeClaim"),
    ("networking.k8s.io/v1", "Ingress"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("autoscaling/v2", "HorizontalPodAutoscaler"),
)
COALESCE_SECONDS = 0.1
INVENTORY_SECONDS = 1.0
STALE_AFTER_SECONDS = 30.0
SETTLE_SECONDS = 3.0
RENEW_PARTS = 3


def lease_name(cluster_id: str) -> str:
    """Return the name of a cluster's watch lease."""
    return f"watch:{cluster_id}"


def watch_cluster(platform: Platform, cluster_id: str, stop: threading.Event, *, pace: Pace | None = None) -> None:
    """
    Watch one cluster until stopped, until its lease is lost, or until it is deleted.

    Returns at once when another process watches it.
    """
    bind_context(cluster_id=cluster_id)
    lease = platform.leases.acquire(lease_name(cluster_id), platform.owner, platform.settings.watch.lease_seconds)
    if lease is None:
        return
    ended = threading.Event()
    try:
        cluster = ClusterStore(platform.db).get(cluster_id)
        client = client_for(cluster, platform.keyring, platform.settings.clusters)
    except (NotFound, KubeOrchError) as error:
        log.warning("watch_not_started", cluster_id=cluster_id, code=error.code)
        lease.release()
        return
    watch = _Watch(platform, cluster_id, client, pace)
    log.info("watch_started", cluster_id=cluster_id)
    try:
        watch.run(stop, ended, lease, cluster.credential_revision)
    finally:
        ended.set()
        client.close()
        lease.release()
        log.info("watch_ended", cluster_id=cluster_id)


class _Watch:
    """State of one cluster's watch."""

    def __init__(self, platform: Platform, cluster_id: str, client: ClusterClient, pace: Pace | None) -> None:
        self._platform = platform
        self._cluster_id = cluster_id
        self._statuses = NodeStatusStore(platform.db)
        self._inventory_store = InventoryStore(platform.db)
        self._lock = threading.Lock()
        self._dirty: set[Node] = set()
        self._by_node: dict[Node, dict[str, Manifest]] = defaultdict(dict)
        self._inventory: dict[Node, list[InventoryEntry]] = {}
        self._known: dict[Node, NodeStatus] = {
            (status.workflow_id, status.node_id): status for status in self._statuses.of_cluster(cluster_id)
        }
        self._stale_kinds: dict[str, datetime] = {}
        self._informers = [
            Informer(client, Watched(version, kind, None, WORKFLOW), slim=slim, changed=self._changed, pace=pace)
            for version, kind in KINDS
        ]

    def run(self, stop: threading.Event, ended: threading.Event, lease: Lease, revision: int) -> None:
        """Start the informers and write what changes, until something ends it."""
        for informer in self._informers:
            threading.Thread(target=informer.run, args=(ended,), daemon=True, name=informer.watched.kind).start()
        renewed = looked = 0.0
        while not stop.wait(COALESCE_SECONDS):
            moment = time.monotonic()
            if moment - renewed > lease.seconds / RENEW_PARTS:
                if not lease.renew() or not self._still_ours(revision):
                    return
                renewed = moment
            if moment - looked > INVENTORY_SECONDS:
                self._read_inventory()
                self._judge_freshness()
                looked = moment
            self._write()

    def _still_ours(self, revision: int) -> bool:
        try:
            return ClusterStore(self._platform.db).get(self._cluster_id).credential_revision == revision
        except NotFound:
            return False

    def _changed(self, before: Manifest | None, after: Manifest | None) -> None:
        with self._lock:
            for item, is_there in ((before, False), (after, True)):
                node = _node_of(item) if item else None
                if item is None or node is None:
                    continue
                uid = str(item["metadata"]["uid"])
                if is_there:
                    self._by_node[node][uid] = item
                else:
                    self._by_node[node].pop(uid, None)
                self._dirty.add(node)

    def _read_inventory(self) -> None:
        found: dict[Node, list[InventoryEntry]] = defaultdict(list)
        for entry in self._inventory_store.of_cluster(self._cluster_id):
            found[entry.workflow_id, entry.node_id].append(entry)
        with self._lock:
            for node in {*found, *self._inventory, *self._known}:
                names = [_identity(entry) for entry in found.get(node, [])]
                if names != [_identity(entry) for entry in self._inventory.get(node, [])] or node not in self._known:
                    self._dirty.add(node)
            self._inventory = dict(found)

    def _judge_freshness(self) -> None:
        """Mark what a blind informer should see as stale, and clear it when the informer is back."""
        moment, at = time.monotonic(), now()
        for informer in self._informers:
            kind, down = informer.watched.kind, informer.down_since
            if down is not None and moment - down > STALE_AFTER_SECONDS and informer.state != "unauthorized":
                if kind not in self._stale_kinds:
                    self._stale_kinds[kind] = at - timedelta(seconds=moment - down)
                    self._touch(kind)
            elif down is None and self._stale_kinds.pop(kind, None) is not None:
                self._touch(kind)

    def _touch(self, kind: str) -> None:
        log.warning("kind_freshness_changed", kind=kind, stale=kind in self._stale_kinds)
        with self._lock:
            for node, entries in self._inventory.items():
                if any(entry.kind == kind for entry in entries):
                    self._dirty.add(node)

    def _write(self) -> None:
        if not all(informer.synced.is_set() for informer in self._informers if informer.state != "unauthorized"):
            if not self._stale_kinds:
                return
            self._write_stale()
            return
        with self._lock:
            nodes, self._dirty = self._dirty, set()
        if nodes:
            self._publish(nodes)

    def _write_stale(self) -> None:
        """Nothing was seen yet: what was known before is kept, marked with its age."""
        since = min(self._stale_kinds.values())
        changed = [
            status.model_copy(update={"stale_since": since})
            for status in self._known.values()
            if status.stale_since is None
        ]
        for status in changed:
            self._known[status.workflow_id, status.node_id] = status
        self._tell(changed)

    def _publish(self, nodes: Iterable[Node]) -> None:
        changed: list[NodeStatus] = []
        gone: list[Node] = []
        for node in nodes:
            status = self._status(node)
            if status is None:
                if self._known.pop(node, None) is not None:
                    gone.append(node)
            elif self._is_settling(node, status):
                with self._lock:
                    self._dirty.add(node)
            elif differs(self._known.get(node), status):
                self._known[node] = status
                changed.append(status)
        self._statuses.remove(f"{workflow}:{node}" for workflow, node in gone)
        self._tell(changed)
        for workflow_id in {workflow for workflow, _ in gone}:
            left = [status for (owner, _), status in self._known.items() if owner == workflow_id]
            data = {"node_statuses": [status.public().model_dump(mode="json") for status in left]}
            self._platform.updates.publish(topics.workflow(workflow_id), "workflow_sync", data)

    def _status(self, node: Node) -> NodeStatus | None:
        with self._lock:
            objects, entries = list(self._by_node.get(node, {}).values()), self._inventory.get(node, [])
        status = status_of(node, entries, objects, cluster_id=self._cluster_id, at=now())
        if status is not None:
            since = [self._stale_kinds[entry.kind] for entry in entries if entry.kind in self._stale_kinds]
            status.stale_since = min(since) if since else None
        return status

    def _is_settling(self, node: Node, status: NodeStatus) -> bool:
        """An object that was applied a moment ago may reach the inventory before it reaches the watch."""
        if status.state != "missing":
            return False
        newest = max(entry.applied_at for entry in self._inventory.get(node, []))
        return now() - newest < timedelta(seconds=SETTLE_SECONDS) and self._known.get(node) is None

    def _tell(self, changed: list[NodeStatus]) -> None:
        if not changed:
            return
        self._statuses.put(changed)
        self._platform.updates.publish_many(
            (topics.workflow(status.workflow_id), "node_update", status.public().model_dump(mode="json"))
            for status in changed
        )


def _node_of(item: Manifest) -> Node | None:
    labels = item["metadata"].get("labels") or {}
    return (labels[WORKFLOW], labels[NODE]) if labels.get(WORKFLOW) and labels.get(NODE) else None


def _identity(entry: InventoryEntry) -> tuple[str, str | None, str, str]:
    return entry.kind, entry.namespace, entry.name, entry.uid


def supervise(platform: Platform) -> list[str]:
    """Return the clusters that nobody watches and that should be watched."""
    clusters = ClusterStore(platform.db)
    return [cluster_id for cluster_id in clusters.ids() if platform.leases.holder(lease_name(cluster_id)) is None]
