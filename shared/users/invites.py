"""Invites: how administrators let people in; a code is shown once and kept as a hash."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Self

from shared.access import Actor, Verb, require
from shared.clock import now
from shared.ids import new_id
from shared.platform import Platform
from shared.users.models import Invite
from shared.users.store import InviteStore


class Invites:
    """Invites, made and withdrawn by administrators and looked at by those who have a code."""

    def __init__(self, store: InviteStore) -> None:
        self._store = store

    @classmethod
    def over(cls, platform: Platform) -> Self:
        """Make it over a process' connections."""
        return cls(InviteStore(platform.db))

    def create(self, actor: Actor, *, email: str | None, hours: int) -> tuple[Invite, str]:
        """Make an invite for one sign-up; its code is returned this once and only its hash is kept."""
        require(actor, Verb.ADMINISTER, None)
        code, at = secrets.token_urlsafe(18), now()
        invite = Invite(
            id=new_id(),
            code_hash=hash_code(code),
            email=email,
            created_by=actor.user_id,
            created_at=at,
            expires_at=at + timedelta(hours=hours),
        )
        self._store.insert(invite)
        return invite, code

    def list(self, actor: Actor, *, limit: int, cursor: str | None = None) -> tuple[list[Invite], int, str | None]:
        """Return a page of invites, newest first."""
        require(actor, Verb.ADMINISTER, None)
        return self._store.list(limit=limit, cursor=cursor)

    def withdraw(self, actor: Actor, invite_id: str) -> None:
        """
        Make an invite worthless; the account it became stays.

        :raises NotFound: there is none
        """
        require(actor, Verb.ADMINISTER, None)
        self._store.delete(invite_id)

    def find_open(self, code: str) -> Invite | None:
        """Return the invite that a code still opens."""
        return self._store.find_open(hash_code(code), now())


def hash_code(code: str) -> str:
    """Return the hash by which an invite's code is kept; the code is random, so a plain hash is enough."""
    return hashlib.sha256(code.strip().encode()).hexdigest()
