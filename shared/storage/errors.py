"""Errors of the drivers of MongoDB and Redis, in our words."""

from __future__ import annotations

from pymongo.errors import (
    ConnectionFailure,
    DocumentTooLarge,
    DuplicateKeyError,
    ExecutionTimeout,
    PyMongoError,
    WaitQueueTimeoutError,
)
from redis.exceptions import RedisError

from shared.errors import Conflict, KubeOrchError, LimitReached, PermanentError, StorageUnavailable


def translate(error: PyMongoError | RedisError) -> KubeOrchError:
    """Return our error for a driver's; stores catch what they expect themselves (a taken name) before this."""
    if isinstance(error, RedisError):
        return StorageUnavailable("Redis does not answer. Try again in a moment.")
    if isinstance(error, (ConnectionFailure, ExecutionTimeout, WaitQueueTimeoutError)):
        return StorageUnavailable("The database does not answer. Nothing was changed; try again in a moment.")
    if isinstance(error, DuplicateKeyError):
        return Conflict("Something with this identity exists already.", code="already-exists")
    if isinstance(error, DocumentTooLarge):
        return LimitReached("This is larger than one document may be (16 MiB).", code="document-too-large")
    # its own words may hold stored values and names of servers
    name = str((getattr(error, "details", None) or {}).get("codeName") or type(error).__name__)
    return PermanentError("The database refused this.", code="storage-refused", details={"reason": name})
