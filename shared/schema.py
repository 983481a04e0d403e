"""Every collection and its indexes: the one table that ``migrate`` applies. A store that is not here has no indexes."""

from __future__ import annotations

from collections.abc import Sequence

from pymongo import IndexModel

INDEXES: dict[str, Sequence[IndexModel]] = {}
