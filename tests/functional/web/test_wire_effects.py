from __future__ import annotations

from typing import Any

from tests.fixtures.workflows.helpers import graph, node, web, wire
from tests.functional.web.conftest import Person

STORED = graph(web(), node("token", "secret", keys=["PIN"]))
DRAWN = graph(*STORED.nodes, wire("token", "web", "secret-env", keys=[{"key": "PIN"}]))
[EDGE] = DRAWN.edges


def make(person: Person) -> str:
    body = {"name": "Shop", "namespace": "shop", **STORED.model_dump(mode="json")}
    workflow_id: str = person.call("POST", "/workflows", json=body).get_json()["id"]
    values = {"values": {"PIN": "canary-4711"}}
    assert person.call("PUT", f"/workflows/{workflow_id}/secrets/token", json=values).status_code == 200
    return workflow_id


def ask(person: Person, workflow_id: str, wires: list[str]) -> Any:
    body = {**DRAWN.model_dump(mode="json"), "wires": wires}
    return person.call("POST", f"/workflows/{workflow_id}/manifests", json=body)


def test_a_wire_of_an_unsaved_graph_tells_what_it_writes(ada: Person) -> None:
    answer = ask(ada, make(ada), [EDGE.id])
    assert answer.status_code == 200, answer.text
    [env] = [effect for effect in answer.get_json()["effects"] if "annotations" not in effect["path"]]
    source = {"secretKeyRef": {"name": "token", "key": "PIN"}}
    assert env == {
        "edge_id": EDGE.id,
        "node_id": "web",
        "object": {"api_version": "apps/v1", "kind": "Deployment", "namespace": "shop", "name": "web"},
        "path": "spec.template.spec.containers[web].env",
        "before": None,
        "after": [{"name": "PIN", "valueFrom": source}],
    }
    assert "canary-4711" not in answer.text
    assert [item["node_id"] for item in answer.get_json()["items"]] == ["token", "web"]


def test_wires_that_are_not_there_and_too_many_are_refused_with_their_place(ada: Person) -> None:
    workflow_id = make(ada)
    unknown = ask(ada, workflow_id, [EDGE.id, "gone"])
    assert (unknown.status_code, unknown.get_json()["code"]) == (422, "wire-unknown")
    assert unknown.get_json()["fields"] == [{"path": "wires.1", "message": "there is no wire gone"}]
    assert ask(ada, workflow_id, [f"w{index}" for index in range(21)]).status_code == 422


def test_without_wires_there_are_no_effects(ada: Person, bob: Person) -> None:
    workflow_id = make(ada)
    assert ada.call("GET", f"/workflows/{workflow_id}/manifests").get_json()["effects"] == []
    assert ask(bob, workflow_id, [EDGE.id]).status_code == 404
