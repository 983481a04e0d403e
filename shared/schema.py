"""Every collection and its indexes: the one table that ``migrate`` applies. A store that is not here has no indexes."""

from __future__ import annotations

from collections.abc import Sequence

from pymongo import IndexModel

from shared import audit
from shared.clusters import store as clusters
from shared.owned import store as owned
from shared.planning import store as plans
from shared.plugins import store as plugins
from shared.runs import store as runs
from shared.sessions import store as sessions
from shared.storage import claims
from shared.users import store as users
from shared.watching import store as watching
from shared.workflows import secrets
from shared.workflows import store as workflows
from shared.workflows.versions import store as versions

INDEXES: dict[str, Sequence[IndexModel]] = {
    audit.COLLECTION: audit.INDEXES,
    claims.COLLECTION: claims.INDEXES,
    clusters.COLLECTION: clusters.INDEXES,
    plans.COLLECTION: plans.INDEXES,
    plugins.ENABLED: plugins.ENABLED_INDEXES,
    runs.COLLECTION: runs.INDEXES,
    owned.COLLECTION: owned.INDEXES,
    secrets.COLLECTION: secrets.INDEXES,
    sessions.COLLECTION: sessions.INDEXES,
    users.COLLECTION: users.INDEXES,
    users.INVITES: users.INVITE_INDEXES,
    versions.COLLECTION: versions.INDEXES,
    watching.COLLECTION: watching.INDEXES,
    workflows.COLLECTION: workflows.INDEXES,
}
