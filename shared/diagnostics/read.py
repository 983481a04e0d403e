"""Reading objects of which any field may be missing, and naming the field that something was read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.errors import shorten
from shared.kubernetes.objects import Manifest

LONGEST_WORDS = 600


def dig(value: Any, *path: str) -> Any:
    """Return the value at the end of a path of keys, None when there is none."""
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def maps(value: Any, *path: str) -> list[Mapping[str, Any]]:
    """Return the objects of a list; none when it is no list."""
    found = dig(value, *path)
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


def mapping(value: Any, *path: str) -> Mapping[str, Any]:
    """Return an object; empty when there is none."""
    found = dig(value, *path)
    return found if isinstance(found, Mapping) else {}


def text(value: Any, *path: str) -> str:
    """Return a text or a number as text; empty when there is none."""
    found = dig(value, *path)
    return str(found) if isinstance(found, (str, int)) and not isinstance(found, bool) else ""


def texts(value: Any, *path: str) -> list[str]:
    """Return the texts of a list; none when it is no list."""
    found = dig(value, *path)
    return [item for item in found if isinstance(item, str)] if isinstance(found, list) else []


def number(value: Any, *path: str, otherwise: int = 0) -> int:
    """Return a whole number."""
    found = dig(value, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) else otherwise


def words(value: Any, *path: str) -> str:
    """Return a cluster's sentence, cut."""
    return shorten(text(value, *path), LONGEST_WORDS)


def moment(value: Any, *path: str) -> datetime | None:
    """Return a time; None when there is none, or it is written in another way."""
    try:
        found = datetime.fromisoformat(text(value, *path))
    except ValueError:
        return None
    return found if found.tzinfo else None


def name(item: Any) -> str:
    """Return an object's name."""
    return text(item, "metadata", "name")


def uid(item: Any) -> str:
    """Return an object's uid."""
    return text(item, "metadata", "uid")


def labels(item: Any) -> Mapping[str, Any]:
    """Return an object's labels."""
    return mapping(item, "metadata", "labels")


def said(item: Manifest, field: str, value: Any) -> str:
    """Write the evidence: ``pod web-7c: status.phase = Pending``."""
    kind = text(item, "kind")
    shown = kind[:1].lower() + kind[1:] if kind else "object"
    return shorten(f"{shown} {name(item)}: {field} = {value}", LONGEST_WORDS)


def condition(item: Any, wanted: str) -> Mapping[str, Any]:
    """Return a condition by its type; empty when it is not there."""
    return next((entry for entry in maps(item, "status", "conditions") if text(entry, "type") == wanted), {})


def is_owned_by(item: Any, owner: str) -> bool:
    """Whether one of an object's owners has this uid."""
    return bool(owner) and any(text(entry, "uid") == owner for entry in maps(item, "metadata", "ownerReferences"))


def is_leaving(item: Any) -> bool:
    """Whether an object is being deleted."""
    return bool(text(item, "metadata", "deletionTimestamp"))


def is_ready(pod: Any) -> bool:
    """Whether a pod's Ready condition is true."""
    return text(condition(pod, "Ready"), "status") == "True"


def matches(selector: Mapping[str, Any], item: Any) -> bool:
    """Whether an object has all labels of a plain selector; an empty one selects nothing."""
    found = labels(item)
    return bool(selector) and all(found.get(key) == value for key, value in selector.items())


@dataclass(frozen=True, slots=True)
class Container:
    """
    A container of a pod: what is wanted and what is seen.

    :param place: where its status stands: ``status.containerStatuses[web]``
    """

    pod: Manifest
    name: str
    spec: Mapping[str, Any]
    status: Mapping[str, Any]
    place: str

    def said(self, field: str, value: Any) -> str:
        """Write the evidence from its status."""
        return said(self.pod, f"{self.place}.{field}", value)

    @property
    def ended(self) -> tuple[str, Mapping[str, Any]]:
        """Its last end: the field and its value; empty when it never has ended."""
        for field in ("state", "lastState"):
            found = mapping(self.status, field, "terminated")
            if found:
                return f"{field}.terminated", found
        return "", {}


def containers(pod: Manifest) -> list[Container]:
    """Return all containers of a pod, those of the initialisation first."""
    found = []
    for specs, statuses in (("initContainers", "initContainerStatuses"), ("containers", "containerStatuses")):
        seen = {text(item, "name"): item for item in maps(pod, "status", statuses)}
        wanted = {text(item, "name"): item for item in maps(pod, "spec", specs)}
        for called in dict.fromkeys([*wanted, *seen]):
            place = f"status.{statuses}[{called}]"
            found.append(Container(pod, called, wanted.get(called, {}), seen.get(called, {}), place))
    return found
