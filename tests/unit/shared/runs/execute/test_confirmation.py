from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from shared.clock import now
from shared.planning.items import PlanItem, StoredItem
from shared.planning.plan import Plan
from shared.planning.prune import Decision
from shared.runs.execute.background_writer import BackgroundWriter
from shared.runs.execute.confirmation import Planned, may_go_on
from shared.runs.execute.context import RunContext, RunFailed
from shared.runs.execute.progress import Progress
from shared.runs.models import Run, Trigger
from shared.workflows.compile.manifests import Compiled
from tests.unit.shared.planning.factories import item


class Plans:
    """Holds the plan of a run, and tells what was done with it."""

    def __init__(self, *items: PlanItem) -> None:
        self.items: list[PlanItem] = list(items)
        self.done: list[str] = []

    def of_run(self, _: str) -> list[PlanItem]:
        self.done.append("read")
        return self.items

    def put(self, _: str, items: list[PlanItem]) -> None:
        self.done.append("kept")
        self.items = items


def stored(made: PlanItem) -> StoredItem:
    return StoredItem.model_validate({**made.model_dump(), "id": made.object, "run_id": "r1"})


def ask(plans: Plans, *items: PlanItem, **more: Any) -> bool:
    run = Run(
        id="r1",
        workflow_id="w1",
        owner_id="u1",
        cluster_id="c1",
        namespace="shop",
        version=1,
        triggered_by=Trigger(kind="user", user_id="u1", name="Ada"),
        created_at=now(),
        **more,
    )
    progress = Progress(run, 1, runs=cast("Any", None), updates=cast("Any", None))
    work = SimpleNamespace(run=run, progress=progress, stores=SimpleNamespace(plans=plans))
    planned = Planned(cast("Compiled", None), Plan(()), Decision((), (), ()), [stored(each) for each in items])
    with BackgroundWriter(run.id) as notes:
        return may_go_on(cast("RunContext", work), notes, planned)


CONFIRMED = {"plan_first": True, "confirmed_at": now() - timedelta(minutes=1)}


def test_an_ordinary_run_goes_on_and_keeps_what_it_changes() -> None:
    plans = Plans()
    assert ask(plans, item("a", "create"), item("b", "unchanged"))
    assert [each.name for each in plans.items] == ["a"]


def test_a_plan_rests_with_all_that_it_looked_at() -> None:
    plans = Plans()
    assert not ask(plans, item("a", "create"), item("b", "unchanged"), plan_first=True)
    assert [each.name for each in plans.items] == ["a", "b"]


def test_a_confirmed_plan_is_compared_before_another_takes_its_place() -> None:
    plans = Plans(item("a", "create"))
    assert ask(plans, item("a", "create"), **CONFIRMED)
    assert plans.done == ["read", "kept"]


def test_a_plan_that_has_grown_is_refused_and_the_confirmed_one_stays() -> None:
    confirmed = item("a", "create")
    plans = Plans(confirmed)
    with pytest.raises(RunFailed, match="it would now also create ConfigMap shop/b") as refused:
        ask(plans, item("a", "create"), item("b", "create"), **CONFIRMED)
    assert (refused.value.code, refused.value.node_id) == ("plan-changed", "b")
    # whoever adopts the run compares with what people have seen, not with what was found just now
    assert (plans.done, plans.items) == (["read"], [confirmed])
