"""Accounts, invites and sessions in memory; tests/functional compares them with the real stores."""

from __future__ import annotations

from datetime import datetime

from shared.errors import Conflict, NotFound
from shared.sessions.models import Session
from shared.sessions.store import SessionStore
from shared.users.models import Invite, User, email_key
from shared.users.passwords import Passwords
from shared.users.store import FirstAccountTaken, InviteStore, UserStore


class FakeUserStore(UserStore):
    """
    Keeps accounts by id.

    :ivar is_late: another first account arrives between the question for one and the insertion
    """

    def __init__(self, *users: User) -> None:
        self.rows = {user.id: user for user in users}
        self.is_late = False

    def insert(self, user: User) -> None:
        """Add one."""
        if user.first_account and (self.is_late or self.first_account() is not None):
            raise FirstAccountTaken("There is an account already.")
        if self.find_by_email(user.email) is not None:
            raise Conflict("taken", code="email-taken")
        self.rows[user.id] = user

    def has_accounts(self) -> bool:
        """Tell whether there is any."""
        return bool(self.rows)

    def first_account(self) -> User | None:
        """Return the first."""
        return next((user for user in self.rows.values() if user.first_account), None)

    def find(self, user_id: str) -> User | None:
        """Return one or None."""
        return self.rows.get(user_id)

    def find_by_email(self, email: str) -> User | None:
        """Return the one with an address."""
        return next((user for user in self.rows.values() if user.email_key == email_key(email)), None)

    def replace_hash(self, user_id: str, password_hash: str) -> None:
        """Keep another hash."""
        self.rows[user_id] = self.rows[user_id].model_copy(update={"password_hash": password_hash})

    def set_password(self, user_id: str, password_hash: str) -> None:
        """Keep another password."""
        self.replace_hash(user_id, password_hash)


class FakeInviteStore(InviteStore):
    """Keeps invites by id."""

    def __init__(self) -> None:
        self.rows: dict[str, Invite] = {}

    def insert(self, invite: Invite) -> None:
        """Add one."""
        self.rows[invite.id] = invite

    def list(self, *, limit: int, cursor: str | None) -> tuple[list[Invite], int, str | None]:
        """Return all, newest first, on one page."""
        del limit, cursor
        return list(reversed(self.rows.values())), len(self.rows), None

    def find_open(self, code_hash: str, at: datetime) -> Invite | None:
        """Return one that can be used."""
        usable = (row for row in self.rows.values() if row.used_at is None and row.expires_at > at)
        return next((row for row in usable if row.code_hash == code_hash), None)

    def claim(self, code_hash: str, user_id: str, at: datetime) -> Invite | None:
        """Use one up."""
        invite = self.find_open(code_hash, at)
        if invite is None:
            return None
        self.rows[invite.id] = invite.model_copy(update={"used_at": at, "used_by": user_id})
        return self.rows[invite.id]

    def release(self, invite_id: str, user_id: str) -> None:
        """Give one back."""
        if self.rows[invite_id].used_by == user_id:
            self.rows[invite_id] = self.rows[invite_id].model_copy(update={"used_at": None, "used_by": None})

    def delete(self, invite_id: str) -> None:
        """Withdraw one."""
        if self.rows.pop(invite_id, None) is None:
            raise NotFound("There is no such invite.")


class FakeSessionStore(SessionStore):
    """Keeps sessions by id."""

    def __init__(self) -> None:
        self.rows: dict[str, Session] = {}

    def insert(self, session: Session) -> None:
        """Add one."""
        self.rows[session.id] = session

    def find(self, session_id: str, at: datetime) -> Session | None:
        """Return one that has not ended."""
        session = self.rows.get(session_id)
        return session if session is not None and session.expires_at > at else None

    def list(self, user_id: str, at: datetime) -> list[Session]:
        """Return a person's, last used first."""
        living = [row for row in self.rows.values() if row.user_id == user_id and row.expires_at > at]
        return sorted(living, key=lambda row: row.last_used_at, reverse=True)

    def rotate(self, session_id: str, generation: int, at: datetime) -> Session | None:
        """Move one to its next generation."""
        session = self.find(session_id, at)
        if session is None or session.generation != generation:
            return None
        values = {"generation": generation + 1, "rotated_at": at, "last_used_at": at}
        self.rows[session_id] = session.model_copy(update=values)
        return self.rows[session_id]

    def delete(self, session_id: str) -> bool:
        """End one."""
        return self.rows.pop(session_id, None) is not None

    def delete_of(self, user_id: str, *, but: str | None = None) -> int:
        """End a person's."""
        gone = [row.id for row in self.rows.values() if row.user_id == user_id and row.id != but]
        for session_id in gone:
            del self.rows[session_id]
        return len(gone)


class FakePasswords(Passwords):
    """Compares without hashing, which takes 20 ms; a hash that begins with ``old:`` is outdated."""

    def __init__(self) -> None:
        pass

    def hash(self, password: str) -> str:
        """Return the password behind a mark."""
        return f"new:{password}"

    def matches(self, stored: str | None, password: str) -> bool:
        """Compare as they are."""
        return stored is not None and stored.partition(":")[2] == password

    def is_outdated(self, stored: str) -> bool:
        """Tell by the mark."""
        return stored.startswith("old:")
