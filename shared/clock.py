"""The one clock: aware UTC, cut to milliseconds because that is what MongoDB keeps."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current time as MongoDB will give it back."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def rfc3339(moment: datetime) -> str:
    """Write a moment as the API and the update log do: ``2026-01-31T12:04:31.250Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
