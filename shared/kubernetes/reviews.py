"""Rights of credentials, asked of the API server that would allow them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.kubernetes.connection.server import ApiServer
from shared.kubernetes.objects import ApiResource

_GROUP = "authorization.k8s.io/v1"


class Reviews(ApiServer):
    """Reviews of the client's own rights."""

    def rules(self, namespace: str) -> dict[str, Any]:
        """Return the rights of these credentials in a namespace: the status of a ``SelfSubjectRulesReview``."""
        return self._review("SelfSubjectRulesReview", {"namespace": namespace})

    def can_i(self, verb: str, resource: ApiResource, namespace: str | None = None) -> tuple[bool, str]:
        """Ask for one right of these credentials; returns the answer and the server's reason."""
        attributes = {"verb": verb, "group": resource.group, "resource": resource.plural}
        if namespace:
            attributes["namespace"] = namespace
        status = self._review("SelfSubjectAccessReview", {"resourceAttributes": attributes})
        return bool(status.get("allowed")), str(status.get("reason") or "")

    def _review(self, kind: str, spec: Mapping[str, Any]) -> dict[str, Any]:
        body = {"apiVersion": _GROUP, "kind": kind, "spec": spec}
        status = self._json("POST", f"/apis/{_GROUP}/{kind.lower()}s", body=body).get("status")
        return status if isinstance(status, dict) else {}
