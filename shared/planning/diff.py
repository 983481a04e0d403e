"""The effect of a change on an object, field by field. Pure; fields that only the server writes are left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.json_diff import Change, walk
from shared.kubernetes.objects import Manifest

__all__ = ["MASK", "Change", "compare"]

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
_SECRET_FIELDS = ("data", "stringData")


def compare(live: Manifest, wanted: Manifest) -> list[Change]:
    """
    Return the fields that differ between an object as it is and as it would be, in a fixed order.

    :param wanted: the answer of a dry run, so that defaults stand on both sides
    """
    changes = list(walk(_visible(live), _visible(wanted)))
    return [_masked(change) for change in changes] if wanted.get("kind") == "Secret" else changes


def _masked(change: Change) -> Change:
    """Hide the values of a secret, but not that one comes or goes."""
    if change.path.split(".", 1)[0] not in _SECRET_FIELDS:
        return change
    return Change(path=change.path, old=_mask(change.old), new=_mask(change.new))


def _mask(value: Any) -> Any:
    return dict.fromkeys(value, MASK) if isinstance(value, Mapping) else value and MASK


def _visible(manifest: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {key: value for key, value in (manifest.get("metadata") or {}).items() if key not in _SERVER_METADATA}
    annotations = {
        key: value for key, value in (metadata.pop("annotations", None) or {}).items() if key not in _QUIET_ANNOTATIONS
    }
    if annotations:
        metadata["annotations"] = annotations
    rest = {key: value for key, value in manifest.items() if key not in {"metadata", "status", "apiVersion", "kind"}}
    return {**rest, "metadata": metadata}
