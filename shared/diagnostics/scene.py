"""The input of the checks: one node, its objects and everything around them, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.diagnostics import read
from shared.kubernetes.labels import owner_of
from shared.kubernetes.last_words import LastWords
from shared.kubernetes.objects import Manifest, ObjectRef
from shared.workflows.drawing.graph import Graph, Node
from shared.workflows.drawing.issues import Issue, parts_of
from shared.workflows.kinds import WORKLOADS

CONTROLLERS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")
"""Kinds whose pods are looked at."""


@dataclass(frozen=True)
class Scene:
    """
    A node and what is known about it.

    :param expected: what the graph makes of the node, in the order in which it is applied
    :param issues: the node's mistakes; it makes nothing while it has any
    :param recorded: what a run has made for it, which may be more than it makes now
    :param objects: live objects at these places
    :param related: pods, ReplicaSets, endpoint slices, events, what is referred to; several kinds in one list
    :param unapplied: what the graph makes otherwise than the last run has applied it
    :param unseen: kind → why objects of it could not be looked at
    :param logs: the last lines of containers that ended
    :param at: when it was looked at
    """

    workflow_id: str
    node: Node
    graph: Graph
    expected: tuple[Manifest, ...] = ()
    issues: tuple[Issue, ...] = ()
    recorded: tuple[ObjectRef, ...] = ()
    objects: tuple[Manifest, ...] = ()
    related: tuple[Manifest, ...] = ()
    unapplied: tuple[str, ...] = ()
    unseen: Mapping[str, str] = field(default_factory=dict)
    logs: tuple[LastWords, ...] = ()
    at: datetime | None = None

    @property
    def data(self) -> Mapping[str, Any]:
        """The values of the node's form."""
        return self.node.data

    @property
    def main(self) -> Manifest | None:
        """The live object that the node is mainly about."""
        for wanted in self.expected:
            for item in self.objects:
                if _place(item) == _place(wanted):
                    return item
        return self.objects[0] if self.objects else None

    @property
    def namespace(self) -> str | None:
        """The namespace of its objects."""
        places = [read.text(item, "metadata", "namespace") for item in (*self.expected, *self.objects)]
        return next((place for place in places if place), None)

    def all(self, kind: str) -> list[Manifest]:
        """Return related objects of one kind."""
        return [item for item in self.related if item.get("kind") == kind]

    def find(self, kind: str, name: str) -> Manifest | None:
        """Return a related object by its name."""
        return next((item for item in self.all(kind) if read.name(item) == name), None)

    @property
    def pods(self) -> list[Manifest]:
        """The pods that count: those of a Deployment's newest ReplicaSet, and of a CronJob's last Job."""
        pods = self.all("Pod")
        kind = read.text(self.main, "kind")
        newest = {"Deployment": self.newest_set, "CronJob": self.newest_job, "Job": self.main}.get(kind)
        return [pod for pod in pods if read.is_owned_by(pod, read.uid(newest))] if newest else pods

    @property
    def newest_set(self) -> Manifest | None:
        """A Deployment's newest ReplicaSet."""
        owner = read.uid(self.main)
        sets = [item for item in self.all("ReplicaSet") if read.is_owned_by(item, owner)]
        return max(sets, key=revision, default=None)

    @property
    def newest_job(self) -> Manifest | None:
        """The Job that a CronJob started last."""
        owned = [item for item in self.all("Job") if read.is_owned_by(item, read.uid(self.main))]
        return max(owned, key=lambda item: read.text(item, "metadata", "creationTimestamp"), default=None)

    @property
    def is_ours(self) -> bool:
        """Whether all objects that have the names of the node's belong to it."""
        return all(self.owns(item) for item in self.objects)

    def owns(self, item: Manifest) -> bool:
        """Whether an object carries the node's labels."""
        found = {key: str(value) for key, value in read.labels(item).items()}
        return owner_of(found) == (self.workflow_id, self.node.id)

    def events(self, item: Manifest | None, *reasons: str) -> list[Manifest]:
        """Return the events about an object, newest last; with these reasons, if any are given."""
        wanted = read.uid(item)
        found = [
            event
            for event in self.all("Event")
            if wanted
            and read.text(event, "involvedObject", "uid") == wanted
            and (not reasons or read.text(event, "reason") in reasons)
        ]
        return sorted(found, key=_time)

    def said_in(self, pod: str, container: str) -> tuple[str, ...]:
        """Return the last lines of a container."""
        return next((item.lines for item in self.logs if (item.pod, item.container) == (pod, container)), ())

    def place_of(self, container: str) -> str | None:
        """Return the JSON pointer of a container's fields in the node's data; None when it is not ours."""
        if self.node.type not in WORKLOADS:
            return None
        if container == self.data.get("name"):
            return ""
        for group in ("init_containers", "sidecars"):
            found = self.data.get(group)
            for index, item in enumerate(found if isinstance(found, list) else []):
                if read.text(item, "name") == container:
                    return f"/{group}/{index}"
        return None

    def value(self, pointer: str) -> Any:
        """Return the value at a JSON pointer of the node's data."""
        found: Any = self.data
        for part in parts_of(pointer):
            if isinstance(found, list):
                found = found[int(part)] if part.isdigit() and int(part) < len(found) else None
            else:
                found = read.dig(found, part)
        return found


def revision(replica_set: Manifest) -> int:
    """Return the number of a ReplicaSet's rollout, 0 when it has none."""
    word = read.text(replica_set, "metadata", "annotations", "deployment.kubernetes.io/revision")
    return int(word) if word.isdigit() else 0


def ref_of_live(item: Manifest) -> ObjectRef:
    """Return the reference of a live object."""
    namespace = read.text(item, "metadata", "namespace") or None
    return ObjectRef(read.text(item, "apiVersion"), read.text(item, "kind"), namespace, read.name(item))


def _place(item: Manifest) -> tuple[str, str, str]:
    return read.text(item, "kind"), read.text(item, "metadata", "namespace"), read.name(item)


def _time(event: Manifest) -> str:
    return (
        read.text(event, "series", "lastObservedTime")
        or read.text(event, "lastTimestamp")
        or read.text(event, "eventTime")
        or read.text(event, "metadata", "creationTimestamp")
    )
