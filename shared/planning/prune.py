"""
The decision about a workflow's earlier objects: deleted, kept or forgotten. Pure.

Two keys are needed: our inventory names the object by uid, and the live object still carries our labels. Data is kept:
claims, namespaces and secrets go only when a person named them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from shared.kubernetes.labels import FIELD_MANAGER, owner_of
from shared.kubernetes.objects import Manifest
from shared.owned.models import OwnedObject
from shared.planning.survey import Key, LiveObjects, key_of

KEPT_KINDS = {
    "PersistentVolumeClaim": "it holds data",
    "Namespace": "everything in it would go too",
    "Secret": "it holds values that may not exist anywhere else",
}


@dataclass(frozen=True, slots=True)
class Keep:
    """
    An object that stays although the graph has it no longer, and why.

    :param may_be_named: it goes when a person names it
    """

    entry: OwnedObject
    why: str
    may_be_named: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """
    The decision about objects that the graph no longer has.

    :param delete: with the live object, whose YAML is kept for undo
    :param forget: entries whose object is gone already, or is another's now
    """

    delete: tuple[tuple[OwnedObject, Manifest], ...]
    keep: tuple[Keep, ...]
    forget: tuple[OwnedObject, ...]


def decide(
    inventory: Iterable[OwnedObject],
    wanted: Collection[Key],
    live_objects: LiveObjects,
    *,
    named: Collection[str] = (),
    teardown: bool = False,
) -> Decision:
    """
    Decide about every entry that the compiled graph does not have; an object that uses others goes before them.

    :param wanted: keys of all compiled objects; when it is empty nothing is pruned, but by a teardown
    :param named: ``Kind namespace/name`` of kept objects that a person confirmed
    :param teardown: the workflow is meant to have nothing on this cluster any more
    """
    if not wanted and not teardown:
        return Decision((), (), ())
    delete: list[tuple[OwnedObject, Manifest]] = []
    keep: list[Keep] = []
    forget: list[OwnedObject] = []
    for entry in inventory:
        ref = entry.ref
        if key_of(ref) in wanted:
            continue
        live = live_objects.get(ref)
        if live is None or not _is_of_entry(live, entry):
            forget.append(entry)
        elif owner_of(live["metadata"].get("labels")) is None:
            keep.append(Keep(entry, "it does not carry our labels any more"))
        elif entry.kind in KEPT_KINDS and str(ref) not in named:
            keep.append(Keep(entry, KEPT_KINDS[entry.kind], may_be_named=True))
        else:
            delete.append((entry, live))
    delete.sort(key=lambda found: _turn(found[0]))
    return Decision(tuple(delete), tuple(keep), tuple(forget))


_FIRST = ("HorizontalPodAutoscaler", "Ingress", "CronJob", "Deployment", "StatefulSet", "DaemonSet", "Job", "Service")
_LAST = ("PersistentVolumeClaim", "CustomResourceDefinition", "Namespace")


def _turn(entry: OwnedObject) -> tuple[int, str, str, str]:
    """Return the turn of an entry: an object that would start others again goes first, one that holds others last."""
    if entry.kind in _FIRST:
        rank = _FIRST.index(entry.kind)
    else:
        rank = len(_FIRST) + (_LAST.index(entry.kind) + 1 if entry.kind in _LAST else 0)
    return rank, entry.kind, entry.namespace or "", entry.name


def _is_of_entry(live: Manifest, entry: OwnedObject) -> bool:
    """
    Whether a live object is the one of an entry.

    An entry without a uid is of a run that died while it made the object: then our field manager and both labels,
    which carry random ids, stand for it.
    """
    metadata = live["metadata"]
    if entry.uid:
        return bool(metadata.get("uid") == entry.uid)
    ours = any(item.get("manager") == FIELD_MANAGER for item in metadata.get("managedFields") or [])
    return ours and owner_of(metadata.get("labels")) == (entry.workflow_id, entry.node_id)
