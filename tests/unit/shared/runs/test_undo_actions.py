from __future__ import annotations

from typing import Any

import pytest

from shared.access import Actor, Role
from shared.errors import Conflict, InvalidInput, NotFound
from shared.runs.models import Tombstone
from shared.runs.undo import Undo
from shared.workflows.models import WorkflowStatus
from tests.fixtures.workflows.helpers import node, web, wire
from tests.support.fakes.engine import ADA, WORKFLOW, Engine

ACTOR = Actor("ada", Role.MEMBER, "s1", "Ada")
STRANGER = Actor("bob", Role.ADMIN, "s2", "Bob")
SETTINGS = node("settings", "configmap", data={"A": "1"})
KEY = node("key", "secret", keys=["PIN"])


class Scene:
    """A run that has removed the settings and the key of a workflow, whose values changed since."""

    def __init__(self) -> None:
        self.engine = engine = Engine(web(), SETTINGS, KEY, wire("settings", "web"))
        engine.secrets.put(WORKFLOW, "key", {"PIN": "of-then"}, by=ADA)
        engine.version()
        engine.secrets.put(WORKFLOW, "key", {"PIN": "of-now"}, by=ADA)
        engine.draw(web())
        gone = [Tombstone(node_id="settings", object="ConfigMap shop/settings", yaml="a: b", version=1)]
        gone += [Tombstone(node_id="key", object="Secret shop/key", yaml="a: b", version=1)]
        self.run = engine.taken(tombstones=gone)
        self.undoing = Undo(engine.stores, engine.people())

    def undo(self, actor: Actor = ACTOR, nodes: list[str] | None = None) -> Any:
        """Undo at the revision that is stored."""
        return self.undoing.undo(actor, self.run.id, revision=self.engine.workflow.revision, nodes=nodes)

    def can(self) -> dict[str, tuple[str, bool, bool]]:
        """Return what can be done about each object, whether its node is there, and whether it was made again."""
        found = self.undoing.removed(ACTOR, self.run.id)
        return {item.node_id: (item.can, item.in_graph, item.again) for item in found}


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_removed_objects_are_shown_with_what_can_be_done(scene: Scene) -> None:
    assert scene.can() == {"settings": ("undo", False, False), "key": ("undo", False, False)}
    scene.undo(nodes=["settings"])
    assert scene.can()["settings"] == ("nothing", True, False)
    scene.engine.deploy()
    assert scene.can()["settings"] == ("nothing", True, True)


def test_what_was_made_again_on_another_cluster_does_not_count(scene: Scene) -> None:
    scene.undo(nodes=["settings"])
    scene.engine.deploy()
    scene.engine.workflow.cluster_id = "cluster2"
    assert scene.can()["settings"] == ("nothing", True, False)


def test_nodes_come_back_as_a_save_with_their_wires_and_the_values_of_then(scene: Scene) -> None:
    undone = scene.undo()
    assert (undone.returned, undone.skipped, undone.workflow.revision) == (("settings", "key"), (), 2)
    assert set(undone.workflow.graph.by_id) == {"web", "settings", "key"}
    assert [edge.source for edge in undone.workflow.edges] == ["settings"]
    newest = scene.engine.secrets.current_versions(WORKFLOW, ["key"])
    assert scene.engine.secrets.read(WORKFLOW, newest).values == {"key": {"PIN": b"of-then"}}
    assert [event for _, event, _ in scene.engine.updates.published] == ["saved"]


def test_what_cannot_come_back_is_told_and_the_rest_comes(scene: Scene) -> None:
    scene.run.tombstones[1].version = 9
    scene.engine.runs.keep(scene.run)
    undone = scene.undo()
    assert undone.returned == ("settings",)
    assert [(skipped.node_id, skipped.object) for skipped in undone.skipped] == [("key", "Secret shop/key")]
    assert "is not kept any more" in undone.skipped[0].why


def test_where_nothing_can_come_back_nothing_is_saved(scene: Scene) -> None:
    scene.engine.versions.rows.clear()
    undone = scene.undo()
    assert (undone.returned, undone.workflow.revision) == ((), 1)
    assert scene.engine.updates.published == []


def test_who_has_not_seen_the_last_save_undoes_nothing(scene: Scene) -> None:
    with pytest.raises(Conflict) as caught:
        scene.undoing.undo(ACTOR, scene.run.id, revision=7, nodes=None)
    assert caught.value.code == "revision-conflict"


def test_only_nodes_of_removed_objects_can_be_named(scene: Scene) -> None:
    with pytest.raises(InvalidInput, match="has removed no object of the node ghost") as caught:
        scene.undo(nodes=["settings", "ghost"])
    assert caught.value.code == "unknown-node"
    assert [field.path for field in caught.value.fields] == ["nodes.1"]


def test_a_run_that_removed_nothing_has_nothing_to_undo(scene: Scene) -> None:
    scene.engine.runs.keep(scene.run.model_copy(update={"tombstones": []}))
    assert scene.can() == {}
    with pytest.raises(InvalidInput) as caught:
        scene.undo()
    assert caught.value.code == "nothing-removed"


def test_an_archived_workflow_takes_nothing_back(scene: Scene) -> None:
    scene.engine.workflow.status = WorkflowStatus.ARCHIVED
    with pytest.raises(Conflict) as caught:
        scene.undo()
    assert caught.value.code == "archived"


def test_of_a_deleted_workflow_the_yaml_can_still_be_read(scene: Scene) -> None:
    scene.engine.workflows.delete(WORKFLOW)
    assert set(scene.can().values()) == {("nothing", False, False)}
    with pytest.raises(Conflict) as caught:
        scene.undo()
    assert caught.value.code == "workflow-deleted"


def test_nobody_else_sees_or_undoes_anything(scene: Scene) -> None:
    with pytest.raises(NotFound):
        scene.undoing.removed(STRANGER, scene.run.id)
    with pytest.raises(NotFound):
        scene.undo(STRANGER)
