"""Versions over real stores: kept, named, compared, brought back, trimmed."""

from __future__ import annotations

import pytest

from shared.access import Actor, Role
from shared.clock import now
from shared.errors import Conflict, InvalidInput, NotFound
from shared.people import Person
from shared.platform import Platform
from shared.workflows.actions import Workflows
from shared.workflows.drawing.graph import Graph
from shared.workflows.models import LastRun, NewWorkflow, Workflow
from shared.workflows.store import WorkflowStore
from shared.workflows.versions.actions import Ref, Versions
from shared.workflows.versions.models import NewVersion, Version, VersionChanges
from shared.workflows.versions.retention import trim
from shared.workflows.versions.store import VersionStore
from tests.fixtures.workflows.helpers import graph, node, web

ANA = Actor("ana", Role.MEMBER, "s1", "Ana")
BOB = Actor("bob", Role.MEMBER, "s2", "Bob")


class History:
    """The actions over one workflow."""

    def __init__(self, platform: Platform) -> None:
        self.actions = Versions.over(platform)
        self.workflows = Workflows.over(platform)
        self.store = WorkflowStore(platform.db)
        self.versions = VersionStore(platform.db)
        self.id = self.workflows.create(ANA, NewWorkflow(name="Shop", nodes=graph(web(replicas=1)).nodes)).id

    @property
    def workflow(self) -> Workflow:
        return self.store.get(self.id)

    def save(self, drawn: Graph) -> None:
        self.workflows.save(ANA, self.id, drawn, revision=self.workflow.revision)

    def keep(self, actor: Actor = ANA, **wanted: str) -> int:
        return self.actions.keep(actor, self.id, NewVersion(**wanted)).version

    def describe(self, number: int, **changes: str) -> Version:
        return self.actions.describe(ANA, self.id, number, VersionChanges(**changes))

    def paths(self, old: Ref, new: Ref) -> list[str]:
        found = self.actions.compare(ANA, self.id, old, new)
        return [change.path for node in found.nodes for change in node.changes]

    def restore(self, number: int, revision: int | None = None) -> Workflow:
        seen = self.workflow.revision if revision is None else revision
        return self.actions.restore(ANA, self.id, number, revision=seen)

    def deploy(self, number: int) -> None:
        self.store.run_started(self.id, "r1")
        last = LastRun(id="r1", status="completed", version=number, finished_at=now())
        self.store.run_finished(self.id, last, succeeded=True)

    def delete(self, number: int) -> None:
        self.actions.delete(ANA, self.id, number)


@pytest.fixture
def shop(platform: Platform) -> History:
    return History(platform)


def test_a_kept_version_is_named_and_compared(shop: History) -> None:
    first = shop.keep(name="First", tag="v1.0")
    shop.save(graph(web(replicas=3)))
    assert shop.paths(first, "saved") == ["data.replicas"]
    with pytest.raises(InvalidInput) as caught:
        shop.paths("deployed", "saved")
    assert caught.value.code == "not-deployed"
    shop.deploy(first)
    assert shop.paths("deployed", "saved") == ["data.replicas"]
    assert shop.workflow.current_version == first


def test_a_tag_names_one_version(shop: History) -> None:
    first = shop.keep(tag="stable")
    shop.save(graph(web(replicas=3)))
    with pytest.raises(Conflict) as caught:
        shop.keep(tag="stable")
    assert caught.value.code == "tag-taken"
    second = shop.keep(tag="next")
    with pytest.raises(Conflict):
        shop.describe(second, tag="stable")
    shop.describe(first, tag="")
    moved = shop.describe(second, tag="stable")
    assert moved.tag == "stable"


def test_a_version_comes_back_onto_the_canvas_and_says_where_from(shop: History) -> None:
    first = shop.keep()
    shop.save(graph(web(replicas=3), node("settings", "configmap")))
    second = shop.keep()
    with pytest.raises(Conflict) as caught:
        shop.restore(first, revision=1)
    assert caught.value.code == "revision-conflict"
    restored = shop.restore(first)
    assert [item.id for item in restored.nodes] == ["web"]
    assert restored.nodes[0].data["replicas"] == 1
    newest = shop.versions.latest(shop.id)
    assert newest is not None
    assert (newest.version, newest.restored_from, restored.current_version) == (second + 1, first, second + 1)


def test_what_is_deployed_is_not_deleted(shop: History) -> None:
    first = shop.keep()
    shop.save(graph(web(replicas=3)))
    second = shop.keep()
    shop.deploy(second)
    with pytest.raises(Conflict) as caught:
        shop.delete(second)
    assert caught.value.code == "version-deployed"
    shop.delete(first)
    with pytest.raises(NotFound):
        shop.versions.get(shop.id, first)


def test_old_versions_go_but_for_those_that_matter(shop: History) -> None:
    tagged = shop.keep(tag="v1")
    for count in range(2, 9):
        shop.save(graph(web(replicas=count)))
        workflow = shop.workflow
        shop.versions.ensure(workflow, by=Person.of(ANA), secret_versions={})
    assert shop.versions.crowded(3) == [shop.id]
    assert trim(shop.versions, 3, lambda workflow_id: {4} if workflow_id == shop.id else set()) == 3
    assert trim(shop.versions, 3, lambda _: ()) == 1, "what nobody is at work on any more"
    assert trim(shop.versions, 4, lambda _: ()) == 0
    left, total, _ = shop.versions.list(shop.id, limit=50, cursor=None)
    assert ([item.version for item in left], total) == ([8, 7, 6, tagged], 4)


def test_somebody_elses_versions_do_not_exist(shop: History) -> None:
    with pytest.raises(NotFound):
        shop.keep(BOB)
    kept = shop.keep()
    for look in (lambda: shop.actions.get(BOB, shop.id, kept), lambda: shop.actions.list(BOB, shop.id, limit=5)):
        with pytest.raises(NotFound):
            look()
    assert shop.actions.get(ANA, shop.id, kept).version == kept
    assert shop.actions.list(ANA, shop.id, limit=5)[1] == 1
