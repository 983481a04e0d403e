"""What stands in for the store of workflows in unit tests does as the store does."""

from __future__ import annotations

import pytest

from shared.access import Scope
from shared.errors import Conflict, NotFound
from shared.people import Person
from shared.platform import Platform
from shared.workflows.models import HeadChanges, Workflow
from shared.workflows.store import WorkflowStore
from tests.fixtures.workflows.helpers import graph, node, web
from tests.support.fakes.workflows import FakeWorkflowStore

ANA = Person(user_id="ana", name="Ana")


@pytest.fixture(params=["real", "fake"])
def store(request: pytest.FixtureRequest, platform: Platform) -> WorkflowStore:
    return WorkflowStore(platform.db) if request.param == "real" else FakeWorkflowStore()


@pytest.fixture
def workflow(store: WorkflowStore) -> Workflow:
    made = Workflow.new("Shop", graph(web()), owner=ANA)
    store.insert(made)
    return made


def test_workflows_are_found_whole_and_as_heads(store: WorkflowStore, workflow: Workflow) -> None:
    assert store.get(workflow.id).graph == workflow.graph
    head = store.find_head(workflow.id)
    assert head is not None
    assert head.name == "Shop"
    assert store.find("ghost") is None
    assert store.find_head("ghost") is None
    items, total, following = store.list(Scope("ana"))
    assert ([item.id for item in items], total, following) == ([workflow.id], 1, None)
    assert store.list(Scope("bob"))[1] == 0


def test_a_save_needs_the_stored_revision(store: WorkflowStore, workflow: Workflow) -> None:
    saved = store.save_graph(workflow.id, graph(), revision=1, by=ANA, namespace="shop")
    assert (saved.revision, saved.node_count, saved.namespace, saved.saved_by) == (2, 0, "shop", ANA)
    changed = store.update_head(workflow.id, HeadChanges(name="Store"), revision=2, by=ANA)
    assert (changed.name, changed.revision, changed.namespace) == ("Store", 3, "shop")
    with pytest.raises(Conflict) as caught:
        store.save_graph(workflow.id, graph(), revision=1, by=ANA)
    assert caught.value.code == "revision-conflict"
    with pytest.raises(NotFound):
        store.save_graph("ghost", graph(), revision=1, by=ANA)


def test_the_newest_version_stays_the_newest(store: WorkflowStore, workflow: Workflow) -> None:
    for number in (3, 2):
        store.set_current_version(workflow.id, number)
    assert store.get(workflow.id).current_version == 3


def test_a_cluster_goes_to_the_workflow_of_a_name_that_has_none(store: WorkflowStore, workflow: Workflow) -> None:
    store.give_cluster("ana", "Other", "c1")
    store.give_cluster("bob", "Shop", "c1")
    assert store.get(workflow.id).cluster_id is None
    store.give_cluster("ana", "Shop", "c1")
    store.give_cluster("ana", "Shop", "c2")
    assert store.get(workflow.id).cluster_id == "c1"


def test_workflows_are_found_by_the_kinds_of_their_custom_resources(store: WorkflowStore) -> None:
    def drawn(name: str, owner: Person, *kinds: str) -> Workflow:
        nodes = [
            node(f"n{number}", "custom-resource", api_version="a.example/v1", kind=kind)
            for number, kind in enumerate(kinds)
        ]
        made = Workflow.new(name, graph(*nodes, web()), owner=owner)
        store.insert(made)
        return made

    queue, both = drawn("Queue", ANA, "Queue"), drawn("Both", ANA, "Table", "Queue")
    gone = drawn("Gone", ANA, "Queue")
    drawn("Bobs", Person(user_id="bob"), "Queue")
    drawn("Plain", ANA)
    store.delete(gone.id)
    found = store.with_custom_resources(Scope("ana"), ["Queue", "Ghost"])
    assert [item.id for item in found] == sorted([queue.id, both.id], reverse=True)
    assert [item.id for item in store.with_custom_resources(Scope("ana"), ["Table"])] == [both.id]
    assert store.with_custom_resources(Scope("ana"), []) == []
    assert len(store.with_custom_resources(Scope("ana"), ["Queue"], limit=1)) == 1
