"""Every collection and its indexes: the one table that ``migrate`` applies. A store that is not here has no indexes."""

from __future__ import annotations

from collections.abc import Sequence

from pymongo import IndexModel

from shared import audit
from shared.sessions import store as sessions
from shared.users import store as users
from shared.workflows import secrets as workflow_secrets
from shared.workflows import store as workflows
from shared.workflows import versions as workflow_versions

INDEXES: dict[str, Sequence[IndexModel]] = {
    audit.COLLECTION: audit.INDEXES,
    sessions.COLLECTION: sessions.INDEXES,
    users.COLLECTION: users.INDEXES,
    users.INVITES: users.INVITE_INDEXES,
    workflows.COLLECTION: workflows.INDEXES,
    workflow_versions.COLLECTION: workflow_versions.INDEXES,
    workflow_secrets.COLLECTION: workflow_secrets.INDEXES,
}
