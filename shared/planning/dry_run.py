"""
The steps of a run, object by object, tried on the cluster without changing it.

What has not moved and compiles to the same digest is not sent; everything else is applied with ``dryRun=All``, and the
answer is compared with the live object. What goes beyond an ordinary change needs a person's consent, object by object.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from shared.errors import ClusterRefused, KubeOrchError, NotFound
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.connection.many import Apply
from shared.kubernetes.labels import FIELD_MANAGER, owner_of
from shared.kubernetes.objects import Manifest, ObjectRef, ref_of
from shared.owned.models import OwnedObject
from shared.parallel import in_parallel
from shared.planning import immutable
from shared.planning.coming_kinds import kinds_defined
from shared.planning.consent import Consent
from shared.planning.diff import compare
from shared.planning.live_values import keep_live_replicas, keep_live_values
from shared.planning.plan import Action, FieldConflict, Known, Need, Plan, Step
from shared.planning.survey import LiveObjects, key_of, owned_hash, survey
from shared.workflows.compile.manifests import Item


def plan_on(
    client: ClusterClient,
    workflow_id: str,
    items: tuple[Item, ...],
    owned: Sequence[OwnedObject],
    *,
    at_once: int,
    consent: Consent | None = None,
    rerun: Collection[str] = (),
) -> tuple[Plan, LiveObjects]:
    """
    Read the objects of a cluster, then plan how items are applied there.

    :param owned: the workflow's objects on this cluster, as far as they matter
    :return: the plan, and the live objects of the items and of those that are owned
    :raises TemporaryError: the cluster does not answer; nothing was changed
    """
    refs = [ref_of(item.manifest) for item in items]
    looked_at = [*refs, *(item.ref for item in owned)]
    kinds = [(ref.api_version, ref.kind, ref.namespace) for ref in looked_at]
    live_objects = survey(client, workflow_id, kinds, at_once=at_once)
    known = Known(
        workflow_id=workflow_id,
        live_objects=live_objects,
        owned={key_of(item.ref): item for item in owned},
        missing_namespaces=missing_namespaces(client, sorted({ref.namespace for ref in refs if ref.namespace})),
        consent=consent or Consent(),
        rerun=frozenset(rerun),
        coming=kinds_defined(item.manifest for item in items),
    )
    return make_plan(client, items, known, at_once=at_once), live_objects


def missing_namespaces(client: ClusterClient, namespaces: Iterable[str]) -> frozenset[str]:
    """Return the namespaces among these that the cluster does not have."""

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
    steps: list[Step | None] = [_unmoved_step(item, known) for item in items]
    moved = [index for index, step in enumerate(steps) if step is None]
    answers = _try_all(client, {index: items[index] for index in moved}, known, at_once=at_once)
    for index, answer in answers.items():
        if not isinstance(answer, KubeOrchError):
            steps[index] = _attempt(client, items[index], known).accepted(answer, force=False)
    # threads only for what has to be asked about
    rest = [index for index in moved if steps[index] is None]
    tried = in_parallel(
        lambda index: _plan_item(client, items[index], known, answers.get(index)), rest, at_once=at_once
    )
    for index, step in zip(rest, tried, strict=True):
        steps[index] = step
    return Plan(tuple(step for step in steps if step is not None), tuple(sorted(known.missing_namespaces)))


def _try_all(
    client: ClusterClient, items: Mapping[int, Item], known: Known, *, at_once: int
) -> dict[int, Manifest | KubeOrchError]:
    """Return the dry-run answers of items, without those that need several requests or a wait."""
    tried = [(index, _attempt(client, item, known).item) for index, item in items.items() if _is_tried(item, known)]
    answers: dict[int, Manifest | KubeOrchError] = {}

    def take(number: int, answer: Manifest | KubeOrchError) -> None:
        answers[tried[number][0]] = answer

    applies = [Apply(item.manifest, dry_run=True) for _, item in tried]
    client.apply_many(applies, take, at_once=at_once, go_on=lambda: None)
    return answers


def _is_tried(item: Item, known: Known) -> bool:
    """Whether a dry run of its compiled manifest answers all questions about an object."""
    ref = ref_of(item.manifest)
    is_made_again = item.replaced and known.live_objects.get(ref) is not None
    return not item.unset_keys and not is_made_again and ref.namespace not in known.missing_namespaces


def _unmoved_step(item: Item, known: Known) -> Step | None:
    """Return the step of an object that is as the last run left it; nothing is asked for that."""
    ref = ref_of(item.manifest)
    live, entry = known.live_objects.get(ref), known.owned.get(key_of(ref))
    again = item.node_id in known.rerun and item.replaced
    if again or not _unmoved(item, entry, live):
        return None
    return Step(item, item.manifest, "unchanged", live=live, is_recorded=True)


def _attempt(client: ClusterClient, item: Item, known: Known) -> _Attempt:
    ref = ref_of(item.manifest)
    live = known.live_objects.get(ref)
    return _Attempt(client, keep_live_replicas(item, live), live, known.owned.get(key_of(ref)), known)


def _plan_item(client: ClusterClient, item: Item, known: Known, answer: Manifest | KubeOrchError | None) -> Step:
    ref = ref_of(item.manifest)
    live = known.live_objects.get(ref)
    if item.unset_keys:
        item, problem = keep_live_values(client, item, ref)
        if problem:
            return problem
    if ref.namespace in known.missing_namespaces:
        return Step(item, item.manifest, "create")
    if item.replaced and live is not None:
        return _replacement(item, live, known.workflow_id)
    attempt = _attempt(client, item, known)
    return attempt.refused(answer) if isinstance(answer, KubeOrchError) else attempt.tried()


def _unmoved(item: Item, entry: OwnedObject | None, live: Manifest | None) -> bool:
    if entry is None or live is None or not entry.owned:
        return False
    metadata = live["metadata"]
    same = entry.digest == item.digest and entry.uid == metadata.get("uid") and entry.owned == owned_hash(live)
    return same and not metadata.get("deletionTimestamp")


def _replacement(item: Item, live: Manifest, workflow_id: str) -> Step:
    owner = owner_of(live["metadata"].get("labels"))
    if owner is None or owner[0] != workflow_id:
        return _foreign(item, live)
    return Step(
        item, item.manifest, "replace", reason="Its spec cannot be changed in place; it is made again.", live=live
    )


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One object on its dry run, and the meaning of its answer."""

    client: ClusterClient
    item: Item
    live: Manifest | None
    entry: OwnedObject | None
    known: Known

    def tried(self, *, force: bool = False) -> Step:
        try:
            result = self.client.apply(self.item.manifest, dry_run=True, force=force)
        except (ClusterRefused, NotFound) as error:
            return self.refused(error)
        return self.accepted(result, force=force)

    def accepted(self, result: Manifest, *, force: bool) -> Step:
        metadata = result.get("metadata") or {}
        if not metadata.get("resourceVersion"):
            return Step(self.item, self.item.manifest, "create", is_tried=True)
        live = self.live
        if live is None and not (self.entry is not None and self.entry.uid == metadata.get("uid")):
            if str(ref_of(self.item.manifest)) not in self.known.consent.adopt:
                return _foreign(self.item, result)
            live = self.client.get(ref_of(self.item.manifest))
        changes = tuple(compare(live, result)) if live is not None else ()
        action: Action = "update" if changes or self.live is None else "unchanged"
        return Step(self.item, self.item.manifest, action, changes=changes, live=live, force=force, is_tried=True)

    def refused(self, error: KubeOrchError) -> Step:
        ref = ref_of(self.item.manifest)
        conflicts = _conflicts(error)
        if conflicts and self._is_strange():
            # what to take over is asked only once it is clear that the object may be touched at all
            return _foreign(self.item, self.client.get(ref) or {"metadata": {}})
        if conflicts:
            if self.known.consent.may_take_over(str(ref), [conflict.field for conflict in conflicts]):
                return self.tried(force=True)
            return self._problem("conflict", _conflict_words(conflicts), error, needs="takeover", conflicts=conflicts)
        if error.code in {"kind-unknown", "cluster-not-found"} and (ref.api_version, ref.kind) in self.known.coming:
            # its definition is in this plan as well; the object itself is tried when it is applied
            return Step(self.item, self.item.manifest, "create")
        if error.code == "cluster-forbidden":
            return self._problem("denied", error.message, error)
        fields = immutable.fields_of(error)
        if fields and self.live is not None:
            return self._replacement(fields, error)
        return self._problem("invalid", error.message, error)

    def _is_strange(self) -> bool:
        ours = self.live is not None or str(ref_of(self.item.manifest)) in self.known.consent.adopt
        return not ours

    def _replacement(self, fields: tuple[str, ...], error: KubeOrchError) -> Step:
        ref = ref_of(self.item.manifest)
        if ref.kind in immutable.NEVER_REPLACED:
            text = f"{error.message} {immutable.NEVER_REPLACED[ref.kind]}"
            return self._problem("invalid", text, error)
        agreed = str(ref) in self.known.consent.replace
        text = f"{ref}: {', '.join(fields)} cannot be changed in place; it has to be deleted and made again."
        needs: Need = "" if agreed else "replace"
        return Step(
            self.item, self.item.manifest, "replace", reason=text, code="immutable", live=self.live, needs=needs
        )

    def _problem(
        self,
        action: Action,
        words: str,
        error: KubeOrchError,
        *,
        needs: Need = "",
        conflicts: tuple[FieldConflict, ...] = (),
    ) -> Step:
        reason = f"{ref_of(self.item.manifest)}: {words}"
        return Step(
            self.item,
            self.item.manifest,
            action,
            reason=reason,
            code=error.code,
            live=self.live,
            needs=needs,
            conflicts=conflicts,
        )


def _foreign(item: Item, live: Manifest) -> Step:
    managers = sorted(
        {entry.get("manager", "") for entry in live["metadata"].get("managedFields") or []} - {FIELD_MANAGER, ""}
    )
    whose = f" (managed by {', '.join(managers[:3])})" if managers else ""
    ref = ref_of(item.manifest)
    text = f"{ref} exists already and does not belong to this workflow{whose}. Choose another name, or delete it."
    return Step(item, item.manifest, "conflict", reason=text, code="not-ours", needs="adopt")


def _conflicts(error: KubeOrchError) -> tuple[FieldConflict, ...]:
    """Return the fields of a conflict of server-side apply; empty for any other error."""
    causes = error.details.get("causes")
    if error.code != "cluster-conflict" or not isinstance(causes, list):
        return ()
    return tuple(FieldConflict(str(cause["field"]), _manager(str(cause["message"]))) for cause in causes)


def _manager(words: str) -> str:
    """Return the name in ``conflict with "kubectl-edit" using apps/v1``."""
    found = re.search(r'conflict with "([^"]+)"', words)
    return found[1] if found else words


def _conflict_words(conflicts: tuple[FieldConflict, ...]) -> str:
    fields = "; ".join(f"{conflict.field} ({conflict.manager})" for conflict in conflicts[:5])
    return f"somebody else manages fields of it: {fields}"
