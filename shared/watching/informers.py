"""
The informers of one cluster: one per kind, and one per kind and namespace where only namespaces may be looked at.

The usual kinds are watched from the start, others as soon as a workflow has made an object of them. All that is known
about how well each kind is seen is asked here: not yet, well, not any more, or not with these credentials.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Literal

from shared.clock import now
from shared.errors import KubeOrchError
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.informer import Informer, Pace, Watched
from shared.kubernetes.labels import WORKFLOW
from shared.kubernetes.objects import Manifest
from shared.owned.models import OwnedObject
from shared.watching.node_statuses import slim

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
STALE_AFTER_SECONDS = 30.0
PROBE_SECONDS = 2.0
NEW_SECONDS = 60.0
"""How long after an object was made its kind is looked for often; later as seldom as one that is denied."""
Visibility = Literal["starting", "clear", "denied"]


class Informers:
    """
    Starts informers and tells for each kind whether its objects are seen, and since when they are not.

    :param changed: called with every change of an object, from any informer's thread
    """

    def __init__(
        self,
        client: ClusterClient,
        changed: Callable[[Manifest | None, Manifest | None], None],
        ended: threading.Event,
        *,
        pace: Pace | None = None,
    ) -> None:
        self._client = client
        self._changed = changed
        self._ended = ended
        self._pace = pace
        self._all: dict[Watched, Informer] = {}
        self._stale: dict[Watched, datetime] = {}

    def start(self) -> None:
        """Watch the usual kinds, and probe the server while any of them is blind."""
        for version, kind in KINDS:
            self._watch(version, kind, None)
        threading.Thread(target=self._probe_while_blind, daemon=True, name="probe").start()

    def stop(self) -> None:
        """Have all informers look at the end now."""
        self._ended.set()
        for informer in list(self._all.values()):
            informer.wake()

    def follow(self, entries: Iterable[OwnedObject]) -> None:
        """Watch the kinds of these entries as well, and single namespaces where the whole cluster is denied."""
        needed = list(entries)
        for version, kind in {(entry.api_version, entry.kind) for entry in needed}:
            self._watch(version, kind, None)
        self._look_for_new_kinds(needed)
        namespaces = {entry.namespace for entry in needed if entry.namespace}
        denied = [watched for watched, informer in self._all.items() if not watched.namespace and informer.is_denied]
        for watched in denied:
            for namespace in namespaces:
                self._watch(watched.api_version, watched.kind, namespace)

    def _look_for_new_kinds(self, entries: Iterable[OwnedObject]) -> None:
        """Have kinds looked for again that the cluster did not know, when an object of them was made a moment ago."""
        since = now() - timedelta(seconds=NEW_SECONDS)
        for entry in entries:
            if entry.uid and entry.applied_at > since:
                for informer in self._of(entry):
                    if informer.is_absent:
                        informer.wake()

    def _watch(self, version: str, kind: str, namespace: str | None) -> None:
        watched = Watched(version, kind, namespace, WORKFLOW)
        if watched in self._all:
            return
        informer = Informer(self._client, watched, slim=slim, changed=self._changed, pace=self._pace)
        self._all[watched] = informer
        threading.Thread(target=informer.run, args=(self._ended,), daemon=True, name=kind).start()

    @property
    def is_ready(self) -> bool:
        """Whether every kind has been seen once or is denied."""
        return all(informer.synced.is_set() or informer.is_denied for informer in self._all.values())

    def visibility_of(self, entry: OwnedObject) -> Visibility:
        """Return the visibility of objects of this kind, in this namespace."""
        for informer in self._of(entry):
            if informer.synced.is_set():
                return "clear"
        informers = self._of(entry)
        return "denied" if informers and all(informer.is_denied for informer in informers) else "starting"

    def stale_since(self, entry: OwnedObject) -> datetime | None:
        """Return the moment since which the kind is blind, None unless it has been for long."""
        seen = [informer.watched for informer in self._of(entry) if informer.synced.is_set()]
        blind = [self._stale.get(watched) for watched in seen]
        known = [since for since in blind if since is not None]
        return min(known) if known and len(known) == len(blind) else None

    def blind_since(self) -> datetime | None:
        """Return the moment since which any kind is blind, None unless one has been for long."""
        return min(self._stale.values(), default=None)

    def update_staleness(self) -> set[str]:
        """Mark the kinds that are blind for long, unmark those that see again; returns the kinds that changed."""
        moment, at = time.monotonic(), now()
        changed: set[str] = set()
        for watched, informer in self._all.items():
            down = informer.down_since
            is_blind = down is not None and moment - down > STALE_AFTER_SECONDS
            if is_blind and informer.is_denied and not informer.synced.is_set():
                # it never saw anything, so there is nothing that could be old
                is_blind = False
            if is_blind and watched not in self._stale and down is not None:
                self._stale[watched] = at - timedelta(seconds=moment - down)
                changed.add(watched.kind)
            elif not is_blind and self._stale.pop(watched, None) is not None:
                changed.add(watched.kind)
        return changed

    def _of(self, entry: OwnedObject) -> list[Informer]:
        keys = (
            Watched(entry.api_version, entry.kind, None, WORKFLOW),
            Watched(entry.api_version, entry.kind, entry.namespace, WORKFLOW),
        )
        return [self._all[key] for key in dict.fromkeys(keys) if key in self._all]

    def _probe_while_blind(self) -> None:
        """While kinds are blind, ask the server often whether it answers, and have them try again when it does."""
        while not self._ended.wait(PROBE_SECONDS):
            blind = [informer for informer in list(self._all.values()) if informer.state == "down"]
            if blind and self._answers():
                for informer in blind:
                    informer.wake()

    def _answers(self) -> bool:
        try:
            self._client.ready()
        except KubeOrchError:
            return False
        return True
