"""
Plans as people read and confirm them: one item per object.

A plan is confirmed by its digest. When it is applied the ground is planned again: what became less is fine, what became
more or other stops the run, because nobody has agreed to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from shared.planning.consent import Consent
from shared.planning.diff import Change
from shared.planning.plan import Action, FieldConflict, Need, Plan, Step
from shared.planning.prune import Decision
from shared.storage.documents import Document, narrow

What = Action | Literal["prune", "keep"]
QUIET: frozenset[What] = frozenset({"unchanged", "keep"})
"""Actions that change nothing on the cluster."""
MOST_CHANGES = 200


class FieldOwner(BaseModel):
    """A field that somebody else manages."""

    field: str
    manager: str


class PlanItem(BaseModel):
    """
    The deed of a run on one object.

    :param node_id: None for namespaces that are made on the way
    :param object: how people and consents name it: ``Deployment shop/web``
    :param diff: fields that change, secret values masked; at most ``MOST_CHANGES``
    :param needs: the consent without which it is not done: ``takeover``, ``adopt``, ``replace``, or ``delete``, which
        is asked for objects that are kept
    """

    model_config = ConfigDict(from_attributes=True)

    index: int
    wave: int
    node_id: str | None
    object: str
    kind: str
    namespace: str | None
    name: str
    action: What
    diff: list[Change] = Field(default_factory=list)
    reason: str = ""
    code: str = ""
    needs: Need | Literal["delete"] = ""
    conflicts: list[FieldOwner] = Field(default_factory=list)


class StoredItem(PlanItem, Document):
    """
    One stored item.

    :param stands_on: the manifest's digest and the live object's version that the item was planned on
    """

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    id: str
    run_id: str
    stands_on: str = ""

    def public(self) -> PlanItem:
        """Return the part of it that clients receive."""
        return narrow(PlanItem, self)


def items_of(run_id: str, plan: Plan, decision: Decision) -> list[StoredItem]:
    """Return a plan as items: namespaces first, then objects in the order of waves, then removed and kept ones."""
    found: list[dict[str, Any]] = [_namespace(name) for name in plan.missing_namespaces]
    found += [_step(step) for step in plan.steps]
    last = max((step.item.wave for step in plan.steps), default=0) + 1
    for entry, live in decision.delete:
        ref = entry.ref
        stands_on = f"{entry.digest}@{live['metadata'].get('resourceVersion', '')}"
        found.append({**_named(ref, entry.node_id, last), "action": "prune", "stands_on": stands_on})
    for keep in decision.keep:
        ref = keep.entry.ref
        needs = "delete" if keep.may_be_named else ""
        found.append({**_named(ref, keep.entry.node_id, last), "action": "keep", "reason": keep.why, "needs": needs})
    return [
        StoredItem(id=f"{run_id}:{index:05d}", run_id=run_id, index=index, **values)
        for index, values in enumerate(found)
    ]


def _namespace(name: str) -> dict[str, Any]:
    return {
        "wave": 0,
        "node_id": None,
        "object": f"Namespace {name}",
        "kind": "Namespace",
        "namespace": None,
        "name": name,
        "action": "create",
        "reason": "The namespace does not exist yet.",
    }


def _step(step: Step) -> dict[str, Any]:
    version = ((step.live or {}).get("metadata") or {}).get("resourceVersion", "")
    return {
        **_named(step.ref, step.item.node_id, step.item.wave),
        "action": step.action,
        "diff": list(step.changes[:MOST_CHANGES]),
        "reason": step.reason,
        "code": step.code,
        "needs": step.needs,
        "conflicts": [_conflict(conflict) for conflict in step.conflicts],
        "stands_on": f"{step.item.digest}@{version}",
    }


def _conflict(conflict: FieldConflict) -> FieldOwner:
    return FieldOwner(field=conflict.field, manager=conflict.manager)


def _named(ref: Any, node_id: str, wave: int) -> dict[str, Any]:
    return {
        "wave": wave,
        "node_id": node_id,
        "object": str(ref),
        "kind": ref.kind,
        "namespace": ref.namespace,
        "name": ref.name,
    }


def digest_of(items: Iterable[StoredItem]) -> str:
    """Return the digest of a plan: of its deeds, and of the live objects that it was made for."""
    content = sorted((item.object, item.action, item.needs, item.stands_on) for item in items)
    return hashlib.sha256(orjson.dumps(content)).hexdigest()


def grown(confirmed: Sequence[PlanItem], now: Sequence[PlanItem], consent: Consent) -> list[PlanItem]:
    """
    Return the items of a plan that nobody has agreed to. Pure.

    Less is fine: an object that needs no change any more, or fields that have their value already.
    """
    known = {item.object: item for item in confirmed}
    return [item for item in now if item.action not in QUIET and not _is_within(item, known.get(item.object), consent)]


def _is_within(item: PlanItem, agreed: PlanItem | None, consent: Consent) -> bool:
    if agreed is None:
        return False
    if agreed.needs:
        # asked by name, so it does not matter which fields that comes to
        return _was_answered(agreed, consent)
    if item.action != agreed.action:
        # an object that was to be made has been made by this very run before its worker died
        return agreed.action == "create" and item.action == "update"
    if item.action != "update":
        return True
    fields = {(change.path, orjson.dumps(change.new)) for change in agreed.diff}
    return all((change.path, orjson.dumps(change.new)) in fields for change in item.diff)


def _was_answered(agreed: PlanItem, consent: Consent) -> bool:
    if agreed.needs == "takeover":
        return consent.may_take_over(agreed.object, [conflict.field for conflict in agreed.conflicts])
    named = {"adopt": consent.adopt, "replace": consent.replace, "delete": consent.delete}
    return agreed.object in named.get(agreed.needs, [])
