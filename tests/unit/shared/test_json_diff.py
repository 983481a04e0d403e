from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.json_diff import walk

# null and absent are one: it is left out
JSON = st.recursive(
    st.booleans() | st.integers(-5, 5) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "name"]), inner, max_size=3),
    max_leaves=8,
)


def paths(old: Any, new: Any) -> dict[str, tuple[Any, Any]]:
    return {change.path: (change.old, change.new) for change in walk(old, new)}


def test_named_items_are_compared_by_name_wherever_they_stand() -> None:
    old = {"containers": [{"name": "web", "image": "a:1"}, {"name": "log", "image": "b:1"}]}
    new = {"containers": [{"name": "log", "image": "b:1"}, {"name": "web", "image": "a:2"}]}
    assert paths(old, new) == {
        "containers[web].image": ("a:1", "a:2"),
        "containers": (["web", "log"], ["log", "web"]),
    }


def test_a_new_and_a_gone_item_are_told_whole() -> None:
    assert paths({"paths": [{"id": "p1", "path": "/"}]}, {"paths": [{"id": "p2", "path": "/api"}]}) == {
        "paths[p1]": ({"id": "p1", "path": "/"}, None),
        "paths[p2]": (None, {"id": "p2", "path": "/api"}),
    }


def test_items_with_the_same_name_are_compared_by_position() -> None:
    old = {"env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]}
    new = {"env": [{"name": "A", "value": "1"}, {"name": "A", "value": "3"}]}
    assert paths(old, new) == {"env[1].value": ("2", "3")}


def test_an_item_that_came_in_between_moves_no_other() -> None:
    more, less = {"from": ["a", "x", "b"]}, {"from": ["a", "b"]}
    assert paths(less, more) == {"from[1]": (None, "x")}
    assert paths(more, less) == {"from[1]": ("x", None)}
    assert paths({"a": [1, 2]}, {"a": [True, 2, 3]}) == {"a[0]": (1, True), "a[2]": (None, 3)}


def test_a_switch_and_a_number_are_different() -> None:
    assert paths({"a": 1}, {"a": True}) == {"a": (1, True)}


@given(JSON)
def test_equal_values_have_no_difference(value: Any) -> None:
    assert list(walk(value, copy.deepcopy(value))) == []


@given(JSON, JSON)
def test_different_values_have_some_and_both_ways_the_same_fields(old: Any, new: Any) -> None:
    there, back = paths({"x": old}, {"x": new}), paths({"x": new}, {"x": old})
    assert set(there) == set(back)
    if old != new:
        assert there
