"""
The long task of one cluster: informers per kind, statuses written in bulk and published, under one lease.

The number of connections depends on kinds, never on workflows or objects.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta

from shared.clock import now
from shared.clusters.clients import Clients
from shared.clusters.store import ClusterStore
from shared.errors import KubeOrchError, NotFound, StorageUnavailable
from shared.jobs.journal import Outbox
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.informer import Pace
from shared.kubernetes.labels import NODE, WORKFLOW
from shared.kubernetes.objects import Manifest
from shared.log import bind_context, get_logger
from shared.owned.models import OwnedObject
from shared.owned.store import OwnedStore
from shared.platform import Platform
from shared.storage.leases import Lease
from shared.updates import topics
from shared.watching.informers import Informers
from shared.watching.node_statuses import Node, differs, status_of
from shared.watching.store import NodeStatus, NodeStatusStore

log = get_logger(__name__)

COALESCE_SECONDS = 0.1
INVENTORY_SECONDS = 1.0
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
    try:
        cluster = ClusterStore(platform.db).get(cluster_id)
        client = Clients.over(platform).open_for(cluster)
    except (NotFound, KubeOrchError) as error:
        log.warning("watch_not_started", cluster_id=cluster_id, code=error.code)
        lease.release()
        return
    watch = _Watch(platform, cluster_id, client, pace)
    log.info("watch_started", cluster_id=cluster_id)
    try:
        watch.run(stop, lease, cluster.credential_revision)
    except _Lost:
        log.warning("watch_lost", cluster_id=cluster_id)
    finally:
        client.close()
        _release(lease)
        log.info("watch_ended", cluster_id=cluster_id)


def _release(lease: Lease) -> None:
    # a Redis that is away forgets the lease by itself
    with suppress(StorageUnavailable):
        lease.release()


class _Watch:
    """State of one cluster's watch."""

    def __init__(self, platform: Platform, cluster_id: str, client: ClusterClient, pace: Pace | None) -> None:
        self._platform = platform
        self._cluster_id = cluster_id
        self._statuses = NodeStatusStore(platform.db)
        self._inventory_store = OwnedStore(platform.db)
        self._lock = threading.Lock()
        self._dirty: set[Node] = set()
        self._by_node: dict[Node, dict[str, Manifest]] = defaultdict(dict)
        self._inventory: dict[Node, list[OwnedObject]] = {}
        self._known: dict[Node, NodeStatus] = {
            (status.workflow_id, status.node_id): status for status in self._statuses.of_cluster(cluster_id)
        }
        self._outbox = Outbox(platform.updates)
        self._is_synced = False
        self._informers = Informers(client, self._changed, threading.Event(), pace=pace)

    def run(self, stop: threading.Event, lease: Lease, revision: int) -> None:
        """Start the informers and write what changes, until something ends it."""
        self._informers.start()
        try:
            self._loop(stop, lease, revision)
        finally:
            self._informers.stop()

    def _loop(self, stop: threading.Event, lease: Lease, revision: int) -> None:
        renewed = tried = time.monotonic()
        looked = 0.0
        while not stop.wait(COALESCE_SECONDS):
            moment = time.monotonic()
            if moment - tried > lease.seconds / RENEW_PARTS:
                tried = moment
                if self._renew(lease):
                    renewed = moment
                elif moment - renewed > lease.seconds:
                    return
                if not self._still_ours(revision):
                    return
            if moment - looked > INVENTORY_SECONDS:
                self._read_inventory()
                self._mark_stale()
                looked = moment
            self._write()

    def _renew(self, lease: Lease) -> bool:
        """Extend the lease; while Redis is away nobody else can take it either, so that is no reason to end at once."""
        try:
            if not lease.renew():
                raise _Lost
        except StorageUnavailable as error:
            log.warning("watch_lease_not_renewed", reason=type(error).__name__)
            return False
        return True

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
                    held = self._by_node[node]
                    held.pop(uid, None)
                    if not held:
                        del self._by_node[node]
                self._dirty.add(node)

    def _read_inventory(self) -> None:
        inventory: dict[Node, list[OwnedObject]] = defaultdict(list)
        for entry in self._inventory_store.of_cluster(self._cluster_id):
            inventory[entry.workflow_id, entry.node_id].append(entry)
        with self._lock:
            for node in {*inventory, *self._inventory, *self._known}:
                names = [_identity(entry) for entry in inventory.get(node, [])]
                if names != [_identity(entry) for entry in self._inventory.get(node, [])] or node not in self._known:
                    self._dirty.add(node)
            self._inventory = dict(inventory)
        self._informers.follow(entry for entries in inventory.values() for entry in entries)

    def _mark_stale(self) -> None:
        """Have nodes written again whose kinds became blind, or see again."""
        kinds = self._informers.update_staleness()
        if not kinds:
            return
        log.warning("freshness_changed", kinds=sorted(kinds))
        with self._lock:
            for node, entries in self._inventory.items():
                if any(entry.kind in kinds for entry in entries):
                    self._dirty.add(node)

    def _write(self) -> None:
        if not self._is_synced and not self._informers.is_ready:
            self._write_stale()
            return
        with self._lock:
            nodes, self._dirty = self._dirty, set()
        if nodes:
            self._update_nodes(nodes)
        if not self._is_synced:
            self._is_synced = True
            self._publish_all()
        self._outbox.send()

    def _publish_all(self) -> None:
        """Publish all statuses once: those that the watcher before us wrote may never have been published."""
        by_workflow: dict[str, list[NodeStatus]] = defaultdict(list)
        for status in self._known.values():
            by_workflow[status.workflow_id].append(status)
        self._outbox.send([_sync(workflow_id, statuses) for workflow_id, statuses in by_workflow.items()])

    def _write_stale(self) -> None:
        """Mark the known statuses with their age, as long as nothing was seen yet."""
        since = self._informers.blind_since()
        if since is None:
            return
        changed = [
            status.model_copy(update={"stale_since": since})
            for status in self._known.values()
            if status.stale_since is None
        ]
        for status in changed:
            self._known[status.workflow_id, status.node_id] = status
        self._write_and_publish(changed)

    def _update_nodes(self, nodes: Iterable[Node]) -> None:
        changed: list[NodeStatus] = []
        gone: list[Node] = []
        for node in nodes:
            status = self._status(node)
            if any(self._informers.visibility_of(entry) == "starting" for entry in self._inventory.get(node, [])):
                with self._lock:
                    self._dirty.add(node)
            elif status is None:
                if self._known.pop(node, None) is not None:
                    gone.append(node)
            elif self._is_settling(node, status):
                with self._lock:
                    self._dirty.add(node)
            elif differs(self._known.get(node), status):
                self._known[node] = status
                changed.append(status)
        self._statuses.remove(f"{workflow}:{node}" for workflow, node in gone)
        self._write_and_publish(changed)
        for workflow_id in {workflow for workflow, _ in gone}:
            left = [status for (owner, _), status in self._known.items() if owner == workflow_id]
            self._outbox.send([_sync(workflow_id, left)])

    def _status(self, node: Node) -> NodeStatus | None:
        with self._lock:
            objects, entries = list(self._by_node.get(node, {}).values()), self._inventory.get(node, [])
        denied = {entry.kind for entry in entries if self._informers.visibility_of(entry) == "denied"}
        status = status_of(node, entries, objects, cluster_id=self._cluster_id, at=now(), denied=denied)
        if status is not None:
            since = [self._informers.stale_since(entry) for entry in entries]
            status.stale_since = min((moment for moment in since if moment is not None), default=None)
        return status

    def _is_settling(self, node: Node, status: NodeStatus) -> bool:
        """An object that was applied a moment ago may reach the inventory before it reaches the watch."""
        if status.state != "missing":
            return False
        newest = max(entry.applied_at for entry in self._inventory.get(node, []))
        return now() - newest < timedelta(seconds=SETTLE_SECONDS) and self._known.get(node) is None

    def _write_and_publish(self, changed: list[NodeStatus]) -> None:
        if changed:
            self._statuses.put(changed)
        self._outbox.send(
            [
                (topics.workflow(status.workflow_id), "node_update", status.public().model_dump(mode="json"))
                for status in changed
            ]
        )


class _Lost(Exception):
    """Another process watches this cluster now."""


def _sync(workflow_id: str, statuses: Iterable[NodeStatus]) -> tuple[str, str, dict[str, object]]:
    data: dict[str, object] = {"node_statuses": [status.public().model_dump(mode="json") for status in statuses]}
    return topics.workflow(workflow_id), "workflow_sync", data


def _node_of(item: Manifest) -> Node | None:
    labels = item["metadata"].get("labels") or {}
    return (labels[WORKFLOW], labels[NODE]) if labels.get(WORKFLOW) and labels.get(NODE) else None


def _identity(entry: OwnedObject) -> tuple[str, str | None, str, str]:
    return entry.kind, entry.namespace, entry.name, entry.uid


def unwatched_clusters(platform: Platform) -> list[str]:
    """Return the ids of the clusters that no process watches."""
    clusters = ClusterStore(platform.db)
    return [cluster_id for cluster_id in clusters.ids() if platform.leases.holder(lease_name(cluster_id)) is None]
