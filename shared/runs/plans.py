"""
Plans as people read and confirm them, in the collection ``run_plans``: one document per object.

A plan is confirmed by its digest. When it is applied the ground is planned again: what became less is fine, what became
more or other stops the run, because nobody has agreed to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field
from pymongo import ASCENDING, IndexModel
from pymongo.database import Database

from shared.runs.consent import Consent
from shared.runs.diff import Change
from shared.runs.plan import Action, FieldConflict, Need, Plan, Step
from shared.runs.prune import Decision, ref_of_entry
from shared.storage import paging
from shared.storage.documents import Document, narrow

COLLECTION = "run_plans"
INDEXES = [IndexModel([("run_id", ASCENDING), ("_id", ASCENDING)], name="run")]

What = Action | Literal["prune", "keep"]
QUIET: frozenset[What] = frozenset({"unchanged", "keep"})
"""Actions that change nothing on the cluster."""
MOST_CHANGES = 200


class Conflict(BaseModel):
    """A field that somebody else manages."""

    field: str
    manager: str


class PlanItem(BaseModel):
    """
    What a run would do with one object.

    :param node_id: None for namespaces that are made on the way
    :param object: how people and consents name it: ``Deployment shop/web``
    :param diff: fields that change, secret values masked; at most ``MOST_CHANGES``
    :param needs: what to agree to before it can be done: ``takeover``, ``adopt``, ``replace``, or ``delete``, which
        is asked for what is kept
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
    conflicts: list[Conflict] = Field(default_factory=list)


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
        """Return what goes out."""
        return narrow(PlanItem, self)


def items_of(run_id: str, plan: Plan, decision: Decision) -> list[StoredItem]:
    """Write a plan as items: namespaces first, then objects in the order of their waves, then what goes and stays."""
    found: list[dict[str, Any]] = [_namespace(name) for name in plan.missing_namespaces]
    found += [_step(step) for step in plan.steps]
    last = max((step.item.wave for step in plan.steps), default=0) + 1
    for entry, live in decision.delete:
        ref = ref_of_entry(entry)
        stands_on = f"{entry.digest}@{live['metadata'].get('resourceVersion', '')}"
        found.append({**_named(ref, entry.node_id, last), "action": "prune", "stands_on": stands_on})
    for keep in decision.keep:
        ref = ref_of_entry(keep.entry)
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


def _conflict(conflict: FieldConflict) -> Conflict:
    return Conflict(field=conflict.field, manager=conflict.manager)


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
    """Return what names a plan: what it does, and the ground it was made on."""
    content = sorted((item.object, item.action, item.needs, item.stands_on) for item in items)
    return hashlib.sha256(orjson.dumps(content)).hexdigest()


def grown(confirmed: Sequence[PlanItem], now: Sequence[PlanItem], consent: Consent) -> list[PlanItem]:
    """
    Return what a plan does now that nobody has agreed to. Pure.

    Less is fine: what was to be changed and needs it no more, or fields that have their value already.
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


class PlanStore:
    """Reads and writes plans."""

    def __init__(self, db: Database[dict[str, Any]]) -> None:
        self._items = db[COLLECTION]

    def put(self, run_id: str, items: Sequence[StoredItem]) -> None:
        """Write a run's plan; what was planned before is gone."""
        self._items.delete_many({"run_id": run_id})
        if items:
            self._items.insert_many([item.to_mongo() for item in items])

    def of_run(self, run_id: str) -> list[StoredItem]:
        """Return a run's whole plan in its order."""
        rows = self._items.find({"run_id": run_id}).sort("_id", ASCENDING)
        return [StoredItem.from_mongo(row) for row in rows]

    def page(
        self, run_id: str, *, action: str | None, limit: int, cursor: str | None
    ) -> tuple[list[StoredItem], int, str | None]:
        """Return a page of a run's plan."""
        query = {"run_id": run_id, **({"action": action} if action else {})}
        rows, total, following = paging.page(self._items, query, sort=("_id", ASCENDING), limit=limit, cursor=cursor)
        return [StoredItem.from_mongo(row) for row in rows], total, following

    def delete_of(self, run_ids: Sequence[str]) -> None:
        """Forget the plans of runs."""
        self._items.delete_many({"run_id": {"$in": list(run_ids)}})
