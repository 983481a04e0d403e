"""Answers of routes: whole lists, problems, other content than JSON."""

from __future__ import annotations

from typing import Any, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict

Item = TypeVar("Item")


class Whole(BaseModel, Generic[Item]):
    """A list that needs no pages."""

    items: list[Item]
    total: int
    next_cursor: None = None

    @classmethod
    def of(cls, items: list[Item]) -> Self:
        """Make it of its items."""
        return cls(items=items, total=len(items))


class Visible(BaseModel, Generic[Item]):
    """As much of a list as a cluster lets be known; ``reason`` says why there may be more."""

    items: list[Item]
    reason: str | None
    total: int
    next_cursor: None = None

    @classmethod
    def of(cls, items: list[Item], reason: str) -> Self:
        """Make it of its items, with an empty reason when these are all."""
        return cls(items=items, reason=reason or None, total=len(items))


class FieldProblem(BaseModel):
    """One mistake in what was sent."""

    path: str
    message: str


class Problem(BaseModel):
    """The one shape of every error."""

    model_config = ConfigDict(extra="allow")

    error: str
    code: str
    fields: list[FieldProblem]
    request_id: str


def problems(*statuses: int) -> dict[Any, Any]:
    """Return the error answers of a route for the API's description; these come with every one."""
    return {str(status): Problem for status in sorted({401, 404, 405, 413, 415, 422, 429, 503, *statuses})}


def public_problems(*statuses: int) -> dict[Any, Any]:
    """Return the error answers of a route that anybody may call."""
    return {str(status): Problem for status in sorted({405, 413, 415, 422, 429, 503, *statuses})}


def content(content_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return the description of an answer that is not JSON."""
    return {"content": {content_type: {"schema": schema}}}
