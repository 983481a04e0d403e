"""
Overlays: fields of a node's objects beyond its form, merged into the manifests last. Pure.

Maps are merged at every depth, lists of built-in kinds by Kubernetes' merge key, other lists are replaced; null removes
a field. Types that make several objects have an overlay for each kind of object.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.kubernetes import labels
from shared.kubernetes.objects import BUILT_IN
from shared.workflows.drawing.effects import Wired
from shared.workflows.kinds.fields.base import CompileContext, Json, Manifest, Subject

Path = tuple[str | int, ...]

NOT_PEOPLES: Mapping[Path, frozenset[str]] = {
    (): frozenset({"apiVersion", "kind", "status"}),
    ("metadata",): frozenset(
        {
            *("name", "namespace", "generateName", "uid", "resourceVersion", "generation", "managedFields"),
            *("creationTimestamp", "deletionTimestamp", "ownerReferences", "selfLink"),
        }
    ),
}
SECRET_VALUES = frozenset({"data", "stringData"})
MERGE_KEYS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("containers", "initContainers", "env", "volumes"), ("name",)),
    **dict.fromkeys(("imagePullSecrets", "secrets", "resourceClaims", "claims", "schedulingGates"), ("name",)),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "hostAliases": ("ip",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
    "ports": ("port", "protocol"),
}
"""List → the fields that tell its items apart, after the API's list types; those that are left out have a default."""
CONTAINER_PORTS = ("containerPort", "protocol")
DEFAULTS = {"protocol": "TCP"}


@dataclass(frozen=True, slots=True)
class Mistake:
    """A part of an overlay that is not merged; ``path`` begins inside the overlay."""

    path: Path
    code: str
    message: str


def manifests_of(subject: Subject[Any], wired: Wired, context: CompileContext) -> list[Manifest]:
    """Return the manifests of a node, with its overlay as far as it is sound."""
    made = list(subject.kind.manifests(subject, wired, context))
    return merged(subject, made)[0] if subject.overlay else made


def merged(subject: Subject[Any], made: Sequence[Manifest]) -> tuple[list[Manifest], list[Mistake]]:
    """Return a node's manifests with its overlay merged into them, and the parts of it that could not be."""
    overlay = subject.overlay or {}
    if not subject.kind.makes_several:
        [manifest] = made
        whole, mistakes = merge(manifest, overlay)
        return [whole], mistakes
    found: list[Manifest] = []
    mistakes = []
    kinds = [manifest["kind"] for manifest in made]
    for manifest in made:
        part = overlay.get(manifest["kind"])
        if not isinstance(part, Mapping):
            found.append(manifest)
            continue
        whole, wrong = merge(manifest, part)
        found.append(whole)
        mistakes += [Mistake((manifest["kind"], *item.path), item.code, item.message) for item in wrong]
    for kind, part in overlay.items():
        if kind not in kinds:
            message = f"is no object of this node; it makes {' and '.join(kinds)}"
            mistakes.append(Mistake((kind,), "overlay-unknown", message))
        elif not isinstance(part, Mapping):
            mistakes.append(Mistake((kind,), "overlay-shape", "must be a part of the object, with its fields"))
    return found, mistakes


def merge(manifest: Manifest, overlay: Mapping[str, Any]) -> tuple[Manifest, list[Mistake]]:
    """Return one object with an overlay merged into it, and the parts of the overlay that could not be."""
    merging = _Merging(
        has_merge_keys=(manifest["apiVersion"], manifest["kind"]) in BUILT_IN, is_secret=manifest["kind"] == "Secret"
    )
    whole = merging.map(manifest, overlay, ())
    if list(_ours(whole)) != list(_ours(manifest)):
        message = "would remove labels by which the platform knows its objects and services find their pods"
        return manifest, [*merging.mistakes, Mistake((), "overlay-forbidden", message)]
    return whole, merging.mistakes


@dataclass(slots=True)
class _Merging:
    has_merge_keys: bool
    is_secret: bool
    mistakes: list[Mistake] = field(default_factory=list)

    def map(self, value: Mapping[str, Any], overlay: Mapping[str, Any], path: Path) -> Json:
        whole = dict(value)
        for name, item in overlay.items():
            reason = self._refused(name, item, path)
            if reason:
                self.mistakes.append(Mistake((*path, name), "overlay-forbidden", reason))
            elif item is None:
                whole.pop(name, None)
            else:
                merged_item = self._value(whole.get(name), item, (*path, name))
                # a map of which nothing is left to say makes no empty field
                if not _is_empty(merged_item) or _is_empty(item) or name in whole:
                    whole[name] = merged_item
        return whole

    def _refused(self, name: str, item: Any, path: Path) -> str:
        if name in NOT_PEOPLES.get(path, frozenset()):
            return "is decided by the node and the cluster, not by an overlay"
        if self.is_secret and not path and name in SECRET_VALUES:
            return "holds secret values, which are written apart and never stand in a graph"
        if labels.is_reserved(name):
            return "is set by the platform"
        if not path and name in {"metadata", "spec"} and item is None:
            return "cannot be removed whole; name the fields to remove"
        return _wrong_value(name, item, path)

    def _value(self, value: Any, overlay: Any, path: Path) -> Any:
        wanted = _shape(value)
        if value is not None and wanted != _shape(overlay):
            self.mistakes.append(Mistake(path, "overlay-shape", f"must be {wanted}"))
            return value
        if isinstance(overlay, Mapping):
            return self.map(value or {}, overlay, path)
        if isinstance(overlay, list):
            return self._list(value or [], overlay, path)
        return overlay

    def _list(self, value: Sequence[Any], overlay: Sequence[Any], path: Path) -> list[Any]:
        keys = self._keys(path)
        if not keys:
            return [self._value(None, item, (*path, index)) for index, item in enumerate(overlay)]
        whole = {_identity(item, keys): item for item in value}
        for index, item in enumerate(overlay):
            place = (*path, index)
            if not isinstance(item, Mapping) or item.get(keys[0]) is None:
                message = f"must have {keys[0]}, which tells the items of this list apart"
                self.mistakes.append(Mistake(place, "overlay-shape", message))
                continue
            identity = _identity(item, keys)
            whole[identity] = self._value(whole.get(identity), item, place)
        return list(whole.values())

    def _keys(self, path: Path) -> tuple[str, ...]:
        if not self.has_merge_keys:
            return ()
        if path[-1] == "ports" and "template" in path:
            return CONTAINER_PORTS
        return MERGE_KEYS.get(str(path[-1]), ())


def _wrong_value(name: str, item: Any, path: Path) -> str:
    """Return the reason why a value cannot stand where the platform itself reads; an empty text where it can."""
    is_map_of_texts = path[-1:] == ("metadata",) and name in {"labels", "annotations"}
    if (is_map_of_texts or (not path and name in {"metadata", "spec"})) and not isinstance(item, (Mapping, type(None))):
        return "must be an object with fields"
    if path[-2:] in {("metadata", "labels"), ("metadata", "annotations")} and not isinstance(item, (str, type(None))):
        return "must be a text; put numbers in quotes"
    return ""


def _is_empty(value: Any) -> bool:
    return isinstance(value, Mapping) and not value


def _shape(value: Any) -> str:
    if isinstance(value, Mapping):
        return "an object with fields"
    return "a list" if isinstance(value, list) else "a single value"


def _identity(item: Any, keys: Sequence[str]) -> str:
    # repr, because overlays may hold anything in these places
    return repr([item.get(key, DEFAULTS.get(key)) for key in keys])


def _ours(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield the labels and annotations of the platform, wherever they stand."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            if labels.is_reserved(name):
                yield (*path, name), item
            else:
                yield from _ours(item, (*path, name))
