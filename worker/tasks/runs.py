"""Tasks of runs."""

from __future__ import annotations

from shared.queues import TaskName
from shared.runs import actions
from shared.runs.starting import enqueue_with
from worker import context
from worker.celery_app import app


@app.task(name=TaskName.RUNS_EXECUTE.value)
def execute(run_id: str) -> None:
    """Do one run; does nothing when another worker has it."""
    platform = context.platform()
    actions.execute(
        run_id,
        stores=context.stores(),
        settings=platform.settings.runs,
        enqueue=enqueue_with(platform.queue),
        updates=platform.updates,
        owner=platform.owner,
    )


@app.task(name=TaskName.RUNS_REAP.value)
def reap() -> None:
    """Revive or end runs nobody works on."""
    platform = context.platform()
    actions.reap(stores=context.stores(), enqueue=enqueue_with(platform.queue), updates=platform.updates)
