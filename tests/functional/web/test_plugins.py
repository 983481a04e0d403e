"""Plugins over the API: looked through, enabled by each for themselves, written by administrators."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.functional.web.conftest import Person
from tests.support.files import ROOT
from web.services import services_of

Json = dict[str, Any]
PAGE = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
DOCUMENTED: Json = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])
QUEUE: Json = {
    **DOCUMENTED,
    "node_types": [
        {
            **{name: value for name, value in DOCUMENTED["node_types"][0].items() if name != "spec"},
            "fields": [
                {"path": "/size", "title": "Size", "type": "integer", "required": True, "default": 3, "minimum": 1},
                {"path": "/limits/0/kind.of~1it", "title": "Kind", "type": "string", "options": ["a", "b"]},
                {"path": "/tags", "in": "body", "title": "Tags", "type": "list"},
            ],
        }
    ],
}
"""The documented one with fields at places that are hard to name."""


def called(person: Person, method: str, path: str, status: int = 200, **more: Any) -> Json:
    answer = person.call(method, f"/plugins{path}", **more)
    assert answer.status_code == status, answer.text
    found: Json = answer.get_json()
    return found


def names(found: Json) -> list[str]:
    return [item["id"] for item in found["items"]]


def offered(person: Person, query: str = "") -> dict[str, Json]:
    items = person.call("GET", f"/node-types{query}").get_json()["items"]
    return {item["type"]: item for item in items if item["source"] == "plugin"}


def workflow(person: Person, *kinds: tuple[str, str]) -> Json:
    nodes = [
        {"id": f"n{number}", "type": "custom-resource", "data": {"name": "x", "api_version": version, "kind": kind}}
        for number, (version, kind) in enumerate(kinds)
    ]
    answer = person.call("POST", "/workflows", json={"name": "Shop", "nodes": nodes})
    assert answer.status_code == 201, answer.text
    found: Json = answer.get_json()
    return found


def test_plugins_are_listed_by_name_page_by_page(bob: Person) -> None:
    whole = called(bob, "GET", "?limit=100")
    assert (whole["total"], len(whole["items"]), whole["next_cursor"]) == (57, 57, None)
    titles = [item["name"].casefold() for item in whole["items"]]
    assert titles == sorted(titles)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        found = called(bob, "GET", f"?limit=20&cursor={cursor}")
        seen += names(found)
        cursor = found["next_cursor"]
    assert seen == names(whole)


def test_they_are_found_by_category_and_by_text_as_it_stands(bob: Person) -> None:
    databases = called(bob, "GET", "?category=database")
    assert "postgresql" in names(databases)
    assert {item["category"] for item in databases["items"]} == {"database"}
    assert names(called(bob, "GET", "?search=CLUSTERISSUER")) == ["certmanager"]
    assert names(called(bob, "GET", "?search=.*")) == []
    found = called(bob, "GET", "/categories")
    assert sum(item["plugins"] for item in found["items"]) == 57
    assert found["total"] == len(found["items"]) == 13


@pytest.mark.parametrize("query", ["category=toys", "limit=0", "cursor=abc", "other=1", f"search={'x' * 101}"])
def test_a_query_that_cannot_be_right_is_refused(bob: Person, query: str) -> None:
    for path in ("", "/enabled"):
        found = called(bob, "GET", f"{path}?{query}", 422)
        assert found["fields"][0]["path"] == query.partition("=")[0]


def test_each_enables_for_themselves_and_the_palette_follows(ada: Person, bob: Person) -> None:
    before = bob.call("GET", "/node-types")
    assert offered(bob) == {}
    enabled = called(bob, "POST", "/certmanager/enable")
    assert (enabled["enabled"], enabled["in_use"]) == (True, [])
    assert called(bob, "POST", "/certmanager/enable")["enabled_at"] == enabled["enabled_at"]
    after = bob.call("GET", "/node-types", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.get_json()["revision"] != before.get_json()["revision"]
    assert set(offered(bob)) == {"plugin:certmanager/certificate", "plugin:certmanager/clusterissuer"}
    assert names(called(bob, "GET", "/enabled")) == ["certmanager"]
    assert names(called(ada, "GET", "/enabled")) == []
    assert offered(ada) == {}
    assert called(bob, "POST", "/certmanager/disable")["enabled"] is False
    assert called(bob, "POST", "/certmanager/disable")["enabled_at"] is None
    again = bob.call("GET", "/node-types", headers={"If-None-Match": before.headers["ETag"]})
    assert again.status_code == 304


def test_without_its_cluster_the_palette_has_them_of_unknown_availability(bob: Person) -> None:
    away = {"name": "prod", "auth_type": "token", "server": "https://127.0.0.1:1", "token": "t", "save_untested": True}
    cluster_id = bob.call("POST", "/clusters", json=away).get_json()["id"]
    called(bob, "POST", "/postgresql/enable")
    item = offered(bob, f"?cluster={cluster_id}")["plugin:postgresql/pg-cluster"]
    assert item["availability"]["state"] == "unknown"


def test_disabling_names_the_nodes_in_use_and_leaves_them(ada: Person, bob: Person) -> None:
    used = workflow(
        bob,
        ("postgresql.cnpg.io/v1", "Cluster"),
        # the same word, of other groups and another type
        ("cluster.example.com/v1", "Cluster"),
        ("cert-manager.io/v1", "Certificate"),
    )
    workflow(ada, ("postgresql.cnpg.io/v1", "Cluster"))
    called(bob, "POST", "/postgresql/enable")
    found = called(bob, "POST", "/postgresql/disable")
    assert found["in_use"] == [
        {
            "workflow_id": used["id"],
            "workflow_name": "Shop",
            "node_id": "n0",
            "node_name": "x",
            "kind": "Cluster",
        }
    ]
    assert bob.call("GET", f"/workflows/{used['id']}").get_json()["nodes"] == used["nodes"]
    answer = bob.call("POST", f"/workflows/{used['id']}/validate", json={})
    assert (answer.status_code, answer.get_json()["issues"]) == (200, [])


def test_a_plugin_nobody_knows_does_not_exist(ada: Person) -> None:
    for method, path in (
        ("GET", "/nothing"),
        ("POST", "/nothing/enable"),
        ("POST", "/nothing/disable"),
        ("DELETE", "/nothing"),
    ):
        assert called(ada, method, path, 404)["code"] == "plugin-not-found"
    answer = called(ada, "PUT", "/queues", 404, json=QUEUE, headers={"If-Match": '"1"'})
    assert answer["code"] == "plugin-not-found"


def test_what_the_documentation_shows_is_taken(ada: Person) -> None:
    definitions = called(ada, "POST", "", 201, json=DOCUMENTED)["definitions"]
    assert [field["path"] for field in definitions[0]["fields"]] == ["/size", "/limits/0/kind"]


def test_an_administrator_writes_a_plugin_for_everybody(ada: Person, bob: Person) -> None:
    answer = ada.call("POST", "/plugins", json=QUEUE)
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
    assert answer.headers["Location"] == "/v1/api/plugins/queues"
    made = answer.get_json()
    assert (made["source"], made["revision"], made["definitions"][0]["fields"][2]["in"]) == ("own", 1, "body")
    assert names(called(bob, "GET", "?search=OUR own")) == ["queues"]
    called(bob, "POST", "/queues/enable")
    item = offered(bob)["plugin:queues/queue"]
    assert item["defaults"] == {"api_version": "queues.example.com/v1", "kind": "Queue", "spec": {"size": 3}}
    assert item["ui"]["/spec/limits/*/kind.of~1it"]["title"] == "Kind"
    assert item["schema"]["properties"]["body"]["properties"]["tags"]["type"] == "array"
    used = workflow(bob, ("queues.example.com/v1", "Queue"))
    mine = workflow(ada, ("queues.example.com/v1beta1", "Queue"))

    changed = {**QUEUE, "name": "Our queues"}
    assert called(ada, "PUT", "/queues", 428, json=changed)["code"] == "precondition-required"
    assert called(ada, "PUT", "/queues", json=changed, headers={"If-Match": '"1"'})["revision"] == 2
    stale = called(ada, "PUT", "/queues", 409, json=changed, headers={"If-Match": '"1"'})
    assert (stale["code"], stale["revision"]) == ("revision-conflict", 2)
    other = called(ada, "PUT", "/queues", 422, json={**QUEUE, "id": "other"}, headers={"If-Match": '"2"'})
    assert other["fields"][0]["path"] == "id"

    gone = called(ada, "DELETE", "/queues")
    assert [use["workflow_id"] for use in gone["in_use"]] == [mine["id"]]
    assert offered(bob) == {}
    assert names(called(bob, "GET", "/enabled")) == []
    assert bob.call("GET", f"/workflows/{used['id']}").get_json()["nodes"] == used["nodes"]
    # who had enabled it has not enabled the next one of this id
    called(ada, "POST", "", 201, json=QUEUE)
    assert called(bob, "GET", "/queues")["enabled"] is False


def test_members_may_not_write_plugins(ada: Person, bob: Person) -> None:
    called(ada, "POST", "", 201, json=QUEUE)
    called(bob, "POST", "", 403, json={**QUEUE, "id": "mine"})
    called(bob, "PUT", "/queues", 403, json=QUEUE, headers={"If-Match": '"1"'})
    called(bob, "DELETE", "/queues", 403)
    assert called(bob, "GET", "/queues")["revision"] == 1


def test_what_comes_with_the_product_stays_as_it_is(ada: Person) -> None:
    taken = {**QUEUE, "id": "certmanager"}
    assert called(ada, "POST", "", 409, json=taken)["code"] == "plugin-id-taken"
    assert called(ada, "PUT", "/certmanager", 409, json=taken, headers={"If-Match": '"1"'})["code"] == "plugin-built-in"
    assert called(ada, "DELETE", "/certmanager", 409)["code"] == "plugin-built-in"
    called(ada, "POST", "", 201, json=QUEUE)
    assert called(ada, "POST", "", 409, json=QUEUE)["code"] == "plugin-id-taken"


def test_there_are_only_so_many(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.plugins.actions.MOST_OWN", 1)
    called(ada, "POST", "", 201, json=QUEUE)
    assert called(ada, "POST", "", 429, json={**QUEUE, "id": "second"})["code"] == "too-many-plugins"


def field(**more: Any) -> Json:
    return {"path": "/size", "title": "Size", "type": "integer", **more}


def with_fields(*fields: Json, **more: Any) -> Json:
    return {**QUEUE, "node_types": [{**QUEUE["node_types"][0], "fields": list(fields), **more}]}


NODE = "node_types.0"
WRONG = [
    ({**QUEUE, "id": "Queues"}, "id"),
    ({**QUEUE, "id": "enabled"}, "id"),
    ({**QUEUE, "homepage": "javascript:alert(1)"}, "homepage"),
    ({**QUEUE, "category": "toys"}, "category"),
    ({**QUEUE, "node_types": []}, "node_types"),
    (with_fields(field(), group="apps"), f"{NODE}.group"),
    (with_fields(field(), kind="queue"), f"{NODE}.kind"),
    (with_fields(field(), versions=["1"]), f"{NODE}.versions.0"),
    (with_fields(), f"{NODE}.fields"),
    (with_fields(field(path="size")), f"{NODE}.fields.0.path"),
    (with_fields(field(path="/0")), f"{NODE}.fields.0.path"),
    (with_fields(field(path="/a" * 13)), f"{NODE}.fields.0.path"),
    (with_fields(field(default="3")), f"{NODE}.fields.0"),
    (with_fields(field(default=0, minimum=1)), f"{NODE}.fields.0"),
    (with_fields(field(options=["a"])), f"{NODE}.fields.0"),
    (with_fields(field(path="/metadata/name", **{"in": "body"})), f"{NODE}.fields.0"),
    (with_fields(field(type="string", pattern="(?<a>b)")), f"{NODE}.fields.0.pattern"),
    # refused at once, although some readers of patterns would try for ages
    (with_fields(field(type="string", pattern="^(a+)+$", default="a" * 40 + "!")), f"{NODE}.fields.0"),
    (with_fields(field(type="string", title="a\u0000b")), f"{NODE}.fields.0.title"),
    (with_fields(field(), field()), NODE),
    (with_fields(field(), field(path="/size/of")), NODE),
    (with_fields(field(path="/a/0/b"), field(path="/a/b")), NODE),
    (with_fields(field(), spec={"size": {"of": 1}, "much": "x" * 33_000}), ""),
    (with_fields(field(path="/a/b"), spec={"a": 1}), NODE),
]


@pytest.mark.parametrize(("body", "path"), WRONG)
def test_a_plugin_that_cannot_be_right_is_refused_with_the_place(ada: Person, body: Json, path: str) -> None:
    found = called(ada, "POST", "", 422, json=body)
    assert found["code"] == "invalid-input"
    assert path in [item["path"] for item in found["fields"]]


def test_deeds_are_noted(ada: Person, app: Any) -> None:
    called(ada, "POST", "", 201, json=QUEUE)
    called(ada, "POST", "/queues/enable")
    called(ada, "DELETE", "/queues")
    db = services_of(app).platform.db
    rows = db["audit"].find({"target": "plugin:queues"}).sort("_id", 1)
    assert [row["action"] for row in rows] == ["plugin.create", "plugin.enable", "plugin.delete"]


def test_a_plugin_this_version_cannot_read_is_left_out_and_can_be_deleted(ada: Person, app: Any) -> None:
    called(ada, "POST", "", 201, json=QUEUE)
    called(ada, "POST", "/queues/enable")
    services_of(app).platform.db["plugins"].update_one({"_id": "queues"}, {"$set": {"definition": '{"id": "queues"}'}})
    assert called(ada, "GET", "")["total"] == 57
    assert offered(ada) == {}
    assert called(ada, "DELETE", "/queues") == {"in_use": []}
