"""The failure matrix of the engine: what goes wrong on real clusters, and what must hold then."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from shared.workflows.drawing.graph import Graph, Node
from tests.cluster.platform.conftest import Made
from tests.cluster.platform.test_plans import confirm, owned, settled
from tests.fixtures.workflows.helpers import graph, node, web
from tests.support.kube import Kube
from tests.support.wait import eventually

Make = Callable[..., Made]


def quota(configmaps: int) -> dict[str, Any]:
    # every namespace has one already, the certificate of its API server
    hard = {"configmaps": str(configmaps + 1)}
    return {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "small"}, "spec": {"hard": hard}}


def settings(count: int, **data: str) -> list[Node]:
    return [node(f"c{number}", "configmap", data={"A": "1", **data}) for number in range(count)]


def names(kube: Kube, made: Made, kinds: str = "configmaps") -> list[str]:
    return sorted(item["metadata"]["name"] for item in owned(kube, made, kinds))


def test_a_quota_that_ends_in_the_middle_leaves_a_state_that_goes_on(make: Make, kube: Kube) -> None:
    made = make(graph(*settings(9)))
    kube.apply(quota(5), namespace=made.namespace)

    def counted() -> bool:
        return "used" in kube.get("resourcequota/small", "-n", made.namespace).get("status", {})

    eventually(counted, timeout=20)
    run: dict[str, Any] = made.deploy(status="failed")
    assert "exceeded quota" in run["error"]["message"]
    # the certificate may have come after the quota was counted
    assert len(names(kube, made)) in {5, 6}
    states = {state["state"] for state in run["node_states"].values()}
    assert "failed" in states
    assert states <= {"failed", "skipped"}
    # what was made is known: dropping a node removes it, the rest is taken up
    kept = names(kube, made)
    kube.apply(quota(20), namespace=made.namespace)
    left = [found for found in settings(9) if found.id != kept[0]]
    made.save(graph(*left))
    summary = {}

    def done() -> bool:
        ended = made.person.ended(made.run())
        summary.update(ended["plan_summary"])
        return bool(ended["status"] == "completed")

    # the quota's controller needs a moment to see the new limit
    eventually(done, timeout=40)
    assert names(kube, made) == sorted(found.id for found in left)
    assert summary["unchanged"] >= 4


def test_a_field_that_is_not_ours_stays_as_others_want_it(make: Make, kube: Kube) -> None:
    made = make(graph(web(replicas=0)))
    made.deploy()
    kube.run("annotate", "deployment/web", "team=payments", "-n", made.namespace)
    kube.run("patch", "deployment/web", "-n", made.namespace, "-p", '{"spec":{"minReadySeconds":3}}')
    made.save(graph(web(replicas=0, image="nginx:2")))
    assert made.deploy()["plan_summary"] == {"update": 1}
    live = kube.get("deployment/web", "-n", made.namespace)
    assert live["metadata"]["annotations"]["team"] == "payments"
    assert live["spec"]["minReadySeconds"] == 3
    assert live["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:2"


def test_fifty_saves_delete_nothing(make: Make, kube: Kube) -> None:
    made = make(graph(*settings(3)))
    made.deploy()
    before = {item["metadata"]["uid"] for item in owned(kube, made, "configmaps")}
    for number in range(50):
        made.save(graph(*settings(3, B=str(number))) if number % 2 else Graph())
    made.save(graph(*settings(3)))
    assert {item["metadata"]["uid"] for item in owned(kube, made, "configmaps")} == before
    assert made.deploy()["plan_summary"] == {"unchanged": 3}


def test_saves_and_runs_at_once_never_mix(make: Make, kube: Kube) -> None:
    made = make(graph(*settings(2, ROUND="0")))
    made.deploy()

    def save(number: int) -> int:
        revision = made.person.get(f"/workflows/{made.id}")["revision"]
        body = graph(*settings(2, ROUND=str(number))).model_dump(mode="json")
        return made.person.send("POST", f"/workflows/{made.id}/save", body, If_Match=f'"{revision}"').status_code

    with ThreadPoolExecutor(max_workers=4) as pool:
        saved = pool.map(save, range(1, 13))
        runs = [made.person.send("POST", f"/workflows/{made.id}/run", {"queue": True}) for _ in range(3)]
    assert set(saved) <= {200, 409}
    ended = [settled(made.person, answer.json()["id"]) for answer in runs if answer.status_code == 202]
    assert {run["status"] for run in ended} == {"completed"}
    # both objects are of one and the same version
    assert len({item["data"]["ROUND"] for item in owned(kube, made, "configmaps")}) == 1


def test_a_rollback_after_a_deletion_makes_everything_again(make: Make, kube: Kube) -> None:
    made = make(graph(web(replicas=0), node("settings", "configmap", data={"A": "1"})))
    made.deploy()
    made.save(graph(web(replicas=0, image="nginx:2")))
    made.deploy()
    kube.run("delete", "deployment", "web", "-n", made.namespace)
    run = made.person.call("POST", f"/workflows/{made.id}/versions/1/rollback", {}, status=202)
    plan = settled(made.person, run["id"])
    assert plan["plan_summary"] == {"create": 2}
    confirm(made, plan)
    live = kube.get("deployment/web", "-n", made.namespace)
    assert live["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:1"
    assert kube.get("configmap/settings", "-n", made.namespace)["data"] == {"A": "1"}


def test_nothing_foreign_is_adopted_overwritten_or_pruned(make: Make, kube: Kube) -> None:
    """Objects of others with our names, our labels copied onto them, and names that ours had before."""
    made = make(graph(*settings(4)))
    made.deploy()
    labels = owned(kube, made, "configmaps")[0]["metadata"]["labels"]
    strangers = {
        # a name that the graph will have
        "c9": {"metadata": {"name": "c9"}, "data": {"OWNER": "them"}},
        # our labels on an object we never made, as an operator copies them
        "copied": {"metadata": {"name": "copied", "labels": labels}, "data": {"OWNER": "them"}},
        # a name that was ours: made again by somebody else
        "c1": {"metadata": {"name": "c1"}, "data": {"OWNER": "them"}},
    }
    kube.run("delete", "configmap", "c1", "-n", made.namespace)
    foreign = [{"apiVersion": "v1", "kind": "ConfigMap", **found} for found in strangers.values()]
    kube.apply(*foreign, namespace=made.namespace)
    made.save(graph(*settings(4), node("c9", "configmap", data={"A": "1"})))
    refused = made.deploy(status="failed")
    assert isinstance(refused["error"], dict)
    assert refused["error"]["code"] == "not-ours"
    # the nodes of foreign names are dropped: everything of ours goes, nothing of theirs
    made.save(graph(node("c0", "configmap", data={"A": "2"})))
    assert made.deploy()["plan_summary"] == {"update": 1, "prune": 2}
    found = {item["metadata"]["name"]: item for item in kube.get("configmaps", "-n", made.namespace)["items"]}
    for name in strangers:
        assert found[name]["data"] == {"OWNER": "them"}
    assert "c2" not in found
    # and with the whole workflow gone they are still there
    run = made.person.call("DELETE", f"/workflows/{made.id}?objects=teardown", status=202)
    assert settled(made.person, run["id"])["status"] == "completed"
    left = {item["metadata"]["name"] for item in kube.get("configmaps", "-n", made.namespace)["items"]}
    # a controller puts its own there, sooner or later
    assert left - {"kube-root-ca.crt"} == {*strangers}
