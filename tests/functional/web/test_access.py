"""Who gets what from every route: nobody, an owner, somebody else, an administrator. Generated from the route table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI

from shared import access
from shared.access import Actor, Role, Verb
from shared.clock import now
from shared.clusters.models import Cluster
from shared.clusters.store import ClusterStore
from shared.ids import new_id
from shared.platform import Platform
from shared.runs.models import Run, Trigger
from shared.runs.store import RunStore
from tests.functional.web.conftest import Person
from tests.functional.web.test_plugins import QUEUE
from web.auth import is_personal, is_public

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
PERSONAL = {
    "/v1/api/profile",
    "/v1/api/profile/sessions",
    "/v1/api/profile/sessions/<session_id>",
    "/v1/api/auth/logout",
    "/v1/api/auth/logout-all",
}
READS_BY_POST = {
    "/v1/api/workflows/<workflow_id>/validate",
    "/v1/api/workflows/<workflow_id>/manifests",
}
"""They look at a graph that is sent, and change nothing."""
EVERYBODYS = {f"/v1/api/plugins/<plugin_id>{ending}" for ending in ("", "/enable", "/disable")}
"""They belong to nobody, so they are there for all."""
ADMIN_ONLY = {"/v1/api/system/status", "/v1/api/invites", "/v1/api/invites/<invite_id>"}


@dataclass(frozen=True)
class Route:
    method: str
    rule: str
    endpoint: str

    def path(self, ids: dict[str, str]) -> str:
        filled = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: ids[found[1]], self.rule)
        return f"{filled}?v1=1&v2=saved" if filled.endswith("/compare") else filled


def routes(app: OpenAPI) -> Iterator[Route]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Route(method, rule.rule, rule.endpoint)


@pytest.fixture
def ids(bob: Person, platform: Platform) -> dict[str, str]:
    """One of everything, all of it Bob's."""
    nodes = [{"id": "keys", "type": "secret", "data": {"name": "keys", "keys": ["a"]}}]
    workflow_id = bob.call("POST", "/workflows", json={"name": "shop", "nodes": nodes}).get_json()["id"]
    assert bob.call("POST", f"/workflows/{workflow_id}/versions", json={"name": "first"}).status_code == 201
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
        "node_id": "keys",
        "number": "1",
        "source": "namespaces",
        "export": bob.call("GET", f"/workflows/{workflow_id}/export?format=yaml").text,
        "connection_id": "0" * 24,
        "invite_id": new_id(),
        "fix_type": "image",
        "plugin_id": "certmanager",
    }


def bodies(route: Route, ids: dict[str, str]) -> dict[str, Any]:
    """A body that is valid enough to get past the form, where the route wants one."""
    cluster = {"name": "x", "auth_type": "token", "server": "https://127.0.0.1:1", "token": "t", "save_untested": True}
    known: dict[str, dict[str, Any]] = {
        "/save": {"nodes": [], "edges": []},
        "/clone": {"name": "copy"},
        "/secrets/<node_id>": {"values": {}},
        "/v1/api/workflows": {"name": "new"},
        "/workflows/<workflow_id>": {"name": "renamed"},
        "/v1/api/workflows/from-export": {"name": "again", "text": ids["export"]},
        "/v1/api/clusters": cluster,
        "/v1/api/clusters/test": cluster,
        "/confirm": {"digest": "x"},
        "/undo": {"revision": 1},
        "/status": {"status": "archived"},
        "/versions": {"name": "kept"},
        "/versions/<number>": {"name": "named"},
        "/fix": {"fix_type": "image", "digest": "x"},
        "/v1/api/plugins": QUEUE,
        "/v1/api/plugins/<plugin_id>": {**QUEUE, "id": ids["plugin_id"]},
    }
    return next((body for ending, body in known.items() if route.rule.endswith(ending)), {})


def test_the_public_routes_are_exactly_these(app: OpenAPI) -> None:
    found = {route.rule for route in routes(app) if is_public(app, route.endpoint)}
    assert found <= PUBLIC


def test_the_routes_about_nobody_else_are_exactly_these(app: OpenAPI) -> None:
    found = {route.rule for route in routes(app) if is_personal(app, route.endpoint)}
    assert found <= PERSONAL


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


def call(route: Route, person: Person, ids: dict[str, str]) -> Any:
    """Call a route as somebody, with a body that gets past its form and without keeping the answer open."""
    return person.client.open(
        route.path(ids),
        method=route.method,
        json=None if route.method in {"GET", "DELETE"} else bodies(route, ids),
        headers={"Authorization": f"Bearer {person.token}", "If-Match": '"1"'},
        buffered=False,
    )


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MEMBER])
def test_what_belongs_to_somebody_else_does_not_exist_not_even_for_an_administrator(
    app: OpenAPI, ada: Person, sign_up: Callable[[str], Person], ids: dict[str, str], role: Role
) -> None:
    stranger = ada if role is Role.ADMIN else sign_up("carol")
    seen = 0
    for route in routes(app):
        if "_id>" not in route.rule or route.rule in ADMIN_ONLY | EVERYBODYS or is_public(app, route.endpoint):
            continue
        answer = call(route, stranger, ids)
        assert answer.status_code == 404, (route, answer.text)
        seen += 1
    assert seen > 20


def test_every_route_asks_whether_it_may_and_for_more_than_seeing_when_it_changes_something(
    app: OpenAPI, bob: Person, ids: dict[str, str], platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Verb] = []
    really = access.may

    def recorded(actor: Actor, verb: Verb, thing: Any = None) -> bool:
        asked.append(verb)
        return really(actor, verb, thing)

    monkeypatch.setattr(access, "may", recorded)
    # what deletes comes last, so that the others find something
    for route in sorted(routes(app), key=lambda route: (route.method == "DELETE", -len(route.rule))):
        if is_public(app, route.endpoint) or is_personal(app, route.endpoint):
            continue
        asked.clear()
        stream = route.rule == "/v1/api/stream"
        connection = route.rule == "/v1/api/stream/<connection_id>"
        if connection:
            # the owner of a stream stands in its registration; rights to topics are asked for by the stream
            continue
        path = f"?topics=workflow:{ids['workflow_id']}" if stream else ""
        answer = call(Route(route.method, route.rule + path, route.endpoint), bob, ids)
        assert answer.status_code not in {401, 404}, (route, answer.text)
        assert asked, route
        if route.method != "GET" and route.rule not in READS_BY_POST:
            assert set(asked) - {Verb.SEE}, (route, asked)
        answer.close()


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
