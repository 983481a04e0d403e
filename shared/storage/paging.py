"""Lists by cursor: ``{items, total, next_cursor}``, the cursor an opaque text that holds the last row's sort key."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar

from bson import json_util
from bson.errors import BSONError
from pydantic import BaseModel
from pymongo.collection import Collection

from shared.errors import FieldError, InvalidInput

Item = TypeVar("Item")

LARGEST_PAGE = 100


class Page(BaseModel, Generic[Item]):
    """One page of a list; ``next_cursor`` is None on the last one."""

    items: list[Item]
    total: int
    next_cursor: str | None = None


def page(
    collection: Collection[dict[str, Any]],
    query: Mapping[str, Any],
    *,
    sort: tuple[str, int] = ("_id", -1),
    limit: int = 50,
    cursor: str | None = None,
    projection: Mapping[str, Any] | None = None,
) -> tuple[list[dict[str, Any]], int, str | None]:
    """
    Return the rows of one page, the number of all rows and the cursor of the next page.

    :param sort: field and direction; rows that are equal there are ordered by ``_id`` in the same direction
    :param cursor: what the page before returned; rows that came or went meanwhile shift nothing
    :raises InvalidInput: the cursor is not one of ours, or the limit is out of range
    """
    if not 1 <= limit <= LARGEST_PAGE:
        raise _invalid("limit", f"must be between 1 and {LARGEST_PAGE}")
    field, direction = sort
    conditions: list[Mapping[str, Any]] = [query]
    if cursor:
        conditions.append(_after(cursor, field, direction))
    order = [(field, direction)] if field == "_id" else [(field, direction), ("_id", direction)]
    rows = list(collection.find({"$and": conditions}, projection).sort(order).limit(limit + 1))
    total = collection.count_documents(dict(query))
    more = len(rows) > limit
    rows = rows[:limit]
    return rows, total, _encode(rows[-1].get(field), rows[-1]["_id"]) if more else None


def page_of(
    items: Iterable[Item], *, key: Callable[[Item], tuple[str, str]], limit: int = 50, cursor: str | None = None
) -> tuple[list[Item], int, str | None]:
    """
    Return one page of things in memory, as ``page`` does of a collection.

    :param key: what the items are sorted by, and their id
    :raises InvalidInput: the cursor is not one of ours
    """
    ordered = sorted(items, key=key)
    after = _decode(cursor) if cursor else None
    if after is not None and not isinstance(after[0], str):
        raise _foreign()
    rest = [item for item in ordered if after is None or key(item) > after]
    shown = rest[:limit]
    return shown, len(ordered), _encode(*key(shown[-1])) if len(rest) > limit else None


def _after(cursor: str, field: str, direction: int) -> dict[str, Any]:
    compare = "$lt" if direction < 0 else "$gt"
    value, row_id = _decode(cursor)
    if field == "_id":
        return {"_id": {compare: row_id}}
    return {"$or": [{field: {compare: value}}, {field: value, "_id": {compare: row_id}}]}


def _decode(cursor: str) -> tuple[Any, str]:
    try:
        value, row_id = json_util.loads(base64.urlsafe_b64decode(cursor.encode("ascii")).decode())
    except (ValueError, TypeError, BSONError) as error:
        raise _foreign() from error
    if not isinstance(row_id, str) or not isinstance(value, (str, int, float, datetime, type(None))):
        raise _foreign()
    return value, row_id


def _encode(value: Any, row_id: str) -> str:
    return base64.urlsafe_b64encode(json_util.dumps([value, row_id]).encode()).decode()


def _foreign() -> InvalidInput:
    return _invalid("cursor", "is not a cursor of this list; leave it out to start again")


def _invalid(path: str, message: str) -> InvalidInput:
    return InvalidInput(f"{path} {message}", fields=[FieldError(path, message)])
