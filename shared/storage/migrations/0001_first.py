"""The first level: nothing to change, only to be recorded."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database


def up(_db: Database[dict[str, Any]]) -> None:
    """Leave everything as it is; indexes are made from the stores' declarations."""
