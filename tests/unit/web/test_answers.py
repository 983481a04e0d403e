from __future__ import annotations

import pytest

from web.api.answers import Visible, Whole, problems, public_problems


def test_a_whole_list_counts_itself_and_has_no_further_page() -> None:
    assert Whole[str].of(["a", "b"]).model_dump() == {"items": ["a", "b"], "total": 2, "next_cursor": None}


@pytest.mark.parametrize(("given", "told"), [("may not list secrets", "may not list secrets"), ("", None)])
def test_what_is_visible_of_a_list_says_why_there_may_be_more(given: str, told: str | None) -> None:
    expected = {"items": ["a"], "reason": told, "total": 1, "next_cursor": None}
    found = Visible[str].of(["a"], given).model_dump()
    assert (found, list(found)) == (expected, list(expected))


def test_a_route_answers_with_the_problems_that_every_route_has_and_its_own() -> None:
    assert set(problems(409)) - set(problems()) == {"409"}
    assert set(problems()) - set(public_problems()) == {"401", "404"}
