"""Refresh tokens: a keyed hash of a session's generation; pure functions over keys."""

from __future__ import annotations

import base64
import hashlib
import hmac

from shared.errors import Unauthenticated
from shared.sessions.models import Session

_REFRESH_PARTS = 3


def issue_refresh(session: Session, *, key: str) -> str:
    """Return the refresh token of a session's present generation; the same each time it is asked for."""
    return f"{session.id}.{session.generation}.{_proof(session, session.generation, key)}"


def read_refresh(token: str) -> tuple[str, int]:
    """
    Return session id and generation a token claims to be of; ``proves`` says whether it is.

    :raises Unauthenticated: it has not the form of a refresh token
    """
    parts = token.split(".")
    if len(parts) != _REFRESH_PARTS or not parts[1].isdecimal() or not parts[1].isascii() or len(parts[1]) > 9:  # noqa: PLR2004
        raise Unauthenticated("The refresh token is not valid. Sign in again.", code="refresh-invalid")
    return parts[0], int(parts[1])


def proves(token: str, session: Session, generation: int, *, key: str) -> bool:
    """Whether we have issued this token for that generation of the session."""
    expected = f"{session.id}.{generation}.{_proof(session, generation, key)}"
    return hmac.compare_digest(expected.encode(), token.encode("utf-8", "replace"))


def _proof(session: Session, generation: int, key: str) -> str:
    message = f"refresh\n{session.id}\n{generation}\n{session.salt}".encode()
    digest = hmac.new(key.encode(), message, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
