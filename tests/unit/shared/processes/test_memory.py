from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from shared.processes.memory import YOUNG_OBJECTS, settle


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Give the collector of the test run back as it was."""
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


def test_what_is_loaded_is_set_aside_and_what_comes_is_still_collected() -> None:
    settle()
    assert gc.get_freeze_count() > 10_000
    assert gc.get_threshold()[0] == YOUNG_OBJECTS

    class Cycle:
        me: Cycle

    made = Cycle()
    made.me = made
    gone = weakref.ref(made)
    del made
    gc.collect()
    assert gone() is None
