from __future__ import annotations

import io
import zipfile

from tests.fixtures.workflows.helpers import graph, node, web, wire
from tests.functional.web.conftest import Person

DRAWN = graph(web(replicas=2), node("settings", "configmap", data={"A": "1"}), wire("settings", "web", "config-env"))


def make(person: Person) -> str:
    body = {"name": "Shop", "namespace": "shop", **DRAWN.model_dump(mode="json")}
    found: str = person.call("POST", "/workflows", json=body).get_json()["id"]
    return found


def test_a_workflow_goes_out_and_comes_back_the_same(ada: Person) -> None:
    first = make(ada)
    exported = ada.call("GET", f"/workflows/{first}/export")
    assert exported.headers["Content-Disposition"] == 'attachment; filename="shop.yaml"'
    body = {"name": "Shop again", "text": exported.text, "namespace": "shop"}
    made = ada.call("POST", "/workflows/from-export", json=body)
    assert made.status_code == 201, made.text
    workflow = made.get_json()
    original = ada.call("GET", f"/workflows/{first}").get_json()
    assert (workflow["nodes"], workflow["edges"]) == (original["nodes"], original["edges"])
    assert workflow["id"] != first


def test_a_changed_or_strange_file_is_refused_with_the_reason(ada: Person) -> None:
    text = ada.call("GET", f"/workflows/{make(ada)}/export").text
    for sent, code in ((text.replace("replicas: 2", "replicas: 3"), "export-changed"), ("kind: Pod", "no-graph")):
        refused = ada.call("POST", "/workflows/from-export", json={"name": "x", "text": sent})
        assert (refused.status_code, refused.get_json()["code"]) == (422, code)


def test_folders_come_as_zips(ada: Person) -> None:
    workflow = make(ada)
    for form, member in (("kustomize", "shop/base/kustomization.yaml"), ("helm", "shop/values.yaml")):
        answer = ada.call("GET", f"/workflows/{workflow}/export?format={form}")
        assert answer.content_type == "application/zip"
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            assert member in archive.namelist()


def test_a_version_goes_out_as_it_was(ada: Person, bob: Person) -> None:
    workflow = make(ada)
    ada.call("POST", f"/workflows/{workflow}/versions", json={"tag": "v1"})
    changed = graph(web(replicas=5)).model_dump(mode="json")
    ada.call("POST", f"/workflows/{workflow}/save", json=changed, headers={"If-Match": '"1"'})
    assert "replicas: 2" in ada.call("GET", f"/workflows/{workflow}/export?version=1").text
    assert "replicas: 5" in ada.call("GET", f"/workflows/{workflow}/export").text
    assert ada.call("GET", f"/workflows/{workflow}/export?version=9").status_code == 404
    assert bob.call("GET", f"/workflows/{workflow}/export").status_code == 404


def test_a_graph_with_mistakes_says_where(ada: Person) -> None:
    body = {"name": "Broken", **graph(web(image="")).model_dump(mode="json")}
    workflow = ada.call("POST", "/workflows", json=body).get_json()["id"]
    refused = ada.call("GET", f"/workflows/{workflow}/export?format=helm")
    assert (refused.status_code, refused.get_json()["code"]) == (422, "graph-invalid")
    assert refused.get_json()["fields"][0]["path"].startswith("nodes.0.data")
