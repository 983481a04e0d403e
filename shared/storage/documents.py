"""The base of everything stored: a pydantic model whose ``id`` is MongoDB's ``_id``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, PlainSerializer

from shared.clock import rfc3339

Moment = Annotated[datetime, PlainSerializer(rfc3339, return_type=str, when_used="json")]
"""A UTC time: a datetime in Python and MongoDB, ``2026-01-31T12:04:31.250Z`` in JSON."""


class Document(BaseModel):
    """One stored document; unknown keys are ignored on reading, so that an older process reads newer documents."""

    model_config = ConfigDict(extra="ignore")

    id: str

    def to_mongo(self) -> dict[str, Any]:
        """Return the document as it is stored: ``_id`` instead of ``id``, enums as text, times as datetimes."""
        raw: dict[str, Any] = _plain(self.model_dump())
        raw["_id"] = raw.pop("id")
        return raw

    @classmethod
    def from_mongo(cls, raw: Mapping[str, Any]) -> Self:
        """Read a stored document."""
        values = dict(raw)
        values["id"] = values.pop("_id")
        return cls.model_validate(values)


def _plain(value: Any) -> Any:
    """Turn enums and tuples into what BSON knows; datetimes and bytes stay."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    if isinstance(value, str) and type(value) is not str:
        return str(value.value) if hasattr(value, "value") else str(value)
    return value


Shown = TypeVar("Shown", bound=BaseModel)


def narrow(kind: type[Shown], model: BaseModel) -> Shown:
    """
    Return only the fields of a base model.

    pydantic takes an instance of a subclass as it is, so validating one would let everything out.
    """
    return kind.model_validate(model.model_dump(include=set(kind.model_fields)))
