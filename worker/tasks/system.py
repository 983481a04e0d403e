"""Tasks about the workers themselves."""

from __future__ import annotations

from datetime import timedelta

from shared.clock import now
from shared.queues import TaskName
from shared.runs.retention import delete_old, trim_versions
from worker import context
from worker.celery_app import app


@app.task(name=TaskName.SYSTEM_PROBE.value, acks_late=False)
def probe() -> None:
    """Do nothing: receiving it is the proof that this worker consumes."""


@app.task(name=TaskName.SYSTEM_RETENTION.value)
def retention() -> None:
    """Delete finished runs that are older, and versions that are more, than the settings say."""
    kept, stores = context.settings().retention, context.stores()
    delete_old(stores, now() - timedelta(days=kept.run_days))
    trim_versions(stores, kept.versions)
