from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.planning.consent import Consent, Takeover
from shared.planning.items import PlanItem, StoredItem, digest_of, grown
from tests.support.planning import item

NONE = Consent()
ACTIONS = ["create", "update", "unchanged", "replace", "prune", "keep"]


def more(agreed: list[PlanItem], now: list[PlanItem], consent: Consent = NONE) -> list[str]:
    return [found.name for found in grown(agreed, now, consent)]


def test_the_same_or_less_is_within_what_was_agreed() -> None:
    agreed = [item("a", "update", fields={"data.A": 1, "data.B": 2}), item("b", "create"), item("c", "prune")]
    assert more(agreed, agreed) == []
    assert more(agreed, [item("a", "update", fields={"data.B": 2}), item("b", "unchanged")]) == []
    assert more(agreed, [item("b", "update", fields={"data.A": 1})]) == [], "made before the worker died"


@pytest.mark.parametrize(
    "now",
    [
        item("a", "update", fields={"data.A": 1, "data.C": 3}),
        item("a", "update", fields={"data.A": 9}),
        item("a", "replace"),
        item("a", "prune"),
        item("new", "create"),
        item("b", "prune"),
        item("kept", "prune"),
    ],
)
def test_another_field_value_action_or_object_is_more(now: PlanItem) -> None:
    agreed = [item("a", "update", fields={"data.A": 1}), item("b", "unchanged"), item("kept", "keep")]
    assert more(agreed, [now]) == [now.name]


@pytest.mark.parametrize(
    ("asked", "now", "consent"),
    [
        (
            item("a", "conflict", needs="takeover", conflicts=[".data.A"]),
            item("a", "update", fields={"data.A": 1}),
            Consent(takeover=[Takeover(object="ConfigMap shop/a", fields=[".data.A"])]),
        ),
        (
            item("a", "conflict", needs="adopt"),
            item("a", "update", fields={"x": 1}),
            Consent(adopt=["ConfigMap shop/a"]),
        ),
        (item("a", "replace", needs="replace"), item("a", "replace"), Consent(replace=["ConfigMap shop/a"])),
        (item("a", "keep", needs="delete"), item("a", "prune"), Consent(delete=["ConfigMap shop/a"])),
    ],
)
def test_what_was_asked_needs_its_answer(asked: PlanItem, now: PlanItem, consent: Consent) -> None:
    assert more([asked], [now]) == ["a"]
    assert more([asked], [now], consent) == []


def test_a_takeover_must_name_every_field() -> None:
    asked = item("a", "conflict", needs="takeover", conflicts=[".data.A", ".data.B"])
    half = Consent(takeover=[Takeover(object="ConfigMap shop/a", fields=[".data.A"])])
    assert more([asked], [item("a", "update", fields={"data.A": 1})], half) == ["a"]
    other = Takeover(object="ConfigMap shop/a", fields=[".data.B"])
    assert half.joined(Consent(takeover=[other])).may_take_over("ConfigMap shop/a", [".data.A", ".data.B"])
    assert not half.may_take_over("ConfigMap shop/a", [])


plans = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(ACTIONS), max_size=6)


@given(plans)
def test_a_plan_is_within_itself(found: dict[str, Any]) -> None:
    items = [item(name, action, fields={"x": 1} if action == "update" else None) for name, action in found.items()]
    assert more(items, items) == []


@given(plans)
def test_nothing_is_within_an_empty_plan_but_what_changes_nothing(found: dict[str, Any]) -> None:
    items = [item(name, action) for name, action in found.items()]
    loud = {name for name, action in found.items() if action not in {"unchanged", "keep"}}
    assert set(more([], items)) == loud


def test_a_digest_names_actions_and_the_ground_in_any_order() -> None:
    def stored(name: str, action: Any, stands_on: str) -> StoredItem:
        return StoredItem(id=name, run_id="r", stands_on=stands_on, **item(name, action).model_dump())

    first = [stored("a", "update", "d1@1"), stored("b", "create", "d2@")]
    assert digest_of(first) == digest_of(first[::-1])
    assert digest_of(first) != digest_of([stored("a", "update", "d1@2"), first[1]])
    assert digest_of(first) != digest_of([stored("a", "replace", "d1@1"), first[1]])
