"""Node types and facts of a cluster over the API: who may ask, and what is answered when the cluster is away."""

from __future__ import annotations

from typing import Any

import pytest

from tests.functional.web.conftest import Person
from tests.support.fake_api import Answer, FakeApi

AWAY = {"name": "prod", "auth_type": "token", "server": "https://127.0.0.1:1", "token": "t", "save_untested": True}
FACTS = ("crds", "namespaces", "permissions", "options/storage-classes")


@pytest.fixture
def cluster_id(bob: Person) -> str:
    found: str = bob.call("POST", "/clusters", json=AWAY).get_json()["id"]
    return found


def states(answer: Any) -> set[str]:
    return {item["availability"]["state"] for item in answer.get_json()["items"]}


def test_without_a_cluster_the_core_types_are_served_with_an_etag(bob: Person) -> None:
    answer = bob.call("GET", "/node-types")
    assert (answer.status_code, states(answer)) == (200, {"ok"})
    assert answer.headers["Cache-Control"] == "private, no-cache"
    again = bob.call("GET", "/node-types", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_cluster_that_is_away_makes_availability_unknown_and_is_no_error(bob: Person, cluster_id: str) -> None:
    answer = bob.call("GET", f"/node-types?cluster={cluster_id}&namespace=shop")
    assert (answer.status_code, states(answer)) == (200, {"unknown"})
    reasons = {item["availability"]["reason"] for item in answer.get_json()["items"]}
    assert reasons == {"https://127.0.0.1:1 refused the connection."}
    again = bob.call(
        "GET",
        f"/node-types?cluster={cluster_id}&namespace=shop",
        headers={"If-None-Match": answer.headers["ETag"]},
    )
    assert again.status_code == 304


@pytest.mark.parametrize("fact", FACTS)
def test_its_facts_cannot_be_told_then(bob: Person, cluster_id: str, fact: str) -> None:
    answer = bob.call("GET", f"/clusters/{cluster_id}/{fact}")
    assert (answer.status_code, answer.get_json()["code"]) == (503, "cluster-unreachable")


def test_names_of_secrets_are_never_asked_for(bob: Person, cluster_id: str) -> None:
    # not even of a cluster that does not answer
    answer = bob.call("GET", f"/clusters/{cluster_id}/options/secrets")
    assert answer.status_code == 200
    assert answer.get_json() == {
        "items": [],
        "reason": "Names of Secrets are not read from clusters. Type the name.",
        "total": 0,
        "next_cursor": None,
    }


def test_a_cluster_of_somebody_else_does_not_exist(ada: Person, cluster_id: str) -> None:
    for path in ("/node-types?cluster={}", *(f"/clusters/{{}}/{fact}" for fact in FACTS)):
        answer = ada.call("GET", path.format(cluster_id))
        assert answer.status_code == 404, path
        assert ada.call("GET", path.format("nothing")).status_code == 404


@pytest.mark.parametrize(
    "query", ["cluster=", "namespace=Shop", "namespace=a/b", "cluster=x&other=1", "namespace=../../secrets"]
)
def test_a_query_that_cannot_be_right_is_refused(bob: Person, query: str) -> None:
    assert bob.call("GET", f"/node-types?{query}").status_code == 422


def test_an_unknown_source_of_names_is_refused(bob: Person, cluster_id: str) -> None:
    assert bob.call("GET", f"/clusters/{cluster_id}/options/pods").status_code == 422


def test_a_cluster_that_refuses_is_told_in_our_codes(bob: Person) -> None:
    with FakeApi() as fake:
        body = {**AWAY, "name": "refusing", "server": fake.url}
        cluster_id = bob.call("POST", "/clusters", json=body).get_json()["id"]
        fake.always = Answer(403, {"kind": "Status", "message": "no"})
        answer = bob.call("GET", f"/clusters/{cluster_id}/namespaces")
        assert (answer.status_code, answer.get_json()["items"]) == (200, [])
        assert answer.get_json()["reason"] == "The cluster's credentials may not list namespaces."
        refused = bob.call("GET", f"/clusters/{cluster_id}/permissions")
        assert (refused.status_code, refused.get_json()["code"]) == (502, "cluster-forbidden")
        fake.always = Answer(401, {"kind": "Status", "message": "who?"})
        refused = bob.call("GET", f"/clusters/{cluster_id}/options/services")
        assert (refused.status_code, refused.get_json()["code"]) == (502, "cluster-unauthorized")
        types = bob.call("GET", f"/node-types?cluster={cluster_id}")
        assert (types.status_code, states(types)) == (200, {"unknown"})
