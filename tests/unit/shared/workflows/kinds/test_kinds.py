"""Mistakes in the other node types, each at its place; what is right stands in the golden files."""

from __future__ import annotations

from typing import Any

import pytest

from shared.workflows.drawing.graph import Node
from shared.workflows.kinds import KINDS
from tests.fixtures.workflows.helpers import (
    codes,
    errors,
    node,
)


@pytest.mark.parametrize(
    ("kind", "data", "found"),
    [
        ("persistentvolumeclaim", {}, [("x/storage", "required")]),
        ("persistentvolumeclaim", {"storage": "1Gi", "access_modes": []}, [("x/access_modes", "invalid-value")]),
        (
            "persistentvolumeclaim",
            {"storage": "1Gi", "access_modes": ["ReadWriteOncePod", "ReadOnlyMany"]},
            [("x/access_modes", "contradiction")],
        ),
        ("namespace", {"name": "kube-system"}, [("x/name", "system-namespace")]),
        ("namespace", {"namespace": "a"}, [("x/namespace", "unknown-field")]),
        ("resourcequota", {"hard": {"pods": "many"}}, [("x/hard/pods", "invalid-value")]),
        ("limitrange", {}, [("x/limits", "required")]),
        ("limitrange", {"limits": [{"type": "Pod", "default": {"cpu": "1"}}]}, [("x/limits/0/type", "contradiction")]),
        (
            "limitrange",
            {"limits": [{"type": "Container", "min": {"cpu": "2"}, "max": {"cpu": "1"}}]},
            [("x/limits/0/min/cpu", "invalid-value")],
        ),
        ("networkpolicy", {"policy_types": []}, [("x/policy_types", "invalid-value")]),
        ("networkpolicy", {"egress": [{"id": "a"}]}, [("x/egress", "contradiction")]),
        ("networkpolicy", {"ingress": [{"id": "a"}, {"id": "a"}]}, [("x/ingress/1/id", "duplicate-item")]),
        (
            "networkpolicy",
            {"ingress": [{"id": "a", "ports": [{"port": "http", "end_port": 9}]}]},
            [("x/ingress/0/ports/0/end_port", "contradiction")],
        ),
        (
            "networkpolicy",
            {"ingress": [{"id": "a", "ports": [{"port": "10", "end_port": 9}]}]},
            [("x/ingress/0/ports/0/end_port", "invalid-value")],
        ),
        (
            "networkpolicy",
            {"ingress": [{"id": "a", "peers": [{"type": "addresses", "cidr": "10.0.0.1/8"}]}]},
            [("x/ingress/0/peers/0/cidr", "invalid-value")],
        ),
        ("role", {"scope": "cluster"}, [("x/scope", "needs-cluster-admin")]),
        ("role", {"rules": [{"verbs": ["get"]}]}, [("x/rules/0/resources", "invalid-value")]),
        ("role", {"rules": [{"resources": ["pods"], "verbs": ["eat"]}]}, [("x/rules/0/verbs/0", "invalid-value")]),
        (
            "role",
            {"rules": [{"non_resource_urls": ["/x"], "verbs": ["get"]}]},
            [("x/rules/0/non_resource_urls", "contradiction")],
        ),
        ("custom-resource", {"api_version": "apps/v1", "kind": "Deployment"}, [("x/api_version", "invalid-value")]),
        ("custom-resource", {"api_version": "v1", "kind": "Secret"}, [("x/api_version", "invalid-value")]),
        ("custom-resource", {"api_version": "a.b/v1", "kind": "thing"}, [("x/kind", "invalid-value")]),
        (
            "custom-resource",
            {"api_version": "a.b/v1", "kind": "Thing", "body": {"metadata": {}}},
            [("x/body", "invalid-value")],
        ),
        (
            "custom-resource",
            {"api_version": "a.b/v1", "kind": "Thing", "cluster_scoped": True},
            [("x/cluster_scoped", "needs-cluster-admin")],
        ),
    ],
)
def test_a_mistake_in_another_object(kind: str, data: dict[str, Any], found: list[tuple[str, str]]) -> None:
    assert errors(node("x", kind, **data)) == found


def test_a_role_without_an_account_is_a_doubt() -> None:
    assert codes(node("reader", "role")) == [("reader", "role-without-account")]


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.type)
def test_a_new_node_lacks_only_what_a_person_must_say(kind: Any) -> None:
    fresh = Node(id="n", type=kind.type, data={"name": kind.name_pattern.format(n=1), **kind.defaults})
    wanted = {"required", "service-without-port", "path-without-service", "autoscaler-without-target"}
    assert {code for _, code in errors(fresh)} <= wanted | {"budget-without-target"}
