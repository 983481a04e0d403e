from __future__ import annotations

import io
import zipfile

from tests.fixtures.workflows.helpers import graph, web
from tests.functional.web.conftest import Person

OVERLAY = {"spec": {"minReadySeconds": 7, "revisionHistoryLimit": None}}
PLAIN, OVERLAID = graph(web()), graph(web(overlay=OVERLAY))


def make(person: Person) -> str:
    body = {"name": "Shop", "namespace": "shop", **PLAIN.model_dump(mode="json")}
    workflow_id: str = person.call("POST", "/workflows", json=body).get_json()["id"]
    assert person.call("POST", f"/workflows/{workflow_id}/versions", json={"tag": "v1"}).status_code == 201
    saved = person.call(
        "POST",
        f"/workflows/{workflow_id}/save",
        json=OVERLAID.model_dump(mode="json"),
        headers={"If-Match": '"1"'},
    )
    assert saved.status_code == 200, saved.text
    return workflow_id


def test_an_overlay_is_saved_compiled_and_a_change_of_a_version(ada: Person) -> None:
    place = f"/workflows/{make(ada)}"
    assert ada.call("GET", place).get_json()["nodes"][0]["data"]["overlay"] == OVERLAY
    [item] = ada.call("GET", f"{place}/manifests").get_json()["items"]
    assert item["manifest"]["spec"]["minReadySeconds"] == 7
    assert "revisionHistoryLimit" not in item["manifest"]["spec"]
    assert ada.call("POST", f"{place}/versions", json={"tag": "v2"}).get_json()["version"] == 2
    [node] = ada.call("GET", f"{place}/versions/compare?v1=1&v2=2").get_json()["nodes"]
    assert [change["path"] for change in node["changes"]] == ["data.overlay"]


def test_an_overlay_goes_out_with_every_export_and_comes_back(ada: Person) -> None:
    place = f"/workflows/{make(ada)}"
    exported = ada.call("GET", f"{place}/export")
    assert "minReadySeconds: 7" in exported.text
    again = ada.call("POST", "/workflows/from-export", json={"name": "Again", "text": exported.text})
    assert again.get_json()["nodes"][0]["data"]["overlay"] == OVERLAY
    for form in ("kustomize", "helm"):
        with zipfile.ZipFile(io.BytesIO(ada.call("GET", f"{place}/export?format={form}").data)) as archive:
            assert any(b"minReadySeconds: 7" in archive.read(name) for name in archive.namelist())


def test_what_is_not_for_overlays_is_said_at_its_place(ada: Person) -> None:
    body = graph(web(overlay={"metadata": {"name": "other"}})).model_dump(mode="json")
    answer = ada.call("POST", f"/workflows/{make(ada)}/validate", json=body).get_json()
    found = [(issue["path"], issue["code"], issue["severity"]) for issue in answer["issues"]]
    assert ("/overlay/metadata/name", "overlay-forbidden", "error") in found
