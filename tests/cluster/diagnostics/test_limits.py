"""What a fix may not do, and what a diagnosis does with strangers, lost clusters and narrow credentials."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from shared.kubernetes.client import ClusterClient
from shared.kubernetes.connection.credentials import parse_kubeconfig
from shared.kubernetes.objects import ObjectRef
from tests.cluster.diagnostics.conftest import HTTP, Choose
from tests.fixtures.workflows.helpers import graph, node, web, wire
from tests.support.kube import Kube
from tests.support.person import Person
from tests.support.platform import Platform


def test_a_fix_is_applied_only_as_it_was_shown(patient: Choose, platform: Platform) -> None:
    drawn = graph(
        web(**HTTP), node("front", "service", ports=[{"port": 80, "target_port": "9090"}]), wire("front", "web")
    )
    front = patient(drawn, "front")
    front.made.deploy()
    front.until("ports", "warn", fix="service-target-port")
    shown = front.preview("service-target-port")
    refused = front.post("image", shown["digest"])
    assert (refused.status_code, refused.json()["code"]) == (422, "fix-not-offered")
    assert refused.json()["offered"] == ["service-target-port"]
    assert front.person.send("GET", f"{front.path}/fix-template/rm-rf").status_code == 422
    # somebody saves meanwhile
    front.made.save(graph(*drawn.nodes, node("more", "configmap", data={"A": "1"}), *drawn.edges))
    refused = front.post("service-target-port", shown["digest"])
    assert (refused.status_code, refused.json()["code"]) == (409, "fix-changed")
    workflow = front.person.get(f"/workflows/{front.made.id}")
    assert {item["id"] for item in workflow["nodes"]} == {"web", "front", "more"}
    assert (
        next(item for item in workflow["nodes"] if item["id"] == "front")["data"]["ports"][0]["target_port"] == "9090"
    )
    front.put_right("service-target-port")
    # what was done is not done twice: the live port is still the old one, the graph has the new one
    assert front.post("service-target-port", shown["digest"]).json()["code"] == "fix-not-offered"
    with platform.database() as database:
        rows = list(database["audit"].find({"target": f"workflow:{front.made.id}", "action": {"$regex": "^fix"}}))
    assert [(row["action"], row["actor_id"]) for row in rows] == [("fix.service-target-port", front.person.id)]


@pytest.fixture
def stranger(platform: Platform) -> Iterator[Person]:
    person = platform.register(f"s{uuid.uuid4().hex[:8]}")
    yield person
    person.close()


def test_strangers_and_drawings_and_lost_clusters(patient: Choose, stranger: Person, ada: Person) -> None:
    app = patient(graph(web(**HTTP), node("text", "note")), "web")
    for method, path, body in (
        ("GET", f"{app.path}/diagnostics", None),
        ("GET", f"{app.path}/fix-template/image", None),
        ("POST", f"{app.path}/fix", {"fix_type": "image", "digest": "x"}),
    ):
        assert stranger.send(method, path, body).status_code == 404
    missing = ada.send("GET", f"/workflows/{app.made.id}/nodes/nobody/diagnostics")
    assert (missing.status_code, missing.json()["code"]) == (404, "node-not-found")
    drawing = ada.send("GET", f"/workflows/{app.made.id}/nodes/text/diagnostics")
    assert (drawing.status_code, drawing.json()["code"]) == (422, "nothing-to-diagnose")
    target: dict[str, Any] = {
        "name": f"away-{uuid.uuid4().hex[:6]}",
        "auth_type": "token",
        "server": "https://127.0.0.1:1",
        "token": "t",
        "save_untested": True,
    }
    away = ada.call("POST", "/clusters", target, status=201)["id"]
    lost = ada.create("lost", graph(web()), cluster_id=away, namespace="default")
    found = ada.get(f"/workflows/{lost}/nodes/web/diagnostics")
    [check] = found["checks"]
    assert (found["state"], check["id"], check["state"]) == ("fail", "cluster", "fail")
    assert "refused the connection" in check["detail"]
    assert "Check that the API server runs" in check["remedy"]
    assert ada.send("GET", f"/workflows/{lost}/nodes/web/fix-template/image").status_code == 503
    free = ada.create("free", graph(web()), cluster_id=None, namespace="default")
    refused = ada.send("GET", f"/workflows/{free}/nodes/web/diagnostics")
    assert (refused.status_code, refused.json()["code"]) == (422, "no-cluster")
    ada.call("DELETE", f"/clusters/{away}", status=204)


def test_an_object_of_somebody_else_is_not_touched(patient: Choose, kube: Kube) -> None:
    app = patient(graph(web()), "web")
    theirs = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {
            "selector": {"matchLabels": {"a": "b"}},
            "template": {
                "metadata": {"labels": {"a": "b"}},
                "spec": {"containers": [{"name": "web", "image": "localhost/simulate-crash:1"}]},
            },
        },
    }
    kube.apply(theirs, namespace=app.made.namespace)
    found = app.checks()
    assert list(found) == ["exists"]
    assert "belongs to somebody else" in found["exists"]["detail"]
    assert app.post("restart-rollout", "x").json()["code"] == "fix-not-offered"


def test_of_a_secret_the_server_gives_names_and_no_values(kube: Kube, client: ClusterClient, namespace: str) -> None:
    kube.run("create", "secret", "generic", "key", "-n", namespace, "--from-literal=pin=very-secret-pin")
    found = client.get_metadata(ObjectRef("v1", "Secret", namespace, "key"))
    assert client.get_metadata(ObjectRef("v1", "Secret", namespace, "other")) is None
    assert found is not None
    assert set(found) == {"apiVersion", "kind", "metadata"}
    assert "f:pin" in str(found["metadata"]["managedFields"])


def test_credentials_of_one_namespace_see_what_they_may(
    patient: Choose, kube: Kube, ada: Person, namespace: str
) -> None:
    kube.run("create", "serviceaccount", "edit", "-n", namespace)
    kube.run(
        "create", "rolebinding", "edit", "--clusterrole=edit", f"--serviceaccount={namespace}:edit", "-n", namespace
    )
    token = kube.run("create", "token", "edit", "-n", namespace).strip()
    credentials = parse_kubeconfig(kube.text)
    wanted: dict[str, Any] = {
        "name": f"narrow-{namespace}",
        "auth_type": "token",
        "server": kube.server,
        "token": token,
        "ca_certificate": credentials.ca_certificate,
        "namespace": namespace,
    }
    narrow = ada.call("POST", "/clusters", wanted, status=201)["id"]
    drawn = graph(web(**HTTP), node("front", "service", type="NodePort", ports=[{"port": 80}]), wire("front", "web"))
    made = ada.create("narrow", drawn, cluster_id=narrow, namespace=namespace)
    ada.deploy(made)
    found = {check["id"]: check for check in ada.get(f"/workflows/{made}/nodes/front/diagnostics")["checks"]}
    assert found["endpoints"]["state"] == "pass"
    assert found["cluster-dns"]["state"] == "skip"
    assert "forbidden" in found["cluster-dns"]["detail"]
    assert "At every machine on port " in found["outside"]["detail"]
    ada.call("DELETE", f"/workflows/{made}?objects=orphan", status=204)
    ada.call("DELETE", f"/clusters/{narrow}", status=204)
