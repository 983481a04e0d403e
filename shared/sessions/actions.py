"""Sign in, refresh, sign out; whatever ends a session tells ``access:<user>``, so that open streams end with it."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.clock import now
from shared.errors import NotFound, Unauthenticated
from shared.ids import new_id
from shared.log import get_logger
from shared.sessions import tokens
from shared.sessions.models import Session
from shared.sessions.store import SessionStore
from shared.updates import UpdateLog, topics

log = get_logger(__name__)

LEEWAY_SECONDS = 10
"""A refresh whose answer got lost may be repeated this long; older tokens that come back end the session."""
LONGEST_AGENT = 200


@dataclass(frozen=True, slots=True)
class Keys:
    """The key of refresh tokens, and the lives of all tokens."""

    refresh: str
    access_seconds: int
    refresh_max_days: int


@dataclass(frozen=True, slots=True)
class Grant:
    """What signing in or refreshing gives: access to a session until then, and the token that prolongs it."""

    session: Session
    access_until: datetime
    refresh_token: str


def start(user_id: str, *, address: str, agent: str, sessions: SessionStore, keys: Keys) -> Grant:
    """Open a session for somebody who has proved who they are."""
    at = now()
    session = Session(
        id=new_id(),
        user_id=user_id,
        salt=secrets.token_urlsafe(16),
        rotated_at=at,
        address=address,
        agent=agent[:LONGEST_AGENT],
        created_at=at,
        last_used_at=at,
        expires_at=at + timedelta(days=keys.refresh_max_days),
    )
    sessions.insert(session)
    return _grant(session, keys, at)


def refresh(token: str, *, sessions: SessionStore, keys: Keys, updates: UpdateLog) -> Grant:
    """
    Exchange a refresh token for the next one.

    A token that was exchanged before ends its session, because then two parties hold it: except within
    ``LEEWAY_SECONDS``, where it is taken for a repeated request and answered with the same next token.

    :raises Unauthenticated: unknown, ended, or used up
    """
    session_id, generation = tokens.read_refresh(token)
    at = now()
    session = sessions.find(session_id, at)
    if session is None or not tokens.proves(token, session, generation, key=keys.refresh):
        raise Unauthenticated("The session has ended. Sign in again.", code="refresh-invalid")
    if generation == session.generation:
        rotated = sessions.rotate(session_id, generation, at)
        if rotated is not None:
            return _grant(rotated, keys, at)
        session = sessions.find(session_id, at)
    if session is not None and _is_repeated(session, generation, at):
        return _grant(session, keys, at)
    with suppress(NotFound):
        end(session_id, session.user_id if session else None, sessions=sessions, updates=updates)
    log.warning("refresh_token_reused", session_id=session_id)
    raise Unauthenticated("This session was ended, because its token was used twice. Sign in again.", code="reused")


def _is_repeated(session: Session, generation: int, at: datetime) -> bool:
    fresh = at - session.rotated_at <= timedelta(seconds=LEEWAY_SECONDS)
    return fresh and generation == session.generation - 1


def end(session_id: str, user_id: str | None, *, sessions: SessionStore, updates: UpdateLog) -> None:
    """
    End one session.

    :raises NotFound: it has ended already
    """
    gone = sessions.delete(session_id)
    if user_id is not None:
        updates.publish(topics.access(user_id), "session_ended", {"session_id": session_id})
    if not gone:
        raise NotFound("There is no such session.")


def end_all(user_id: str, *, sessions: SessionStore, updates: UpdateLog, but: str | None = None) -> int:
    """End all sessions of a person, except one if wanted, and return how many there were."""
    count = sessions.delete_of(user_id, but=but)
    updates.publish(topics.access(user_id), "sessions_ended", {"but": but})
    return count


def _grant(session: Session, keys: Keys, at: datetime) -> Grant:
    until = min(at + timedelta(seconds=keys.access_seconds), session.expires_at)
    return Grant(session, until.replace(microsecond=0), tokens.issue_refresh(session, key=keys.refresh))
