"""Sign in, refresh, sign out; whatever ends a session tells ``access:<user>``, so that open streams end with it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from shared.access import Actor
from shared.clock import now
from shared.errors import NotFound, Unauthenticated
from shared.ids import new_id
from shared.log import get_logger
from shared.platform import Platform
from shared.sessions import tokens
from shared.sessions.models import Session
from shared.sessions.store import SessionStore
from shared.settings import Settings
from shared.updates import Publisher, topics

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

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Take them from the settings."""
        return cls(settings.secret_key.get_secret_value(), settings.jwt.access_seconds, settings.jwt.refresh_max_days)


@dataclass(frozen=True, slots=True)
class Grant:
    """What signing in or refreshing gives: access to a session until then, and the token that prolongs it."""

    session: Session
    access_until: datetime
    refresh_token: str


class Sessions:
    """Sessions of people, told to ``access:<user>`` when they end."""

    def __init__(self, store: SessionStore, keys: Keys, updates: Publisher) -> None:
        self._store = store
        self._keys = keys
        self._updates = updates

    @classmethod
    def over(cls, platform: Platform) -> Self:
        """Make it over a process' connections."""
        return cls(SessionStore(platform.db), Keys.of(platform.settings), platform.updates)

    def start(self, user_id: str, *, address: str, agent: str) -> Grant:
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
            expires_at=at + timedelta(days=self._keys.refresh_max_days),
        )
        self._store.insert(session)
        return self._grant(session, at)

    def find(self, session_id: str) -> Session | None:
        """Return a session that has not ended, or None."""
        return self._store.find(session_id, now())

    def list(self, actor: Actor) -> list[Session]:
        """Return the actor's own sessions, last used first."""
        return self._store.list(actor.user_id, now())

    def refresh(self, token: str) -> Grant:
        """
        Exchange a refresh token for the next one.

        A token that was exchanged before ends its session, because then two parties hold it: except within
        ``LEEWAY_SECONDS``, where it is taken for a repeated request and answered with the same next token.

        :raises Unauthenticated: unknown, ended, or used up
        """
        session_id, generation = tokens.read_refresh(token)
        at = now()
        session = self._store.find(session_id, at)
        if session is None or not tokens.proves(token, session, generation, key=self._keys.refresh):
            raise Unauthenticated("The session has ended. Sign in again.", code="refresh-invalid")
        if generation == session.generation:
            rotated = self._store.rotate(session_id, generation, at)
            if rotated is not None:
                return self._grant(rotated, at)
            session = self._store.find(session_id, at)
        if session is not None and _is_repeated(session, generation, at):
            return self._grant(session, at)
        self._end(session_id, session.user_id if session else None)
        log.warning("refresh_token_reused", session_id=session_id)
        msg = "This session was ended, because its token was used twice. Sign in again."
        raise Unauthenticated(msg, code="reused")

    def end(self, actor: Actor, session_id: str) -> None:
        """
        End one of the actor's own sessions.

        :raises NotFound: it has ended already, or is another's
        """
        session = self._store.find(session_id, now())
        if session is None or session.user_id != actor.user_id or not self._end(session_id, actor.user_id):
            raise NotFound("There is no such session.")

    def end_this(self, actor: Actor) -> None:
        """End the session that asks; safe to repeat."""
        self._end(actor.session_id, actor.user_id)

    def end_all(self, user_id: str, *, but: str | None = None) -> int:
        """End all sessions of a person, except one if wanted, and return how many there were."""
        count = self._store.delete_of(user_id, but=but)
        self._updates.publish(topics.access(user_id), "sessions_ended", {"but": but})
        return count

    def _end(self, session_id: str, user_id: str | None) -> bool:
        """End a session and tell its person, if that is known; returns whether it was there."""
        was_there = self._store.delete(session_id)
        if user_id is not None:
            self._updates.publish(topics.access(user_id), "session_ended", {"session_id": session_id})
        return was_there

    def _grant(self, session: Session, at: datetime) -> Grant:
        until = min(at + timedelta(seconds=self._keys.access_seconds), session.expires_at)
        return Grant(session, until.replace(microsecond=0), tokens.issue_refresh(session, key=self._keys.refresh))


def _is_repeated(session: Session, generation: int, at: datetime) -> bool:
    fresh = at - session.rotated_at <= timedelta(seconds=LEEWAY_SECONDS)
    return fresh and generation == session.generation - 1
