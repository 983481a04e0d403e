"""Undo of removals over HTTP: what a run has removed comes back into the graph, and what cannot come is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shared.clock import now
from shared.ids import new_id
from shared.people import Person as Author
from shared.platform import Platform
from shared.runs.models import Run, RunStatus, Tombstone, Trigger
from shared.runs.stores import Stores
from shared.updates import BEGINNING, topics
from shared.workflows.drawing.graph import Graph
from tests.fixtures.workflows.helpers import graph, node, web, wire
from tests.functional.web.conftest import Person

BEFORE = graph(
    web(replicas=0),
    node("key", "secret", keys=["PIN"]),
    node("door", "service", ports=[{"port": 80}]),
    wire("key", "web", "secret-env"),
    wire("door", "web"),
)
AFTER = graph(web(replicas=0))
Answer = tuple[int, dict[str, Any]]


class Shop:
    """A workflow whose first version was deployed, and of which a run has then removed two objects."""

    def __init__(self, person: Person, platform: Platform) -> None:
        self.person = person
        self.stores = Stores.over(platform)
        body = {"name": "shop", "namespace": "shop", **BEFORE.model_dump(mode="json")}
        self.id: str = person.call("POST", "/workflows", json=body).get_json()["id"]
        self.secret("1111")
        assert person.call("POST", f"/workflows/{self.id}/versions", json={}).get_json()["version"] == 1
        self.save(AFTER)
        self.run_id = self.removed("Secret shop/key", "Service shop/door")

    @property
    def workflow(self) -> dict[str, Any]:
        found: dict[str, Any] = self.person.call("GET", f"/workflows/{self.id}").get_json()
        return found

    @property
    def nodes(self) -> set[str]:
        return {node["id"] for node in self.workflow["nodes"]}

    def secret(self, pin: str) -> None:
        answer = self.person.call("PUT", f"/workflows/{self.id}/secrets/key", json={"values": {"PIN": pin}})
        assert answer.status_code == 200

    def save(self, drawn: Graph) -> None:
        headers = {"If-Match": f'"{self.workflow["revision"]}"'}
        body = drawn.model_dump(mode="json")
        assert self.person.call("POST", f"/workflows/{self.id}/save", json=body, headers=headers).status_code == 200

    def removed(self, *objects: str) -> str:
        """Store a run as it is after it has removed objects."""
        run = Run(
            id=new_id(),
            workflow_id=self.id,
            owner_id=self.person.id,
            cluster_id="c1",
            namespace="shop",
            version=2,
            status=RunStatus.COMPLETED,
            active=None,
            triggered_by=Trigger(user_id=self.person.id),
            created_at=now(),
            tombstones=[
                Tombstone(node_id=name.rpartition("/")[2], object=name, yaml=f"# {name}", version=1) for name in objects
            ],
        )
        self.stores.runs.insert(run)
        return run.id

    def look(self) -> dict[str, dict[str, Any]]:
        items = self.person.call("GET", f"/runs/{self.run_id}/removed").get_json()["items"]
        return {item["node_id"]: item for item in items}

    def undo(self, revision: int | None = None, person: Person | None = None, **more: Any) -> Answer:
        body = {"revision": revision or self.workflow["revision"], **more}
        answer = (person or self.person).call("POST", f"/runs/{self.run_id}/undo", json=body)
        return answer.status_code, answer.get_json()

    def values(self) -> bytes:
        versions = self.stores.secrets.current_versions(self.id, ["key"])
        return self.stores.secrets.read(self.id, versions).values["key"]["PIN"]


@pytest.fixture
def shop(bob: Person, platform: Platform) -> Shop:
    return Shop(bob, platform)


def test_everything_comes_back_as_an_ordinary_save(shop: Shop, platform: Platform) -> None:
    assert {item["can"] for item in shop.look().values()} == {"undo"}
    assert [(item["version"], item["in_graph"]) for item in shop.look().values()] == [(1, False), (1, False)]
    before = shop.workflow
    status, answer = shop.undo()
    assert (status, set(answer["returned"]), answer["skipped"]) == (200, {"key", "door"}, [])
    assert answer["workflow"] == shop.workflow
    assert shop.workflow["revision"] == before["revision"] + 1
    ends = {(edge["source"], edge["target"]) for edge in shop.workflow["edges"]}
    assert (shop.nodes, ends) == ({"web", "key", "door"}, {("key", "web"), ("door", "web")})
    updates, _ = platform.updates.read(topics.workflow(shop.id), BEGINNING)
    assert (updates[-1].event, updates[-1].data["revision"]) == ("saved", before["revision"] + 1)
    noted = platform.db["audit"].find_one({"action": "run.undo"})
    assert noted is not None
    assert noted["target"] == f"workflow:{shop.id}"
    # the objects themselves are the next run's
    assert [item["can"] for item in shop.look().values()] == ["nothing", "nothing"]
    assert shop.look()["door"]["why"] == "Its node is in the graph; the next run makes it again."


def test_a_second_undo_has_nothing_to_do(shop: Shop) -> None:
    shop.undo()
    revision = shop.workflow["revision"]
    status, answer = shop.undo()
    assert (status, answer["returned"], answer["workflow"]["revision"]) == (200, [], revision)
    assert {item["why"] for item in answer["skipped"]} == {"Its node is in the graph; the next run makes it again."}


def test_some_nodes_come_back_alone(shop: Shop) -> None:
    _, answer = shop.undo(nodes=["door"])
    assert (answer["returned"], shop.nodes) == (["door"], {"web", "door"})
    status, answer = shop.undo(nodes=["door", "other"])
    assert (status, answer["code"], [field["path"] for field in answer["fields"]]) == (422, "unknown-node", ["nodes.1"])


def test_a_secret_has_the_values_that_it_had(shop: Shop) -> None:
    shop.undo()
    assert shop.values() == b"1111"
    [first] = shop.stores.secrets.current_versions(shop.id, ["key"]).values()
    # written since, and then removed as well
    shop.secret("2222")
    shop.save(AFTER)
    shop.undo()
    assert shop.values() == b"1111"
    # what is the newest already is not written again
    [second] = shop.stores.secrets.current_versions(shop.id, ["key"]).values()
    shop.stores.secrets.bring_back(shop.id, "key", second, by=Author(user_id=shop.person.id))
    assert shop.stores.secrets.current_versions(shop.id, ["key"]) == {"key": second}
    assert first != second


def test_who_has_not_seen_the_last_save_is_refused(shop: Shop) -> None:
    status, answer = shop.undo(revision=1)
    assert (status, answer["code"], answer["revision"]) == (409, "revision-conflict", shop.workflow["revision"])
    assert shop.nodes == {"web"}


def test_a_renamed_node_is_not_taken_back(shop: Shop) -> None:
    shop.save(graph(web(replicas=0), node("door", "service", name="gate", ports=[{"port": 80}]), wire("door", "web")))
    _, answer = shop.undo()
    assert answer["returned"] == ["key"]
    [skipped] = answer["skipped"]
    assert (skipped["node_id"], skipped["object"]) == ("door", "Service shop/door")
    assert skipped["why"] == "Its node is in the graph as gate. Roll back to version 1, or rename it back to door."


def test_a_version_that_is_not_kept_leaves_the_yaml(shop: Shop, bob: Person) -> None:
    assert bob.call("DELETE", f"/workflows/{shop.id}/versions/1").status_code == 204
    revision = shop.workflow["revision"]
    status, answer = shop.undo()
    assert (status, answer["returned"], answer["workflow"]["revision"]) == (200, [], revision)
    assert answer["skipped"][0]["why"].startswith("Version 1, which had its node, is not kept any more.")
    assert shop.look()["door"]["yaml"] == "# Service shop/door"


def test_a_workflow_that_rests_or_is_gone_is_a_conflict(shop: Shop, bob: Person) -> None:
    assert bob.call("PUT", f"/workflows/{shop.id}/status", json={"status": "archived"}).status_code == 200
    status, answer = shop.undo()
    assert (status, answer["code"]) == (409, "archived")
    assert bob.call("DELETE", f"/workflows/{shop.id}").status_code == 204
    status, answer = shop.undo(revision=1)
    assert (status, answer["code"]) == (409, "workflow-deleted")
    assert {item["can"] for item in shop.look().values()} == {"nothing"}


def test_a_run_that_removed_nothing_has_nothing_to_undo(shop: Shop) -> None:
    shop.run_id = shop.removed()
    status, answer = shop.undo()
    assert (status, answer["code"]) == (422, "nothing-removed")


def test_a_list_of_runs_does_not_read_what_they_have_removed(shop: Shop) -> None:
    found, _, _ = shop.stores.runs.of_workflow(shop.id, limit=10, cursor=None)
    assert [(run.id, run.tombstones) for run in found] == [(shop.run_id, [])]
    assert len(shop.stores.runs.get(shop.run_id).tombstones) == 2


def test_a_run_of_somebody_else_does_not_exist(shop: Shop, sign_up: Callable[[str], Person]) -> None:
    assert shop.undo(person=sign_up("eve"))[0] == 404


@pytest.mark.parametrize("body", [{}, {"revision": 0}, {"revision": 1, "nodes": "door"}, {"revision": 1, "more": 1}])
def test_a_body_that_says_nothing_sensible_is_refused(shop: Shop, body: dict[str, Any]) -> None:
    assert shop.person.call("POST", f"/runs/{shop.run_id}/undo", json=body).status_code == 422
