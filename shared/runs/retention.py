"""Deletion of the old: runs with their plans, and versions that nobody wants to keep."""

from __future__ import annotations

from datetime import datetime

from shared.runs.stores import Stores
from shared.workflows.versions.retention import trim


def delete_old(stores: Stores, moment: datetime) -> int:
    """Delete runs that ended before a time, with their plans; returns how many."""
    run_ids = stores.runs.ended_before(moment)
    stores.plans.delete_of(run_ids)
    return stores.runs.delete(run_ids)


def trim_versions(stores: Stores, keep: int) -> int:
    """Delete versions beyond the newest ``keep`` of each workflow; deployed and named ones stay."""
    return trim(stores.versions, keep, lambda workflow_id: versions_in_use(stores, workflow_id))


def versions_in_use(stores: Stores, workflow_id: str) -> list[int]:
    """Return the versions that are deployed or that a run is at work on."""
    workflow = stores.workflows.find_head(workflow_id)
    active = stores.runs.active_of(workflow_id)
    used = [workflow.deployed_version if workflow else None, stores.runs.get(active).version if active else None]
    return [number for number in used if number]
