"""What people do with accounts: sign up, prove who they are, change a password, invite."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from shared.access import Role
from shared.clock import now
from shared.errors import Conflict, FieldError, Forbidden, InvalidInput, Unauthenticated
from shared.ids import new_id
from shared.users.lockout import Lockout
from shared.users.models import Invite, User, email_key
from shared.users.passwords import Passwords, check_password
from shared.users.store import FirstAccountTaken, InviteStore, UserStore

SignupMode = Literal["open", "invite", "domains", "closed"]


@dataclass(frozen=True, slots=True)
class SignupRules:
    """Who may sign up after the first account."""

    mode: SignupMode
    domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What somebody who signs up has typed."""

    name: str
    email: str
    password: str
    invite: str | None = None


def register(
    wanted: NewAccount, *, users: UserStore, invites: InviteStore, passwords: Passwords, rules: SignupRules
) -> User:
    """
    Make an account; the very first one becomes admin whatever the rules say.

    Two first sign-ups at once: the unique index lets one through, the other goes on by the rules.

    :raises InvalidInput: weak password, or an invite that does not hold
    :raises Forbidden: the rules do not let this person in
    :raises Conflict: code ``email-taken``
    """
    check_password(wanted.password, email=wanted.email)
    if not users.has_accounts():
        user = _account(wanted, passwords, Role.ADMIN)
        user.first_account = True
        try:
            users.insert(user)
        except FirstAccountTaken:
            pass
        else:
            return user
    _check_rules(wanted, rules)
    user = _account(wanted, passwords, Role.MEMBER)
    if rules.mode == "invite":
        return _insert_with_invite(user, wanted, users, invites)
    users.insert(user)
    return user


def _account(wanted: NewAccount, passwords: Passwords, role: Role) -> User:
    at = now()
    return User(
        id=new_id(),
        name=wanted.name,
        email=wanted.email,
        email_key=email_key(wanted.email),
        role=role,
        password_hash=passwords.hash(wanted.password),
        created_at=at,
        updated_at=at,
    )


def _check_rules(wanted: NewAccount, rules: SignupRules) -> None:
    if rules.mode == "closed":
        raise Forbidden("Sign-up is closed. Ask an administrator for an account.", code="signup-closed")
    if rules.mode == "domains":
        domain = email_key(wanted.email).rpartition("@")[2]
        if domain not in {name.casefold() for name in rules.domains}:
            raise Forbidden(
                "Sign-up is not open to this e-mail domain.",
                code="signup-domain",
                fields=[FieldError("email", "This domain is not on the list.")],
            )
    if rules.mode == "invite" and not wanted.invite:
        raise Forbidden(
            "Sign-up needs an invite. Ask an administrator for one.",
            code="invite-required",
            fields=[FieldError("invite", "An invite is required.")],
        )


def _insert_with_invite(user: User, wanted: NewAccount, users: UserStore, invites: InviteStore) -> User:
    invite = invites.claim(hash_code(wanted.invite or ""), user.id, user.created_at)
    if invite is None:
        raise _invalid_invite()
    if invite.email is not None and email_key(invite.email) != user.email_key:
        invites.release(invite.id, user.id)
        raise _invalid_invite()
    try:
        users.insert(user)
    except Conflict:
        invites.release(invite.id, user.id)
        raise
    return user


def _invalid_invite() -> InvalidInput:
    return InvalidInput(
        "The invite is not valid.",
        code="invalid-invite",
        fields=[FieldError("invite", "It is unknown, used, expired, or for another address.")],
    )


def authenticate(
    email: str, password: str, *, address: str, users: UserStore, passwords: Passwords, lockout: Lockout
) -> User:
    """
    Return the account whose password this is.

    Takes the same time for an unknown address as for a wrong password, and says the same.

    :raises Unauthenticated: code ``invalid-credentials``
    :raises LimitReached: too many failures before
    """
    lockout.check(email, address)
    user = users.find_by_email(email)
    matches = passwords.matches(user.password_hash if user else None, password)
    if user is None or not matches:
        lockout.failed(email, address)
        raise Unauthenticated("E-mail address or password is wrong.", code="invalid-credentials")
    if user.disabled:
        raise Unauthenticated("This account is disabled. Ask an administrator.", code="account-disabled")
    lockout.succeeded(email, address)
    if user.password_hash and passwords.is_outdated(user.password_hash):
        users.update(user.id, {"password_hash": passwords.hash(password)})
    return user


def change_password(user: User, old: str, new: str, *, users: UserStore, passwords: Passwords) -> None:
    """
    Replace a password by one who knows the old one; the caller ends the other sessions.

    :raises InvalidInput: the old one is wrong, or the new one is weak
    """
    if not passwords.matches(user.password_hash, old):
        raise InvalidInput(
            "The current password is wrong.",
            code="wrong-password",
            fields=[FieldError("current_password", "This is not the current password.")],
        )
    set_password(user, new, users=users, passwords=passwords, field="new_password")


def set_password(user: User, new: str, *, users: UserStore, passwords: Passwords, field: str = "password") -> None:
    """
    Replace a password without the old one, as an administrator does.

    :raises InvalidInput: it is weak
    """
    check_password(new, field=field, email=user.email)
    users.update(user.id, {"password_hash": passwords.hash(new), "updated_at": now()})


def invite(created_by: str, *, email: str | None, hours: int, invites: InviteStore) -> tuple[Invite, str]:
    """Make an invite; the code is returned this once and only its hash is kept."""
    code = secrets.token_urlsafe(18)
    at = now()
    made = Invite(
        id=new_id(),
        code_hash=hash_code(code),
        email=email,
        created_by=created_by,
        created_at=at,
        expires_at=at + timedelta(hours=hours),
    )
    invites.insert(made)
    return made, code


def hash_code(code: str) -> str:
    """Return how an invite's code is kept; it is random, so a plain hash is enough."""
    return hashlib.sha256(code.strip().encode()).hexdigest()
