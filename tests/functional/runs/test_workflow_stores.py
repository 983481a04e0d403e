"""What runs write on workflows, versions and values; what stands in for the stores in unit tests does the same."""

from __future__ import annotations

import os

import pytest

from shared.clock import now
from shared.crypto import KeyRing
from shared.errors import Conflict, NotFound
from shared.people import Person
from shared.platform import Platform
from shared.workflows.models import LastRun, Workflow, WorkflowStatus
from shared.workflows.secrets import SecretStore
from shared.workflows.store import WorkflowStore
from shared.workflows.versions.store import VersionStore
from tests.fixtures.workflows.helpers import graph, web
from tests.support.fakes.versions import FakeSecretStore, FakeVersionStore
from tests.support.fakes.workflows import FakeWorkflowStore

ADA = Person(user_id="ada", name="Ada")


@pytest.fixture(params=["real", "fake"])
def workflows(request: pytest.FixtureRequest, platform: Platform) -> WorkflowStore:
    return WorkflowStore(platform.db) if request.param == "real" else FakeWorkflowStore()


@pytest.fixture(params=["real", "fake"])
def versions(request: pytest.FixtureRequest, platform: Platform) -> VersionStore:
    return VersionStore(platform.db) if request.param == "real" else FakeVersionStore()


@pytest.fixture(params=["real", "fake"])
def secrets(request: pytest.FixtureRequest, platform: Platform) -> SecretStore:
    ring = KeyRing({"k1": os.urandom(32)})
    return SecretStore(platform.db, ring) if request.param == "real" else FakeSecretStore()


@pytest.fixture
def workflow(workflows: WorkflowStore) -> Workflow:
    made = Workflow.new("Shop", graph(web()), owner=ADA)
    workflows.insert(made)
    return made


def last(run_id: str = "run1", version: int = 3) -> LastRun:
    return LastRun(id=run_id, status="completed", version=version, finished_at=now())


def counts(workflows: WorkflowStore, workflow: Workflow) -> tuple[int, int, int]:
    found = workflows.get(workflow.id)
    return found.run_count, found.success_count, found.failure_count


def test_a_run_that_began_is_the_active_one_and_counts_once(workflows: WorkflowStore, workflow: Workflow) -> None:
    assert workflows.run_started(workflow.id, "run1")
    assert workflows.run_started(workflow.id, "run1")
    assert (workflows.get(workflow.id).active_run_id, counts(workflows, workflow)) == ("run1", (1, 0, 0))
    assert workflows.run_started(workflow.id, "run2"), "one that never noted its end gives way"
    assert (workflows.get(workflow.id).active_run_id, counts(workflows, workflow)) == ("run2", (2, 0, 0))
    assert [head.id for head in workflows.with_active_run()] == [workflow.id]
    assert not workflows.run_started("ghost", "run1")


def test_a_success_is_deployed_and_published(workflows: WorkflowStore, workflow: Workflow) -> None:
    workflows.run_started(workflow.id, "run1")
    assert workflows.run_finished(workflow.id, last(), succeeded=True)
    found = workflows.get(workflow.id)
    assert (found.active_run_id, found.deployed_version, found.status) == (None, 3, WorkflowStatus.PUBLISHED)
    assert found.last_run is not None
    assert (found.last_run.id, counts(workflows, workflow)) == ("run1", (1, 1, 0))
    assert not workflows.run_finished(workflow.id, last(), succeeded=True), "it is noted once"
    assert workflows.with_active_run() == []


def test_a_teardown_takes_it_back_to_a_draft(workflows: WorkflowStore, workflow: Workflow) -> None:
    for run_id, removed in (("run1", False), ("run2", True)):
        workflows.run_started(workflow.id, run_id)
        workflows.run_finished(workflow.id, last(run_id), succeeded=True, removed=removed)
    found = workflows.get(workflow.id)
    assert (found.deployed_version, found.status) == (None, WorkflowStatus.DRAFT)


@pytest.mark.parametrize(("succeeded", "expected"), [(False, (1, 0, 1)), (None, (1, 0, 0))])
def test_another_end_deploys_nothing(
    workflows: WorkflowStore, workflow: Workflow, *, succeeded: bool | None, expected: tuple[int, int, int]
) -> None:
    workflows.run_started(workflow.id, "run1")
    assert workflows.run_finished(workflow.id, last(), succeeded=succeeded)
    found = workflows.get(workflow.id)
    assert (found.deployed_version, found.status, counts(workflows, workflow)) == (
        None,
        WorkflowStatus.DRAFT,
        expected,
    )


def test_the_status_of_an_archived_workflow_stays(workflows: WorkflowStore, workflow: Workflow) -> None:
    assert workflows.set_status(workflow.id, WorkflowStatus.ARCHIVED).status is WorkflowStatus.ARCHIVED
    workflows.run_started(workflow.id, "run1")
    workflows.run_finished(workflow.id, last(), succeeded=True, removed=True)
    assert workflows.get(workflow.id).status is WorkflowStatus.ARCHIVED
    with pytest.raises(NotFound):
        workflows.set_status("ghost", WorkflowStatus.DRAFT)


def test_a_plan_that_rests_has_not_run(workflows: WorkflowStore, workflow: Workflow) -> None:
    workflows.run_started(workflow.id, "run1")
    workflows.run_rests(workflow.id, "other")
    assert workflows.get(workflow.id).active_run_id == "run1"
    workflows.run_rests(workflow.id, "run1")
    assert (workflows.get(workflow.id).active_run_id, counts(workflows, workflow)) == (None, (0, 0, 0))


def test_what_runs_is_not_deleted_and_what_is_deleted_is_not_found(
    workflows: WorkflowStore, workflow: Workflow
) -> None:
    workflows.run_started(workflow.id, "run1")
    with pytest.raises(Conflict) as caught:
        workflows.delete(workflow.id)
    assert (caught.value.code, caught.value.details) == ("run-active", {"run_id": "run1"})
    workflows.run_finished(workflow.id, last(), succeeded=None)
    workflows.delete(workflow.id)
    assert (workflows.find(workflow.id), workflows.find_head(workflow.id)) == (None, None)
    assert not workflows.run_started(workflow.id, "run2")
    with pytest.raises(NotFound):
        workflows.delete(workflow.id)


def make(versions: VersionStore, image: str, *, secrets: dict[str, str] | None = None, **more: str) -> int:
    """Ensure a version of one workflow with an image."""
    drawn = Workflow.new("Shop", graph(web(image=image)), owner=ADA).model_copy(update={"id": "w1"})
    return versions.ensure(drawn, by=ADA, secret_versions=secrets or {}, run_id="run1", **more).version


def test_the_same_graph_is_one_version(versions: VersionStore) -> None:
    numbers = [make(versions, "a"), make(versions, "a"), make(versions, "b"), make(versions, "a")]
    assert numbers == [1, 1, 2, 3]
    assert make(versions, "a", secrets={"key": "1"}) == 4
    found = versions.get("w1", 4)
    assert (found.secret_versions, found.run_id, found.created_by) == ({"key": "1"}, "run1", ADA)
    newest = versions.latest("w1")
    assert newest is not None
    assert newest.version == 4
    assert versions.latest("ghost") is None
    assert versions.find("w1", 9) is None
    with pytest.raises(NotFound):
        versions.get("w1", 9)


def test_old_versions_go_but_for_those_that_are_named_or_needed(versions: VersionStore) -> None:
    for image in "abcdef":
        make(versions, image, name="kept" if image == "c" else "")
    assert list(versions.crowded(5)) == ["w1"]
    assert list(versions.crowded(6)) == []
    assert versions.trim("w1", 2, protected=[1]) == 2
    assert [number for number in range(1, 7) if versions.find("w1", number)] == [1, 3, 5, 6]


def test_values_are_read_as_they_were_in_their_version(secrets: SecretStore) -> None:
    secrets.put("w1", "key", {"PIN": "1", "NAME": "a"}, by=ADA)
    first = secrets.current_versions("w1", ["key", "ghost"])
    secrets.put("w1", "key", {"PIN": "2", "NAME": None}, by=ADA)
    second = secrets.current_versions("w1", ["key"])
    assert set(first) == {"key"}
    assert secrets.read("w1", first).values == {"key": {"PIN": b"1", "NAME": b"a"}}
    assert secrets.read("w1", second).values == {"key": {"PIN": b"2"}}
    assert secrets.read("w1", first).versions == first
    with pytest.raises(NotFound, match="The values of the secret node key are gone"):
        secrets.read("w1", {"key": "ghost"})


def test_a_node_without_values_has_no_version(secrets: SecretStore) -> None:
    secrets.put("w1", "key", {"PIN": "1"}, by=ADA)
    secrets.put("w1", "key", {"PIN": None}, by=ADA)
    assert secrets.current_versions("w1", ["key"]) == {}


def test_values_of_then_become_those_of_now_once(secrets: SecretStore) -> None:
    secrets.put("w1", "key", {"PIN": "1"}, by=ADA)
    first = secrets.current_versions("w1", ["key"])["key"]
    secrets.bring_back("w1", "key", first, by=ADA)
    assert secrets.current_versions("w1", ["key"])["key"] == first, "they are those of now already"
    secrets.put("w1", "key", {"PIN": "2"}, by=ADA)
    secrets.bring_back("w1", "key", "ghost", by=ADA)
    assert secrets.read("w1", secrets.current_versions("w1", ["key"])).values == {"key": {"PIN": b"2"}}
    secrets.bring_back("w1", "key", first, by=ADA)
    assert secrets.read("w1", secrets.current_versions("w1", ["key"])).values == {"key": {"PIN": b"1"}}


def test_values_go_with_their_workflow(secrets: SecretStore) -> None:
    for value in "12":
        secrets.put("w1", "key", {"PIN": value}, by=ADA)
    secrets.put("w2", "key", {"PIN": "3"}, by=ADA)
    assert secrets.delete_of("w1") == 2
    assert secrets.current_versions("w1", ["key"]) == {}
    assert set(secrets.current_versions("w2", ["key"])) == {"key"}
