"""One object that a workflow owns on a cluster."""

from __future__ import annotations

import hashlib
from datetime import datetime

from pydantic import Field

from shared.kubernetes.objects import ObjectRef
from shared.storage.documents import Document


class OwnedObject(Document):
    """
    One object a workflow owns on a cluster.

    :param digest: of the manifest that was applied last
    :param owned: hash of the fields we own on the live object; another value means that somebody changed one of them
    :param run_env: variables that the last run alone has brought; their values on the cluster are shown to nobody
    """

    workflow_id: str
    cluster_id: str
    node_id: str
    api_version: str
    kind: str
    namespace: str | None = None
    name: str
    uid: str
    digest: str
    owned: str = ""
    run_env: list[str] = Field(default_factory=list)
    run_id: str
    applied_at: datetime

    @property
    def ref(self) -> ObjectRef:
        """The reference of the object on its cluster."""
        return ObjectRef(self.api_version, self.kind, self.namespace, self.name)


def owned_id(workflow_id: str, cluster_id: str, kind: str, namespace: str | None, name: str) -> str:
    """Return the id of an object's entry: the same object of the same workflow has one entry."""
    place = f"{workflow_id}|{cluster_id}|{kind}|{namespace or ''}|{name}"
    return hashlib.sha256(place.encode()).hexdigest()[:24]
