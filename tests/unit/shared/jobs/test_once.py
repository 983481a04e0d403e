from __future__ import annotations

import pytest

from shared.errors import Conflict
from shared.jobs.once import Once
from tests.support.fakes.claims import FakeClaimStore


class Shelf:
    """
    Makes things under ids.

    :ivar is_raced: somebody else makes the thing between the look and the making
    """

    def __init__(self) -> None:
        self.things: list[str] = []
        self.is_raced = False

    def find(self, thing_id: str) -> str | None:
        return thing_id if thing_id in self.things else None

    def make(self, thing_id: str | None) -> str:
        if self.is_raced and thing_id is not None:
            self.things.append(thing_id)
            raise Conflict("taken")
        self.things.append(thing_id or f"new{len(self.things)}")
        return self.things[-1]

    def refuse(self, thing_id: str | None) -> str:
        raise Conflict(f"no place for {thing_id is not None}", code="run-active")


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def once() -> Once:
    return Once(FakeClaimStore())


def test_without_a_key_something_new_is_made_each_time(once: Once, shelf: Shelf) -> None:
    made = [once.make("ana", "", find=shelf.find, make=shelf.make) for _ in range(2)]
    assert made == [("new0", True), ("new1", True)]


def test_the_same_key_returns_what_it_has_made(once: Once, shelf: Shelf) -> None:
    first, was_made = once.make("ana", "k", find=shelf.find, make=shelf.make)
    assert was_made
    assert once.make("ana", "k", find=shelf.find, make=shelf.make) == (first, False)
    assert shelf.things == [first]


def test_keys_of_different_people_never_meet(once: Once, shelf: Shelf) -> None:
    made = {once.make(scope, "k", find=shelf.find, make=shelf.make) for scope in ("ana", "bob")}
    assert len(made) == 2


def test_a_request_that_was_sent_twice_at_once_returns_the_others(once: Once, shelf: Shelf) -> None:
    shelf.is_raced = True
    made, was_made = once.make("ana", "k", find=shelf.find, make=shelf.make)
    assert (made, was_made) == (shelf.things[0], False)


def test_a_clash_with_something_else_is_told(once: Once, shelf: Shelf) -> None:
    with pytest.raises(Conflict) as refused:
        once.make("ana", "k", find=shelf.find, make=shelf.refuse)
    assert refused.value.code == "run-active"
