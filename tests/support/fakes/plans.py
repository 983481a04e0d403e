"""Plans and owned objects in memory; tests/functional compares both with the real stores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from shared.owned.models import OwnedObject
from shared.owned.store import OwnedStore
from shared.planning.items import StoredItem
from shared.planning.store import PlanStore


class FakePlanStore(PlanStore):
    """
    Keeps the plan of each run.

    :ivar done: what was done with plans, in order
    """

    def __init__(self) -> None:
        self.rows: dict[str, list[StoredItem]] = {}
        self.done: list[str] = []

    def put(self, run_id: str, items: Sequence[StoredItem]) -> None:
        """Write a run's plan."""
        self.done.append("kept")
        self.rows[run_id] = list(items)

    def of_run(self, run_id: str) -> list[StoredItem]:
        """Return a run's plan."""
        self.done.append("read")
        return sorted(self.rows.get(run_id, []), key=lambda item: item.id)

    def page(
        self, run_id: str, *, action: str | None, limit: int, cursor: str | None
    ) -> tuple[list[StoredItem], int, str | None]:
        """Return a run's plan on one page."""
        del limit, cursor
        found = [item for item in self.rows.get(run_id, []) if action in {None, item.action}]
        return found, len(found), None

    def delete_of(self, run_ids: Sequence[str]) -> None:
        """Forget plans."""
        for run_id in run_ids:
            self.rows.pop(run_id, None)


class FakeOwnedStore(OwnedStore):
    """
    Keeps what workflows own.

    :ivar failure: raised by the next write
    """

    def __init__(self, *entries: OwnedObject) -> None:
        self.rows = {entry.id: entry for entry in entries}
        self.failure: Exception | None = None

    def of_workflow(self, workflow_id: str) -> list[OwnedObject]:
        """Return what a workflow owns."""
        return [entry for entry in self.rows.values() if entry.workflow_id == workflow_id]

    def of_cluster(self, cluster_id: str) -> list[OwnedObject]:
        """Return what is on a cluster."""
        return [entry for entry in self.rows.values() if entry.cluster_id == cluster_id and entry.uid]

    def put(self, entries: Iterable[OwnedObject]) -> None:
        """Write entries."""
        failure, self.failure = self.failure, None
        if failure is not None:
            raise failure
        self.rows |= {entry.id: entry for entry in entries}

    def remove(self, ids: Iterable[str]) -> None:
        """Forget entries."""
        for entry_id in list(ids):
            self.rows.pop(entry_id, None)
