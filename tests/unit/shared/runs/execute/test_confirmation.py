from __future__ import annotations

from collections.abc import Sequence
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
from tests.support.fakes.runs import FakeRuns, make_run
from tests.support.fakes.updates import FakeUpdates
from tests.unit.shared.planning.factories import item


class Plans:
    """Holds the plan of a run, and tells what was done with it."""

    def __init__(self, *items: StoredItem) -> None:
        self.items = list(items)
        self.done: list[str] = []

    def of_run(self, run_id: str) -> list[StoredItem]:
        assert run_id == "run1"
        self.done.append("read")
        return self.items

    def put(self, run_id: str, items: Sequence[StoredItem]) -> None:
        assert run_id == "run1"
        self.done.append("kept")
        self.items = list(items)


def stored(made: PlanItem) -> StoredItem:
    return StoredItem.model_validate({**made.model_dump(), "id": made.object, "run_id": "run1"})


def ask(plans: Plans, *items: PlanItem, **more: Any) -> bool:
    """Whether a run with this plan proceeds."""
    run, runs = make_run(**more), FakeRuns()
    journal = Journal("run1", lambda values, logs: runs.write("run1", 1, values, logs), Outbox(FakeUpdates()))
    planned = Planned(Plan(()), Decision((), (), ()), [stored(each) for each in items])
    with BackgroundWriter(run.id) as writer:
        following = record_plan(run, planned, plans=plans, progress=Progress(run, journal), writer=writer)
    return following is Next.PROCEED


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
    plans = Plans(stored(item("a", "create")))
    assert ask(plans, item("a", "create"), **CONFIRMED)
    assert plans.done == ["read", "kept"]


def test_a_plan_that_has_grown_is_refused_and_the_confirmed_one_stays() -> None:
    confirmed = stored(item("a", "create"))
    plans = Plans(confirmed)
    with pytest.raises(RunFailed, match="it would now also create ConfigMap shop/b") as refused:
        ask(plans, item("a", "create"), item("b", "create"), **CONFIRMED)
    assert (refused.value.code, refused.value.node_id) == ("plan-changed", "b")
    # whoever adopts the run compares with what people have seen, not with what was found just now
    assert (plans.done, plans.items) == (["read"], [confirmed])
