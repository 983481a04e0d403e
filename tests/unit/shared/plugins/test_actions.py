"""Plugins as people see them: what comes with the product, what administrators write, what each enables."""

from __future__ import annotations

from typing import Any

import pytest
from structlog.testing import capture_logs

from shared.access import Actor, Role
from shared.clock import now
from shared.errors import Conflict, Forbidden, InvalidInput, LimitReached, NotFound
from shared.people import Person
from shared.plugins import actions as module
from shared.plugins.actions import PluginFilter, Plugins
from shared.plugins.builtin import builtin_plugins
from shared.plugins.models import OwnPlugin, PluginDefinition
from shared.workflows.models import Workflow
from tests.fixtures.workflows.helpers import graph, node, web
from tests.support.fakes.plugins import FakePluginStore
from tests.support.fakes.workflows import FakeWorkflowStore
from tests.unit.shared.plugins.test_models import PLUGIN, QUEUE

Json = dict[str, Any]
ROOT = Actor("root", Role.ADMIN, "s1", "Root")
ADA, BOB = Actor("ada", Role.MEMBER, "s2", "Ada"), Actor("bob", Role.MEMBER, "s3", "Bob")
QUEUES = PluginDefinition.model_validate(PLUGIN)


class House:
    """The noun with its stores."""

    def __init__(self) -> None:
        self.store, self.workflows = FakePluginStore(), FakeWorkflowStore()
        self.plugins = Plugins(self.store, self.workflows)

    def keep(self, plugin_id: str, definition: str) -> None:
        """Store an own plugin as some version of the product has written it."""
        at = now()
        self.store.insert(
            OwnPlugin(id=plugin_id, definition=definition, created_by="root", created_at=at, updated_at=at)
        )

    def draw(self, owner: str, *kinds: tuple[str, str]) -> Workflow:
        nodes = [
            node(f"n{number}", "custom-resource", name=f"thing{number}", api_version=version, kind=kind)
            for number, (version, kind) in enumerate(kinds)
        ]
        made = Workflow.new("Shop", graph(*nodes, web()), owner=Person(user_id=owner))
        self.workflows.insert(made)
        return made

    def ids(self, **wanted: Any) -> list[str]:
        return [entry.definition.id for entry in self.plugins.browse(ADA, PluginFilter(**wanted), limit=100)[0]]


@pytest.fixture
def house() -> House:
    return House()


def test_what_comes_with_the_product_and_what_was_written_stand_in_one_list_by_name(house: House) -> None:
    house.plugins.create(ROOT, QUEUES)
    found, total, following = house.plugins.browse(ADA, PluginFilter(), limit=100)
    assert (len(found), total, following) == (len(builtin_plugins()) + 1, len(builtin_plugins()) + 1, None)
    assert [entry.order for entry in found] == sorted(entry.order for entry in found)
    assert {entry.definition.id: entry.revision for entry in found if entry.revision} == {"queues": 1}


def test_pages_follow_each_other_without_a_gap(house: House) -> None:
    seen: list[str] = []
    cursor: str | None = None
    while True:
        found, _, cursor = house.plugins.browse(ADA, PluginFilter(), limit=7, cursor=cursor)
        seen += [entry.definition.id for entry in found]
        if cursor is None:
            break
    assert seen == house.ids()
    with pytest.raises(InvalidInput):
        house.plugins.browse(ADA, PluginFilter(), cursor="no cursor")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"search": "QUEUES OF"}, ["queues"]),
        ({"search": "queues.example.com"}, ["queues"]),
        ({"search": "fifo"}, ["queues"]),
        ({"search": "nothing like this"}, []),
        ({"search": ".*"}, []),
        ({"search": "fifo", "category": "messaging"}, ["queues"]),
        ({"search": "fifo", "category": "database"}, []),
        ({"only_enabled": True}, []),
    ],
)
def test_a_list_is_filtered_by_text_category_and_choice(house: House, wanted: Json, expected: list[str]) -> None:
    keywords = {"node_types": [{**QUEUE, "keywords": ["FIFO"]}]}
    house.plugins.create(ROOT, PluginDefinition.model_validate({**PLUGIN, **keywords}))
    assert house.ids(**wanted) == expected


def test_categories_are_counted_with_what_was_written(house: House) -> None:
    before = house.plugins.categories(ADA)
    assert list(before) == sorted(before)
    assert sum(before.values()) == len(builtin_plugins())
    house.plugins.create(ROOT, QUEUES)
    assert house.plugins.categories(ADA) == {**before, "messaging": before["messaging"] + 1}


def test_each_enables_for_themselves(house: House) -> None:
    first = house.plugins.enable(ADA, "certmanager")
    assert first.enabled_at is not None
    assert house.plugins.enable(ADA, "certmanager").enabled_at == first.enabled_at, "enabling is safe to repeat"
    assert house.plugins.get(BOB, "certmanager").enabled_at is None
    assert house.ids(only_enabled=True) == ["certmanager"]
    assert house.plugins.disable(ADA, "certmanager").enabled_at is None
    assert house.plugins.disable(ADA, "certmanager").enabled_at is None
    assert house.ids(only_enabled=True) == []


def test_offers_are_the_node_types_of_what_is_enabled_by_the_plugins_names(house: House) -> None:
    assert house.plugins.offers(ADA) == []
    house.plugins.create(ROOT, QUEUES)
    for plugin_id in ("queues", "certmanager"):
        house.plugins.enable(ADA, plugin_id)
    assert [offer.type for offer in house.plugins.offers(ADA)] == [
        "plugin:certmanager/certificate",
        "plugin:certmanager/clusterissuer",
        "plugin:queues/queue",
    ]
    assert house.plugins.offers(BOB) == []
    house.plugins.delete(ROOT, "queues")
    assert "plugin:queues/queue" not in {offer.type for offer in house.plugins.offers(ADA)}


def test_own_plugins_are_written_read_and_replaced_by_revision(house: House) -> None:
    made = house.plugins.create(ROOT, QUEUES)
    assert (made.definition, made.revision) == (QUEUES, 1)
    renamed = QUEUES.model_copy(update={"name": "Rows"})
    assert house.plugins.update(ROOT, "queues", renamed, revision=1).revision == 2
    assert house.plugins.get(ADA, "queues").definition.name == "Rows"
    with pytest.raises(Conflict) as caught:
        house.plugins.update(ROOT, "queues", QUEUES, revision=1)
    assert (caught.value.code, caught.value.details) == ("revision-conflict", {"revision": 2})


@pytest.mark.parametrize("taken", ["queues", "certmanager"])
def test_an_id_is_taken_once(house: House, taken: str) -> None:
    house.plugins.create(ROOT, QUEUES)
    with pytest.raises(Conflict) as caught:
        house.plugins.create(ROOT, QUEUES.model_copy(update={"id": taken}))
    assert caught.value.code == "plugin-id-taken"


def test_a_plugin_keeps_its_id(house: House) -> None:
    house.plugins.create(ROOT, QUEUES)
    with pytest.raises(InvalidInput) as caught:
        house.plugins.update(ROOT, "queues", QUEUES.model_copy(update={"id": "other"}), revision=1)
    assert [field.path for field in caught.value.fields] == ["id"]


def test_there_are_only_so_many_own_plugins(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_OWN", 1)
    house.plugins.create(ROOT, QUEUES)
    with pytest.raises(LimitReached) as caught:
        house.plugins.create(ROOT, QUEUES.model_copy(update={"id": "other"}))
    assert caught.value.code == "too-many-plugins"


def test_what_comes_with_the_product_is_not_changed(house: House) -> None:
    for act in (
        lambda: house.plugins.delete(ROOT, "certmanager"),
        lambda: house.plugins.update(ROOT, "certmanager", QUEUES, revision=1),
    ):
        with pytest.raises(Conflict) as caught:
            act()
        assert caught.value.code == "plugin-built-in"


def test_only_administrators_write(house: House) -> None:
    house.plugins.create(ROOT, QUEUES)
    for act in (
        lambda: house.plugins.create(ADA, QUEUES),
        lambda: house.plugins.update(ADA, "queues", QUEUES, revision=1),
        lambda: house.plugins.delete(ADA, "queues"),
    ):
        with pytest.raises(Forbidden):
            act()
    assert house.plugins.get(ADA, "queues").revision == 1


def test_what_is_not_there_is_not_found(house: House) -> None:
    for act in (
        lambda: house.plugins.get(ADA, "ghost"),
        lambda: house.plugins.enable(ADA, "ghost"),
        lambda: house.plugins.disable(ADA, "ghost"),
        lambda: house.plugins.delete(ROOT, "ghost"),
        lambda: house.plugins.update(ROOT, "ghost", QUEUES.model_copy(update={"id": "ghost"}), revision=1),
    ):
        with pytest.raises(NotFound) as caught:
            act()
        assert caught.value.code == "plugin-not-found"


@pytest.mark.parametrize("definition", ["{", "{}", '{"id": "old", "surprise": 1}'])
def test_what_this_version_does_not_understand_is_left_out_and_logged(house: House, definition: str) -> None:
    house.keep("old", definition)
    with capture_logs() as lines:
        assert "old" not in house.ids()
    assert [(line["event"], line["plugin_id"]) for line in lines] == [("plugin_unreadable", "old")]
    with pytest.raises(NotFound):
        house.plugins.get(ADA, "old")
    house.plugins.delete(ROOT, "old")
    assert house.store.count() == 0


def test_the_products_plugin_stands_before_an_own_one_of_its_id(house: House) -> None:
    own = QUEUES.model_copy(update={"id": "certmanager"})
    house.keep("certmanager", own.model_dump_json(by_alias=True))
    assert house.plugins.get(ADA, "certmanager").definition == builtin_plugins()["certmanager"]
    assert house.ids().count("certmanager") == 1


def test_nodes_of_a_plugins_kinds_are_found_in_ones_own_workflows(house: House) -> None:
    mine = house.draw(
        "ada",
        ("queues.example.com/v1", "Queue"),
        ("queues.example.com/v2beta1", "Queue"),
        ("other.example.com/v1", "Queue"),
        ("queues.example.com/v1", "Topic"),
    )
    house.draw("bob", ("queues.example.com/v1", "Queue"))
    found = house.plugins.uses(ADA, QUEUES)
    assert [(use.workflow_id, use.node_id, use.node_name, use.kind) for use in found] == [
        (mine.id, "n0", "thing0", "Queue"),
        (mine.id, "n1", "thing1", "Queue"),
    ]


def test_a_deletion_tells_what_was_made_from_it(house: House) -> None:
    house.plugins.create(ROOT, QUEUES)
    house.draw("root", ("queues.example.com/v1", "Queue"))
    assert [use.node_id for use in house.plugins.delete(ROOT, "queues")] == ["n0"]
    assert house.store.count() == 0
