"""
Topics of streams: for each kind the function that finds its thing, and the snapshot of it.

Each noun registers its kind beside its routes. Whoever may see the thing may hear of the topic.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from shared.access import Actor, Owned, Verb, require
from shared.errors import NotFound
from shared.updates import topics
from web.services import Services

Thing = TypeVar("Thing", bound=Owned)


@dataclass(frozen=True, slots=True)
class _Kind:
    find: Callable[[Services, str], Owned]
    snapshot: Callable[[Services, Any], dict[str, Any]]
    unlogged: Callable[[Services, str], dict[str, dict[str, Any]]]


_kinds: dict[str, _Kind] = {}


def _nothing(found: Services, identity: str) -> dict[str, dict[str, Any]]:
    del found, identity
    return {}


def register(
    kind: str,
    *,
    find: Callable[[Services, str], Thing],
    snapshot: Callable[[Services, Thing], dict[str, Any]],
    unlogged: Callable[[Services, str], dict[str, dict[str, Any]]] = _nothing,
) -> None:
    """
    Have streams tell of one more kind of topic.

    :param find: gives the thing with an id; raises NotFound when there is none
    :param snapshot: gives everything that is true of the thing now, as plain JSON values
    :param unlogged: gives what is told of the thing outside the log, as it is now: event → data
    """
    if kind in _kinds:
        message = f"two nouns register the topic {kind}"
        raise ValueError(message)
    _kinds[kind] = _Kind(find, snapshot, unlogged)


def kinds() -> frozenset[str]:
    """All kinds that streams tell of."""
    return frozenset(_kinds)


def allow(found: Services, who: Actor, topic: str) -> None:
    """
    Raise NotFound unless there is such a topic and this person may hear of it.

    :raises NotFound: no such topic, or not for this person
    """
    name, identity = topics.split(topic)
    require(who, Verb.SEE, _kind(name).find(found, identity), what=name)


def snapshot(found: Services, topic: str) -> dict[str, Any]:
    """
    Return a topic's ``metadata``: everything that is true now.

    :raises NotFound: it is gone
    """
    name, identity = topics.split(topic)
    kind = _kind(name)
    return kind.snapshot(found, kind.find(found, identity))


def unlogged(found: Services, topic: str) -> dict[str, dict[str, Any]]:
    """Return the events of a topic that stand in no log, as they are now: event → data."""
    name, identity = topics.split(topic)
    return _kind(name).unlogged(found, identity)


def _kind(name: str) -> _Kind:
    kind = _kinds.get(name)
    if kind is None:
        raise NotFound("There is no such topic.", code="topic-unknown")
    return kind
