from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.clock import now
from shared.jobs.journal import Journal, Outbox
from shared.planning.items import PlanItem, StoredItem
from shared.planning.plan import Plan
from shared.planning.prune import Decision
from shared.runs.execute.background_writer import BackgroundWriter
from shared.runs.execute.confirmation import Next, Planned, record_plan
from shared.runs.execute.context import RunFailed
from shared.runs.execute.progress import Progress
from tests.support.fakes.plans import FakePlanStore
from tests.support.fakes.runs import FakeRunStore, make_run
from tests.support.fakes.updates import FakeUpdates
from tests.support.planning import item


def stored(made: PlanItem) -> StoredItem:
    return StoredItem.model_validate({**made.model_dump(), "id": made.object, "run_id": "run1"})


def ask(plans: FakePlanStore, *items: PlanItem, **more: Any) -> bool:
    """Whether a run with this plan proceeds."""
    run, runs = make_run(**more), FakeRunStore(make_run())
    journal = Journal("run1", lambda values, logs: runs.write("run1", 1, values, logs), Outbox(FakeUpdates()))
    planned = Planned(Plan(()), Decision((), (), ()), [stored(each) for each in items])
    with BackgroundWriter(run.id) as writer:
        following = record_plan(run, planned, plans=plans, progress=Progress(run, journal), writer=writer)
    return following is Next.PROCEED


CONFIRMED = {"plan_first": True, "confirmed_at": now() - timedelta(minutes=1)}


def test_an_ordinary_run_goes_on_and_keeps_what_it_changes() -> None:
    plans = FakePlanStore()
    assert ask(plans, item("a", "create"), item("b", "unchanged"))
    assert [each.name for each in plans.rows["run1"]] == ["a"]


def test_a_plan_rests_with_all_that_it_looked_at() -> None:
    plans = FakePlanStore()
    assert not ask(plans, item("a", "create"), item("b", "unchanged"), plan_first=True)
    assert [each.name for each in plans.rows["run1"]] == ["a", "b"]


def test_a_confirmed_plan_is_compared_before_another_takes_its_place() -> None:
    plans = FakePlanStore()
    plans.rows["run1"] = [stored(item("a", "create"))]
    assert ask(plans, item("a", "create"), **CONFIRMED)
    assert plans.done == ["read", "kept"]


def test_a_plan_that_has_grown_is_refused_and_the_confirmed_one_stays() -> None:
    confirmed = stored(item("a", "create"))
    plans = FakePlanStore()
    plans.rows["run1"] = [confirmed]
    with pytest.raises(RunFailed, match="it would now also create ConfigMap shop/b") as refused:
        ask(plans, item("a", "create"), item("b", "create"), **CONFIRMED)
    assert (refused.value.code, refused.value.node_id) == ("plan-changed", "b")
    # whoever adopts the run compares with what people have seen, not with what was found just now
    assert (plans.done, plans.rows["run1"]) == (["read"], [confirmed])
