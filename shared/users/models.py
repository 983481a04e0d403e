"""What is stored about a person, and what others get to see of it."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Annotated, Self

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from shared.access import Role
from shared.clock import now
from shared.ids import new_id
from shared.storage.documents import Document, Moment

LONGEST_EMAIL = 254


def _checked_email(value: str) -> str:
    """Refuse a text that is no address; names without a dot are fine, many installations live on ``.local``."""
    try:
        found = validate_email(value, check_deliverability=False, allow_smtputf8=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise ValueError(str(error)) from error
    return found.normalized


Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=3, max_length=LONGEST_EMAIL),
    AfterValidator(_checked_email),
]
PersonName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")
]


def email_key(email: str) -> str:
    """Return the form under which addresses are compared: ``Ada@Example.com`` and ``ada@example.com`` are one."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


class User(Document):
    """
    One account.

    ``first_account`` stands on exactly one row, which a unique partial index guards: that one became admin by being
    first. It is absent elsewhere. ``password_hash`` is None for people who only come through another provider.
    """

    name: str
    email: str
    email_key: str
    role: Role
    password_hash: str | None = None
    disabled: bool = False
    first_account: bool | None = None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def new(cls, name: str, email: str, *, role: Role, password_hash: str | None) -> Self:
        """Make an account."""
        at = now()
        return cls(
            id=new_id(),
            name=name,
            email=email,
            email_key=email_key(email),
            role=role,
            password_hash=password_hash,
            created_at=at,
            updated_at=at,
        )

    def to_mongo(self) -> dict[str, object]:
        """Leave ``first_account`` out when it is not set, because the unique index counts null as a value."""
        raw = super().to_mongo()
        if self.first_account is None:
            raw.pop("first_account", None)
        return raw


class PublicUser(BaseModel):
    """What goes out about a person."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    email: str
    role: Role
    created_at: Moment


class Invite(Document):
    """
    A right to sign up once.

    Only the hash of the code is kept; ``email`` limits it to one address.
    """

    code_hash: str
    email: str | None = None
    created_by: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    used_by: str | None = None


class PublicInvite(BaseModel):
    """An invite as admins list it: never the code."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    email: str | None
    created_by: str
    created_at: Moment
    expires_at: Moment
    used_at: Moment | None
    used_by: str | None = Field(description="The account it became.")
