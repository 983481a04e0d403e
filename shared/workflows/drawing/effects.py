"""
Contributions of wires to the nodes at their ends: the words between the rules and the node types.

A rule turns an edge into contributions, a node type's manifest function asks for those it understands. Nothing is
copied into node data, so a renamed or removed neighbour needs no repair.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

Gate = Literal["started", "healthy", "completed"]
Source = Literal["configmap", "secret"]


@dataclass(frozen=True, slots=True)
class OfferedPort:
    """A port of a workload's container."""

    name: str | None
    number: int
    protocol: str = "TCP"


@dataclass(frozen=True, slots=True)
class PodSelection:
    """On a service, budget or policy: the pods it is about, with what they offer."""

    node_id: str
    name: str
    labels: Mapping[str, str]
    ports: tuple[OfferedPort, ...] = ()
    target_ports: Mapping[str, str] = field(default_factory=dict)
    """Service port (name or number) → container port, as the wire says."""


@dataclass(frozen=True, slots=True)
class EnvImport:
    """On a workload: variables from a ConfigMap or Secret; all keys when ``keys`` is empty."""

    source: Source
    name: str
    prefix: str = ""
    keys: tuple[tuple[str, str], ...] = ()
    """Pairs of key and variable."""
    optional: bool = False
    containers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Files:
    """On a workload: keys of a ConfigMap or Secret as files; all keys when ``items`` is empty."""

    source: Source
    name: str
    mount_path: str
    sub_path: str | None = None
    items: tuple[tuple[str, str, str | None], ...] = ()
    """Triples of key, path and mode."""
    mode: str | None = None
    optional: bool = False
    containers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """On a workload: a persistent volume."""

    name: str
    mount_path: str
    sub_path: str | None = None
    read_only: bool = False
    containers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checksum:
    """On a workload: a digest of the wired configuration; other pods when it changes."""

    node_id: str
    value: str


@dataclass(frozen=True, slots=True)
class Route:
    """On an ingress: the service behind one path (``item``), or behind everything else (None)."""

    item: str | None
    service: str
    port: int | str | None
    offered: tuple[tuple[str | None, int], ...] = ()
    """Name and number of the service's ports."""


@dataclass(frozen=True, slots=True)
class ScaleTarget:
    """On an autoscaler: the workload."""

    api_version: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Scaled:
    """On a workload: an autoscaler decides the number of replicas."""

    by: str


@dataclass(frozen=True, slots=True)
class RunsAs:
    """On a workload: its service account."""

    account: str


@dataclass(frozen=True, slots=True)
class Grant:
    """On a role: a service account that gets it."""

    account: str
    namespace: str


@dataclass(frozen=True, slots=True)
class Peer:
    """On a network policy: who may talk in one of its rules (``item``)."""

    item: str
    pods: Mapping[str, str] | None
    namespace: str | None


@dataclass(frozen=True, slots=True)
class Headless:
    """On a stateful set: a service that gives its pods names."""

    service: str
    is_headless: bool


@dataclass(frozen=True, slots=True)
class Named:
    """On a custom resource: another object, whose name stands in one of its fields."""

    path: tuple[str, ...]
    """Names and indexes from ``spec`` or ``body`` on."""
    name: str


@dataclass(frozen=True, slots=True)
class After:
    """On any node: another one must have come so far before it is applied."""

    node_id: str
    condition: Gate


Contribution = (
    PodSelection
    | EnvImport
    | Files
    | Claim
    | Checksum
    | Route
    | ScaleTarget
    | Scaled
    | RunsAs
    | Grant
    | Peer
    | Headless
    | Named
    | After
)
Kind = TypeVar("Kind")


class Wired:
    """All contributions to one node, in a fixed order."""

    __slots__ = ("_items",)

    def __init__(self, items: Iterable[Contribution] = ()) -> None:
        self._items = tuple(items)

    def all(self, kind: type[Kind]) -> list[Kind]:
        """Return the contributions of one kind."""
        return [item for item in self._items if isinstance(item, kind)]

    def first(self, kind: type[Kind]) -> Kind | None:
        """Return the first contribution of one kind, or None."""
        return next((item for item in self._items if isinstance(item, kind)), None)


NOTHING = Wired()
