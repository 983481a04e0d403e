"""
Rights of people: the one function that decides about them.

Every route names its verb. What somebody may not see does not exist for them (404); what they see but may not do is
forbidden with the missing verb (403).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from shared.errors import Forbidden, NotFound

_MISSING = {"cluster": "cluster-not-found", "plugin": "plugin-not-found"}
"""Codes for things that are missing, where machines tell them from what a request is about."""


class Role(StrEnum):
    """The role of a person on the whole platform."""

    ADMIN = "admin"
    MEMBER = "member"


class Verb(StrEnum):
    """A kind of action; each role on a thing has a set of them."""

    CREATE = "create"
    SEE = "see"
    OPERATE = "operate"
    """Logs, terminal, scale, restart."""
    RUN = "run"
    EDIT = "edit"
    SHARE = "share"
    DELETE = "delete"
    PRIVILEGED = "use privileged fields on"
    """On a cluster: what only who rules it may give out, as host paths and cluster-wide roles."""
    ADMINISTER = "administer"
    """The platform itself: users, settings, system state."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who asks: signed in, in one of their sessions."""

    user_id: str
    role: Role
    session_id: str
    name: str = ""


class Owned(Protocol):
    """Anything that belongs to somebody."""

    @property
    def owner_id(self) -> str | None:
        """The owner's user id; None for what belongs to the platform."""


@dataclass(frozen=True, slots=True)
class Scope:
    """
    Whose things a list may hold; stores turn it into their query.

    :param owner_id: own things
    """

    owner_id: str


def may(actor: Actor, verb: Verb, thing: Owned | None = None) -> bool:
    """
    Decide.

    :param thing: None asks about the platform: everybody signed in may create, only admins administer
    """
    if thing is None:
        return verb in {Verb.CREATE, Verb.SEE} or actor.role is Role.ADMIN
    if verb is Verb.ADMINISTER:
        return actor.role is Role.ADMIN
    return _is_owner(actor.user_id, thing)


def owner_may(thing: Owned, verb: Verb, other: Owned) -> bool:
    """Whether the owner of one thing may act on another: a run may do for a workflow as much as its owner."""
    return verb is not Verb.ADMINISTER and _is_owner(thing.owner_id, other)


def scope(actor: Actor) -> Scope:
    """Return the scope of somebody's lists: their own things."""
    return Scope(actor.user_id)


def _is_owner(user_id: str | None, thing: Owned) -> bool:
    return user_id is not None and thing.owner_id == user_id


def no_such(what: str) -> NotFound:
    """Return the one error for what does not exist and for what may not be seen; nothing tells them apart."""
    return NotFound(f"There is no such {what}.", code=_MISSING.get(what))


def require(actor: Actor, verb: Verb, thing: Owned | None, *, what: str = "thing") -> None:
    """
    Raise ``NotFound`` or ``Forbidden`` unless the actor may.

    :param what: how the sentence names the thing: ``workflow``
    :raises NotFound: the actor may not even see it
    :raises Forbidden: the actor sees it, but lacks the verb
    """
    if may(actor, verb, thing):
        return
    if thing is not None and not may(actor, Verb.SEE, thing):
        raise no_such(what)
    raise Forbidden(f"You may not {verb.value} this {what}.", details={"verb": verb.value})
