"""Cron schedules and time zones, as Kubernetes reads them."""

from __future__ import annotations

import re
import zoneinfo
from functools import cache
from typing import Annotated

from pydantic import AfterValidator

from shared.workflows.kinds.fields.types import Text, refuse

NICKNAMES = frozenset({"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"})
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
FIELDS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, MONTHS),
    ("weekday", 0, 6, WEEKDAYS),
)
_RANGE = re.compile(r"(\*|\?|[0-9A-Za-z]{1,3})(?:-([0-9A-Za-z]{1,3}))?(?:/([0-9]{1,4}))?")
RIGHT = "five fields: minute hour day month weekday (*/15 * * * *), or a word such as @daily"


def check_schedule(value: str) -> str:
    """
    Return a schedule that Kubernetes takes.

    :raises PydanticCustomError: names the field and what it may hold
    """
    if value.startswith("@"):
        if value.lower() not in NICKNAMES:
            raise refuse(f"one of {', '.join(sorted(NICKNAMES))}, or five fields")
        return value
    parts = value.split()
    if len(parts) != len(FIELDS):
        raise refuse(RIGHT)
    for part, (name, least, most, names) in zip(parts, FIELDS, strict=True):
        for item in part.split(","):
            if not _fits(item, least, most, names):
                raise refuse(
                    f"a schedule whose {name} is from {least} to {most}: * , 1-5 */2 are possible, {part} is not"
                )
    return value


def _fits(item: str, least: int, most: int, names: tuple[str, ...]) -> bool:
    match = _RANGE.fullmatch(item)
    if match is None or (match.group(3) is not None and int(match.group(3)) == 0):
        return False
    first, last = match.group(1), match.group(2)
    if first in {"*", "?"}:
        return last is None
    begin = _number(first, names, least)
    end = begin if last is None else _number(last, names, least)
    return begin is not None and end is not None and least <= begin <= end <= most


def _number(text: str, names: tuple[str, ...], least: int) -> int | None:
    if text.isdigit():
        return int(text)
    # January is 1, Sunday is 0: names count from the field's first number
    return names.index(text.lower()) + least if text.lower() in names else None


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def check_time_zone(value: str) -> str:
    """Return a time zone that exists; without a database of time zones on this machine any spelling is taken."""
    if _zones() and value not in _zones():
        raise refuse("a time zone such as Europe/Prague or UTC")
    return value


Schedule = Annotated[str, Text(r"\S+([ \t]+\S+){0,4}", RIGHT, 128), AfterValidator(check_schedule)]
TimeZone = Annotated[
    str,
    Text(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}", "a time zone such as Europe/Prague or UTC", 64),
    AfterValidator(check_time_zone),
]
