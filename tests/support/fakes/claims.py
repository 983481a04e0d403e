"""Claims in memory; tests/functional compares them with the real ones."""

from __future__ import annotations

from itertools import count

from shared.storage.claims import ClaimStore


class FakeClaimStore(ClaimStore):
    """Gives out one id per key."""

    def __init__(self) -> None:
        self._ids = (f"claimed{number}" for number in count(1))
        self._rows: dict[tuple[str, str], str] = {}

    def claim(self, scope: str, key: str) -> str:
        """Return a key's id."""
        if (scope, key) not in self._rows:
            self._rows[scope, key] = next(self._ids)
        return self._rows[scope, key]
