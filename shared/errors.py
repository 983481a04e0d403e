"""
The tree of errors: what is wrong, and can waiting help.

Knows neither HTTP nor Celery: ``web/errors.py`` maps a class to a status, ``worker/celery_app.py`` decides what is
tried again. Libraries' exceptions stop at the package that calls them and become one of these, chained with ``from``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

LONGEST_FOREIGN_TEXT = 256


@dataclass(frozen=True, slots=True)
class FieldError:
    """One mistake in what a client sent; ``path`` is dotted with list positions in between: ``nodes.2.data.image``."""

    path: str
    message: str


class KubeOrchError(Exception):
    """
    Whatever this product says is wrong; the message is a sentence for the person who gets it.

    :param code: kebab-case, stable, for machines; each class has a default
    :param fields: where in the input the mistakes are
    :param details: plain values that go out beside the sentence, such as ``run_id``; never a secret
    """

    default_code: ClassVar[str] = "internal-error"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        fields: Iterable[FieldError] = (),
        details: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.fields = tuple(fields)
        self.details = dict(details or {})


class InvalidInput(KubeOrchError):
    """What was sent cannot be right, however long one waits."""

    default_code = "invalid-input"


class Unauthenticated(KubeOrchError):
    """Nobody is signed in, or the proof of it is not valid (any more)."""

    default_code = "unauthenticated"


class Forbidden(KubeOrchError):
    """The thing may be seen, but this may not be done with it."""

    default_code = "forbidden"


class NotFound(KubeOrchError):
    """It does not exist, or may not be seen; which of the two is not told."""

    default_code = "not-found"


class Conflict(KubeOrchError):
    """It clashes with what is there: a stale revision, a taken name, a run that is active."""

    default_code = "conflict"


class LimitReached(KubeOrchError):
    """
    Too many, too large or too often.

    :param retry_after_seconds: when trying again makes sense; None when it never does
    """

    default_code = "limit-reached"

    def __init__(
        self,
        message: str,
        *,
        retry_after_seconds: float | None = None,
        code: str | None = None,
        fields: Iterable[FieldError] = (),
        details: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message, code=code, fields=fields, details=details)
        self.retry_after_seconds = retry_after_seconds


class TemporaryError(KubeOrchError):
    """
    Waiting can help: the same call may succeed in ``delay`` seconds.

    :param delay: seconds after which to try again
    """

    default_code = "temporarily-unavailable"

    def __init__(
        self,
        message: str,
        *,
        delay: float = 5.0,
        code: str | None = None,
        fields: Iterable[FieldError] = (),
        details: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message, code=code, fields=fields, details=details)
        self.delay = delay


class ClusterUnreachable(TemporaryError):
    """No answer from a cluster's API server: address, network, TLS or time-out."""

    default_code = "cluster-unreachable"


class ClusterThrottled(TemporaryError):
    """The API server asked us to slow down (429); ``delay`` is its Retry-After."""

    default_code = "cluster-throttled"


class RegistryUnreachable(TemporaryError):
    """No answer from an image registry."""

    default_code = "registry-unreachable"


class StorageUnavailable(TemporaryError):
    """MongoDB or Redis does not answer."""

    default_code = "storage-unavailable"


class PermanentError(KubeOrchError):
    """It failed, and the same call would fail again."""

    default_code = "failed"


class ClusterRefused(PermanentError):
    """
    The API server said no.

    :param status: its ``Status`` object, as it came
    """

    default_code = "cluster-refused"

    def __init__(
        self,
        message: str,
        *,
        status: Mapping[str, object] | None = None,
        code: str | None = None,
        fields: Iterable[FieldError] = (),
        details: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message, code=code, fields=fields, details=details)
        self.status: dict[str, object] = dict(status or {})


class BuildFailed(PermanentError):
    """An image could not be built; ``details["log_tail"]`` has the last lines."""

    default_code = "build-failed"


class NeedsReentry(PermanentError):
    """A stored secret cannot be opened with the keys at hand and must be entered again."""

    default_code = "needs-reentry"


def shorten(text: object, limit: int = LONGEST_FOREIGN_TEXT) -> str:
    """Cut a text that we do not recognise, so that a library's page of HTML never reaches a person or a log whole."""
    flat = " ".join(str(text).split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
