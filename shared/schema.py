"""Every collection and its indexes: the one table that ``migrate`` applies. A store that is not here has no indexes."""

from __future__ import annotations

from collections.abc import Sequence

from pymongo import IndexModel

from shared import audit
from shared.sessions import store as sessions
from shared.users import store as users

INDEXES: dict[str, Sequence[IndexModel]] = {
    audit.COLLECTION: audit.INDEXES,
    sessions.COLLECTION: sessions.INDEXES,
    users.COLLECTION: users.INDEXES,
    users.INVITES: users.INVITE_INDEXES,
}
