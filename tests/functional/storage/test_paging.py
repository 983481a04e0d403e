from __future__ import annotations

import pytest

from shared.errors import InvalidInput
from shared.platform import Platform
from shared.storage.paging import page


def rows(platform: Platform, count: int) -> None:
    platform.db["things"].insert_many([{"_id": f"{n:03d}", "rank": n % 3, "own": n % 2 == 0} for n in range(count)])


@pytest.mark.parametrize("sort", [("_id", -1), ("_id", 1), ("rank", 1), ("rank", -1)])
def test_pages_give_every_row_once_in_order(platform: Platform, sort: tuple[str, int]) -> None:
    rows(platform, 25)
    seen: list[str] = []
    cursor = None
    while True:
        items, total, cursor = page(platform.db["things"], {}, sort=sort, limit=4, cursor=cursor)
        assert total == 25
        seen += [item["_id"] for item in items]
        if cursor is None:
            break
    in_order = platform.db["things"].find().sort([sort, ("_id", sort[1])] if sort[0] != "_id" else [sort])
    assert seen == [row["_id"] for row in in_order]


def test_rows_that_come_and_go_shift_nothing(platform: Platform) -> None:
    rows(platform, 10)
    first, _, cursor = page(platform.db["things"], {}, sort=("_id", 1), limit=5)
    platform.db["things"].delete_one({"_id": "001"})
    platform.db["things"].insert_one({"_id": "000a", "rank": 0})
    second, _, _ = page(platform.db["things"], {}, sort=("_id", 1), limit=5, cursor=cursor)
    assert [row["_id"] for row in first + second] == [f"{n:03d}" for n in range(10)]


def test_the_filter_holds_on_every_page(platform: Platform) -> None:
    rows(platform, 10)
    first, total, cursor = page(platform.db["things"], {"own": True}, limit=3)
    second, _, end = page(platform.db["things"], {"own": True}, limit=3, cursor=cursor)
    assert (total, len(first), len(second), end) == (5, 3, 2, None)


@pytest.mark.parametrize("cursor", ["nonsense", "e30=", "WzFd", "W3siJG5lIjoxfSwgIngiXQ==", "ü"])
def test_a_cursor_that_is_none_is_named(platform: Platform, cursor: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        page(platform.db["things"], {}, cursor=cursor)
    assert caught.value.fields[0].path == "cursor"


@pytest.mark.parametrize("limit", [0, -1, 101])
def test_the_size_of_a_page_is_bounded(platform: Platform, limit: int) -> None:
    with pytest.raises(InvalidInput):
        page(platform.db["things"], {}, limit=limit)
