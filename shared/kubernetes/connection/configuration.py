"""
The address of a cluster and the trust in it, decided once for every way: the package's client, libcurl and streams.

It imports ``kubernetes``, which costs a process memory and time: only what connects to a cluster imports this module,
and only then.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import urllib3
from kubernetes.client import Configuration

from shared.kubernetes.connection.addresses import bracketed, resolve
from shared.kubernetes.connection.credentials import Credentials

POOL_SIZE = 16
NO_PROXY = "*"
_BEARER = "BearerToken"
# a kept-alive connection that the server closed is opened again; nothing else is tried twice here
_RETRIES = urllib3.Retry(total=1, connect=0, read=0, redirect=0, other=1, status=0, raise_on_status=False)


class ClusterConfiguration(Configuration):
    """
    The package's configuration of one cluster, and the settings that it has no words for.

    ``host`` is the address that was checked, never a name, so nobody resolves it again; ``tls_server_name`` is whom the
    certificate there must be for. Nothing of it comes from the environment.

    :param credentials: checked ones
    :param allow_private: whether private addresses may be connected to
    :raises InvalidInput: the address must not be reached
    :raises ClusterUnreachable: the name does not resolve
    """

    ca_cert_data: str | None
    tls_server_name: str

    def __init__(self, credentials: Credentials, *, allow_private: bool = True) -> None:
        parts = urlsplit(credentials.server.rstrip("/"))
        self.address, self.server_name, self.port = resolve(credentials.server, allow_private=allow_private)
        self.scheme = parts.scheme
        self.prefix = parts.path
        self.client_certificate = credentials.client_certificate
        """PEM text; ``cert_file`` would be a file that stays."""
        self.client_key = credentials.client_key
        is_verified = not credentials.insecure_skip_tls_verify
        super().__init__(
            host=f"{self.scheme}://{bracketed(self.address)}:{self.port}{self.prefix}",
            # whole, as the package's own loaders of credentials leave it
            api_key={_BEARER: f"Bearer {credentials.token}"} if credentials.token else {},
            ca_cert_data=credentials.ca_certificate,
            verify_ssl=is_verified,
            assert_hostname=None if is_verified else False,
            tls_server_name=credentials.tls_server_name or self.server_name,
            connection_pool_maxsize=POOL_SIZE,
            # an empty one, for None is the environment's
            proxy="",
            no_proxy=NO_PROXY,
            retries=_RETRIES,
        )

    def headers(self) -> dict[str, str]:
        """Return the headers of every request: the server that is meant, and the token as of now."""
        found = {
            "Accept": "application/json",
            "User-Agent": "kubeorch",
            "Host": f"{bracketed(self.server_name)}:{self.port}",
        }
        if token := self.get_api_key_with_prefix(_BEARER):
            found["Authorization"] = token
        return found
