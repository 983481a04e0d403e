"""People as documents keep them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from shared.access import Actor


class Person(BaseModel):
    """The person who did something; the name as it was then."""

    model_config = ConfigDict(extra="ignore")

    user_id: str
    name: str = ""

    @classmethod
    def of(cls, actor: Actor) -> Person:
        """Take the actor's id and present name."""
        return cls(user_id=actor.user_id, name=actor.name)
