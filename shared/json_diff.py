"""Differences between two JSON values, field by field, in a fixed order. Pure; used for plans and for versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

NAMING_FIELDS = ("id", "name")
"""What tells the items of a list apart, best first; lists whose items have neither are compared by position, unless
one is the other with more items in it."""


class Change(BaseModel):
    """One field: ``path`` like ``spec.template.spec.containers[web].image``; None is absent."""

    path: str
    old: Any = None
    new: Any = None


def walk(old: Any, new: Any, path: str = "") -> Iterator[Change]:
    """Yield every field that differs: keys in alphabetical order, items of lists in theirs."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*old, *new}):
            yield from walk(old.get(key), new.get(key), f"{path}.{key}" if path else str(key))
    elif isinstance(old, list) and isinstance(new, list) and (old or new):
        yield from _walk_lists(old, new, path)
    elif old != new or isinstance(old, bool) is not isinstance(new, bool):
        yield Change(path=path, old=old, new=new)


def _walk_lists(old: list[Any], new: list[Any], path: str) -> Iterator[Change]:
    field = next((name for name in NAMING_FIELDS if _names_all(name, old) and _names_all(name, new)), None)
    if field is not None:
        before, after = {item[field]: item for item in old}, {item[field]: item for item in new}
        for name in [*before, *(name for name in after if name not in before)]:
            yield from walk(before.get(name), after.get(name), f"{path}[{name}]")
        if list(before) != list(after) and sorted(before) == sorted(after):
            yield Change(path=path, old=list(before), new=list(after))
        return
    more = _rest(old, new) if len(old) < len(new) else _rest(new, old)
    if more:
        for index, item in more:
            left, right = (None, item) if len(old) < len(new) else (item, None)
            yield from walk(left, right, f"{path}[{index}]")
        return
    for index in range(max(len(old), len(new))):
        left = old[index] if index < len(old) else None
        right = new[index] if index < len(new) else None
        yield from walk(left, right, f"{path}[{index}]")


def _rest(short: list[Any], long: list[Any]) -> list[tuple[int, Any]]:
    """Return the places and items that a longer list has beside all of a shorter one, in its order; else nothing."""
    rest: list[tuple[int, Any]] = []
    found = 0
    for index, item in enumerate(long):
        if found < len(short) and _is_same(short[found], item):
            found += 1
        else:
            rest.append((index, item))
    return rest if found == len(short) else []


def _is_same(left: Any, right: Any) -> bool:
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(_is_same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_is_same, left, right))
    return bool(left == right) and isinstance(left, bool) is isinstance(right, bool)


def _names_all(field: str, items: list[Any]) -> bool:
    """Whether a field names every item, each differently: with a repeated name nothing can be told apart."""
    names = [item.get(field) for item in items if isinstance(item, Mapping)]
    return len(names) == len(items) and all(isinstance(name, str) for name in names) and len(set(names)) == len(names)
