from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.planning.consent import Consent, Takeover
from shared.planning.diff import Change
from shared.planning.items import MOST_CHANGES, FieldOwner, PlanItem, StoredItem, digest_of, grown, items_of
from shared.planning.plan import FieldConflict, Plan, Step
from shared.planning.prune import Decision, Keep
from shared.workflows.compile.manifests import Item
from tests.support.planning import entry, item

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


def test_a_plan_is_written_with_namespaces_first_and_what_goes_last() -> None:
    manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "new"}}
    conflict = FieldConflict(".data.A", "kubectl")
    step = Step(
        Item(2, "a", manifest, "d1"),
        manifest,
        "conflict",
        live={"metadata": {"resourceVersion": "7"}},
        reason="no",
        code="cluster-conflict",
        needs="takeover",
        conflicts=(conflict,),
    )
    fresh = Step(Item(1, "b", manifest, "d2"), manifest, "create")
    old, claim, lost = entry("ConfigMap", "old"), entry("PersistentVolumeClaim", "data"), entry("Role", "lost")
    gone = {"metadata": {"resourceVersion": "3"}}
    kept = (Keep(claim, "it holds data", may_be_named=True), Keep(lost, "it does not carry our labels any more"))
    found = items_of("r1", Plan((fresh, step), ("new",)), Decision(((old, gone),), kept, ()))
    assert [(item.id, item.object, item.action, item.wave, item.needs, item.stands_on) for item in found] == [
        ("r1:00000", "Namespace new", "create", 0, "", ""),
        ("r1:00001", "ConfigMap new/a", "create", 1, "", "d2@"),
        ("r1:00002", "ConfigMap new/a", "conflict", 2, "takeover", "d1@7"),
        ("r1:00003", "ConfigMap shop/old", "prune", 3, "", "d@3"),
        ("r1:00004", "PersistentVolumeClaim shop/data", "keep", 3, "delete", ""),
        ("r1:00005", "Role shop/lost", "keep", 3, "", ""),
    ]
    assert found[2].conflicts == [FieldOwner(field=".data.A", manager="kubectl")]
    assert (found[0].node_id, found[2].node_id, found[2].reason, found[2].code) == (None, "a", "no", "cluster-conflict")
    assert set(found[2].model_dump()) - set(found[2].public().model_dump()) == {"id", "run_id", "stands_on"}


def test_of_very_many_changes_some_are_written() -> None:
    manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
    changes = tuple(Change(path=f"data.{number}", old=None, new=1) for number in range(MOST_CHANGES + 1))
    [found] = items_of(
        "r1", Plan((Step(Item(0, "a", manifest, "d"), manifest, "update", changes=changes),)), Decision((), (), ())
    )
    assert len(found.diff) == MOST_CHANGES


def test_a_question_nobody_could_answer_is_not_answered() -> None:
    asked = item("a", "conflict", needs="takeover", conflicts=[".data.A"])
    assert more([asked], [item("a", "update", fields={"data.A": 1})], Consent(adopt=["ConfigMap shop/a"])) == ["a"]
