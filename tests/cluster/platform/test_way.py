"""The whole way: from an account to objects that are healthy, and what people see when they meddle."""

from __future__ import annotations

import base64
import json
import urllib.request
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from shared.workflows.drawing.graph import Graph
from tests.cluster.platform.conftest import Made
from tests.fixtures.workflows.helpers import graph, node, web, wire
from tests.support.kube import Kube
from tests.support.person import Event, Person
from tests.support.platform import Platform
from tests.support.wait import eventually

Make = Callable[..., Made]
SHOP = graph(
    web(ports=[{"name": "http", "container_port": 8080}]),
    node("front", "service", ports=[{"name": "http", "port": 80, "target_port": "http"}]),
    node("config", "configmap", data={"GREETING": "hello"}),
    wire("front", "web", "service-selects"),
    wire("config", "web", "config-env"),
)


def is_node(node_id: str, state: str) -> Callable[[Event], bool]:
    return lambda event: (
        event.name == "node_update" and event.data["node_id"] == node_id and event.data["state"] == state
    )


def all_healthy(person: Person, workflow_id: str, nodes: set[str]) -> bool:
    found = person.statuses(workflow_id)
    assert set(found) == nodes, found
    assert {item["state"] for item in found.values()} == {"healthy"}, found
    return True


def test_from_an_account_to_healthy_objects(platform: Platform, simulated_kube: Kube) -> None:
    # other tests hurt the same platform
    before = Counter(platform.complaints())
    person = platform.register("grace")
    cluster_id = person.connect(simulated_kube.text)
    [starter] = person.get("/workflows")["items"]
    person.call("PUT", f"/workflows/{starter['id']}", {"cluster_id": cluster_id}, If_Match=f'"{starter["revision"]}"')
    workflow = person.follow_workflow(starter["id"])
    run_id = person.run(starter["id"])
    run = person.follow(f"/runs/{run_id}/stream")
    ended = run.until("complete")

    # every phase was told, in order, and the states of all nodes
    phases = [event.data["phase"] for event in run.events if event.name == "phase"]
    assert phases == ["planning", "applying", "waiting", "pruning"][-len(phases) :], run.names()
    assert {name: state["state"] for name, state in ended.data["run"]["node_states"].items()} == {
        "service": "ready",
        "web": "ready",
        "config": "ready",
    }
    for node_id in ("service", "web", "config"):
        workflow.until(is_node(node_id, "healthy"), timeout=15, what=f"{node_id} healthy")
    all_healthy(person, starter["id"], {"service", "web", "config"})

    # on the API server the objects say whose they are
    for kind, name, node_id in (
        ("deployment", "starter", "web"),
        ("service", "starter", "service"),
        ("configmap", "starter-config", "config"),
    ):
        live = simulated_kube.get(f"{kind}/{name}", "-n", "starter", "--show-managed-fields")
        labels = live["metadata"]["labels"]
        assert labels["app.kubernetes.io/managed-by"] == "kubeorch"
        assert (labels["kubeorch.io/workflow"], labels["kubeorch.io/node"]) == (starter["id"], node_id)
        assert "kubeorch" in {entry["manager"] for entry in live["metadata"]["managedFields"]}
    # the head tells the outcome
    head = person.get(f"/workflows/{starter['id']}")
    assert (head["run_count"], head["success_count"], head["active_run_id"]) == (1, 1, None)
    assert head["last_run"]["status"] == "completed"
    assert Counter(platform.complaints()) - before == Counter()
    person.call("DELETE", f"/clusters/{cluster_id}", status=204)
    person.close()


@pytest.mark.node
def test_the_starter_answers_over_its_cluster_ip(ada: Person, node_cluster: str, kube: Kube) -> None:
    [starter] = [item for item in ada.get("/workflows?q=starter")["items"] if item["name"] == "starter"]
    ada.call("PUT", f"/workflows/{starter['id']}", {"cluster_id": node_cluster}, If_Match=f'"{starter["revision"]}"')
    ada.deploy(starter["id"])
    # the address is what the card shows
    address = eventually(lambda: ada.statuses(starter["id"]).get("service", {}).get("address"), timeout=15)
    with urllib.request.urlopen(f"http://{address}/info", timeout=5) as answer:
        assert json.loads(answer.read())["greeting"] == "Hello from KubeOrch"
    eventually(lambda: all_healthy(ada, starter["id"], {"service", "web", "config"}), timeout=15)
    kube.run("delete", "namespace", "starter", "--wait=false")


def test_an_object_deleted_by_hand_is_missing_until_the_next_run(make: Make, kube: Kube) -> None:
    made = make(SHOP)
    stream = made.follow()
    made.deploy()
    healthy = stream.until(is_node("web", "healthy"))
    kube.run("delete", "deployment/web", "-n", made.namespace)
    missing = stream.until(is_node("web", "missing"), timeout=5, after=healthy)
    assert "Run the workflow" in missing.data["message"]
    made.deploy()
    stream.until(is_node("web", "healthy"), timeout=10, after=missing)
    assert kube.get("deployment/web", "-n", made.namespace)["status"]["readyReplicas"] == 1


def test_an_object_of_somebody_else_is_never_adopted(make: Make, kube: Kube, namespace: str) -> None:
    foreign = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "config"}, "data": {"OWNER": "somebody"}}
    kube.apply(foreign, namespace=namespace)
    before = kube.get("configmap/config", "-n", namespace)
    made = make(SHOP)
    run = made.person.deploy(made.id, status="failed")
    assert run["error"]["code"] == "not-ours"
    assert run["error"]["node_id"] == "config"
    assert "does not belong to this workflow" in run["error"]["message"]
    assert kube.get("configmap/config", "-n", namespace) == before
    # nothing else was begun either
    assert kube.get("deployments,services", "-n", namespace)["items"] == []
    assert run["node_states"]["web"]["state"] == "skipped"


def test_an_object_of_another_workflow_is_never_adopted(make: Make, kube: Kube) -> None:
    first, second = make(SHOP, "first"), make(SHOP, "second")
    first.deploy()
    uid = kube.get("deployment/web", "-n", first.namespace)["metadata"]["uid"]
    run = second.person.deploy(second.id, status="failed")
    assert run["error"]["code"] == "not-ours"
    live = kube.get("deployment/web", "-n", first.namespace)["metadata"]
    assert (live["uid"], live["labels"]["kubeorch.io/workflow"]) == (uid, first.id)


def test_what_the_graph_has_no_longer_is_pruned_and_nothing_else(make: Make, kube: Kube) -> None:
    claim = node("data", "persistentvolumeclaim", storage="1Gi")
    made = make(graph(*SHOP.nodes, *SHOP.edges, claim))
    foreign = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "foreign"}, "data": {"A": "1"}}
    # carries our workflow's labels, but no run of ours made it
    lookalike = {**foreign, "metadata": {"name": "lookalike", "labels": _labels_of(made.id, "config")}}
    kube.apply(foreign, lookalike, namespace=made.namespace)
    made.deploy()
    stream = made.follow()
    eventually(lambda: "config" in made.person.statuses(made.id), timeout=10)
    # the deployment gets another name, the config map and the claim go
    made.save(
        graph(
            node("web", "deployment", name="site", image="nginx:1", ports=[{"name": "http", "container_port": 8080}]),
            SHOP.by_id["front"],
            wire("front", "web", "service-selects"),
        )
    )
    run = made.person.deploy(made.id)
    names = _names(kube, "deployments,configmaps,services,persistentvolumeclaims", made.namespace)
    assert names == {
        ("Deployment", "site"),
        ("Service", "front"),
        ("ConfigMap", "foreign"),
        ("ConfigMap", "lookalike"),
        ("PersistentVolumeClaim", "data"),
    }
    assert run["node_states"]["config"]["state"] == "pruned"
    assert run["plan_summary"]["prune"] == 2
    kept = [entry["text"] for entry in run["logs"] if entry["text"].startswith("Kept")]
    assert kept == [f"Kept PersistentVolumeClaim {made.namespace}/data: it holds data."]
    # its card goes as well
    stream.until(
        lambda event: (
            event.name == "workflow_sync" and "config" not in {item["node_id"] for item in event.data["node_statuses"]}
        ),
        timeout=10,
    )


def _labels_of(workflow_id: str, node_id: str) -> dict[str, str]:
    return {
        "app.kubernetes.io/managed-by": "kubeorch",
        "kubeorch.io/workflow": workflow_id,
        "kubeorch.io/node": node_id,
    }


def _names(kube: Kube, kinds: str, namespace: str) -> set[tuple[str, str]]:
    found = kube.get(kinds, "-n", namespace)["items"]
    names = {
        (item["kind"], item["metadata"]["name"]) for item in found if not item["metadata"].get("deletionTimestamp")
    }
    return names - {("ConfigMap", "kube-root-ca.crt")}


def test_changed_configuration_rolls_the_pods(make: Make, kube: Kube) -> None:
    made = make(SHOP)
    made.deploy()
    before = _pods(kube, made)
    changed = node("config", "configmap", data={"GREETING": "good evening"})
    made.save(graph(*(changed if item.id == "config" else item for item in SHOP.nodes), *SHOP.edges))
    run = made.person.deploy(made.id)
    assert run["plan_summary"] == {"update": 2, "unchanged": 1}
    assert run["node_states"]["front"]["state"] == "unchanged"
    after = eventually(lambda: {pod for pod in _pods(kube, made) if pod not in before}, timeout=15)
    assert after
    eventually(lambda: _pods(kube, made) == after, timeout=20, what="the old pods are gone")
    eventually(lambda: all_healthy(made.person, made.id, {"web", "front", "config"}), timeout=10)


def _pods(kube: Kube, made: Made) -> set[str]:
    pods = kube.get("pods", "-n", made.namespace, "-l", f"kubeorch.io/workflow={made.id}")["items"]
    return {pod["metadata"]["name"] for pod in pods}


def test_the_same_again_sends_nothing(make: Make, kube: Kube) -> None:
    made = make(SHOP)
    made.deploy()
    before = _versions(kube, made)
    run = made.person.deploy(made.id)
    assert run["plan_summary"] == {"unchanged": 3}
    assert {state["state"] for state in run["node_states"].values()} == {"unchanged"}
    assert _versions(kube, made) == before
    assert run["version"] == 1


def _versions(kube: Kube, made: Made) -> dict[str, Any]:
    found = kube.get("deployments,services,configmaps", "-n", made.namespace)["items"]
    return {
        f"{item['kind']}/{item['metadata']['name']}": item["metadata"][
            "generation" if "generation" in item["metadata"] else "uid"
        ]
        for item in found
    }


def test_what_somebody_changed_of_ours_is_put_back(make: Make, kube: Kube) -> None:
    made = make(SHOP)
    made.deploy()
    kube.run("patch", "configmap/config", "-n", made.namespace, "--type=merge", "-p", '{"data":{"OTHER":"theirs"}}')
    kube.run(
        "patch", "deployment/web", "-n", made.namespace, "--type=merge", "-p", '{"metadata":{"labels":{"team":"a"}}}'
    )
    run = made.person.deploy(made.id)
    # fields that are not ours stay, and nothing is sent for them
    assert run["plan_summary"] == {"unchanged": 3}
    assert kube.get("configmap/config", "-n", made.namespace)["data"] == {"GREETING": "hello", "OTHER": "theirs"}
    kube.run("patch", "configmap/config", "-n", made.namespace, "--type=merge", "-p", '{"data":{"GREETING":"theirs"}}')
    refused = made.person.deploy(made.id, status="failed")
    assert refused["error"]["code"] == "cluster-conflict"
    assert "kubectl-patch" in refused["error"]["message"]
    assert kube.get("configmap/config", "-n", made.namespace)["data"]["GREETING"] == "theirs"


def test_a_missing_namespace_is_made(ada: Person, simulated_cluster: str, simulated_kube: Kube, namespace: str) -> None:
    fresh = f"{namespace}-fresh"
    workflow_id = ada.create(
        "fresh", Graph(nodes=SHOP.nodes, edges=SHOP.edges), cluster_id=simulated_cluster, namespace=fresh
    )
    run = ada.deploy(workflow_id)
    assert f"Made the namespace {fresh}." in [entry["text"] for entry in run["logs"]]
    live = simulated_kube.get(f"namespace/{fresh}")
    assert live["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "kubeorch"
    simulated_kube.run("delete", "namespace", fresh, "--wait=false")


def test_nodes_of_any_kind_get_a_status(make: Make, kube: Kube) -> None:
    budget = node("budget", "poddisruptionbudget", min_available="1")
    made = make(graph(web(), node("robot", "serviceaccount"), budget, wire("budget", "web"), wire("robot", "web")))
    made.deploy()
    eventually(lambda: all_healthy(made.person, made.id, {"web", "robot", "budget"}), timeout=15)
    kube.run("delete", "serviceaccount/robot", "-n", made.namespace)
    eventually(lambda: made.person.statuses(made.id)["robot"]["state"] == "missing", timeout=10)


def test_credentials_of_one_namespace_see_what_is_there(ada: Person, simulated_kube: Kube, namespace: str) -> None:
    simulated_kube.run("create", "serviceaccount", "deployer", "-n", namespace)
    simulated_kube.run(
        "create",
        "rolebinding",
        "deployer",
        "-n",
        namespace,
        "--clusterrole=edit",
        f"--serviceaccount={namespace}:deployer",
    )
    # the API server hears of a new binding a moment later
    who = f"--as=system:serviceaccount:{namespace}:deployer"
    eventually(
        lambda: (
            simulated_kube.run("auth", "can-i", "create", "deployments", "-n", namespace, who, check=False).strip()
            == "yes"
        )
    )
    body = {
        "name": f"narrow-{namespace}",
        "auth_type": "token",
        "server": simulated_kube.server,
        "token": simulated_kube.run("create", "token", "deployer", "-n", namespace).strip(),
        "ca_certificate": _authority(simulated_kube),
        "namespace": namespace,
    }
    cluster_id = ada.call("POST", "/clusters", body, status=201)["id"]
    workflow_id = ada.create("narrow", SHOP, cluster_id=cluster_id, namespace=namespace)
    ada.deploy(workflow_id)
    eventually(lambda: all_healthy(ada, workflow_id, {"web", "front", "config"}), timeout=20)
    simulated_kube.run("delete", "configmap/config", "-n", namespace)
    eventually(lambda: ada.statuses(workflow_id)["config"]["state"] == "missing", timeout=10)
    ada.call("DELETE", f"/clusters/{cluster_id}", status=204)


def _authority(kube: Kube) -> str:
    loaded = yaml.safe_load(kube.text)
    return base64.b64decode(loaded["clusters"][0]["cluster"]["certificate-authority-data"]).decode()
