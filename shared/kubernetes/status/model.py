"""The shape of a status and the parts that all kinds share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from shared.errors import shorten
from shared.kubernetes.objects import Manifest


class State(StrEnum):
    """The state of an object in one word."""

    HEALTHY = "healthy"
    PROGRESSING = "progressing"
    DEGRADED = "degraded"
    ERROR = "error"
    PENDING = "pending"
    SUSPENDED = "suspended"
    COMPLETED = "completed"
    UNKNOWN = "unknown"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Status:
    """
    The status of an object.

    :param message: one sentence for people
    :param reason: Kubernetes' own word when there is one: ``ImagePullBackOff``
    :param ready: how many of ``desired`` are ready; None for kinds without replicas
    :param address: where it answers: ``10.96.0.20:80``
    :param final: waiting longer cannot help (a failed Job, an exceeded deadline)
    """

    state: State
    message: str
    reason: str = ""
    ready: int | None = None
    desired: int | None = None
    address: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    final: bool = False


MISSING = Status(State.MISSING, "It is not on the cluster (any more). Run the workflow to bring it back.")


def terminating(live: Manifest) -> Status:
    """Return the status of an object that is being deleted, with the finalizers that hold it."""
    finalizers = live["metadata"].get("finalizers") or []
    held = f" It waits for: {', '.join(finalizers)}." if finalizers else ""
    return Status(State.PROGRESSING, f"It is being deleted.{held}", reason="Terminating")


def conditions(live: Manifest) -> list[Mapping[str, Any]]:
    """Return an object's conditions."""
    found = (live.get("status") or {}).get("conditions")
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def condition(found: Iterable[Mapping[str, Any]], name: str) -> Mapping[str, Any] | None:
    """Return the condition of one type."""
    return next((item for item in found if item.get("type") == name), None)


def of_kind(related: Sequence[Manifest], kind: str) -> list[Manifest]:
    """Return related objects of one kind that are not being deleted."""
    return [item for item in related if item.get("kind") == kind and not item["metadata"].get("deletionTimestamp")]


def words(text: object) -> str:
    """Cut a cluster's sentence to what fits on a card."""
    return shorten(text, 300)
