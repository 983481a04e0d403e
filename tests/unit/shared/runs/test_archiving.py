from __future__ import annotations

import pytest

from shared.access import Actor, Role
from shared.errors import Conflict, NotFound
from shared.planning.consent import Consent
from shared.runs.archiving import MOST_SHOWN, Archiving, choice_needed
from shared.runs.models import Run, RunKind
from shared.workflows.models import Workflow, WorkflowStatus
from tests.fixtures.workflows.helpers import node, web
from tests.support.fakes.engine import ADA, WORKFLOW, Engine
from tests.support.planning import entry

ACTOR = Actor("ada", Role.MEMBER, "s1", "Ada")
NAMED = Consent(delete=["PersistentVolumeClaim shop/data"])


@pytest.fixture
def engine() -> Engine:
    return Engine(web())


@pytest.fixture
def archiving(engine: Engine) -> Archiving:
    return Archiving(engine.stores, engine.starting, engine.people())


def deployed(engine: Engine) -> None:
    """Have a run made the workflow's objects, and forget it."""
    engine.runs.delete([engine.deploy().run.id])


def test_a_workflow_without_objects_is_archived_at_once(engine: Engine, archiving: Archiving) -> None:
    moved = archiving.set_status(ACTOR, engine.workflow, WorkflowStatus.ARCHIVED, Consent())
    assert isinstance(moved, Workflow)
    assert moved.status is WorkflowStatus.ARCHIVED
    assert engine.updates.published == [
        (f"workflow:{WORKFLOW}", "saved", {"revision": 1, "by": {"user_id": "ada", "name": "Ada"}})
    ]


def test_archiving_what_has_objects_is_a_teardown_first(engine: Engine, archiving: Archiving) -> None:
    deployed(engine)
    run = archiving.set_status(ACTOR, engine.workflow, WorkflowStatus.ARCHIVED, NAMED)
    assert isinstance(run, Run)
    assert (run.kind, run.after, run.consent) == (RunKind.TEARDOWN, "archive", NAMED)
    assert (run.triggered_by.user_id, run.triggered_by.kind) == ("ada", "user")
    assert engine.workflow.status is WorkflowStatus.DRAFT


def test_a_workflow_that_runs_is_not_archived(engine: Engine, archiving: Archiving) -> None:
    run = engine.starting.start(engine.workflow, engine.taken(active=None).triggered_by)
    with pytest.raises(Conflict) as caught:
        archiving.set_status(ACTOR, engine.workflow, WorkflowStatus.ARCHIVED, Consent())
    assert (caught.value.code, caught.value.details) == ("run-active", {"run_id": run.id})


def test_taking_it_up_again_asks_for_nothing(engine: Engine, archiving: Archiving) -> None:
    engine.taken()
    engine.workflow.status = WorkflowStatus.ARCHIVED
    moved = archiving.set_status(ACTOR, engine.workflow, WorkflowStatus.DRAFT, Consent())
    assert isinstance(moved, Workflow)
    assert moved.status is WorkflowStatus.DRAFT


def test_a_workflow_without_objects_is_deleted_at_once_with_its_values(engine: Engine, archiving: Archiving) -> None:
    engine.secrets.put(WORKFLOW, "key", {"PIN": "1"}, by=ADA)
    assert archiving.delete(ACTOR, engine.workflow, None, Consent()) is None
    assert engine.workflow.deleted_at is not None
    assert engine.secrets.current_versions(WORKFLOW, ["key"]) == {}
    with pytest.raises(NotFound):
        archiving.set_status(ACTOR, engine.workflow, WorkflowStatus.DRAFT, Consent())


def test_somebody_has_to_say_what_becomes_of_objects(engine: Engine, archiving: Archiving) -> None:
    engine.deploy(web(), node("settings", "configmap", data={"A": "1"}))
    with pytest.raises(Conflict) as caught:
        archiving.delete(ACTOR, engine.workflow, None, Consent())
    assert caught.value.code == "objects-exist"
    assert caught.value.details == {"objects": ["ConfigMap shop/settings", "Deployment shop/web"], "total": 2}
    assert engine.workflow.deleted_at is None


def test_objects_are_removed_before_the_workflow_when_that_is_wanted(engine: Engine, archiving: Archiving) -> None:
    deployed(engine)
    run = archiving.delete(ACTOR, engine.workflow, "teardown", NAMED)
    assert run is not None
    assert (run.kind, run.after, run.consent) == (RunKind.TEARDOWN, "delete", NAMED)
    assert engine.workflow.deleted_at is None


def test_objects_stay_as_nobody_s_when_that_is_wanted(engine: Engine, archiving: Archiving) -> None:
    deployed(engine)
    assert archiving.delete(ACTOR, engine.workflow, "orphan", Consent()) is None
    assert engine.cluster.names("Deployment") == ["web"]
    assert engine.owned.rows == {}


def test_a_workflow_that_runs_is_not_deleted(engine: Engine, archiving: Archiving) -> None:
    engine.workflows.run_started(WORKFLOW, "run1")
    with pytest.raises(Conflict) as caught:
        archiving.delete(ACTOR, engine.workflow, None, Consent())
    assert caught.value.code == "run-active"


def test_of_very_many_objects_some_are_named() -> None:
    refusal = choice_needed([entry("ConfigMap", f"c{number:03}") for number in range(MOST_SHOWN + 1)])
    assert refusal.message.startswith("The workflow has 51 objects on its cluster.")
    assert refusal.details["total"] == MOST_SHOWN + 1
    assert refusal.details["objects"] == [f"ConfigMap shop/c{number:03}" for number in range(MOST_SHOWN)]


def test_one_object_is_one() -> None:
    assert choice_needed([entry("ConfigMap", "c")]).message.startswith("The workflow has 1 object on its cluster.")
