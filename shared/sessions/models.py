"""A session as it is stored."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from shared.storage.documents import Document, Moment


class Session(Document):
    """
    One sign-in and all that was refreshed from it.

    ``generation`` counts refreshes; together with ``salt`` and a key of the platform it makes the refresh token, so
    that no token is stored, and a token of an earlier generation is known to be used up.
    """

    user_id: str
    salt: str
    generation: int = 0
    rotated_at: datetime
    address: str = ""
    agent: str = ""
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    """The absolute end; refreshing does not move it."""


class PublicSession(BaseModel):
    """A session as its owner sees it."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    address: str
    agent: str
    created_at: Moment
    last_used_at: Moment
    expires_at: Moment
