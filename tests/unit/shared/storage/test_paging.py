from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import InvalidInput
from shared.storage.paging import page_of

Pair = tuple[str, str]
PAIRS = st.lists(st.tuples(st.text(max_size=3), st.text("ab", max_size=4)), unique_by=lambda pair: pair[1])


def same(pair: Pair) -> Pair:
    return pair


@given(PAIRS, st.integers(1, 5))
def test_pages_in_memory_give_each_item_once_in_order(pairs: list[Pair], limit: int) -> None:
    seen: list[Pair] = []
    cursor = None
    while True:
        items, total, cursor = page_of(pairs, key=same, limit=limit, cursor=cursor)
        assert total == len(pairs)
        assert len(items) <= limit
        seen += items
        if cursor is None:
            break
    assert seen == sorted(pairs)


def test_what_comes_and_goes_shifts_nothing() -> None:
    before = [("a", "1"), ("b", "2"), ("c", "3")]
    first, _, cursor = page_of(before, key=same, limit=2)
    second, _, _ = page_of([("a", "0"), *before[1:], ("d", "4")], key=same, limit=2, cursor=cursor)
    assert first + second == [*before, ("d", "4")]


@pytest.mark.parametrize("cursor", ["abc", "WzEsICJhIl0=", "WyJhIl0=", "é"])
def test_a_cursor_of_something_else_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        page_of([("a", "1")], key=same, cursor=cursor)
    assert refused.value.fields[0].path == "cursor"
