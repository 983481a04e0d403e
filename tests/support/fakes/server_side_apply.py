"""Server-side apply over dictionaries: who manages which field, what conflicts, and what an apply leaves behind."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from shared.kubernetes.objects import Manifest

Path = tuple[str, ...]
"""Of one field, in the words of ``fieldsV1``: ``f:spec``, ``f:replicas``; of a named item ``k:{"name":"web"}``."""
Owners = dict[str, set[Path]]
"""Manager → the fields it manages."""
NOT_MANAGED = frozenset({"apiVersion", "kind"})
SERVER_METADATA = frozenset({"name", "namespace", "uid", "resourceVersion", "generation", "managedFields"})


def fields_in(content: Mapping[str, Any]) -> dict[Path, Any]:
    """Return the fields that a manifest says something about, with their values."""
    metadata = {key: value for key, value in content["metadata"].items() if key not in SERVER_METADATA}
    said = {key: value for key, value in content.items() if key not in NOT_MANAGED} | {"metadata": metadata}
    return dict(_leaves(said, ()))


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _leaves(item, (*path, f"f:{key}"))
    elif _is_named(value):
        for item in value:
            yield from _leaves(item, (*path, f'k:{{"name":"{item["name"]}"}}'))
    elif path and not (value == {} and path == ("f:metadata",)):
        yield path, value


def _is_named(value: Any) -> bool:
    return (
        isinstance(value, list) and bool(value) and all(isinstance(item, Mapping) and "name" in item for item in value)
    )


def merged(live: Manifest, said: Mapping[Path, Any], dropped: Iterable[Path]) -> Manifest:
    """Return an object with new values, and without fields that nobody manages any more."""
    found = copy.deepcopy(live)
    for path in dropped:
        _drop(found, path)
    for path, value in said.items():
        _set(found, path, copy.deepcopy(value))
    return found


def _set(target: Any, path: Path, value: Any) -> None:
    first, rest = path[0], path[1:]
    if first.startswith("k:"):
        _set(_named(target, first), rest, value)
    elif not rest:
        target[first[2:]] = value
    else:
        is_list = rest[0].startswith("k:")
        if not isinstance(target.get(first[2:]), list if is_list else dict):
            target[first[2:]] = [] if is_list else {}
        _set(target[first[2:]], rest, value)


def _named(items: list[Any], key: str) -> Any:
    name = json.loads(key[2:])["name"]
    for item in items:
        if item["name"] == name:
            return item
    items.append({"name": name})
    return items[-1]


def _drop(target: Any, path: Path) -> None:
    """Take a field away, and with it what becomes empty."""
    first, rest = path[0], path[1:]
    if first.startswith("k:"):
        name = json.loads(first[2:])["name"]
        item = next((item for item in target if item["name"] == name), None)
        if item is not None:
            if rest != ("f:name",):
                _drop(item, rest)
            if set(item) == {"name"}:
                target.remove(item)
        return
    name = first[2:]
    if not isinstance(target, dict) or name not in target:
        return
    if rest:
        _drop(target[name], rest)
    if not rest or not target[name]:
        del target[name]


def value_at(target: Any, path: Path) -> Any:
    """Return a field's value; None when it is not there."""
    for part in path:
        if part.startswith("k:"):
            name = json.loads(part[2:])["name"]
            target = next((item for item in target or [] if item["name"] == name), None)
        else:
            target = target.get(part[2:]) if isinstance(target, Mapping) else None
    return target


def tree(paths: Iterable[Path]) -> dict[str, Any]:
    """Return fields as ``fieldsV1`` has them."""
    found: dict[str, Any] = {}
    for path in sorted(paths):
        place = found
        for part in path:
            place = place.setdefault(part, {})
    return found


def spoken(path: Path) -> str:
    """Return a field as a conflict names it: ``.spec.replicas``, ``.spec.containers[name="web"].image``."""
    parts = [f'[name="{json.loads(part[2:])["name"]}"]' if part.startswith("k:") else f".{part[2:]}" for part in path]
    return "".join(parts)


def managed_fields(owners: Owners, api_version: str) -> list[dict[str, Any]]:
    """Return who manages what as an object carries it."""
    return [
        {"manager": manager, "operation": "Apply", "apiVersion": api_version, "fieldsType": "FieldsV1"}
        | {"fieldsV1": tree(paths)}
        for manager, paths in sorted(owners.items())
        if paths
    ]
