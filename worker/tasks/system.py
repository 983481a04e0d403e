"""Tasks about the workers themselves."""

from __future__ import annotations

from shared.queues import TaskName
from worker.celery_app import app


@app.task(name=TaskName.SYSTEM_PROBE.value, acks_late=False)
def probe() -> None:
    """Do nothing: receiving it is the proof that this worker consumes."""


@app.task(name=TaskName.SYSTEM_RETENTION.value)
def retention() -> None:
    """Delete finished runs that are older than the setting says."""
    from datetime import timedelta

    from shared.clock import now
    from worker import context

    days = context.settings().retention.run_days
    context.stores().runs.delete_ended_before(now() - timedelta(days=days))
