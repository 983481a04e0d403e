"""
What of a workflow's earlier objects may go. Pure.

Two keys are needed: our inventory names the object by uid, and the live object still carries our labels. Data is kept:
claims, namespaces and secrets go only when a person named them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from shared.kubernetes.objects import Manifest, ObjectRef
from shared.runs.ground import Ground, Key, key_of
from shared.runs.models import InventoryEntry
from shared.workflows.labels import owner_of

KEPT_KINDS = {
    "PersistentVolumeClaim": "it holds data",
    "Namespace": "everything in it would go too",
    "Secret": "it holds values that may not exist anywhere else",
}


@dataclass(frozen=True, slots=True)
class Keep:
    """An object that stays although the graph has it no longer, and why."""

    entry: InventoryEntry
    why: str


@dataclass(frozen=True, slots=True)
class Decision:
    """
    What happens to what the graph no longer has.

    :param delete: with the live object, whose YAML is kept for undo
    :param forget: entries whose object is gone already, or is another's now
    """

    delete: tuple[tuple[InventoryEntry, Manifest], ...]
    keep: tuple[Keep, ...]
    forget: tuple[InventoryEntry, ...]


def decide(
    inventory: Iterable[InventoryEntry], wanted: Collection[Key], ground: Ground, *, named: Collection[str] = ()
) -> Decision:
    """
    Decide for every entry that the compiled graph does not have.

    :param wanted: keys of all compiled objects; when it is empty nothing is pruned (use a teardown for that)
    :param named: ``Kind namespace/name`` of kept objects that a person confirmed
    """
    if not wanted:
        return Decision((), (), ())
    delete: list[tuple[InventoryEntry, Manifest]] = []
    keep: list[Keep] = []
    forget: list[InventoryEntry] = []
    for entry in inventory:
        ref = ref_of_entry(entry)
        if key_of(ref) in wanted:
            continue
        live = ground.get(ref)
        if live is None or live["metadata"].get("uid") != entry.uid:
            forget.append(entry)
        elif owner_of(live["metadata"].get("labels")) is None:
            keep.append(Keep(entry, "it does not carry our labels any more"))
        elif entry.kind in KEPT_KINDS and str(ref) not in named:
            keep.append(Keep(entry, KEPT_KINDS[entry.kind]))
        else:
            delete.append((entry, live))
    return Decision(tuple(delete), tuple(keep), tuple(forget))


def ref_of_entry(entry: InventoryEntry) -> ObjectRef:
    """Return what names an entry's object."""
    return ObjectRef(entry.api_version, entry.kind, entry.namespace, entry.name)
