from __future__ import annotations

from typing import Any

import pytest

from shared.kubernetes.crds import by_priority, crds_of_discovery, read_crd, read_discovery, read_openapi
from tests.fixtures.workflows.crds import DATABASE, PALETTE, crd, established


def version(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "served": True, "storage": False, "schema": {"openAPIV3Schema": PALETTE}, **more}


def test_a_definition_is_read() -> None:
    raw = established(crd("Database", DATABASE))
    raw["spec"]["names"]["shortNames"] = ["db"]
    found = read_crd(raw)
    assert found is not None
    assert (found.name, found.kind, found.namespaced) == ("databases.shop.example.com", "Database", True)
    assert (found.words, found.problem) == (("db", "database"), "")
    assert found.description == "Database is a database with copies and backups."
    assert found.best is not None
    assert (found.best.name, found.best.storage) == ("v1", True)
    assert found.best.schema == DATABASE


def test_versions_are_ordered_as_kubernetes_orders_them() -> None:
    names = ["v1alpha2", "foo", "v11beta1", "v2", "v1beta1", "v10", "v1alpha10"]
    ordered = sorted(names, key=by_priority, reverse=True)
    assert ordered == ["v10", "v2", "v11beta1", "v1beta1", "v1alpha10", "v1alpha2", "foo"]


def test_the_best_version_is_served_and_not_deprecated() -> None:
    raw = crd("Database", DATABASE)
    raw["spec"]["versions"] = [
        version("v1beta1", storage=True),
        version("v3", served=False),
        version("v2", deprecated=True),
    ]
    found = read_crd(raw)
    assert found is not None
    assert [item.name for item in found.versions] == ["v3", "v2", "v1beta1"]
    assert found.best is not None
    assert found.best.name == "v1beta1"


def test_a_kind_that_no_version_serves_has_no_best() -> None:
    raw = crd("Database", DATABASE)
    raw["spec"]["versions"] = [version("v1", served=False)]
    found = read_crd(raw)
    assert found is not None
    assert (found.best, found.description) == (None, "")


def test_a_definition_that_is_not_in_force_says_why() -> None:
    raw = crd("Database", DATABASE)
    found = read_crd(raw)
    assert found is not None
    assert found.problem == "The cluster has not established it yet."
    refused = {"type": "NamesAccepted", "status": "False", "message": '"databases" is already in use'}
    found = read_crd({**raw, "status": {"conditions": [refused]}})
    assert found is not None
    assert found.problem == '"databases" is already in use'


@pytest.mark.parametrize("raw", [{}, {"spec": None}, {"spec": {"group": "x", "names": {"kind": 1}}}])
def test_what_is_no_definition_is_passed_over(raw: dict[str, Any]) -> None:
    assert read_crd(raw) is None


@pytest.mark.parametrize("versions", [None, "v1", [None, 1, {"name": "v1", "schema": 3}]])
def test_damaged_versions_are_no_error(versions: Any) -> None:
    raw = crd("Database", DATABASE)
    raw["spec"]["versions"] = versions
    found = read_crd(raw)
    assert found is not None
    assert found.best is None


def test_discovery_and_openapi_tell_nearly_the_same() -> None:
    resource = {
        "resource": "databases",
        "responseKind": {"group": "", "version": "", "kind": "Database"},
        "scope": "Namespaced",
        "verbs": ["create", "delete", "get", "list", "patch", "watch"],
        "shortNames": ["db"],
        "subresources": [{"subresource": "status"}],
    }
    looked_at = {**resource, "resource": "nodes", "responseKind": {"kind": "NodeMetrics"}, "verbs": ["get", "list"]}
    groups = {
        "items": [
            {
                "metadata": {"name": "shop.example.com"},
                "versions": [
                    {"version": "v1beta1", "resources": [resource]},
                    {"version": "v1", "resources": [resource]},
                ],
            },
            {"metadata": {"name": "metrics.example.com"}, "versions": [{"version": "v1", "resources": [looked_at]}]},
        ]
    }
    kind = {"group": "shop.example.com", "version": "v1", "kind": "Database"}
    openapi = {
        "components": {
            "schemas": {
                "com.example.shop.v1.Database": {**DATABASE, "x-kubernetes-group-version-kind": [kind]},
                "com.example.shop.v1.DatabaseList": {
                    "x-kubernetes-group-version-kind": [{**kind, "kind": "DatabaseList"}]
                },
                "io.k8s.DeleteOptions": {"x-kubernetes-group-version-kind": [kind, kind]},
                "io.k8s.ObjectMeta": {"type": "object"},
            }
        }
    }
    [found] = crds_of_discovery(read_discovery(groups), read_openapi(openapi))
    assert (found.name, found.words, found.problem) == ("databases.shop.example.com", ("db",), "")
    assert [item.name for item in found.versions] == ["v1", "v1beta1"]
    assert found.best is not None
    assert (found.best.storage, found.description) == (None, "Database is a database with copies and backups.")


def test_a_server_that_does_not_tell_all_at_once_tells_nothing() -> None:
    assert read_discovery({"kind": "APIGroupList", "groups": [{"name": "apps"}]}) == []
    assert read_openapi({"paths": {}}) == {}
