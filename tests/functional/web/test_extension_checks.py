"""Checking a graph whose nodes are of extensions' kinds: the cluster's definitions are asked, once and not for long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from shared.platform import Platform
from tests.fixtures.workflows.crds import DATABASE, DATABASE_SPEC, crd, established
from tests.functional.web.conftest import Person
from tests.support.fake_api import Answer, FakeApi

DEFINITIONS = {"kind": "CustomResourceDefinitionList", "items": [established(crd("Database", DATABASE))]}


@pytest.fixture
def fake() -> Iterator[FakeApi]:
    with FakeApi() as made:
        made.always = Answer(200, DEFINITIONS)
        yield made


@pytest.fixture
def cluster_id(bob: Person, fake: FakeApi) -> str:
    body = {"name": "prod", "auth_type": "token", "server": fake.url, "token": "t", "save_untested": True}
    found: str = bob.call("POST", "/clusters", json=body).get_json()["id"]
    fake.requests.clear()
    return found


def node(**spec: Any) -> dict[str, Any]:
    data = {"name": "db", "api_version": "shop.example.com/v1", "kind": "Database", "spec": {**DATABASE_SPEC, **spec}}
    return {"id": "db", "type": "custom-resource", "position": {"x": 0, "y": 0}, "data": data}


def check(person: Person, cluster_id: str | None, *nodes: dict[str, Any]) -> list[dict[str, Any]]:
    body = {"name": "shop", **({"cluster_id": cluster_id} if cluster_id else {})}
    workflow = person.call("POST", "/workflows", json=body).get_json()
    answer = person.call("POST", f"/workflows/{workflow['id']}/validate", json={"nodes": list(nodes), "edges": []})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.get_json()["issues"]
    return found


def test_a_field_is_compared_with_the_clusters_definition(bob: Person, cluster_id: str) -> None:
    assert check(bob, cluster_id, node()) == []
    [issue] = check(bob, cluster_id, node(ratio=3))
    assert (issue["node_id"], issue["path"], issue["code"]) == ("db", "/spec/ratio", "crd-too-large")
    assert issue["message"] == "spec.ratio must be at most 1."


def test_the_definitions_are_asked_for_once_in_a_while(bob: Person, cluster_id: str, fake: FakeApi) -> None:
    for _ in range(5):
        check(bob, cluster_id, node())
    assert len([request for request in fake.requests if "customresourcedefinitions" in request.path]) == 1


def test_a_cluster_that_cannot_be_asked_is_one_doubt(bob: Person, cluster_id: str, fake: FakeApi) -> None:
    fake.always = Answer(500, {"kind": "Status", "message": "etcd is away"})
    second = {**node(), "id": "second", "data": {**node()["data"], "name": "second"}}
    [issue] = check(bob, cluster_id, node(ratio=3), second)
    assert (issue["code"], issue["severity"], issue["node_id"]) == ("not-checked", "warning", None)


def test_a_cluster_that_is_known_to_be_away_is_not_waited_for(
    bob: Person, cluster_id: str, fake: FakeApi, platform: Platform
) -> None:
    away = {"status": "unreachable", "status_reason": "prod did not answer within 5 s."}
    platform.db["clusters"].update_one({"_id": cluster_id}, {"$set": away})
    [issue] = check(bob, cluster_id, node(ratio=3))
    assert issue["code"] == "not-checked"
    assert issue["message"].endswith("prod did not answer within 5 s.")
    assert fake.requests == []


def test_a_cluster_that_does_not_tell_its_kinds_is_one_doubt(bob: Person, cluster_id: str, fake: FakeApi) -> None:
    # it is too old to tell all kinds at once, and its definitions may not be listed
    fake.always = None
    fake.answers = [Answer(403, {"kind": "Status", "message": "no"}), *[Answer(200, {"items": []})] * 2]
    [issue] = check(bob, cluster_id, node(ratio=3))
    assert (issue["code"], issue["severity"]) == ("not-checked", "warning")
    assert "may not list CustomResourceDefinitions" in issue["message"]


def test_without_a_cluster_nothing_is_compared(bob: Person, cluster_id: str, fake: FakeApi) -> None:
    del cluster_id
    assert check(bob, None, node(ratio=3)) == []
    assert fake.requests == []


def test_kinds_of_kubernetes_need_no_question(bob: Person, cluster_id: str, fake: FakeApi) -> None:
    config = {"id": "c", "type": "configmap", "position": {"x": 0, "y": 0}, "data": {"name": "c", "data": {"A": "b"}}}
    assert check(bob, cluster_id, config) == []
    assert fake.requests == []


def test_definitions_that_make_no_sense_are_no_failure(bob: Person, cluster_id: str, fake: FakeApi) -> None:
    senseless = established(crd("Database", {"type": 5, "properties": {"spec": {"required": 1, "enum": {}}}}))
    fake.always = Answer(200, {"items": [senseless, {"spec": []}, 5, None]})
    assert check(bob, cluster_id, node()) == []
