"""
Credentials of a cluster from a kubeconfig or a form, checked, inline only.

A kubeconfig is a program when it names an ``exec`` plugin and a way to read our disk when it names files; both are
refused with what to do instead.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import yaml
from cryptography import x509
from pydantic import BaseModel, ConfigDict

from shared.errors import FieldError, InvalidInput

LARGEST_KUBECONFIG = 512 * 1024
DEFAULT_NAMESPACE = "default"


class Credentials(BaseModel):
    """The way to one cluster; PEM texts, never paths. Exactly one of token and client certificate is usual."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    server: str
    ca_certificate: str | None = None
    token: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None
    namespace: str = DEFAULT_NAMESPACE
    tls_server_name: str | None = None
    insecure_skip_tls_verify: bool = False

    @property
    def expire_at(self) -> datetime | None:
        """The end of the client certificate or the token; None when that cannot be known."""
        if self.client_certificate:
            return x509.load_pem_x509_certificate(self.client_certificate.encode()).not_valid_after_utc
        return _token_end(self.token or "")


def _token_end(token: str) -> datetime | None:
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - a JWT has three parts
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return datetime.fromtimestamp(int(claims["exp"]), UTC)
    except (ValueError, KeyError, TypeError, OverflowError):
        return None


def require_valid(credentials: Credentials, prefix: str = "") -> Credentials:
    """
    Raise ``InvalidInput`` unless address and certificates can be right; returns the credentials.

    :raises InvalidInput: the field that cannot be, by name
    """
    parts = urlsplit(credentials.server)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise _wrong(f"{prefix}server", "must be the address of an API server, such as https://10.0.0.1:6443")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise _wrong(f"{prefix}server", "must not hold a user, a password or a query")
    try:
        _ = parts.port
    except ValueError as error:
        raise _wrong(f"{prefix}server", "has a port that is not between 0 and 65535") from error
    for name in ("ca_certificate", "client_certificate"):
        text = getattr(credentials, name)
        if text:
            _check_certificate(text, f"{prefix}{name}")
    if bool(credentials.client_certificate) != bool(credentials.client_key):
        raise _wrong(f"{prefix}client_key", "a client certificate and its key go together")
    if credentials.token and any(character.isspace() for character in credentials.token):
        raise _wrong(f"{prefix}token", "must be one line without spaces")
    return credentials


def _check_certificate(text: str, path: str) -> None:
    try:
        x509.load_pem_x509_certificates(text.encode())
    except ValueError as error:
        raise _wrong(path, "is not a certificate in PEM form (-----BEGIN CERTIFICATE-----)") from error


def parse_kubeconfig(text: str, context: str | None = None) -> Credentials:
    """
    Read the credentials of one context.

    :param context: a name in it; its ``current-context`` otherwise
    :raises InvalidInput: what is missing or refused, by its path in the file
    """
    if len(text) > LARGEST_KUBECONFIG:
        raise _wrong("kubeconfig", "is larger than 512 KiB")
    try:
        loaded = yaml.load(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _wrong("kubeconfig", "is not YAML; paste the whole file as it is") from error
    if not isinstance(loaded, dict) or loaded.get("kind", "Config") != "Config":
        raise _wrong("kubeconfig", "is not a kubeconfig: kind must be Config")
    chosen = context or loaded.get("current-context")
    if not chosen:
        raise _wrong("kubeconfig.current-context", "names no context; choose one of: " + _names(loaded, "contexts"))
    entry = _entry(loaded, "contexts", chosen, "context")
    cluster = _entry(loaded, "clusters", entry.get("cluster"), "cluster")
    user = _entry(loaded, "users", entry.get("user"), "user")
    _refuse(user, f"kubeconfig.users.{entry.get('user')}.user")
    _refuse_files(cluster, f"kubeconfig.clusters.{entry.get('cluster')}.cluster")
    where = f"kubeconfig.users.{entry.get('user')}.user"
    credentials = Credentials(
        server=_text(cluster, "server"),
        ca_certificate=_pem(cluster, "certificate-authority-data", "kubeconfig.clusters"),
        token=_text(user, "token") or None,
        client_certificate=_pem(user, "client-certificate-data", where),
        client_key=_pem(user, "client-key-data", where),
        namespace=_text(entry, "namespace") or DEFAULT_NAMESPACE,
        tls_server_name=_text(cluster, "tls-server-name") or None,
        insecure_skip_tls_verify=cluster.get("insecure-skip-tls-verify") is True,
    )
    if not (credentials.token or credentials.client_certificate):
        raise _wrong(where, "has neither a token nor a client certificate; kubectl create token makes one")
    return require_valid(credentials, "kubeconfig.")


def _names(loaded: Mapping[str, Any], section: str) -> str:
    entries = loaded.get(section)
    names = [str(item.get("name")) for item in entries if isinstance(item, dict)] if isinstance(entries, list) else []
    return ", ".join(names[:20]) or "none"


def _entry(loaded: Mapping[str, Any], section: str, name: object, inner: str) -> dict[str, Any]:
    entries = loaded.get(section)
    for item in entries if isinstance(entries, list) else []:
        if isinstance(item, dict) and item.get("name") == name and isinstance(item.get(inner), dict):
            found: dict[str, Any] = item[inner]
            return found
    raise _wrong(f"kubeconfig.{section}", f"has no entry {str(name)[:80]!r}; there are: {_names(loaded, section)}")


def _refuse(user: Mapping[str, Any], where: str) -> None:
    if "exec" in user:
        remedy = "would run a program on this server; make a token instead: kubectl create token <service account>"
        raise _wrong(f"{where}.exec", remedy)
    if "auth-provider" in user:
        raise _wrong(f"{where}.auth-provider", "plugins are not run here; make a token: kubectl create token")
    if "username" in user or "password" in user:
        raise _wrong(f"{where}.username", "basic authentication was removed from Kubernetes; use a token")
    _refuse_files(user, where)


def _refuse_files(section: Mapping[str, Any], where: str) -> None:
    for key in ("certificate-authority", "client-certificate", "client-key", "tokenFile"):
        if section.get(key):
            remedy = "names a file, which this server does not have; kubectl config view --raw --flatten puts it inline"
            raise _wrong(f"{where}.{key}", remedy)


def _text(section: Mapping[str, Any], key: str) -> str:
    value = section.get(key)
    return value.strip() if isinstance(value, str) else ""


def _pem(section: Mapping[str, Any], key: str, where: str) -> str | None:
    value = section.get(key)
    if not value:
        return None
    try:
        return base64.b64decode(str(value), validate=True).decode("ascii")
    except (binascii.Error, ValueError, UnicodeDecodeError) as error:
        raise _wrong(f"{where}.{key}", "is not base64 of a PEM text") from error


def _wrong(path: str, message: str) -> InvalidInput:
    return InvalidInput(f"{path} {message}.", fields=[FieldError(path, message)])
