"""
What a run would do, object by object, tried on the cluster without changing it.

What has not moved and compiles to the same digest is not sent; everything else is applied with ``dryRun=All``, and the
answer is compared with the live object.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from shared.errors import ClusterRefused, KubeOrchError, NotFound
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.objects import Manifest, ObjectRef, ref_of
from shared.runs.diff import Change, compare
from shared.runs.ground import Ground, Key, in_parallel, key_of, owned_hash
from shared.runs.models import InventoryEntry
from shared.workflows.compile import Item
from shared.workflows.labels import FIELD_MANAGER, owner_of

Action = Literal["create", "update", "unchanged", "replace", "conflict", "denied", "invalid"]
REFUSED: frozenset[Action] = frozenset({"conflict", "denied", "invalid"})


@dataclass(frozen=True, slots=True)
class Step:
    """
    What happens to one object.

    :param manifest: what is sent; with the live values of secret keys that have none stored
    :param reason: why it is refused or replaced, in words
    """

    item: Item
    manifest: Manifest
    action: Action
    changes: tuple[Change, ...] = ()
    reason: str = ""
    code: str = ""
    live: Manifest | None = None

    @property
    def ref(self) -> ObjectRef:
        """What names the object."""
        return ref_of(self.manifest)


@dataclass(frozen=True, slots=True)
class Plan:
    """Every step in the order of the compiled items, and the namespaces to make first."""

    steps: tuple[Step, ...]
    missing_namespaces: tuple[str, ...] = ()

    @property
    def refused(self) -> tuple[Step, ...]:
        """Steps that cannot be done; a plan with any is not applied."""
        return tuple(step for step in self.steps if step.action in REFUSED)

    def summary(self) -> dict[str, int]:
        """Return how many objects each action is for."""
        return dict(Counter(step.action for step in self.steps))


@dataclass(frozen=True, slots=True)
class Known:
    """What is known before anything is sent."""

    workflow_id: str
    ground: Ground
    inventory: Mapping[Key, InventoryEntry]
    missing_namespaces: frozenset[str] = field(default_factory=frozenset)


def missing_namespaces(client: ClusterClient, namespaces: tuple[str, ...]) -> frozenset[str]:
    """Return which of these namespaces the cluster does not have."""

    def is_missing(name: str) -> bool:
        try:
            return client.get(ObjectRef("v1", "Namespace", None, name)) is None
        except ClusterRefused as error:
            if error.code == "cluster-forbidden":
                # credentials of one namespace may not look; applying will tell
                return False
            raise

    return frozenset(name for name in namespaces if is_missing(name))


def make_plan(client: ClusterClient, items: tuple[Item, ...], known: Known, *, at_once: int) -> Plan:
    """
    Plan all items.

    :raises TemporaryError: the cluster does not answer; nothing was changed
    """
    steps = in_parallel(lambda item: _plan_item(client, item, known), items, at_once=at_once)
    return Plan(tuple(steps), tuple(sorted(known.missing_namespaces)))


def _plan_item(client: ClusterClient, item: Item, known: Known) -> Step:
    ref = ref_of(item.manifest)
    live, entry = known.ground.get(ref), known.inventory.get(key_of(ref))
    if _unmoved(item, entry, live):
        return Step(item, item.manifest, "unchanged", live=live)
    if item.unset_keys:
        item, problem = _with_live_values(client, item, ref)
        if problem:
            return problem
    if ref.namespace in known.missing_namespaces:
        return Step(item, item.manifest, "create")
    if item.replaced and live is not None:
        return _replacement(item, live, known.workflow_id)
    return _try(client, item, live, entry)


def _unmoved(item: Item, entry: InventoryEntry | None, live: Manifest | None) -> bool:
    if entry is None or live is None or not entry.owned:
        return False
    metadata = live["metadata"]
    same = entry.digest == item.digest and entry.uid == metadata.get("uid") and entry.owned == owned_hash(live)
    return same and not metadata.get("deletionTimestamp")


def _with_live_values(client: ClusterClient, item: Item, ref: ObjectRef) -> tuple[Item, Step | None]:
    """Keep the live values of keys that have none stored: leaving them out would remove them."""
    live = client.get(ref)
    present = (live or {}).get("data") or {}
    lacking = [key for key in item.unset_keys if key not in present]
    if lacking:
        text = f"{ref} has no value for: {', '.join(lacking)}. Enter it on the node, then run again."
        return item, Step(item, item.manifest, "invalid", reason=text, code="secret-unset")
    kept = {key: present[key] for key in item.unset_keys}
    data = {**kept, **(item.manifest.get("data") or {})}
    return replace(item, manifest={**item.manifest, "data": data}), None


def _replacement(item: Item, live: Manifest, workflow_id: str) -> Step:
    owner = owner_of(live["metadata"].get("labels"))
    if owner is None or owner[0] != workflow_id:
        return _foreign(item, live)
    return Step(
        item, item.manifest, "replace", reason="Its spec cannot be changed in place; it is made again.", live=live
    )


def _try(client: ClusterClient, item: Item, live: Manifest | None, entry: InventoryEntry | None) -> Step:
    try:
        result = client.apply(item.manifest, dry_run=True)
    except (ClusterRefused, NotFound) as error:
        return _refused(item, error)
    metadata = result.get("metadata") or {}
    if not metadata.get("resourceVersion"):
        return Step(item, item.manifest, "create")
    if live is None and not (entry is not None and entry.uid == metadata.get("uid")):
        return _foreign(item, result)
    changes = tuple(compare(live, result)) if live is not None else ()
    return Step(item, item.manifest, "update" if changes or live is None else "unchanged", changes=changes, live=live)


def _foreign(item: Item, live: Manifest) -> Step:
    managers = sorted(
        {entry.get("manager", "") for entry in live["metadata"].get("managedFields") or []} - {FIELD_MANAGER, ""}
    )
    whose = f" (managed by {', '.join(managers[:3])})" if managers else ""
    ref = ref_of(item.manifest)
    text = f"{ref} exists already and does not belong to this workflow{whose}. Choose another name, or delete it."
    return Step(item, item.manifest, "conflict", reason=text, code="not-ours")


def _refused(item: Item, error: KubeOrchError) -> Step:
    ref = ref_of(item.manifest)
    if error.code == "cluster-conflict":
        return Step(item, item.manifest, "conflict", reason=f"{ref}: {_conflict_words(error)}", code=error.code)
    if error.code == "cluster-forbidden":
        return Step(item, item.manifest, "denied", reason=f"{ref}: {error.message}", code=error.code)
    return Step(item, item.manifest, "invalid", reason=f"{ref}: {error.message}", code=error.code)


def _conflict_words(error: KubeOrchError) -> str:
    causes = error.details.get("causes")
    if not isinstance(causes, list) or not causes:
        return error.message
    fields = "; ".join(f"{cause['field']} ({cause['message']})" for cause in causes[:5])
    return f"somebody else manages fields of it: {fields}"
