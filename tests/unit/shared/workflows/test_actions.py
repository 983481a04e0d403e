from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.errors import Conflict, InvalidInput, NotFound
from shared.people import Person
from shared.workflows.models import HeadChanges, NewWorkflow, Workflow, WorkflowStatus
from tests.fixtures.workflows.helpers import graph, node, web, wire
from tests.support.fakes.nouns import ANA, BOB, Nouns


def test_what_is_drawn_is_made_a_draft_of_one_s_own(nouns: Nouns) -> None:
    made = nouns.workflows.create(
        ANA, NewWorkflow(name="Shop — Frontend", nodes=[web()], cluster_id="c1", namespace="shop", tags=["a"])
    )
    assert nouns.rows.get(made.id) == made
    assert (made.slug, made.owner_id, made.saved_by) == ("shop-frontend", "ana", Person.of(ANA))
    assert (made.cluster_id, made.namespace, made.tags, made.node_count) == ("c1", "shop", ["a"], 1)
    assert (made.status, made.revision, made.current_version) == (WorkflowStatus.DRAFT, 1, 0)


def test_what_cannot_be_stored_is_not_made(nouns: Nouns) -> None:
    drawn = graph(wire("a", "b"))
    with pytest.raises(InvalidInput):
        nouns.workflows.create(ANA, NewWorkflow(name="Shop", nodes=drawn.nodes, edges=drawn.edges))
    for actor, cluster_id in ((BOB, "c1"), (ANA, "c2")):
        with pytest.raises(NotFound) as caught:
            nouns.workflows.create(actor, NewWorkflow(name="Shop", cluster_id=cluster_id))
        assert [field.path for field in caught.value.fields] == ["cluster_id"]
    assert nouns.rows.rows == {}


def test_nobody_else_sees_a_workflow(nouns: Nouns) -> None:
    workflow = nouns.draw()
    deeds: list[Callable[[], object]] = [
        lambda: nouns.workflows.get(BOB, workflow.id),
        lambda: nouns.workflows.head(BOB, workflow.id),
        lambda: nouns.workflows.head(ANA, "ghost"),
        lambda: nouns.workflows.save(BOB, workflow.id, graph(), revision=1),
        lambda: nouns.workflows.update(BOB, workflow.id, HeadChanges(name="x"), revision=1),
        lambda: nouns.workflows.clone(BOB, workflow.id, "x"),
        lambda: nouns.secrets.put(BOB, workflow.id, "key", {"PIN": "1"}),
        lambda: nouns.secrets.list(BOB, workflow.id, "key"),
        lambda: nouns.previews.manifests(BOB, workflow.id),
    ]
    for deed in deeds:
        with pytest.raises(NotFound):
            deed()
    assert nouns.workflows.list(BOB) == ([], 0, None)
    assert nouns.updates.published == []


def test_a_save_is_told_once_it_is_done(nouns: Nouns) -> None:
    workflow = nouns.draw()
    saved = nouns.workflows.save(ANA, workflow.id, graph(web()), revision=1)
    assert (saved.revision, saved.node_count) == (2, 1)
    with pytest.raises(Conflict):
        nouns.workflows.save(ANA, workflow.id, graph(), revision=1)
    with pytest.raises(InvalidInput):
        nouns.workflows.save(ANA, workflow.id, graph(node("x", "rocket")), revision=2)
    by = {"user_id": "ana", "name": "Ana"}
    assert nouns.updates.published == [(f"workflow:{workflow.id}", "saved", {"revision": 2, "by": by})]


def test_only_what_was_sent_changes_in_the_head(nouns: Nouns) -> None:
    workflow = nouns.draw(cluster_id="c1")
    changed = nouns.workflows.update(ANA, workflow.id, HeadChanges(description="new"), revision=1)
    assert (changed.name, changed.description, changed.cluster_id) == ("Shop", "new", "c1")
    assert nouns.workflows.update(ANA, workflow.id, HeadChanges(cluster_id=None), revision=2).cluster_id is None
    with pytest.raises(NotFound):
        nouns.workflows.update(ANA, workflow.id, HeadChanges(cluster_id="c2"), revision=3)
    with pytest.raises(InvalidInput) as caught:
        nouns.workflows.update(ANA, workflow.id, HeadChanges(name=None), revision=3)
    assert caught.value.code == "nothing-to-change"


def test_an_archived_workflow_stays_as_it_is(nouns: Nouns) -> None:
    workflow = nouns.draw()
    nouns.rows.set_status(workflow.id, WorkflowStatus.ARCHIVED)
    deeds: list[Callable[[], Workflow]] = [
        lambda: nouns.workflows.save(ANA, workflow.id, graph(), revision=1),
        lambda: nouns.workflows.update(ANA, workflow.id, HeadChanges(name="x"), revision=1),
        lambda: nouns.versions.restore(ANA, workflow.id, 1, revision=1),
    ]
    for deed in deeds:
        with pytest.raises(Conflict) as caught:
            deed()
        assert caught.value.code == "archived"
    assert nouns.workflows.clone(ANA, workflow.id, "again").status is WorkflowStatus.DRAFT


def test_a_copy_has_the_graph_and_none_of_the_past(nouns: Nouns) -> None:
    workflow = nouns.draw(cluster_id="c1")
    nouns.secrets.put(ANA, workflow.id, "key", {"PIN": "4711"})
    nouns.rows.run_started(workflow.id, "r1")
    copy = nouns.workflows.clone(ANA, workflow.id, "Shop two")
    assert (copy.graph, copy.cluster_id, copy.slug) == (workflow.graph, "c1", "shop-two")
    assert (copy.run_count, copy.active_run_id, copy.revision) == (0, None, 1)
    assert [key.set for key in nouns.secrets.list(ANA, copy.id, "key").keys] == [False, False]


def test_values_are_written_for_keys_that_the_saved_node_has(nouns: Nouns) -> None:
    workflow = nouns.draw()
    written = nouns.secrets.put(ANA, workflow.id, "key", {"PIN": "4711"})
    assert [(key.key, key.set) for key in written.keys] == [("TOKEN", False), ("PIN", True)]
    with pytest.raises(InvalidInput) as caught:
        nouns.secrets.put(ANA, workflow.id, "key", {"OTHER": "x", "PIN": None})
    assert [field.path for field in caught.value.fields] == ["values.OTHER"]
    assert nouns.secrets.list(ANA, workflow.id, "key") == written
    for node_id in ("web", "ghost"):
        with pytest.raises(NotFound):
            nouns.secrets.list(ANA, workflow.id, node_id)
