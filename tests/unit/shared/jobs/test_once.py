from __future__ import annotations

import pytest

from shared.errors import Conflict
from shared.jobs.once import Once
from tests.support.fakes.claims import FakeClaimStore


class Things:
    """Makes things, or says that it is busy."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.is_busy = False
        self.once = Once(FakeClaimStore())

    def find(self, thing_id: str) -> str | None:
        """Return what has an id."""
        return thing_id if thing_id in self.made else None

    def make(self, thing_id: str | None) -> str:
        """Make one."""
        if self.is_busy:
            raise Conflict("Busy.", code="busy")
        self.made.append(thing_id or f"new{len(self.made)}")
        return self.made[-1]

    def ask(self, key: str, scope: str = "ada") -> tuple[str, bool]:
        """Ask for one under a key."""
        return self.once.make(scope, key, find=self.find, make=self.make)


@pytest.fixture
def things() -> Things:
    return Things()


def test_without_a_key_something_new_is_made_each_time(things: Things) -> None:
    assert [things.ask(""), things.ask("")] == [("new0", True), ("new1", True)]


def test_the_same_key_is_answered_with_what_it_made(things: Things) -> None:
    first = things.ask("k")
    assert (first[1], things.ask("k")) == (True, (first[0], False))


def test_keys_of_different_people_never_meet(things: Things) -> None:
    assert things.ask("k")[0] != things.ask("k", "bob")[0]


def test_a_request_that_comes_twice_at_once_is_answered_with_what_the_other_made(things: Things) -> None:
    def make_after_the_other(thing_id: str | None) -> str:
        things.make(thing_id)
        raise Conflict("Taken.")

    made, is_new = things.once.make("ada", "k", find=things.find, make=make_after_the_other)
    assert (things.made, is_new) == ([made], False)


def test_a_conflict_with_something_else_is_the_answer_and_the_key_stays_free(things: Things) -> None:
    things.is_busy = True
    with pytest.raises(Conflict) as caught:
        things.ask("k")
    assert caught.value.code == "busy"
    things.is_busy = False
    assert things.ask("k")[1]
