"""Undo of removals on a real cluster: what was pruned is made again as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.cluster.platform.conftest import Made
from tests.fixtures.workflows.helpers import graph, node, web, wire
from tests.support.kube import Kube

Make = Callable[..., Made]

WHOLE = graph(
    web(replicas=0, ports=[{"name": "http", "container_port": 80}]),
    node("key", "secret", keys=["PIN"]),
    node("door", "service", ports=[{"port": 80}]),
    wire("key", "web", "secret-env"),
    wire("door", "web"),
)
LESS = graph(web(replicas=0, ports=[{"name": "http", "container_port": 80}]))


def run(made: Made, path: str = "run", **body: Any) -> dict[str, Any]:
    started = made.person.call("POST", f"/workflows/{made.id}/{path}", body, status=202)
    ended = made.person.ended(started["id"])
    assert ended["status"] == "completed", ended["error"]
    return ended


def contents(kube: Kube, made: Made) -> dict[str, Any]:
    """Return what people would call the objects, by kind and name."""
    selector = f"kubeorch.io/workflow={made.id}"
    items = kube.get("deployments,services,secrets", "-n", made.namespace, "-l", selector)["items"]
    found = {}
    for item in items:
        content = {name: item.get(name) for name in ("spec", "data", "type")}
        # an address is another one each time
        for name in ("clusterIP", "clusterIPs"):
            (content["spec"] or {}).pop(name, None)
        found[f"{item['kind']} {item['metadata']['name']}"] = content
    return found


def deployed_then_pruned(make: Make, kube: Kube) -> tuple[Made, dict[str, Any], dict[str, Any]]:
    """Deploy everything, remove two nodes, and return also what there was and the run that pruned."""
    made = make(WHOLE)
    made.person.call("PUT", f"/workflows/{made.id}/secrets/key", {"values": {"PIN": "1111"}})
    made.deploy()
    before = contents(kube, made)
    assert set(before) == {"Deployment web", "Service door", "Secret key"}
    made.save(LESS)
    pruned = run(made, consent={"delete": [f"Secret {made.namespace}/key"]})
    assert pruned["plan_summary"] == {"update": 1, "prune": 2}
    assert set(contents(kube, made)) == {"Deployment web"}
    return made, before, pruned


def undo(made: Made, pruned: dict[str, Any]) -> dict[str, Any]:
    revision = made.person.get(f"/workflows/{made.id}")["revision"]
    found: dict[str, Any] = made.person.call("POST", f"/runs/{pruned['id']}/undo", {"revision": revision})
    return found


def test_what_was_pruned_is_made_again_as_it_was(make: Make, kube: Kube) -> None:
    made, before, pruned = deployed_then_pruned(make, kube)
    items = made.person.get(f"/runs/{pruned['id']}/removed")["items"]
    assert {(item["object"], item["version"], item["can"], item["again"]) for item in items} == {
        (f"Secret {made.namespace}/key", 1, "undo", False),
        (f"Service {made.namespace}/door", 1, "undo", False),
    }
    assert not [item for item in items if "MTExMQ" in item["yaml"]]
    answer = undo(made, pruned)
    assert (set(answer["returned"]), answer["skipped"]) == ({"key", "door"}, [])
    # the cluster is the next run's
    assert set(contents(kube, made)) == {"Deployment web"}
    assert undo(made, pruned)["returned"] == []
    assert run(made)["plan_summary"] == {"create": 2, "update": 1}
    assert contents(kube, made) == before
    assert [item["again"] for item in made.person.get(f"/runs/{pruned['id']}/removed")["items"]] == [True, True]
    assert run(made)["plan_summary"] == {"unchanged": 3}


def test_an_undo_after_a_rollback_agrees_with_the_cluster(make: Make, kube: Kube) -> None:
    made, before, pruned = deployed_then_pruned(make, kube)
    rolled = run(made, "versions/1/rollback", plan_first=False)
    assert rolled["plan_summary"] == {"create": 2, "update": 1}
    assert contents(kube, made) == before
    assert set(undo(made, pruned)["returned"]) == {"key", "door"}
    assert run(made)["plan_summary"] == {"unchanged": 3}
    assert contents(kube, made) == before


def test_a_collision_is_the_graphs_to_tell(make: Make, kube: Kube) -> None:
    made, _, pruned = deployed_then_pruned(make, kube)
    made.save(graph(*LESS.nodes, node("other", "service", name="door", ports=[{"port": 81}]), wire("other", "web")))
    assert set(undo(made, pruned)["returned"]) == {"key", "door"}
    issues = made.person.call("POST", f"/workflows/{made.id}/validate", {})["issues"]
    assert "duplicate-object" in {issue["code"] for issue in issues}
