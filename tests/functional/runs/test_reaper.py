"""The reaper over real stores: what a dead process left is taken up again or ended, once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.clock import now
from shared.ids import new_id
from shared.jobs.reaping import MOST_ATTEMPTS
from shared.people import Person
from shared.platform import Platform
from shared.queues import TaskName
from shared.runs.ending import Ending
from shared.runs.models import Run, RunStatus, Trigger
from shared.runs.reaping import Reaping
from shared.runs.starting import Starting
from shared.runs.stores import Stores
from shared.runs.subscribers import subscribers
from shared.updates import BEGINNING, topics
from shared.workflows.models import Workflow
from shared.workflows.starter import starter
from tests.support.fakes.queue import FakeQueue


@pytest.fixture
def stores(platform: Platform) -> Stores:
    return Stores.over(platform)


@pytest.fixture
def workflow(stores: Stores) -> Workflow:
    made = starter(Person(user_id="ada", name="Ada"))
    stores.workflows.insert(made)
    return made


def insert(stores: Stores, workflow: Workflow) -> Run:
    run = Run(
        id=new_id(),
        workflow_id=workflow.id,
        owner_id="ada",
        cluster_id="c1",
        namespace="shop",
        version=1,
        triggered_by=Trigger(user_id="ada", name="Ada"),
        created_at=now(),
    )
    stores.runs.insert(run)
    stores.workflows.run_started(workflow.id, run.id)
    return run


def reap(platform: Platform, stores: Stores, queue: FakeQueue | None = None) -> int:
    starting = Starting(stores, queue or FakeQueue(), platform.updates)
    ending = Ending(stores.runs, stores.workflows, platform.updates, subscribers(stores, starting))
    return Reaping(stores, starting, ending).reap()


def events(platform: Platform, run: Run) -> list[str]:
    found, _ = platform.updates.read(topics.run(run.id), BEGINNING)
    return [update.event for update in found]


def test_a_run_whose_worker_died_is_sent_again(platform: Platform, stores: Stores, workflow: Workflow) -> None:
    run, queue = insert(stores, workflow), FakeQueue()
    stores.runs.take(run.id, "worker@dead", -1)
    assert reap(platform, stores, queue) == 1
    assert queue.ids(TaskName.RUNS_EXECUTE) == [run.id]


def test_a_run_that_killed_its_workers_fails(platform: Platform, stores: Stores, workflow: Workflow) -> None:
    run, queue = insert(stores, workflow), FakeQueue()
    for _ in range(MOST_ATTEMPTS):
        stores.runs.take(run.id, "worker@dead", -1)
    reap(platform, stores, queue)
    ended = stores.runs.get(run.id)
    assert (ended.status, ended.error and ended.error.code, queue.sent) == (RunStatus.FAILED, "worker-lost", [])
    head = stores.workflows.get(workflow.id)
    assert (head.active_run_id, head.failure_count) == (None, 1)
    assert events(platform, run) == ["failed"]


def test_a_run_that_ended_unnoticed_is_noted_once(platform: Platform, stores: Stores, workflow: Workflow) -> None:
    run = insert(stores, workflow)
    taken = stores.runs.take(run.id, "worker@dead", 15)
    assert taken is not None
    assert taken.lease is not None
    # the worker has ended the run, and died before it told the workflow
    long_ago = now() - timedelta(minutes=1)
    stores.runs.finish(run.id, taken.lease.token, {"status": RunStatus.COMPLETED.value, "finished_at": long_ago})
    assert stores.workflows.get(workflow.id).active_run_id == run.id
    assert reap(platform, stores) == 1
    head = stores.workflows.get(workflow.id)
    assert (head.active_run_id, head.success_count) == (None, 1)
    assert head.last_run is not None
    assert head.last_run.status == "completed"
    assert events(platform, run) == ["complete"]
    assert reap(platform, stores) == 0


def test_a_cancelled_run_that_nobody_works_on_ends(platform: Platform, stores: Stores, workflow: Workflow) -> None:
    run, queue = insert(stores, workflow), FakeQueue()
    stores.runs.take(run.id, "worker@dead", -1)
    stores.runs.request_cancel(run.id)
    reap(platform, stores, queue)
    assert (stores.runs.get(run.id).status, queue.sent) == (RunStatus.CANCELLED, [])
