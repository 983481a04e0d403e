"""A cluster in memory, as far as runs and plans use one; tests/cluster compares it with a real API server."""

from __future__ import annotations

import copy
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from shared.clock import now, rfc3339
from shared.errors import ClusterRefused, ClusterUnreachable, KubeOrchError, NotFound, TemporaryError
from shared.kubernetes.client import PAGE_SIZE, ClusterClient
from shared.kubernetes.connection.many import Applied, Apply
from shared.kubernetes.labels import FIELD_MANAGER
from shared.kubernetes.objects import BUILT_IN, ApiResource, Manifest, ObjectRef, ref_of
from shared.planning.coming_kinds import kinds_defined
from tests.support.fakes.server_side_apply import (
    Owners,
    Path,
    fields_in,
    managed_fields,
    merged,
    spoken,
    value_at,
)

Key = tuple[str, str | None, str]
Controller = Callable[[Manifest], None]
UNCHANGEABLE: dict[str, Path] = {
    "Deployment": ("f:spec", "f:selector", "f:matchLabels"),
    "Job": ("f:spec", "f:template"),
    "PersistentVolumeClaim": ("f:spec", "f:accessModes"),
}


def run_at_once(live: Manifest) -> None:
    """Be every controller of a cluster on which all goes well: workloads run, jobs complete, definitions are served."""
    generation, wanted = live["metadata"].get("generation", 1), (live.get("spec") or {}).get("replicas", 1)
    if live["kind"] in {"Deployment", "StatefulSet"}:
        counts = dict.fromkeys(["replicas", "updatedReplicas", "readyReplicas", "availableReplicas"], wanted)
        live["status"] = {"observedGeneration": generation, **counts}
    elif live["kind"] == "Job":
        live["status"] = {"succeeded": 1, "conditions": [{"type": "Complete", "status": "True"}]}
    elif live["kind"] == "CustomResourceDefinition":
        live["status"] = {"conditions": [{"type": "Established", "status": "True"}]}


class FakeCluster(ClusterClient):
    """
    Holds objects, with their uid, their version and who manages which of their fields.

    :ivar controller: sees each object after it was written, and gives it its status
    :ivar away: how many of the next requests get no answer
    :ivar denied: verb and plural that the credentials may not use
    :ivar answers: what the next requests of one verb and name get instead: an error to raise, or something to do first
    :ivar asked: every request: its verb, and the object's name, or the kind of a list
    :ivar sent: what was asked to be changed: verb, object and how
    :ivar words: pod, container and whether of the run before → its log
    """

    def __init__(self, *namespaces: str) -> None:
        self.namespace = "default"
        self.objects: dict[Key, Manifest] = {}
        self.controller: Controller = run_at_once
        self.away = 0
        self.denied: set[tuple[str, str]] = set()
        self.answers: dict[tuple[str, str], list[Exception | Callable[[], object]]] = defaultdict(list)
        self.asked: list[tuple[str, str]] = []
        self.sent: list[tuple[str, str, str]] = []
        self.words: dict[tuple[str, str, bool], str] = {}
        self.kinds: dict[tuple[str, str], ApiResource] = {}
        self._owners: dict[Key, Owners] = {}
        self._number = 0
        self._lock = threading.RLock()
        for name in ("default", *namespaces):
            self.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})

    # -- what others do on it -------------------------------------------------------------------------------------

    def put(self, manifest: Manifest, *, manager: str = "somebody") -> Manifest:
        """Write what somebody else writes: the fields that are named become theirs."""
        return self._written(manifest, manager, dry_run=False, force=True)

    def change(self, ref: ObjectRef, **content: Any) -> None:
        """Change parts of an object that nobody manages, as controllers do with its status."""
        with self._lock:
            live = self.objects[_key(ref)]
            live |= content
            live["metadata"]["resourceVersion"] = self._next()

    def vanish(self, ref: ObjectRef) -> None:
        """Take an object away, whatever holds it."""
        with self._lock:
            self.objects.pop(_key(ref))
            self._owners.pop(_key(ref))

    def names(self, kind: str) -> list[str]:
        """Return the names of all objects of a kind."""
        return sorted(name for found, _, name in self.objects if found == kind)

    # -- what the product asks ------------------------------------------------------------------------------------

    def get(self, ref: ObjectRef) -> Manifest | None:
        """Return an object or None."""
        self._ask("get", ref.api_version, ref.kind, ref.name)
        with self._lock:
            return copy.deepcopy(self.objects.get(_key(ref)))

    def get_metadata(self, ref: ObjectRef) -> Manifest | None:
        """Return an object's metadata alone, or None."""
        found = self.get(ref)
        if found is None:
            return None
        return {"apiVersion": ref.api_version, "kind": ref.kind, "metadata": found["metadata"]}

    def list(
        self,
        api_version: str,
        kind: str,
        *,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
        limit: int = PAGE_SIZE,
        most: int | None = None,
    ) -> tuple[list[Manifest], str]:
        """Return objects by their labels and fields; those of built-in kinds do not say in a list what they are."""
        del limit, most
        self._ask("list", api_version, kind, "")
        with self._lock:
            found = [
                copy.deepcopy(item)
                for (of, place, _), item in sorted(self.objects.items(), key=str)
                if of == kind and namespace in {None, place} and _is_selected(item, label_selector, field_selector)
            ]
        if (api_version, kind) in BUILT_IN:
            for item in found:
                del item["apiVersion"], item["kind"]
        return found, str(self._number)

    def apply(
        self,
        manifest: Manifest,
        *,
        dry_run: bool = False,
        force: bool = False,
        field_manager: str = FIELD_MANAGER,
        field_validation: str = "Strict",
    ) -> Manifest:
        """Apply server-side."""
        ref = ref_of(manifest)
        self._ask("patch", ref.api_version, ref.kind, ref.name)
        if not dry_run:
            self.sent.append(("apply", str(ref), f"{field_validation}{' forced' if force else ''}"))
        with self._lock:
            if _key(ref) not in self.objects:
                self._raise_if_denied("create", ref)
            return self._written(manifest, field_manager, dry_run=dry_run, force=force)

    def apply_many(
        self, applies: Sequence[Apply], done: Applied, *, at_once: int, go_on: Callable[[], None]
    ) -> Sequence[int]:
        """Apply one after the other, until one has no answer."""
        del at_once
        for number, apply in enumerate(applies):
            go_on()
            outcome: Manifest | KubeOrchError
            try:
                outcome = self.apply(
                    apply.manifest,
                    dry_run=apply.dry_run,
                    force=apply.force,
                    field_validation=apply.field_validation,
                )
            except TemporaryError:
                return range(number, len(applies))
            except KubeOrchError as error:
                outcome = error
            done(number, outcome)
        return ()

    def delete(self, ref: ObjectRef, *, uid: str | None = None, propagation: str = "Foreground") -> bool:
        """Delete an object, or mark it while finalizers hold it."""
        self._ask("delete", ref.api_version, ref.kind, ref.name)
        self.sent.append(("delete", str(ref), propagation))
        with self._lock:
            live = self.objects.get(_key(ref))
            if live is None:
                return False
            if uid not in {None, live["metadata"]["uid"]}:
                raise ClusterRefused(f"the UID in the precondition ({uid}) does not match", code="cluster-conflict")
            if live["metadata"].get("finalizers"):
                live["metadata"]["deletionTimestamp"] = rfc3339(now())
            else:
                self.vanish(ref)
            return True

    def resource_for(self, api_version: str, kind: str) -> ApiResource:
        """Return how a kind is addressed."""
        found = BUILT_IN.get((api_version, kind)) or self.kinds.get((api_version, kind))
        if found is None:
            raise NotFound(f"This cluster does not know the kind {kind} of {api_version}.", code="kind-unknown")
        return found

    def can_i(self, verb: str, resource: ApiResource, namespace: str | None = None) -> tuple[bool, str]:
        """Say whether a verb is allowed."""
        del namespace
        self._ask("can_i", resource.api_version, resource.kind, verb)
        return (verb, resource.plural) not in self.denied, ""

    def logs(
        self, namespace: str, pod: str, *, container: str | None = None, tail: int = 20, previous: bool = False
    ) -> str:
        """Return what a container has written."""
        del namespace, tail
        self._ask("logs", "v1", "Pod", pod)
        return self.words.get((pod, container or "", previous), "")

    def close(self) -> None:
        """Close nothing."""

    # -- inside ---------------------------------------------------------------------------------------------------

    def _ask(self, verb: str, api_version: str, kind: str, name: str) -> None:
        """Answer a request with an error, when one was arranged."""
        with self._lock:
            self.asked.append((verb, name or kind))
            if self.away:
                self.away -= 1
                raise ClusterUnreachable("The cluster did not answer in time.")
            arranged = self.answers[verb, name or kind]
            answer = arranged.pop(0) if arranged else None
        if isinstance(answer, Exception):
            raise answer
        if answer is not None:
            answer()
        resource = self.resource_for(api_version, kind)
        if verb in {"get", "list", "patch", "delete"}:
            self._raise_if_denied(verb, ObjectRef(api_version, kind, None, name), resource)

    def _raise_if_denied(self, verb: str, ref: ObjectRef, resource: ApiResource | None = None) -> None:
        plural = (resource or self.resource_for(ref.api_version, ref.kind)).plural
        if (verb, plural) in self.denied:
            words = f'{plural} "{ref.name}" is forbidden: User "shop" cannot {verb} resource "{plural}"'
            raise ClusterRefused(words, code="cluster-forbidden")

    def _written(self, manifest: Manifest, manager: str, *, dry_run: bool, force: bool) -> Manifest:
        ref, key = ref_of(manifest), _key(ref_of(manifest))
        with self._lock:
            if ref.namespace and ("Namespace", None, ref.namespace) not in self.objects:
                raise ClusterRefused(f'namespaces "{ref.namespace}" not found', code="cluster-not-found")
            live = self.objects.get(key)
            owners = copy.deepcopy(self._owners.get(key, {}))
            said = fields_in(manifest)
            _settle(live or {}, owners, said, manager, force=force)
            mine = owners.get(manager, set())
            others = {path for name, paths in owners.items() if name != manager for path in paths}
            owners[manager] = set(said)
            after = merged(live or _blank(manifest), said, (mine - set(said)) - others)
            _raise_if_unchangeable(live, after)
            return copy.deepcopy(self._kept(key, live, after, owners, dry_run=dry_run))

    def _kept(self, key: Key, live: Manifest | None, after: Manifest, owners: Owners, *, dry_run: bool) -> Manifest:
        metadata = after["metadata"]
        if live is None:
            metadata |= {"uid": f"uid-{self._number + 1}", "creationTimestamp": rfc3339(now()), "generation": 1}
        elif live.get("spec") != after.get("spec"):
            metadata["generation"] += 1
        metadata["managedFields"] = managed_fields(owners, after["apiVersion"])
        if dry_run or after == live:
            return after
        metadata["resourceVersion"] = self._next()
        self.objects[key], self._owners[key] = after, owners
        self.controller(after)
        for api_version, kind in kinds_defined([after]):
            names, scope = after["spec"]["names"], after["spec"].get("scope")
            self.kinds[api_version, kind] = ApiResource(api_version, kind, names["plural"], scope != "Cluster")
        return after

    def _next(self) -> str:
        self._number += 1
        return str(self._number)


def _settle(live: Manifest, owners: Owners, said: dict[Path, Any], manager: str, *, force: bool) -> None:
    """Raise what conflicts, or take it over."""
    taken = [
        (path, name)
        for name, paths in sorted(owners.items())
        for path in sorted(paths)
        if name != manager and path in said and value_at(live, path) != said[path]
    ]
    if taken and not force:
        causes = [
            {"field": spoken(path), "message": f'conflict with "{name}" using {live["apiVersion"]}'}
            for path, name in taken
        ]
        words = f"Apply failed with {len(causes)} conflict(s)"
        raise ClusterRefused(words, code="cluster-conflict", details={"causes": causes})
    for path, name in taken:
        owners[name].discard(path)


def _raise_if_unchangeable(live: Manifest | None, after: Manifest) -> None:
    if live is None:
        return
    path = UNCHANGEABLE.get(after["kind"])
    if after["kind"] == "ConfigMap" and live.get("immutable"):
        path = ("f:data",)
    if path and value_at(live, path) != value_at(after, path):
        field = ".".join(part[2:] for part in path)
        causes = [{"field": field, "message": "Forbidden: field is immutable"}]
        words = f'{after["kind"]} "{after["metadata"]["name"]}" is invalid: {field}: Forbidden: field is immutable'
        raise ClusterRefused(words, code="cluster-invalid", details={"causes": causes})


def _blank(manifest: Manifest) -> Manifest:
    metadata = {key: manifest["metadata"][key] for key in ("name", "namespace") if manifest["metadata"].get(key)}
    return {"apiVersion": manifest["apiVersion"], "kind": manifest["kind"], "metadata": metadata}


def _is_selected(item: Manifest, labelled: str | None, fields: str | None) -> bool:
    for part in (fields or "").split(","):
        path, equals, value = part.partition("=")
        if equals and _field(item, path) != value:
            return False
    labels = item["metadata"].get("labels") or {}
    for part in (labelled or "").split(","):
        key, equals, value = part.partition("=")
        if key and (key not in labels or (equals and labels[key] != value)):
            return False
    return True


def _field(item: Manifest, path: str) -> Any:
    found: Any = item
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _key(ref: ObjectRef) -> Key:
    return ref.kind, ref.namespace, ref.name
