"""Ids by key, in memory; tests/functional compares them with the real store."""

from __future__ import annotations

from shared.ids import new_id
from shared.storage.claims import ClaimStore


class FakeClaims(ClaimStore):
    """Gives out ids by key."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], str] = {}

    def claim(self, scope: str, key: str) -> str:
        """Return the id of a key."""
        return self.rows.setdefault((scope, key), new_id())
