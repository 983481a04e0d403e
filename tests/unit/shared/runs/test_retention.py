from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.clock import now
from shared.runs.models import RunStatus
from shared.runs.retention import delete_old, trim_versions, versions_in_use
from tests.fixtures.workflows.helpers import web
from tests.support.fakes.engine import WORKFLOW, Engine


@pytest.fixture
def engine() -> Engine:
    engine = Engine()
    for number in range(1, 6):
        engine.draw(web(image=f"nginx:{number}"))
        engine.version()
    return engine


def numbers(engine: Engine) -> list[int]:
    return sorted(number for _, number in engine.versions.rows)


def test_old_runs_go_with_their_plans(engine: Engine) -> None:
    over: dict[str, Any] = {"status": RunStatus.COMPLETED, "active": None, "lease": None}
    old = engine.taken(**over, finished_at=now() - timedelta(days=91))
    new = engine.taken(**over, finished_at=now())
    engine.taken()
    engine.plans.rows = {old.id: [], new.id: []}
    assert delete_old(engine.stores, now() - timedelta(days=90)) == 1
    assert (engine.runs.find(old.id), set(engine.plans.rows)) == (None, {new.id})
    assert delete_old(engine.stores, now() - timedelta(days=90)) == 0


def test_old_versions_go_but_for_what_is_deployed_or_at_work(engine: Engine) -> None:
    engine.workflow.deployed_version = 1
    engine.taken(version=2)
    assert trim_versions(engine.stores, 2) == 1
    assert numbers(engine) == [1, 2, 4, 5]
    assert trim_versions(engine.stores, 4) == 0


def test_of_a_workflow_that_is_gone_nothing_is_in_use(engine: Engine) -> None:
    engine.workflow.deployed_version = 1
    assert versions_in_use(engine.stores, WORKFLOW) == [1]
    assert versions_in_use(engine.stores, "ghost") == []
    engine.workflows.delete(WORKFLOW)
    assert trim_versions(engine.stores, 1) == 4
