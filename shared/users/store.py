"""The ``users`` and ``invites`` collections."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel, ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from shared.clock import now
from shared.errors import Conflict, FieldError, NotFound
from shared.storage.paging import page
from shared.storage.store import Store
from shared.users.models import Invite, User, email_key

COLLECTION = "users"
INVITES = "invites"
FIRST_ACCOUNT = "first_account"

INDEXES = [
    IndexModel([("email_key", ASCENDING)], unique=True, name="email_key"),
    IndexModel(
        [(FIRST_ACCOUNT, ASCENDING)],
        unique=True,
        name=FIRST_ACCOUNT,
        partialFilterExpression={FIRST_ACCOUNT: True},
    ),
    IndexModel([("created_at", DESCENDING), ("_id", DESCENDING)], name="created_at"),
]
INVITE_INDEXES = [
    IndexModel([("code_hash", ASCENDING)], unique=True, name="code_hash"),
    IndexModel([("created_at", DESCENDING), ("_id", DESCENDING)], name="created_at"),
    IndexModel([("expires_at", ASCENDING)], name="expiry", expireAfterSeconds=30 * 86400),
]


class FirstAccountTaken(Conflict):
    """Somebody else was first; the caller goes on as an ordinary sign-up."""

    default_code = "first-account-taken"


class UserStore(Store):
    """The only place that knows how people are stored."""

    def __init__(self, db: Database[dict[str, Any]]) -> None:
        self._users = db[COLLECTION]

    def insert(self, user: User) -> None:
        """
        Add an account.

        :raises FirstAccountTaken: ``first_account`` is set and another account has it
        :raises Conflict: code ``email-taken``
        """
        try:
            self._users.insert_one(user.to_mongo())
        except DuplicateKeyError as error:
            pattern = (error.details or {}).get("keyPattern") or {}
            if FIRST_ACCOUNT in pattern:
                raise FirstAccountTaken("There is an account already.") from error
            raise Conflict(
                "An account with this e-mail address exists.",
                code="email-taken",
                fields=[FieldError("email", "This address is taken.")],
            ) from error

    def has_accounts(self) -> bool:
        """Whether anybody has signed up yet."""
        return self._one({}) is not None

    def first_account(self) -> User | None:
        """Return the account that became admin by being the first."""
        return self._one({FIRST_ACCOUNT: True})

    def get(self, user_id: str) -> User:
        """
        Return one account.

        :raises NotFound: there is none
        """
        user = self.find(user_id)
        if user is None:
            raise NotFound("There is no such account.")
        return user

    def find(self, user_id: str) -> User | None:
        """Return one account or None."""
        return self._one({"_id": user_id})

    def find_by_email(self, email: str) -> User | None:
        """Return the account with this address, however it is capitalised."""
        return self._one({"email_key": email_key(email)})

    def replace_hash(self, user_id: str, password_hash: str) -> None:
        """Keep the same password under another hash."""
        self._users.update_one({"_id": user_id}, {"$set": {"password_hash": password_hash}})

    def set_password(self, user_id: str, password_hash: str) -> None:
        """Keep another password."""
        self._users.update_one({"_id": user_id}, {"$set": {"password_hash": password_hash, "updated_at": now()}})

    def _one(self, query: Mapping[str, object]) -> User | None:
        row = self._users.find_one(query)
        return User.from_mongo(row) if row else None


class InviteStore(Store):
    """The only place that knows how invites are stored."""

    def __init__(self, db: Database[dict[str, Any]]) -> None:
        self._invites = db[INVITES]

    def insert(self, invite: Invite) -> None:
        """Add an invite."""
        self._invites.insert_one(invite.to_mongo())

    def list(self, *, limit: int, cursor: str | None) -> tuple[list[Invite], int, str | None]:
        """Return a page of invites, newest first."""
        rows, total, following = page(self._invites, {}, limit=limit, cursor=cursor)
        return [Invite.from_mongo(row) for row in rows], total, following

    def find_open(self, code_hash: str, at: datetime) -> Invite | None:
        """Return the invite if it can still be used."""
        row = self._invites.find_one(self._usable(code_hash, at))
        return Invite.from_mongo(row) if row else None

    def claim(self, code_hash: str, user_id: str, at: datetime) -> Invite | None:
        """Use an invite up, once: of two callers at the same time one gets None."""
        row = self._invites.find_one_and_update(
            self._usable(code_hash, at),
            {"$set": {"used_at": at, "used_by": user_id}},
            return_document=ReturnDocument.AFTER,
        )
        return Invite.from_mongo(row) if row else None

    def release(self, invite_id: str, user_id: str) -> None:
        """Give an invite back after the sign-up that claimed it has failed."""
        self._invites.update_one({"_id": invite_id, "used_by": user_id}, {"$set": {"used_at": None, "used_by": None}})

    def delete(self, invite_id: str) -> None:
        """
        Withdraw an invite.

        :raises NotFound: there is none
        """
        deleted = self._invites.delete_one({"_id": invite_id}).deleted_count
        if not deleted:
            raise NotFound("There is no such invite.")

    @staticmethod
    def _usable(code_hash: str, at: datetime) -> dict[str, object]:
        return {"code_hash": code_hash, "used_at": None, "expires_at": {"$gt": at}}
