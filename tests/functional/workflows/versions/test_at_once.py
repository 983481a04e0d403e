from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from shared.clock import now
from shared.ids import new_id
from shared.people import Person
from shared.platform import Platform
from shared.workflows.models import Workflow
from shared.workflows.versions.models import Version
from shared.workflows.versions.store import VersionStore
from tests.fixtures.workflows.helpers import web

ADA = Person(user_id="ada", name="Ada")


class Together(VersionStore):
    """All look before any writes, the first time."""

    def __init__(self, db: Any, count: int) -> None:
        super().__init__(db)
        self._barrier = threading.Barrier(count)
        self._looked = threading.local()

    def latest(self, workflow_id: str) -> Version | None:
        found = super().latest(workflow_id)
        if not getattr(self._looked, "once", False):
            self._looked.once = True
            self._barrier.wait(10)
        return found


def make_workflow() -> Workflow:
    at = now()
    return Workflow(id=new_id(), name="shop", slug="shop", nodes=[web()], owner_id="ada", created_at=at, updated_at=at)


def test_several_who_run_the_same_graph_share_one_version(platform: Platform) -> None:
    workflow, store = make_workflow(), Together(platform.db, 6)

    def ensure(_: int) -> int:
        return store.ensure(workflow, by=ADA, secret_versions={}).version

    with ThreadPoolExecutor(max_workers=6) as pool:
        assert list(pool.map(ensure, range(6))) == [1] * 6
    assert store.list(workflow.id, limit=10, cursor=None)[1] == 1


def test_several_who_keep_a_version_on_demand_get_one_each(platform: Platform) -> None:
    workflow, store = make_workflow(), Together(platform.db, 4)

    def add(_: int) -> int:
        return store.add(workflow, by=ADA, secret_versions={}, automatic=False).version

    with ThreadPoolExecutor(max_workers=4) as pool:
        assert sorted(pool.map(add, range(4))) == [1, 2, 3, 4]
