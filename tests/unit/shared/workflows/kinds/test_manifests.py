"""Mistakes in objects that are written as YAML."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shared.workflows.drawing.graph import Node
from tests.fixtures.workflows.helpers import (
    CONTEXT,
    errors,
    issues,
    manifest,
    node,
)

PRIVILEGED = replace(CONTEXT, privileged=True)


def raw(text: str, **data: Any) -> Node:
    return node("raw", "manifest", manifest=text, **data)


POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: "
CRON_JOB = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: a}\nspec: "


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "invalid-value"),
        ("# nothing", "invalid-value"),
        ("a: [", "invalid-value"),
        ("- a", "invalid-value"),
        ("a: 1", "invalid-value"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {}", "invalid-value"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: a}", "invalid-value"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {b: 1}}", "invalid-value"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ../../secrets/a}", "invalid-value"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a%2Fb}", "invalid-value"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: ..}", "invalid-value"),
        ("apiVersion: ../../v1\nkind: ConfigMap\nmetadata: {name: a}", "invalid-value"),
        ("apiVersion: v1?a=b\nkind: ConfigMap\nmetadata: {name: a}", "invalid-value"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nkind: Secret", "invalid-value"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: &a b, labels: {c: *a}}", "invalid-value"),
        (
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: !!python/object:os.system y}",
            "invalid-value",
        ),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {1: y}", "invalid-value"),
        ("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {x: y}", "secret-in-manifest"),
        ("apiVersion: v1\nkind: Namespace\nmetadata: {name: a}", "needs-cluster-admin"),
        ("apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: a}", "needs-cluster-admin"),
        (f"{POD}{{hostNetwork: true}}", "needs-cluster-admin"),
        (f"{POD}{{volumes: [{{name: a, hostPath: {{path: /}}}}]}}", "needs-cluster-admin"),
        (f"{POD}{{initContainers: [{{name: a, securityContext: {{privileged: true}}}}]}}", "needs-cluster-admin"),
        (f"{CRON_JOB}{{jobTemplate: {{spec: {{template: {{spec: {{hostPID: true}}}}}}}}}}", "needs-cluster-admin"),
    ],
)
def test_a_mistake_in_a_manifest(text: str, code: str) -> None:
    assert errors(raw(text)) == [("raw/manifest", code)]


def test_a_mistake_in_yaml_names_its_line() -> None:
    [issue] = issues(raw("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  name: b\n"))
    assert issue.message == "line 5: the key name stands twice"


def test_an_extensions_kind_belongs_to_a_namespace_unless_said_otherwise() -> None:
    text = "apiVersion: a.example.com/v1\nkind: Thing\nmetadata: {name: a}"
    assert manifest(raw(text), of="raw")["metadata"]["namespace"] == "shop"
    assert errors(raw(text, cluster_scoped=True)) == [("raw/manifest", "needs-cluster-admin")]
    assert "namespace" not in manifest(raw(text, cluster_scoped=True), of="raw", context=PRIVILEGED)["metadata"]


def test_two_manifests_of_one_object_clash() -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}"
    assert errors(raw(text), node("b", "configmap", name="a")) == [("raw/name", "duplicate-object")]
    assert errors(raw(text + "\n---\n" + text)) == [("raw/name", "duplicate-object")]


def test_words_that_only_look_like_something_else_stay_words() -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: 12:30:45, b: 2020-01-01, c: 1_000, d: 0o17}"
    assert manifest(raw(text), of="raw")["data"] == {"a": "12:30:45", "b": "2020-01-01", "c": "1_000", "d": "0o17"}
