"""What stands in for the store of runs in unit tests does as the store does; with it, what a lease is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.access import Scope
from shared.clock import now
from shared.errors import Conflict, NotFound
from shared.jobs.lease import LeaseLost
from shared.people import Person
from shared.planning.consent import Consent
from shared.platform import Platform
from shared.runs.models import LogEntry, Run, RunKind, RunStatus
from shared.runs.store import RunStore
from tests.support.fakes.runs import FakeRunStore, queued

ANA = Person(user_id="ana", name="Ana")


@pytest.fixture(params=["real", "fake"])
def store(request: pytest.FixtureRequest, platform: Platform) -> RunStore:
    if request.param == "real":
        return RunStore(platform.db)
    return FakeRunStore()


def add(store: RunStore, run_id: str = "run1", *, queue: bool = False, **more: Any) -> Run:
    run = queued(id=run_id, **more)
    store.insert(run, queue=queue)
    return run


def taken(store: RunStore, run_id: str = "run1", seconds: float = 60) -> int:
    """Take a run and return the token."""
    run = store.take(run_id, "worker1", seconds)
    assert run is not None
    assert run.lease is not None
    return run.lease.token


def line(text: str) -> LogEntry:
    return LogEntry(at=now(), text=text)


def texts(store: RunStore) -> list[str]:
    return [entry.text for entry in store.get("run1").logs]


def long_ago() -> datetime:
    return now() - timedelta(hours=1)


def test_a_job_is_taken_once_while_its_lease_lasts(store: RunStore) -> None:
    add(store)
    run = store.take("run1", "worker1", 60)
    assert run is not None
    assert (run.status, run.attempts, run.started_at is not None) == (RunStatus.RUNNING, 1, True)
    assert store.take("run1", "worker2", 60) is None
    assert store.take("ghost", "worker2", 60) is None


def test_a_lease_that_ran_out_goes_to_the_next_with_a_higher_token(store: RunStore) -> None:
    add(store)
    first = taken(store, seconds=-1)
    began = store.get("run1").started_at
    second = taken(store)
    assert second > first
    after = store.get("run1")
    assert (after.attempts, after.started_at) == (2, began)


def test_who_was_cut_off_changes_nothing(store: RunStore) -> None:
    add(store)
    old = taken(store, seconds=-1)
    taken(store)
    with pytest.raises(LeaseLost):
        store.renew("run1", old, 60)
    with pytest.raises(LeaseLost):
        store.write("run1", old, {"phase": "waiting"}, [line("late")])
    with pytest.raises(LeaseLost):
        store.finish("run1", old, {"status": "completed"})
    store.release("run1", old)
    after = store.get("run1")
    assert (after.status, after.phase, after.logs) == (RunStatus.RUNNING, None, [])
    assert store.take("run1", "worker3", 60) is None, "the release of an old owner lets nothing go"


def test_a_renewal_keeps_the_job_and_tells_of_a_cancel(store: RunStore) -> None:
    add(store)
    token = taken(store, seconds=-1)
    assert not store.renew("run1", token, 60)
    assert store.take("run1", "worker2", 60) is None
    cancelled = store.request_cancel("run1", rollback_requested=True)
    assert cancelled is not None
    assert (cancelled.cancel_requested, cancelled.rollback_requested) == (True, True)
    assert store.renew("run1", token, 60)


def test_what_is_let_go_is_adopted_at_once(store: RunStore) -> None:
    add(store)
    store.release("run1", taken(store))
    assert [run.id for run in store.abandoned(queued_seconds=60)] == ["run1"]
    assert store.take("run1", "worker2", 60) is not None


def test_writes_set_fields_and_append_to_the_log(store: RunStore) -> None:
    add(store)
    token = taken(store)
    store.write("run1", token, {"phase": "applying", "node_states.web": {"state": "waiting"}}, [line("one")])
    store.write("run1", token, {}, [line("two")])
    store.write("run1", token, {})
    after = store.get("run1")
    assert (after.phase, after.node_states["web"].state, texts(store)) == ("applying", "waiting", ["one", "two"])


def test_an_end_takes_lease_phase_and_activity_along(store: RunStore) -> None:
    add(store)
    token = taken(store)
    store.write("run1", token, {"phase": "applying"})
    ended = store.finish("run1", token, {"status": "completed", "finished_at": now()}, [line("done")])
    assert (ended.id, ended.status, ended.logs) == ("run1", RunStatus.COMPLETED, [])
    after = store.get("run1")
    assert (after.status, after.lease, after.phase, texts(store)) == (RunStatus.COMPLETED, None, None, ["done"])
    assert store.active_of("workflow1") is None
    assert (store.take("run1", "worker2", 60), store.request_cancel("run1")) == (None, None)
    with pytest.raises(LeaseLost):
        store.renew("run1", token, 60)


def test_a_job_is_ended_from_outside_when_nobody_works_on_it(store: RunStore) -> None:
    add(store)
    taken(store)
    assert store.end_unowned("run1", {"status": "cancelled"}) is None
    add(store, "run2", workflow_id="other")
    ended = store.end_unowned("run2", {"status": "cancelled"})
    assert ended is not None
    assert (ended.status, store.active_of("other")) == (RunStatus.CANCELLED, None)
    assert store.end_unowned("run2", {"status": "failed"}) is None


def test_abandoned_is_what_ran_out_and_what_was_never_sent(store: RunStore) -> None:
    add(store, "ran-out", workflow_id="w1")
    taken(store, "ran-out", seconds=-1)
    add(store, "at-work", workflow_id="w2")
    taken(store, "at-work")
    add(store, "lost", workflow_id="w3", created_at=long_ago())
    add(store, "on-its-way", workflow_id="w4", created_at=long_ago())
    store.set_enqueued("on-its-way")
    add(store, "fresh", workflow_id="w5")
    add(store, "waits", workflow_id="w5", queue=True, created_at=long_ago())
    assert {run.id for run in store.abandoned(queued_seconds=60)} == {"ran-out", "lost"}


def test_one_run_of_a_workflow_is_active_and_others_may_wait(store: RunStore) -> None:
    add(store)
    with pytest.raises(Conflict) as refused:
        add(store, "run2")
    assert (refused.value.code, refused.value.details) == ("run-active", {"run_id": "run1"})
    waiting = add(store, "run3", queue=True)
    assert (waiting.waiting, waiting.active, store.active_of("workflow1")) == (True, None, "run1")
    assert store.take("run3", "worker1", 60) is None
    assert (store.promote("workflow1"), store.workflows_with_waiting()) == (None, ["workflow1"])


def test_the_oldest_that_waits_is_next(store: RunStore) -> None:
    for name in ("run1", "run3", "run2"):
        add(store, name, queue=True)
    store.finish("run1", taken(store), {"status": "completed"})
    promoted = store.promote("workflow1")
    assert promoted is not None
    assert (promoted.id, promoted.waiting, store.active_of("workflow1")) == ("run2", False, "run2")


def test_an_id_is_used_once_also_behind_another(store: RunStore) -> None:
    add(store)
    with pytest.raises(Conflict):
        add(store, queue=True)


def rest(store: RunStore, **more: Any) -> None:
    add(store)
    values = {"plan_digest": "d", "plan_expires_at": now() + timedelta(hours=1), "finished_at": now(), **more}
    store.finish("run1", taken(store), {"status": "planned", **values})


def test_a_plan_is_confirmed_by_its_digest_while_it_is_young(store: RunStore) -> None:
    rest(store)
    consent = Consent(delete=["Secret shop/a"])
    assert store.confirm("run1", "other", kind=RunKind.DEPLOY, consent=consent, by=ANA) is None
    confirmed = store.confirm("run1", "d", kind=RunKind.DEPLOY, consent=consent, by=ANA)
    assert confirmed is not None
    assert (confirmed.status, confirmed.attempts, confirmed.finished_at) == (RunStatus.QUEUED, 0, None)
    assert (confirmed.consent, confirmed.confirmed_by) == (consent, ANA)
    assert store.active_of("workflow1") == "run1"
    assert store.confirm("run1", "d", kind=RunKind.DEPLOY, consent=consent, by=ANA) is None


def test_who_planned_it_is_still_fenced_off_when_it_is_taken_again(store: RunStore) -> None:
    add(store)
    first = taken(store)
    store.finish("run1", first, {"status": "planned", "plan_digest": "d", "plan_expires_at": now() + timedelta(1)})
    store.confirm("run1", "d", kind=RunKind.DEPLOY, consent=Consent(), by=ANA)
    assert taken(store) > first


def test_an_old_plan_is_not_confirmed(store: RunStore) -> None:
    rest(store, plan_expires_at=long_ago())
    assert store.confirm("run1", "d", kind=RunKind.DEPLOY, consent=Consent(), by=ANA) is None


def test_a_plan_is_not_confirmed_beside_another_run(store: RunStore) -> None:
    rest(store)
    add(store, "run2")
    with pytest.raises(Conflict) as refused:
        store.confirm("run1", "d", kind=RunKind.DEPLOY, consent=Consent(), by=ANA)
    assert refused.value.details == {"run_id": "run2"}


def test_only_what_rests_is_discarded(store: RunStore) -> None:
    rest(store)
    discarded = store.discard("run1")
    assert discarded is not None
    assert discarded.status is RunStatus.CANCELLED
    assert store.discard("run1") is None
    assert store.discard("ghost") is None


def test_what_ended_is_old_after_a_time_and_goes(store: RunStore) -> None:
    rest(store, finished_at=long_ago())
    add(store, "run2")
    assert store.ended_before(now()) == ["run1"]
    assert store.delete(["run1", "ghost"]) == 1
    assert store.find("run1") is None
    with pytest.raises(NotFound):
        store.get("run1")


def test_lists_are_newest_first_and_without_what_is_long(store: RunStore) -> None:
    for number in (1, 2):
        add(store, f"run{number}", queue=True, logs=[line("one")])
    add(store, "run3", workflow_id="other")
    add(store, "run4", workflow_id="theirs", owner_id="bob")
    runs, total, following = store.of_workflow("workflow1", limit=10, cursor=None)
    assert ([(run.id, run.logs) for run in runs], total, following) == ([("run2", []), ("run1", [])], 2, None)
    runs, total, _ = store.within(Scope("ada"), limit=10, cursor=None)
    assert ([run.id for run in runs], total) == (["run3", "run2", "run1"], 3)
