from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.clock import now
from shared.errors import Conflict, InvalidInput, NotFound
from shared.workflows.models import LastRun, Workflow
from shared.workflows.versions.models import NewVersion, VersionChanges
from tests.fixtures.workflows.helpers import graph, web
from tests.support.fakes.nouns import ANA, BOB, Nouns


class History(Nouns):
    """One workflow, and the verbs of its versions."""

    def __init__(self) -> None:
        super().__init__()
        self.id = self.draw().id

    @property
    def workflow(self) -> Workflow:
        return self.rows.get(self.id)

    def keep(self, **wanted: str) -> int:
        return self.versions.keep(ANA, self.id, NewVersion(**wanted)).version

    def save(self, replicas: int) -> None:
        self.workflows.save(ANA, self.id, graph(web(replicas=replicas)), revision=self.workflow.revision)

    def deploy(self, number: int) -> None:
        self.rows.run_started(self.id, "r1")
        ended = LastRun(id="r1", status="completed", version=number, finished_at=now())
        self.rows.run_finished(self.id, ended, succeeded=True)


@pytest.fixture
def shop() -> History:
    return History()


def test_a_kept_version_holds_the_graph_and_the_values_of_now(shop: History) -> None:
    shop.secrets.put(ANA, shop.id, "key", {"PIN": "1"})
    number = shop.keep(name="First")
    version = shop.versions.get(ANA, shop.id, number)
    assert (version.graph, version.secret_versions, version.automatic) == (shop.workflow.graph, {"key": "key-1"}, False)
    assert shop.workflow.current_version == number


def test_a_version_is_said_something_of_and_never_changed(shop: History) -> None:
    number = shop.keep(tag="stable")
    assert shop.versions.describe(ANA, shop.id, number, VersionChanges(name="Good")).tag == "stable"
    with pytest.raises(InvalidInput) as caught:
        shop.versions.describe(ANA, shop.id, number, VersionChanges())
    assert caught.value.code == "nothing-to-change"


def test_versions_are_compared_with_what_is_saved_or_deployed(shop: History) -> None:
    first = shop.keep()
    shop.save(3)
    second = shop.keep()
    with pytest.raises(InvalidInput) as caught:
        shop.versions.compare(ANA, shop.id, "deployed", "saved")
    assert caught.value.code == "not-deployed"
    shop.deploy(second)
    assert shop.versions.compare(ANA, shop.id, "deployed", "saved").nodes == []
    assert {node.node_id for node in shop.versions.compare(ANA, shop.id, first, "saved").nodes} == {"web", "key"}


def test_what_is_deployed_or_may_be_in_use_is_not_deleted(shop: History) -> None:
    first = shop.keep()
    shop.save(3)
    second = shop.keep()
    shop.deploy(first)
    with pytest.raises(Conflict) as caught:
        shop.versions.delete(ANA, shop.id, first)
    assert caught.value.code == "version-deployed"
    shop.rows.run_started(shop.id, "r2")
    with pytest.raises(Conflict) as caught:
        shop.versions.delete(ANA, shop.id, second)
    assert (caught.value.code, caught.value.details) == ("run-active", {"run_id": "r2"})
    ended = LastRun(id="r2", status="failed", version=second, finished_at=now())
    shop.rows.run_finished(shop.id, ended, succeeded=False)
    shop.versions.delete(ANA, shop.id, second)
    with pytest.raises(NotFound):
        shop.versions.get(ANA, shop.id, second)


def test_a_version_comes_back_as_a_save_and_a_version_of_its_own(shop: History) -> None:
    first = shop.keep()
    graph_then = shop.workflow.graph
    shop.save(3)
    shop.keep()
    shop.updates.published.clear()
    restored = shop.versions.restore(ANA, shop.id, first, revision=2)
    assert (restored.graph, restored.revision, restored.current_version) == (graph_then, 3, 3)
    assert shop.versions.get(ANA, shop.id, 3).restored_from == first
    assert [event for _, event, _ in shop.updates.published] == ["saved"]
    with pytest.raises(Conflict):
        shop.versions.restore(ANA, shop.id, first, revision=2)


def test_nobody_else_sees_versions(shop: History) -> None:
    number = shop.keep()
    deeds: list[Callable[[], object]] = [
        lambda: shop.versions.get(BOB, shop.id, number),
        lambda: shop.versions.list(BOB, shop.id, limit=5),
        lambda: shop.versions.keep(BOB, shop.id, NewVersion()),
        lambda: shop.versions.describe(BOB, shop.id, number, VersionChanges(name="x")),
        lambda: shop.versions.delete(BOB, shop.id, number),
        lambda: shop.versions.compare(BOB, shop.id, number, "saved"),
        lambda: shop.versions.restore(BOB, shop.id, number, revision=1),
    ]
    for deed in deeds:
        with pytest.raises(NotFound):
            deed()
