"""One API server: its requests, its version, its readiness."""

from __future__ import annotations

import time
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import orjson

from shared.errors import ClusterRefused
from shared.kubernetes.connection.credentials import Credentials

if TYPE_CHECKING:
    from shared.kubernetes.connection.transport import Transport

WRITE_SECONDS = 30.0


def load() -> None:
    """Load the package now, before a process forks: its children share that memory, and none of them waits for it."""
    import_module("shared.kubernetes.connection.transport")


class ApiServer:
    """
    Asks one API server.

    :param timeout_seconds: for connecting and for a read; writes get at least ``WRITE_SECONDS``
    :param allow_private: whether private addresses may be connected to
    :raises InvalidInput: the address must not be reached, or the certificates are malformed
    :raises ClusterUnreachable: the name does not resolve
    """

    def __init__(self, credentials: Credentials, *, timeout_seconds: float = 5.0, allow_private: bool = True) -> None:
        # the package is loaded by the first who connects to a cluster, if not before by ``load``
        from shared.kubernetes.connection.configuration import ClusterConfiguration
        from shared.kubernetes.connection.transport import Transport

        self.server = credentials.server.rstrip("/")
        self.namespace = credentials.namespace
        self._seconds = timeout_seconds
        self._write_seconds = max(timeout_seconds, WRITE_SECONDS)
        self._configuration = ClusterConfiguration(credentials, allow_private=allow_private)
        self._transport: Transport = Transport(
            self._configuration, server=self.server, seconds=self._seconds, write_seconds=self._write_seconds
        )

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def version(self) -> dict[str, Any]:
        """Return the server's version: ``{"gitVersion": "v1.36.3", …}``."""
        return self._json("GET", "/version")

    def ready(self) -> float:
        """
        Raise unless the server is ready; returns the latency in milliseconds.

        :raises KubeOrchError: it is not, or does not answer
        """
        started = time.monotonic()
        self._transport.send("GET", "/readyz")
        return round((time.monotonic() - started) * 1000, 1)

    def read(self, path: str, *, accept: str = "") -> dict[str, Any]:
        """
        Return the server's answer at a path: discovery, OpenAPI, a list in another form.

        :param accept: the form that is wanted; servers that do not know it answer in the usual one
        """
        return self._json("GET", path, accept=f"{accept},application/json" if accept else "")

    def _json(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        content_type: str = "application/json",
        accept: str = "",
    ) -> dict[str, Any]:
        found = self._transport.send(method, path, body=body, content_type=content_type, accept=accept)
        try:
            answer = orjson.loads(found)
        except ValueError as error:
            msg = f"{self.server} answered something that is not Kubernetes' JSON. Is this the API server's address?"
            raise ClusterRefused(msg, code="cluster-not-kubernetes") from error
        return answer if isinstance(answer, dict) else {}
