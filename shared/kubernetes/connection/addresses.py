"""
Addresses that an API server may have: the name is resolved once, checked, and that very address is connected to.

Link-local and metadata addresses are never allowed, private ones by setting. What is resolved again later could be
another address than the one that was checked.
"""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from shared.errors import ClusterUnreachable, FieldError, InvalidInput

_METADATA = {ipaddress.ip_address("fd00:ec2::254"), ipaddress.ip_address("100.100.100.200")}


def resolve(server: str, *, allow_private: bool = True) -> tuple[str, str, int]:
    """
    Return (address to connect to, host name, port) of ``https://host:port``.

    :raises InvalidInput: the address is one that must not be reached
    :raises ClusterUnreachable: the name does not resolve
    """
    parts = urlsplit(server)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        msg = f"The name {host} does not resolve from here. Check the address, or use the server's IP address."
        raise ClusterUnreachable(msg, details={"reason": "dns"}) from error
    address = str(found[0][4][0])
    refuse(address, allow_private=allow_private)
    return address, host, port


def bracketed(host: str) -> str:
    """Write a host as URLs do: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host


def refuse(address: str, *, allow_private: bool) -> None:
    """
    Raise ``InvalidInput`` unless an address may be reached.

    :raises InvalidInput: with field ``server``
    """
    ip = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if ip.is_link_local or ip.is_unspecified or ip.is_multicast or ip in _METADATA:
        raise _forbidden("is a link-local, metadata or unspecified address, which is never an API server")
    if not allow_private and (ip.is_private or ip.is_loopback):
        raise _forbidden("is a private address; this platform allows public ones only (CLUSTERS__PRIVATE_ADDRESSES)")


def _forbidden(message: str) -> InvalidInput:
    return InvalidInput(f"server {message}.", code="address-refused", fields=[FieldError("server", message)])
