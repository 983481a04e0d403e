"""API resources of kinds: known ones from a table, others asked for once and kept in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from shared.errors import ClusterRefused, NotFound
from shared.kubernetes.objects import BUILT_IN, ApiResource
from shared.kubernetes.refusals import NOT_FOUND

_Found = dict[tuple[str, str], ApiResource]


class Kinds:
    """
    The kinds of one cluster.

    :param read: returns what the server answers at a path
    """

    def __init__(self, read: Callable[[str], dict[str, Any]]) -> None:
        self._read = read
        self._found: _Found = {}
        self._lock = threading.Lock()

    def resource_for(self, api_version: str, kind: str) -> ApiResource:
        """
        Return the API resource of a kind; asks the server once for kinds that are not built in.

        :raises NotFound: the cluster does not know the kind
        """
        key = (api_version, kind)
        if key in BUILT_IN:
            return BUILT_IN[key]
        with self._lock:
            if key not in self._found:
                self._found.update(self._discover(api_version))
            if key in self._found:
                return self._found[key]
        msg = f"This cluster does not know the kind {kind} of {api_version}; is its CustomResourceDefinition installed?"
        raise NotFound(msg, code="kind-unknown")

    def _discover(self, api_version: str) -> _Found:
        root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        try:
            answer = self._read(root)
        except ClusterRefused as error:
            if error.code == NOT_FOUND:
                return {}
            raise
        return {
            (api_version, entry["kind"]): ApiResource(api_version, entry["kind"], entry["name"], entry["namespaced"])
            for entry in answer.get("resources") or []
            if "/" not in entry["name"]
        }
