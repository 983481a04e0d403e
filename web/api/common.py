"""Input of routes: pages, headers, bodies that may be left out."""

from __future__ import annotations

import re
from typing import Any

from flask import request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.errors import FieldError, InvalidInput

SIGNED_IN: list[dict[str, list[str]]] = [{"bearer": []}]


class PageQuery(BaseModel):
    """How a list is paged."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=100)
    cursor: str | None = Field(None, max_length=1000)


class IfMatch(BaseModel):
    """The revision a client has edited."""

    sent: str | None = Field(
        None, alias="If-Match", description='The revision you have, as the ETag said it: `"3"`. Needed: 428 without.'
    )

    @property
    def revision(self) -> int:
        """
        Return the revision that the client has seen.

        :raises InvalidInput: code ``precondition-required`` (428) without the header
        """
        if not self.sent:
            raise InvalidInput("Send If-Match with the revision you have.", code="precondition-required")
        found = re.fullmatch(r'(?:W/)?"?([0-9]{1,9})"?', self.sent.strip())
        if not found:
            message = 'must be a revision, such as "3"'
            raise InvalidInput("If-Match is not a revision.", fields=[FieldError("If-Match", message)])
        return int(found[1])


class IdempotencyKey(BaseModel):
    """The client's name for one piece of work."""

    sent: str | None = Field(
        None,
        alias="Idempotency-Key",
        pattern=r"^[A-Za-z0-9_.:-]{1,100}$",
        description="The same key within a day starts the work once and gets the same answer.",
    )


class LastEventId(BaseModel):
    """Where a stream broke off."""

    sent: str = Field("", alias="Last-Event-ID", description="The id of the last event that arrived.")


class OptionalBody(BaseModel):
    """A body that may be left out; then all its fields have their defaults."""

    model_config = ConfigDict(extra="forbid")
    model_config["openapi_extra"] = {"required": False}  # type: ignore[typeddict-unknown-key]

    @model_validator(mode="before")
    @classmethod
    def _nothing(cls, value: Any) -> Any:
        return {} if value is None and not request.get_data() else value
