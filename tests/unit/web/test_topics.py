"""What streams can tell of, and to whom."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

import pytest

import web.app
from shared.access import Actor, Role
from shared.errors import KubeOrchError, NotFound
from shared.updates import topics as names
from web.live import topics
from web.services import Services

PRIVATE = {"access"}
"""What a stream hears for itself; no client can ask for it."""
UNTOLD = {"resource", "inventory"}
"""Names that nothing publishes under yet."""
SERVICES: Any = None
ADA = Actor("ada", Role.MEMBER, "session", "Ada")


@dataclass(frozen=True)
class Thing:
    """What a topic of these tests is about."""

    owner_id: str
    title: str


THINGS = {"mine": Thing("ada", "shop"), "hers": Thing("eve", "vault")}


def find(_found: Services, identity: str) -> Thing:
    if identity not in THINGS:
        raise NotFound("There is no such thing.")
    return THINGS[identity]


def describe(_found: Services, thing: Thing) -> dict[str, Any]:
    return {"title": thing.title}


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topics, "_kinds", {})
    topics.register("thing", find=find, snapshot=describe)


def all_names() -> set[str]:
    """The kinds of all topics: each is a function that makes one from an id."""
    makers = [make for name, make in vars(names).items() if inspect.isfunction(make) and name != "split"]
    return {names.split(make("an-id"))[0] for make in makers}


def test_every_kind_of_topic_is_registered_by_its_noun() -> None:
    assert web.app.NOUNS
    assert topics.kinds() == all_names() - PRIVATE - UNTOLD


@pytest.mark.usefixtures("registered")
def test_one_registration_is_all_that_a_topic_needs() -> None:
    topics.allow(SERVICES, ADA, "thing:mine")
    assert topics.snapshot(SERVICES, "thing:mine") == {"title": "shop"}


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize(
    ("topic", "code"),
    [("thing:none", "not-found"), ("thing:hers", "not-found"), ("other:mine", "topic-unknown"), ("x", "topic-unknown")],
)
def test_what_is_not_there_is_hidden_or_unknown_is_not_heard(topic: str, code: str) -> None:
    with pytest.raises(KubeOrchError) as raised:
        topics.allow(SERVICES, ADA, topic)
    assert (type(raised.value), raised.value.code) == (NotFound, code)


@pytest.mark.usefixtures("registered")
def test_what_is_gone_by_the_time_of_its_snapshot_is_not_found() -> None:
    with pytest.raises(NotFound, match="There is no such thing"):
        topics.snapshot(SERVICES, "thing:none")


@pytest.mark.usefixtures("registered")
def test_a_kind_belongs_to_one_noun() -> None:
    with pytest.raises(ValueError, match="two nouns register the topic thing"):
        topics.register("thing", find=find, snapshot=describe)
