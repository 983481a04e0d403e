"""Who gets what from every route: nobody, an owner, somebody else, an administrator. Generated from the route table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI

from shared.access import Role
from shared.clock import now
from shared.clusters.models import Cluster
from shared.clusters.store import ClusterStore
from shared.ids import new_id
from shared.platform import Platform
from shared.runs.models import Run, Trigger
from shared.runs.store import RunStore
from tests.functional.web.conftest import Person
from web.auth import is_public

PUBLIC = {
    "/healthz",
    "/readyz",
    "/metrics",
    "/v1",
    "/v1/openapi.json",
    "/v1/api/auth/methods",
    "/v1/api/auth/register",
    "/v1/api/auth/login",
    "/v1/api/auth/refresh",
    "/v1/api/auth/invites/check",
    "/",
    "/<path:path>",
    "/assets/<path:name>",
    "/v1/docs",
    "/v1/docs/<path:name>",
}
ADMIN_ONLY = {"/v1/api/system/status", "/v1/api/invites", "/v1/api/invites/<invite_id>"}


@dataclass(frozen=True)
class Route:
    method: str
    rule: str
    endpoint: str

    def path(self, ids: dict[str, str]) -> str:
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: ids[found[1]], self.rule)


def routes(app: OpenAPI) -> Iterator[Route]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Route(method, rule.rule, rule.endpoint)


@pytest.fixture
def ids(bob: Person, platform: Platform) -> dict[str, str]:
    """One of everything, all of it Bob's."""
    workflow_id = bob.call("GET", "/workflows").get_json()["items"][0]["id"]
    at = now()
    cluster = Cluster(
        id=new_id(),
        name="prod",
        server="https://10.0.0.1",
        auth_type="token",
        namespace="default",
        credentials={},
        owner_id=bob.id,
        created_at=at,
        updated_at=at,
    )
    ClusterStore(platform.db).insert(cluster)
    run = Run(
        id=new_id(),
        workflow_id=workflow_id,
        owner_id=bob.id,
        cluster_id=cluster.id,
        namespace="default",
        version=1,
        triggered_by=Trigger(user_id=bob.id),
        created_at=at,
    )
    RunStore(platform.db).insert(run)
    session_id = bob.call("GET", "/profile/sessions").get_json()["items"][0]["id"]
    return {
        "workflow_id": workflow_id,
        "cluster_id": cluster.id,
        "run_id": run.id,
        "session_id": session_id,
        "node_id": "web",
        "connection_id": "0" * 24,
        "invite_id": new_id(),
    }


def bodies(route: Route) -> dict[str, Any]:
    """A body that is valid enough to get past the form, where the route wants one."""
    graph: dict[str, Any] = {"nodes": [], "edges": []}
    known: dict[str, dict[str, Any]] = {
        "/save": graph,
        "/clone": {"name": "copy"},
        "/secrets/<node_id>": {"values": {}},
    }
    return next((body for ending, body in known.items() if route.rule.endswith(ending)), {})


def test_the_public_routes_are_exactly_these(app: OpenAPI) -> None:
    found = {route.rule for route in routes(app) if is_public(app, route.endpoint)}
    assert found <= PUBLIC


def test_every_other_route_wants_somebody(app: OpenAPI, ids: dict[str, str]) -> None:
    client = app.test_client()
    for route in routes(app):
        if not is_public(app, route.endpoint):
            answer = client.open(route.path(ids), method=route.method, json={})
            assert answer.status_code == 401, route
            assert answer.get_json()["code"] == "token-missing", route


@pytest.mark.parametrize("token", ["x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."])
def test_an_invented_token_opens_nothing(app: OpenAPI, ids: dict[str, str], token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    for route in routes(app):
        if not is_public(app, route.endpoint):
            answer = app.test_client().open(route.path(ids), method=route.method, json={}, headers=headers)
            assert answer.status_code == 401, route


def test_what_belongs_to_somebody_else_does_not_exist_not_even_for_an_administrator(
    app: OpenAPI, ada: Person, ids: dict[str, str]
) -> None:
    seen = 0
    for route in routes(app):
        if "_id>" not in route.rule or route.rule in ADMIN_ONLY or is_public(app, route.endpoint):
            continue
        answer = ada.client.open(
            route.path(ids),
            method=route.method,
            json=None if route.method in {"GET", "DELETE"} else bodies(route),
            headers={"Authorization": f"Bearer {ada.token}", "If-Match": '"1"'},
        )
        assert answer.status_code == 404, (route, answer.text)
        seen += 1
    assert seen > 20


def test_administration_is_for_administrators(app: OpenAPI, ada: Person, bob: Person, ids: dict[str, str]) -> None:
    for route in routes(app):
        if route.rule in ADMIN_ONLY:
            body: dict[str, Any] = {"json": {}} if route.method == "POST" else {}
            refused = bob.client.open(
                route.path(ids), method=route.method, headers={"Authorization": f"Bearer {bob.token}"}, **body
            )
            assert (refused.status_code, refused.get_json()["verb"]) == (403, "administer"), route
            allowed = ada.client.open(
                route.path(ids), method=route.method, headers={"Authorization": f"Bearer {ada.token}"}, **body
            )
            assert allowed.status_code in {200, 201, 204, 404}, (route, allowed.text)


def test_lists_hold_only_what_is_ones_own(ada: Person, bob: Person, ids: dict[str, str]) -> None:
    for path, mine in (("/workflows", "workflow_id"), ("/clusters", "cluster_id"), ("/runs", "run_id")):
        assert ids[mine] in [item["id"] for item in bob.call("GET", path).get_json()["items"]]
        assert ids[mine] not in [item["id"] for item in ada.call("GET", path).get_json()["items"]]


def test_nobody_may_use_a_cluster_that_is_not_theirs(ada: Person, ids: dict[str, str]) -> None:
    answer = ada.call("POST", "/workflows", json={"name": "x", "cluster_id": ids["cluster_id"]})
    assert (answer.status_code, answer.get_json()["code"]) == (404, "cluster-not-found")


def test_a_disabled_person_is_out_within_the_life_of_the_cache(bob: Person, platform: Platform, app: OpenAPI) -> None:
    assert bob.call("GET", "/profile").status_code == 200
    platform.db["users"].update_one({"_id": bob.id}, {"$set": {"disabled": True}})
    app.extensions["kubeorch-actors"].forget_user(bob.id)
    assert bob.call("GET", "/profile").status_code == 401


def test_a_role_is_read_from_the_database_not_from_the_token(ada: Person, platform: Platform, app: OpenAPI) -> None:
    platform.db["users"].update_one({"_id": ada.id}, {"$set": {"role": Role.MEMBER.value}})
    app.extensions["kubeorch-actors"].forget_user(ada.id)
    assert ada.call("GET", "/system/status").status_code == 403
