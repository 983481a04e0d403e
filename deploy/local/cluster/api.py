"""
The few requests that starting and checking a local cluster needs, with nothing but the standard library's HTTP.

The platform's own client is `shared.kubernetes`; this one starts what that one talks to, and depends on none of it.
"""

from __future__ import annotations

import http.client
import json
import ssl
from http import HTTPStatus
from pathlib import Path
from typing import Any

from deploy.local.cluster.certificates import Identity
from deploy.local.process import StartFailed

TIMEOUT_SECONDS = 5.0


class Api:
    """Requests to an API server on loopback as one identity."""

    def __init__(self, port: int, authority: Path, identity: Identity) -> None:
        self.port = port
        self._context = ssl.create_default_context(cafile=str(authority))
        self._context.load_cert_chain(identity.certificate, identity.key)

    def request(
        self, method: str, path: str, body: dict[str, Any] | None = None, kind: str = "json"
    ) -> tuple[int, str]:
        """
        Send one request.

        :param kind: the content type's last word: ``json`` or ``apply-patch+yaml``
        :return: status and text; 0 and the reason when nobody answered
        """
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=self._context, timeout=TIMEOUT_SECONDS)
        headers = {"Content-Type": f"application/{kind}", "Accept": "application/json, */*"}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            return 0, str(error)
        finally:
            connection.close()

    def is_ready(self) -> bool:
        """Whether the API server says that all of it works."""
        return self.request("GET", "/readyz")[0] == HTTPStatus.OK

    def get(self, path: str) -> dict[str, Any] | None:
        """Return an object or a list; None when it is not there or nobody answers."""
        status, text = self.request("GET", path)
        found: dict[str, Any] | None = json.loads(text) if status == HTTPStatus.OK else None
        return found

    def apply(self, path: str, manifest: dict[str, Any]) -> None:
        """
        Apply a manifest, by server-side apply.

        :raises StartFailed: the API server refuses
        """
        query = "?fieldManager=kubeorch-local&force=true"
        status, text = self.request("PATCH", path + query, manifest, "apply-patch+yaml")
        if status not in {HTTPStatus.OK, HTTPStatus.CREATED}:
            raise StartFailed(f"the API server refused {path} with {status}: {text[:400]}")

    def delete(self, path: str) -> None:
        """Delete one object; one that is gone already is fine."""
        self.request("DELETE", path)
