"""Requests to one API server over the package's ``ApiClient``: bytes come back, or an error of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import urllib3
from kubernetes.client import ApiClient, ApiException
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, SSLError

from shared.errors import ClusterRefused
from shared.kubernetes.connection.configuration import ClusterConfiguration
from shared.kubernetes.connection.tls import context_for
from shared.kubernetes.masking import secret_values
from shared.kubernetes.refusals import FIRST_REFUSAL, refused, unreachable

JSON = "application/json"
MOST_BYTES = 256 * 1024 * 1024
"""Of one answer, unpacked: more than the longest page of lists, less than a worker has."""


class OneServer(urllib3.PoolManager):
    """
    Connections to the one address that was checked.

    A redirect is an answer like any other, and an URL of another server an error: credentials stay with their host.
    """

    def __init__(self, configuration: ClusterConfiguration) -> None:
        super().__init__()
        self._pool = _pool(configuration)
        self._root = configuration.host.removesuffix(configuration.prefix)

    def request(
        self, method: str, url: str, *args: Any, fields: object = None, **more: Any
    ) -> urllib3.BaseHTTPResponse:
        """Send a request as it is: there are no forms to encode (``fields``), and no headers to add."""
        del fields
        return self.urlopen(method, url, *args, **more)

    def urlopen(self, method: str, url: str, *args: Any, **more: Any) -> urllib3.BaseHTTPResponse:
        """Send a request over the one pool, whatever is said of redirects."""
        return self._pool.urlopen(method, url.removeprefix(self._root), *args, **{**more, "redirect": False})

    def clear(self) -> None:
        """Close all connections."""
        self._pool.close()


def _pool(configuration: ClusterConfiguration) -> HTTPConnectionPool:
    size, retries = configuration.connection_pool_maxsize, configuration.retries
    if configuration.scheme != "https":
        return HTTPConnectionPool(configuration.address, configuration.port, maxsize=size, retries=retries)
    return HTTPSConnectionPool(
        configuration.address,
        configuration.port,
        maxsize=size,
        retries=retries,
        ssl_context=context_for(configuration),
        server_hostname=configuration.tls_server_name,
        # otherwise the context checks the name
        assert_hostname=False if configuration.assert_hostname is False else None,
        cert_reqs="CERT_REQUIRED" if configuration.verify_ssl else "CERT_NONE",
    )


class Transport:
    """
    Sends requests.

    :param server: as people know it, for errors
    :param seconds: for connecting and for a read
    :param write_seconds: for a read after anything but a GET
    """

    def __init__(
        self, configuration: ClusterConfiguration, *, server: str, seconds: float, write_seconds: float
    ) -> None:
        self._configuration = configuration
        self._server = server
        self._seconds = seconds
        self._write_seconds = write_seconds
        self._api = ApiClient(configuration)
        self._api.rest_client.pool_manager = OneServer(configuration)

    def close(self) -> None:
        """Close all connections."""
        self._api.rest_client.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        content_type: str = JSON,
        accept: str = "",
    ) -> bytes:
        """
        Send a request and return the server's answer.

        :param path: with the query
        :raises ClusterUnreachable: no answer came, or not all of it
        :raises KubeOrchError: the answer is a refusal
        """
        response = self.open(method, path, body=body, content_type=content_type, accept=accept)
        return self._whole(response)

    def open(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        content_type: str = JSON,
        accept: str = "",
    ) -> urllib3.HTTPResponse:
        """Send a request as ``send`` does and return the answer with its body unread; the caller closes it."""
        headers = self._configuration.headers()
        if accept:
            headers["Accept"] = accept
        if body is not None:
            headers["Content-Type"] = content_type
        # of JSON the package makes text itself, and takes no bytes
        payload = orjson.dumps(body) if body is not None and content_type != JSON else body
        response = self._call(method, path, headers, payload)
        if response.status >= FIRST_REFUSAL:
            wait, hidden = response.headers.get("Retry-After", ""), secret_values(body)
            raise refused(self._server, response.status, self._whole(response), retry_after=wait, hidden=hidden)
        return response

    def _call(self, method: str, path: str, headers: Mapping[str, str], payload: object) -> urllib3.HTTPResponse:
        url, seconds = self._configuration.host + path, self._seconds if method == "GET" else self._write_seconds
        try:
            response: urllib3.HTTPResponse = self._api.call_api(
                method, url, header_params=headers, body=payload, _request_timeout=(self._seconds, seconds)
            ).response
        except (HTTPError, OSError) as error:
            raise unreachable(self._server, error) from error
        except ApiException as error:
            # by this the package says that TLS failed, and nothing else
            raise unreachable(self._server, SSLError(error.reason)) from error
        return response

    def _whole(self, response: urllib3.HTTPResponse) -> bytes:
        try:
            found = response.read(MOST_BYTES + 1)
        except (HTTPError, OSError) as error:
            raise unreachable(self._server, error) from error
        if len(found) > MOST_BYTES:
            response.close()
            msg = f"{self._server} answered more than {MOST_BYTES // 2**20} MiB at once, which is not read."
            raise ClusterRefused(msg, code="cluster-answer-too-large")
        return found
