"""The consent of a person to more than an ordinary deploy: each object by its name, nothing in general. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MOST_NAMED = 500

ObjectName = Annotated[str, StringConstraints(min_length=3, max_length=600)]
"""``Deployment shop/web``, as plans write it."""
Named = Annotated[list[ObjectName], Field(max_length=MOST_NAMED)]


class Takeover(BaseModel):
    """Fields of one object that somebody else manages and that the run may take over."""

    model_config = ConfigDict(extra="forbid")

    object: ObjectName
    fields: list[Annotated[str, StringConstraints(min_length=1, max_length=1000)]] = Field(
        min_length=1, max_length=MOST_NAMED, description="As the plan writes them: `.spec.replicas`."
    )


class Consent(BaseModel):
    """
    The deeds that are agreed to, each for objects by name.

    :param adopt: objects that exist and are not this workflow's
    :param replace: objects to delete and make again, because an immutable field changes
    :param delete: claims, namespaces and secrets that the graph has no longer
    """

    model_config = ConfigDict(extra="forbid")

    takeover: list[Takeover] = Field(default_factory=list, max_length=MOST_NAMED)
    adopt: Named = Field(default_factory=list)
    replace: Named = Field(default_factory=list)
    delete: Named = Field(default_factory=list)

    def may_take_over(self, name: str, fields: Collection[str]) -> bool:
        """Whether every one of these fields was named: forcing an apply takes all fields that conflict."""
        named = {field for entry in self.takeover if entry.object == name for field in entry.fields}
        return bool(fields) and named.issuperset(fields)

    def joined(self, other: Consent) -> Consent:
        """Return the consent that holds all of both."""
        return Consent(
            takeover=[*self.takeover, *other.takeover],
            adopt=sorted({*self.adopt, *other.adopt}),
            replace=sorted({*self.replace, *other.replace}),
            delete=sorted({*self.delete, *other.delete}),
        )
