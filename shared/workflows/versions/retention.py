"""The versions that are kept: the newest, those that people named, and those in use."""

from __future__ import annotations

from collections.abc import Callable, Collection

from shared.workflows.versions.store import VersionStore


def trim(versions: VersionStore, keep: int, in_use: Callable[[str], Collection[int]]) -> int:
    """
    Delete versions beyond the newest ``keep`` of each workflow, and return how many.

    :param in_use: returns, for a workflow's id, the numbers that stay whatever their age: what is deployed, and what
        a run is at work on
    """
    return sum(
        versions.trim(workflow_id, keep, protected=in_use(workflow_id)) for workflow_id in versions.crowded(keep)
    )
