"""What people do with accounts: sign up, prove who they are, change a password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, Self

from shared.access import Role
from shared.errors import Conflict, FieldError, Forbidden, InvalidInput, Unauthenticated
from shared.people import Person
from shared.platform import Platform
from shared.settings import AuthSettings
from shared.users.invites import hash_code
from shared.users.lockout import Lockout
from shared.users.models import User, email_key
from shared.users.passwords import Passwords, check_password
from shared.users.store import FirstAccountTaken, InviteStore, UserStore

SignupMode = Literal["open", "invite", "domains", "closed"]


@dataclass(frozen=True, slots=True)
class SignupRules:
    """
    Who may sign up after the first account.

    :param passwords: whether accounts have passwords on this installation
    """

    mode: SignupMode
    domains: tuple[str, ...] = ()
    passwords: bool = True

    @classmethod
    def of(cls, settings: AuthSettings) -> Self:
        """Take them from the settings."""
        return cls(settings.signup, tuple(settings.domains), settings.password)


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What somebody who signs up has typed."""

    name: str
    email: str
    password: str
    invite: str | None = None


class Greeter(Protocol):
    """Gives new accounts what they find at their first look."""

    def greet(self, owner: Person, *, is_first: bool) -> None:
        """Give an account its gifts."""


class Accounts:
    """
    Accounts of this installation.

    :param greeter: None where accounts are made for somebody else, who has not come yet
    """

    def __init__(
        self,
        users: UserStore,
        invites: InviteStore,
        passwords: Passwords,
        lockout: Lockout,
        rules: SignupRules,
        greeter: Greeter | None = None,
    ) -> None:
        self._users = users
        self._invites = invites
        self._passwords = passwords
        self._lockout = lockout
        self._rules = rules
        self._greeter = greeter

    @classmethod
    def over(
        cls,
        platform: Platform,
        *,
        passwords: Passwords | None = None,
        rules: SignupRules | None = None,
        greeter: Greeter | None = None,
    ) -> Self:
        """
        Make it over a process' connections.

        :param rules: others than the settings'
        """
        return cls(
            UserStore(platform.db),
            InviteStore(platform.db),
            passwords or Passwords(),
            Lockout(platform.redis),
            rules or SignupRules.of(platform.settings.auth),
            greeter,
        )

    def has_any(self) -> bool:
        """Tell whether anybody has signed up yet."""
        return self._users.has_accounts()

    def first(self) -> User | None:
        """Return the person who became admin by being first."""
        return self._users.first_account()

    def get(self, user_id: str) -> User:
        """
        Return one account.

        :raises NotFound: there is none
        """
        return self._users.get(user_id)

    def find(self, user_id: str) -> User | None:
        """Return one account or None."""
        return self._users.find(user_id)

    def find_by_email(self, email: str) -> User | None:
        """Return the account with this address, however it is capitalised."""
        return self._users.find_by_email(email)

    def get_active(self, user_id: str) -> User:
        """
        Return an account that may be used.

        :raises Unauthenticated: code ``account-disabled``: it is disabled or gone
        """
        user = self._users.find(user_id)
        if user is None or user.disabled:
            raise Unauthenticated("This account is disabled.", code="account-disabled")
        return user

    def require_passwords(self) -> None:
        """
        Raise unless accounts have passwords on this installation.

        :raises Forbidden: code ``password-disabled``
        """
        if not self._rules.passwords:
            msg = "Passwords are switched off on this installation (AUTH__PASSWORD)."
            raise Forbidden(msg, code="password-disabled")

    def register(self, wanted: NewAccount) -> User:
        """
        Make an account with all that it finds at first; the very first becomes admin whatever the rules say.

        Two first sign-ups at once: the unique index lets one through, the other goes on by the rules.

        :raises InvalidInput: weak password, or an invite that does not hold
        :raises Forbidden: passwords are switched off, or the rules do not let this person in
        :raises Conflict: code ``email-taken``
        """
        self.require_passwords()
        check_password(wanted.password, email=wanted.email)
        user = self._first_account(wanted) or self._further_account(wanted)
        if self._greeter is not None:
            self._greeter.greet(Person(user_id=user.id, name=user.name), is_first=bool(user.first_account))
        return user

    def authenticate(self, email: str, password: str, *, address: str) -> User:
        """
        Return the account whose password this is.

        Takes the same time for an unknown address as for a wrong password, and says the same.

        :param address: from where it is tried
        :raises Unauthenticated: code ``invalid-credentials``
        :raises LimitReached: too many failures before
        """
        self._lockout.check(email, address)
        user = self._users.find_by_email(email)
        matches = self._passwords.matches(user.password_hash if user else None, password)
        if user is None or not matches:
            self._lockout.failed(email, address)
            raise Unauthenticated("E-mail address or password is wrong.", code="invalid-credentials")
        if user.disabled:
            raise Unauthenticated("This account is disabled. Ask an administrator.", code="account-disabled")
        self._lockout.succeeded(email, address)
        if user.password_hash and self._passwords.is_outdated(user.password_hash):
            self._users.replace_hash(user.id, self._passwords.hash(password))
        return user

    def change_password(self, user: User, old: str, new: str) -> None:
        """
        Replace a password by one who knows the old one; the caller ends the other sessions.

        :raises InvalidInput: the old one is wrong, or the new one is weak
        """
        if not self._passwords.matches(user.password_hash, old):
            raise InvalidInput(
                "The current password is wrong.",
                code="wrong-password",
                fields=[FieldError("current_password", "This is not the current password.")],
            )
        check_password(new, field="new_password", email=user.email)
        self._users.set_password(user.id, self._passwords.hash(new))

    def _first_account(self, wanted: NewAccount) -> User | None:
        """Make the first account, unless there is one."""
        if self._users.has_accounts():
            return None
        user = self._new(wanted, Role.ADMIN)
        user.first_account = True
        try:
            self._users.insert(user)
        except FirstAccountTaken:
            return None
        return user

    def _further_account(self, wanted: NewAccount) -> User:
        check_rules(wanted, self._rules)
        user = self._new(wanted, Role.MEMBER)
        if self._rules.mode == "invite":
            self._insert_with_invite(user, wanted)
        else:
            self._users.insert(user)
        return user

    def _new(self, wanted: NewAccount, role: Role) -> User:
        return User.new(wanted.name, wanted.email, role=role, password_hash=self._passwords.hash(wanted.password))

    def _insert_with_invite(self, user: User, wanted: NewAccount) -> None:
        invite = self._invites.claim(hash_code(wanted.invite or ""), user.id, user.created_at)
        if invite is None:
            raise _invalid_invite()
        if invite.email is not None and email_key(invite.email) != user.email_key:
            self._invites.release(invite.id, user.id)
            raise _invalid_invite()
        try:
            self._users.insert(user)
        except Conflict:
            self._invites.release(invite.id, user.id)
            raise


def check_rules(wanted: NewAccount, rules: SignupRules) -> None:
    """
    Raise unless the rules let a person in; whether an invite holds is seen when it is claimed.

    :raises Forbidden: code ``signup-closed``, ``signup-domain`` or ``invite-required``
    """
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


def _invalid_invite() -> InvalidInput:
    return InvalidInput(
        "The invite is not valid.",
        code="invalid-invite",
        fields=[FieldError("invite", "It is unknown, used, expired, or for another address.")],
    )
