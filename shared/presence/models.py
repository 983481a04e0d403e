"""A person's place on a workflow, as clients send it and as others see it."""

from __future__ import annotations

import hashlib
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from shared.access import Actor

COLORS = ("#0b6bcb", "#b3261e", "#2e7d32", "#8e24aa", "#ad5700", "#00798c", "#c2185b", "#5e5ce6")
"""Each can be read with white letters on it, on a light page and on a dark one."""


class Place(BaseModel):
    """
    A place on a workflow.

    :param node_id: the card that is selected
    :param editing: whether its fields are being changed
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    workflow_id: str = Field(min_length=1, max_length=64)
    node_id: str | None = Field(None, min_length=1, max_length=64)
    editing: bool = False


class Someone(BaseModel):
    """
    One person in one browser tab.

    :param id: the tab's stream, so that a tab can leave itself out
    :param color: the same for all tabs of a person, everywhere
    """

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    color: str
    node_id: str | None = None
    editing: bool = False

    @classmethod
    def of(cls, actor: Actor, connection_id: str, place: Place) -> Self:
        """Take a person's name and place."""
        return cls(
            id=connection_id,
            name=actor.name,
            color=color_of(actor.user_id),
            node_id=place.node_id,
            editing=place.editing,
        )


def color_of(user_id: str) -> str:
    """Return a person's color."""
    return COLORS[hashlib.sha256(user_id.encode()).digest()[0] % len(COLORS)]
