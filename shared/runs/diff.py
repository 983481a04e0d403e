"""What a change would do to an object, field by field. Pure; what only the server writes is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from shared.kubernetes.objects import Manifest

MASK = "•••"
_SERVER_METADATA = {
    "managedFields",
    "resourceVersion",
    "generation",
    "uid",
    "creationTimestamp",
    "selfLink",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
}
_QUIET_ANNOTATIONS = {"kubeorch.io/version", "deployment.kubernetes.io/revision"}


class Change(BaseModel):
    """One field: ``path`` like ``spec.template.spec.containers[web].image``; None is absent."""

    path: str
    old: Any = None
    new: Any = None


def compare(live: Manifest, wanted: Manifest) -> list[Change]:
    """
    Return the fields that differ between an object as it is and as it would be, in a fixed order.

    :param wanted: the answer of a dry run, so that defaults stand on both sides
    """
    secret = wanted.get("kind") == "Secret"
    return [
        Change(path=path, old=MASK, new=MASK) if secret and path.startswith(("data", "stringData")) else change
        for path, change in ((item.path, item) for item in _walk(_visible(live), _visible(wanted), ""))
    ]


def _visible(manifest: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {key: value for key, value in (manifest.get("metadata") or {}).items() if key not in _SERVER_METADATA}
    annotations = {
        key: value for key, value in (metadata.pop("annotations", None) or {}).items() if key not in _QUIET_ANNOTATIONS
    }
    if annotations:
        metadata["annotations"] = annotations
    rest = {key: value for key, value in manifest.items() if key not in {"metadata", "status", "apiVersion", "kind"}}
    return {**rest, "metadata": metadata}


def _walk(old: Any, new: Any, path: str) -> Iterator[Change]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*old, *new}):
            yield from _walk(old.get(key), new.get(key), f"{path}.{key}" if path else str(key))
    elif isinstance(old, list) and isinstance(new, list) and (old or new):
        yield from _walk_lists(old, new, path)
    elif old != new:
        yield Change(path=path, old=old, new=new)


def _walk_lists(old: list[Any], new: list[Any], path: str) -> Iterator[Change]:
    """Compare lists of named things by name (containers, ports, env), others by position."""
    if all(isinstance(item, Mapping) and isinstance(item.get("name"), str) for item in [*old, *new]):
        before, after = {item["name"]: item for item in old}, {item["name"]: item for item in new}
        for name in [*before, *(name for name in after if name not in before)]:
            yield from _walk(before.get(name), after.get(name), f"{path}[{name}]")
        if list(before) != list(after) and sorted(before) == sorted(after):
            yield Change(path=path, old=list(before), new=list(after))
        return
    for index in range(max(len(old), len(new))):
        left = old[index] if index < len(old) else None
        right = new[index] if index < len(new) else None
        yield from _walk(left, right, f"{path}[{index}]")
