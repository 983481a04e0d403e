"""Workflows in MongoDB: saved, listed, cloned, run and archived."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.access import Verb, scope
from shared.clock import now
from shared.errors import Conflict, Forbidden, InvalidInput, NotFound
from shared.people import Person
from shared.platform import Platform
from shared.updates import BEGINNING, topics
from shared.workflows.actions import Workflows
from shared.workflows.models import HeadChanges, LastRun, NewWorkflow, Workflow, WorkflowStatus
from shared.workflows.secrets import SecretStore
from shared.workflows.starter import starter
from shared.workflows.store import WorkflowFilter, WorkflowStore
from tests.fixtures.workflows.helpers import graph, node, web, wire
from tests.functional.workflows.conftest import ADMIN, ANA, BOB, PERSON, save


def test_a_workflow_comes_back_as_it_was_made(workflows: WorkflowStore, workflow: Workflow) -> None:
    found = workflows.get(workflow.id)
    assert found == workflow
    assert (found.slug, found.revision, found.node_count, found.owner_id) == ("shop", 1, 1, "ana")


def test_every_golden_graph_is_stored_as_drawn(platform: Platform, workflow: Workflow) -> None:
    from tests.fixtures.workflows.goldens import all_goldens

    for golden in all_goldens():
        workflow = save(platform, workflow, golden.graph)
        assert WorkflowStore(platform.db).get(workflow.id).graph == golden.graph


def test_names_with_dots_and_nulls_survive(platform: Platform, workflow: Workflow) -> None:
    drawn = graph(node("a", "note", labels={"app.kubernetes.io/part-of": "x", "": None}, empty=None))
    assert save(platform, workflow, drawn).graph == drawn


def test_a_save_needs_the_current_revision(platform: Platform, workflow: Workflow) -> None:
    saved = save(platform, workflow, graph(web(), node("n", "note")))
    assert (saved.revision, saved.node_count) == (2, 2)
    with pytest.raises(Conflict) as caught:
        save(platform, workflow, graph(), revision=1)
    assert caught.value.code == "revision-conflict"
    assert caught.value.details == {"revision": 2, "saved_by": {"user_id": "ana", "name": "Ana"}}
    assert len(WorkflowStore(platform.db).get(workflow.id).nodes) == 2


def test_of_many_saves_at_once_one_wins(platform: Platform, workflow: Workflow) -> None:
    def attempt(number: int) -> int | str:
        try:
            return save(platform, workflow, graph(node(f"n{number}", "note"))).revision
        except Conflict as error:
            return error.code

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(16)))
    assert sorted(map(str, outcomes)) == ["2"] + ["revision-conflict"] * 15


def test_a_save_is_announced_after_it_succeeded(platform: Platform, workflow: Workflow) -> None:
    save(platform, workflow, graph())
    with pytest.raises(InvalidInput):
        save(platform, workflow, graph(wire("a", "b")), revision=2)
    updates, _ = platform.updates.read(topics.workflow(workflow.id), BEGINNING)
    assert [(update.event, update.data) for update in updates] == [
        ("saved", {"revision": 2, "by": {"user_id": "ana", "name": "Ana"}})
    ]


def test_what_cannot_be_stored_changes_nothing(platform: Platform, workflow: Workflow) -> None:
    with pytest.raises(InvalidInput) as caught:
        save(platform, workflow, graph(node("a", "rocket"), wire("a", "b")))
    assert [field.path for field in caught.value.fields] == ["nodes.0.type", "edges.0.target"]
    assert WorkflowStore(platform.db).get(workflow.id) == workflow


def test_others_do_not_even_see_a_workflow(platform: Platform, workflow: Workflow, nouns: Workflows) -> None:
    for actor in (BOB, ADMIN):
        with pytest.raises(NotFound):
            nouns.get(actor, workflow.id)
        with pytest.raises(NotFound):
            nouns.head(actor, workflow.id)
        with pytest.raises(NotFound):
            save(platform, workflow, graph(), actor=actor)
        with pytest.raises(NotFound):
            nouns.clone(actor, workflow.id, "copy")
        assert nouns.list(actor) == ([], 0, None)
    with pytest.raises((NotFound, Forbidden)):
        nouns.get(ANA, workflow.id, Verb.ADMINISTER)


def test_the_head_changes_with_its_revision(nouns: Workflows, workflow: Workflow) -> None:
    def update(revision: int, **changes: Any) -> Workflow:
        return nouns.update(ANA, workflow.id, HeadChanges(**changes), revision=revision)

    changed = update(1, name="Store", cluster_id="c1", tags=["a"])
    assert (changed.name, changed.slug, changed.cluster_id, changed.revision) == ("Store", "shop", "c1", 2)
    assert update(2, cluster_id=None).cluster_id is None
    assert update(3, description="").name == "Store"
    with pytest.raises(Conflict):
        update(1, name="late")
    with pytest.raises(NotFound) as caught:
        update(4, cluster_id="c2")
    assert caught.value.code == "cluster-not-found"
    with pytest.raises(InvalidInput):
        update(4, name=None)


def test_a_cluster_of_somebody_else_is_not_found(nouns: Workflows, workflows: WorkflowStore) -> None:
    with pytest.raises(NotFound):
        nouns.create(BOB, NewWorkflow(name="x", cluster_id="c1"))
    assert workflows.list(scope(BOB))[1] == 0


def test_lists_are_paged_searched_and_without_graphs(nouns: Workflows, workflows: WorkflowStore) -> None:
    for name, tag in (("Alpha", "x"), ("Beta (1.0)", "y"), ("gamma", "x")):
        wanted = NewWorkflow(name=name, tags=[tag], nodes=graph(web()).nodes)
        nouns.create(ANA, wanted)
    workflows.insert(starter(Person(user_id="bob")))
    first, total, cursor = nouns.list(ANA, limit=2)
    rest, _, end = nouns.list(ANA, limit=2, cursor=cursor)
    assert [item.name for item in (*first, *rest)] == ["gamma", "Beta (1.0)", "Alpha"]
    assert (total, end, first[0].node_count, hasattr(first[0], "nodes")) == (3, None, 1, False)
    for text, names in (("ALPHA", ["Alpha"]), ("(1.0)", ["Beta (1.0)"]), (".*", []), ("x", ["gamma", "Alpha"])):
        found, _, _ = nouns.list(ANA, WorkflowFilter(text=text))
        assert [item.name for item in found] == names
    assert [item.name for item in nouns.list(ANA, WorkflowFilter(tag="y"))[0]] == ["Beta (1.0)"]


def test_a_clone_is_a_draft_of_its_own(
    nouns: Workflows, workflows: WorkflowStore, workflow: Workflow, secrets: SecretStore
) -> None:
    workflows.run_started(workflow.id, "r1")
    copy = nouns.clone(ANA, workflow.id, "Shop two")
    assert (copy.graph, copy.slug, copy.revision) == (workflow.graph, "shop-two", 1)
    assert (copy.run_count, copy.active_run_id, copy.current_version) == (0, None, 0)
    assert secrets.current_versions(copy.id, ["key"]) == {}


def finished(run_id: str) -> LastRun:
    return LastRun(id=run_id, status="completed", version=1, finished_at=now())


def test_one_run_is_active_at_a_time(workflows: WorkflowStore, workflow: Workflow) -> None:
    assert workflows.run_started(workflow.id, "r1")
    assert workflows.run_started(workflow.id, "r1"), "starting is safe to repeat"
    assert workflows.run_finished(workflow.id, finished("r1"), succeeded=True)
    assert not workflows.run_finished(workflow.id, finished("r1"), succeeded=True), "a run ends once"
    found = workflows.get(workflow.id)
    assert (found.active_run_id, found.run_count, found.success_count, found.revision) == (None, 1, 1, 1)
    assert found.last_run is not None
    assert found.last_run.id == "r1"
    assert workflows.run_started(workflow.id, "r2")
    assert workflows.run_finished(workflow.id, finished("r2"), succeeded=None)
    found = workflows.get(workflow.id)
    assert (found.run_count, found.success_count, found.failure_count) == (2, 1, 0)


def test_what_is_deployed_is_published(workflows: WorkflowStore, workflow: Workflow) -> None:
    def end(run_id: str, *, succeeded: bool | None, removed: bool = False) -> WorkflowStatus:
        workflows.run_started(workflow.id, run_id)
        workflows.run_finished(workflow.id, finished(run_id), succeeded=succeeded, removed=removed)
        return workflows.get(workflow.id).status

    assert end("r1", succeeded=False) is WorkflowStatus.DRAFT
    assert end("r2", succeeded=True) is WorkflowStatus.PUBLISHED
    assert end("r3", succeeded=None) is WorkflowStatus.PUBLISHED
    assert workflows.get(workflow.id).deployed_version == 1
    assert end("r4", succeeded=True, removed=True) is WorkflowStatus.DRAFT
    assert workflows.get(workflow.id).deployed_version is None


def test_a_run_whose_end_was_never_noted_gives_way(workflows: WorkflowStore, workflow: Workflow) -> None:
    workflows.run_started(workflow.id, "r1")
    assert [head.id for head in workflows.with_active_run()] == [workflow.id]
    assert workflows.run_started(workflow.id, "r2")
    assert not workflows.run_finished(workflow.id, finished("r1"), succeeded=True)
    assert workflows.get(workflow.id).active_run_id == "r2"
    assert workflows.run_finished(workflow.id, finished("r2"), succeeded=True)
    assert workflows.with_active_run() == []


def test_a_workflow_with_an_active_run_is_not_deleted(workflows: WorkflowStore, workflow: Workflow) -> None:
    workflows.run_started(workflow.id, "r1")
    with pytest.raises(Conflict) as caught:
        workflows.delete(workflow.id)
    assert (caught.value.code, caught.value.details) == ("run-active", {"run_id": "r1"})
    workflows.run_finished(workflow.id, finished("r1"), succeeded=False)
    workflows.delete(workflow.id)
    with pytest.raises(NotFound):
        workflows.get(workflow.id)
    assert not workflows.run_started(workflow.id, "r2")
    assert workflows.list(scope(ANA))[0] == []
    with pytest.raises(NotFound):
        workflows.delete(workflow.id)


def test_an_archived_workflow_is_not_changed(platform: Platform, workflow: Workflow) -> None:
    WorkflowStore(platform.db).set_status(workflow.id, WorkflowStatus.ARCHIVED)
    with pytest.raises(Conflict) as caught:
        save(platform, workflow, graph())
    assert caught.value.code == "archived"


def test_a_cluster_is_idle_when_no_workflow_of_it_has_an_active_run(workflows: WorkflowStore) -> None:
    made = Workflow.new("Shop", graph(web()), owner=PERSON, cluster_id="c1")
    workflows.insert(made)
    workflows.require_idle_on("c1")
    workflows.run_started(made.id, "r1")
    with pytest.raises(Conflict) as caught:
        workflows.require_idle_on("c1")
    assert (caught.value.code, caught.value.details) == ("cluster-busy", {"workflow_id": made.id})
    workflows.require_idle_on("c2")
