"""Things as they are stored, for tests that need one and care about a field or two."""

from __future__ import annotations

from typing import Any

from shared.clock import now
from shared.clusters.models import Cluster
from shared.ids import new_id


def make_cluster(owner_id: str = "ana", **more: Any) -> Cluster:
    """Return a cluster that answered the last time; nothing can be opened of its credentials."""
    at = now()
    given: dict[str, Any] = {
        "id": new_id(),
        "name": "dev",
        "server": "https://127.0.0.1:6443",
        "auth_type": "token",
        "namespace": "default",
        "status": "connected",
        "credentials": {},
        "owner_id": owner_id,
        "created_at": at,
        "updated_at": at,
    }
    return Cluster(**{**given, **more})
