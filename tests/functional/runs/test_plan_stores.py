"""Plans and owned objects as they are stored; what stands in for the stores in unit tests does the same."""

from __future__ import annotations

import pytest

from shared.owned.store import OwnedStore
from shared.planning.items import StoredItem
from shared.planning.store import PlanStore
from shared.platform import Platform
from tests.support.fakes.plans import FakeOwnedStore, FakePlanStore
from tests.support.planning import entry, item


@pytest.fixture(params=["real", "fake"])
def plans(request: pytest.FixtureRequest, platform: Platform) -> PlanStore:
    return PlanStore(platform.db) if request.param == "real" else FakePlanStore()


@pytest.fixture(params=["real", "fake"])
def owned(request: pytest.FixtureRequest, platform: Platform) -> OwnedStore:
    return OwnedStore(platform.db) if request.param == "real" else FakeOwnedStore()


def stored(run_id: str, *actions: str) -> list[StoredItem]:
    return [
        StoredItem(id=f"{run_id}:{index:05d}", run_id=run_id, stands_on="d@1", **item(f"c{index}", action).model_dump())
        for index, action in enumerate(actions)
    ]


def test_a_plan_comes_back_in_its_order(plans: PlanStore) -> None:
    written = stored("run1", "create", "update", "create")
    plans.put("run1", written[::-1])
    plans.put("run2", stored("run2", "prune"))
    assert plans.of_run("run1") == written
    assert plans.of_run("ghost") == []


def test_a_plan_takes_the_place_of_the_one_before(plans: PlanStore) -> None:
    plans.put("run1", stored("run1", "create", "update"))
    plans.put("run1", stored("run1", "prune"))
    assert [found.action for found in plans.of_run("run1")] == ["prune"]
    plans.put("run1", [])
    assert plans.of_run("run1") == []


def test_a_page_holds_what_is_asked_for(plans: PlanStore) -> None:
    plans.put("run1", stored("run1", "create", "update", "create"))
    found, total, following = plans.page("run1", action=None, limit=10, cursor=None)
    assert ([each.action for each in found], total, following) == (["create", "update", "create"], 3, None)
    found, total, _ = plans.page("run1", action="create", limit=10, cursor=None)
    assert ([each.name for each in found], total) == (["c0", "c2"], 2)


def test_plans_go_with_their_runs(plans: PlanStore) -> None:
    for run_id in ("run1", "run2", "run3"):
        plans.put(run_id, stored(run_id, "create"))
    plans.delete_of(["run1", "run3", "ghost"])
    assert [bool(plans.of_run(run_id)) for run_id in ("run1", "run2", "run3")] == [False, True, False]


def test_entries_are_found_by_workflow_and_by_cluster(owned: OwnedStore) -> None:
    made, intended = entry("ConfigMap", "made"), entry("ConfigMap", "intended", uid="")
    other = entry("Secret", "other").model_copy(update={"workflow_id": "w2", "cluster_id": "c2"})
    owned.put([made, intended, other])
    assert {found.name for found in owned.of_workflow("w1")} == {"made", "intended"}
    assert {found.name for found in owned.of_cluster("c1")} == {"made"}, "what is only meant is not there yet"
    assert [found.name for found in owned.of_cluster("c2")] == ["other"]
    assert owned.of_workflow("ghost") == []


def test_an_entry_takes_the_place_of_the_one_before(owned: OwnedStore) -> None:
    owned.put([entry("ConfigMap", "a", uid="")])
    owned.put(found for found in [entry("ConfigMap", "a", run_env=["MODE"])])
    [found] = owned.of_workflow("w1")
    assert (found.uid, found.run_env) == ("uid-a", ["MODE"])
    owned.put([])


def test_entries_are_forgotten_by_their_ids(owned: OwnedStore) -> None:
    owned.put([entry("ConfigMap", "a"), entry("ConfigMap", "b")])
    owned.remove(found for found in ["ConfigMap/a", "ghost"])
    owned.remove([])
    assert [found.name for found in owned.of_workflow("w1")] == ["b"]
