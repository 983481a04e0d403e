"""What routes share: answers, pages, the If-Match header."""

from __future__ import annotations

import re
from typing import Any

from flask import request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.errors import FieldError, InvalidInput

SIGNED_IN: list[dict[str, list[str]]] = [{"bearer": []}]


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


class PageQuery(BaseModel):
    """How a list is paged."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=100)
    cursor: str | None = Field(None, max_length=1000)


def problems(*statuses: int) -> dict[Any, Any]:
    """Return the error answers of a route for the API's description; these come with every one."""
    return {str(status): Problem for status in {401, 404, 405, 413, 415, 422, 429, 503, *statuses}}


def if_match() -> int:
    """
    Return the revision that the client has seen.

    :raises InvalidInput: code ``precondition-required`` (428) without the header
    """
    sent = request.headers.get("If-Match", "")
    if not sent:
        raise InvalidInput("Send If-Match with the revision you have.", code="precondition-required")
    found = re.fullmatch(r'(?:W/)?"?(\d{1,9})"?', sent.strip())
    if not found:
        message = 'must be a revision, such as "3"'
        raise InvalidInput("If-Match is not a revision.", fields=[FieldError("If-Match", message)])
    return int(found[1])


class OptionalBody(BaseModel):
    """A body that may be left out; then all its fields have their defaults."""

    model_config = ConfigDict(extra="forbid")
    model_config["openapi_extra"] = {"required": False}  # type: ignore[typeddict-unknown-key]

    @model_validator(mode="before")
    @classmethod
    def _nothing(cls, value: Any) -> Any:
        return {} if value is None and not request.get_data() else value


class Empty(OptionalBody):
    """A body without fields."""
