"""An API server's answer may repeat what it was sent; the values of a Secret are taken out before anybody reads it."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any

MASK = "•••"
SHORTEST = 4
"""A shorter value stands in every other word; hiding it would leave nothing to read."""


def secret_values(manifest: Mapping[str, Any] | None) -> set[str]:
    """Return a Secret's values as they may come back: in clear and in base64."""
    if not manifest or manifest.get("kind") != "Secret":
        return set()
    found: set[str] = set()
    for value in _texts(manifest.get("stringData")):
        found |= forms(value.encode())
    for value in _texts(manifest.get("data")):
        found.add(value)
        try:
            found.add(base64.b64decode(value, validate=True).decode())
        except ValueError:
            # no base64, or no text: it cannot come back in clear
            continue
    return {value for value in found if len(value) >= SHORTEST}


def forms(value: bytes) -> set[str]:
    """Return a value as it may stand in a text: in base64, and in clear where it is text."""
    found = {base64.b64encode(value).decode()}
    try:
        return found | {value.decode()}
    except UnicodeDecodeError:
        return found


def _texts(values: Any) -> Iterable[str]:
    return [value for value in values.values() if isinstance(value, str)] if isinstance(values, Mapping) else []


def hide(said: Any, hidden: set[str]) -> Any:
    """Return an answer without these values, wherever they stand in it."""
    if isinstance(said, str):
        # the longest first: one value may be a part of another
        for value in sorted(hidden, key=len, reverse=True):
            said = said.replace(value, MASK)
        return said
    if isinstance(said, Mapping):
        return {key: hide(item, hidden) for key, item in said.items()}
    return [hide(item, hidden) for item in said] if isinstance(said, list) else said
