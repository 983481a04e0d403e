"""Tasks of runs."""

from __future__ import annotations

from shared.queues import TaskName
from worker import context
from worker.celery_app import app


@app.task(name=TaskName.RUNS_EXECUTE.value)
def execute(run_id: str) -> None:
    """Do one run; does nothing when another worker has it."""
    context.runs().execute(run_id, context.platform().owner)


@app.task(name=TaskName.RUNS_REAP.value)
def reap() -> None:
    """Revive or end runs nobody works on."""
    context.runs().reap()
