"""A cluster as it is stored, as a person types it to add one, and as clients receive it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from shared.clock import now
from shared.ids import new_id
from shared.kubernetes.connection.credentials import Credentials
from shared.storage.documents import Document, Moment, narrow

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", max_length=63)
]
Namespace = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", max_length=63)]
AuthType = Literal["kubeconfig", "token"]
LONGEST_TEXT = 512 * 1024


class ClusterStatus(StrEnum):
    """The result of the last health check."""

    UNKNOWN = "unknown"
    CONNECTED = "connected"
    ERROR = "error"
    UNAUTHORIZED = "unauthorized"
    UNREACHABLE = "unreachable"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Health:
    """
    The result of a health check.

    :param version: of the server, with the number of machines: known only of a cluster that answers
    :param node_count: None where the credentials may not list the machines
    """

    status: ClusterStatus
    reason: str = ""
    latency_ms: float | None = None
    version: str = ""
    node_count: int | None = None


class ClusterHead(BaseModel):
    """A cluster as everybody sees it who may; credentials never."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    server: str
    auth_type: AuthType
    namespace: str
    status: ClusterStatus = ClusterStatus.UNKNOWN
    status_reason: str = ""
    latency_ms: float | None = None
    version: str = ""
    node_count: int | None = None
    simulated: bool = False
    is_default: bool = False
    local: bool = False
    insecure_skip_tls_verify: bool = False
    credentials_expire_at: Moment | None = None
    last_checked_at: Moment | None = None
    owner_id: str
    created_at: Moment
    updated_at: Moment


class Cluster(ClusterHead, Document):
    """
    One stored cluster.

    :param credentials: sealed, see ``shared.crypto``
    :param credential_revision: grows when credentials change, so that cached clients are thrown away
    """

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    id: str
    credentials: dict[str, Any]
    credential_revision: int = 1

    @classmethod
    def new(
        cls,
        name: str,
        credentials: Credentials,
        *,
        owner_id: str,
        seal: Callable[[Credentials, str], dict[str, Any]],
        auth_type: AuthType = "kubeconfig",
    ) -> Self:
        """
        Make a cluster that was never checked.

        :param seal: seals credentials for the cluster with an id
        """
        identity, at = new_id(), now()
        return cls(
            id=identity,
            name=name,
            server=credentials.server,
            auth_type=auth_type,
            namespace=credentials.namespace,
            insecure_skip_tls_verify=credentials.insecure_skip_tls_verify,
            credentials_expire_at=in_seconds(credentials.expire_at),
            credentials=seal(credentials, identity),
            owner_id=owner_id,
            created_at=at,
            updated_at=at,
        )

    def head(self) -> ClusterHead:
        """Return the part of it that clients receive."""
        return narrow(ClusterHead, self)


class NewCluster(BaseModel):
    """What a person types; exactly the fields of its ``auth_type`` are read."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: Name
    auth_type: AuthType
    kubeconfig: SecretStr | None = Field(None, max_length=LONGEST_TEXT)
    context: str | None = Field(None, max_length=253)
    server: str | None = Field(None, max_length=2048)
    token: SecretStr | None = Field(None, max_length=16 * 1024)
    ca_certificate: str | None = Field(None, max_length=LONGEST_TEXT)
    tls_server_name: str | None = Field(None, max_length=253)
    insecure_skip_tls_verify: bool = False
    namespace: Namespace | None = None
    is_default: bool = False
    save_untested: bool = False


class ConnectionCheck(BaseModel):
    """One line of a connection test."""

    id: str
    title: str
    state: Literal["pass", "fail", "skip"]
    detail: str = ""
    remedy: str = ""


class ConnectionTest(BaseModel):
    """A connection test: every check in order; what could not be tried is skipped."""

    ok: bool
    server: str = ""
    version: str = ""
    checks: list[ConnectionCheck]


class LocalOffer(Document):
    """The cluster of this machine, waiting for the first account."""

    credentials: dict[str, Any]
    server: str
    simulated: bool
    offered_at: datetime


def in_seconds(moment: datetime | None) -> datetime | None:
    """Return a time without its fraction, as it is stored."""
    return moment.replace(microsecond=0) if moment else None
