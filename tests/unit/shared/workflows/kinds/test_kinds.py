"""Mistakes in the single node types, each at its place; what is right stands in the golden files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shared.workflows.drawing.graph import Edge, Node
from shared.workflows.kinds import KINDS
from shared.workflows.kinds.fields.schedules import check_time_zone
from tests.fixtures.workflows.helpers import (
    CONTEXT,
    codes,
    errors,
    issues,
    manifest,
    manifests,
    node,
    web,
    wire,
)

PRIVILEGED = replace(CONTEXT, privileged=True)
CLAIM = {"name": "data", "mount_path": "/data", "storage": "1Gi"}


@pytest.mark.parametrize(
    ("kind", "data", "path", "code"),
    [
        ("statefulset", {"name": "1st"}, "/name", "invalid-value"),
        ("statefulset", {"name": "a" * 53}, "/name", "invalid-value"),
        ("statefulset", {"update_strategy": "OnDelete", "partition": 1}, "/partition", "invalid-value"),
        (
            "statefulset",
            {"volume_claim_templates": [CLAIM, {**CLAIM, "mount_path": "/b"}]},
            "/volume_claim_templates/1/name",
            "duplicate-volume",
        ),
        (
            "statefulset",
            {"volume_claim_templates": [CLAIM, {**CLAIM, "name": "b"}]},
            "/volume_claim_templates/1/mount_path",
            "duplicate-mount",
        ),
        (
            "statefulset",
            {"volume_claim_templates": [{**CLAIM, "storage": "1m"}]},
            "/volume_claim_templates/0/storage",
            "invalid-value",
        ),
        ("daemonset", {"replicas": 1}, "/replicas", "unknown-field"),
        ("daemonset", {"max_surge": "1"}, "/max_unavailable", "contradiction"),
        ("daemonset", {"max_unavailable": "0"}, "/max_unavailable", "rollout-stuck"),
        (
            "daemonset",
            {"update_strategy": "OnDelete", "max_surge": "1", "max_unavailable": "0"},
            "/max_surge",
            "invalid-value",
        ),
        ("job", {"completion_mode": "Indexed"}, "/completions", "required"),
        ("job", {"restart_policy": "Always"}, "/restart_policy", "invalid-value"),
        ("cronjob", {"schedule": None}, "/schedule", "required"),
        ("cronjob", {"name": "a" * 53}, "/name", "invalid-value"),
        ("cronjob", {"time_zone": "Mars/Olympus"}, "/time_zone", "invalid-value"),
        ("cronjob", {"schedule": "TZ=UTC 0 3 * * *"}, "/schedule", "invalid-value"),
    ],
)
def test_a_mistake_in_a_workload(kind: str, data: dict[str, Any], path: str, code: str) -> None:
    base = {"image": "a:1"} | ({"schedule": "@daily"} if kind == "cronjob" else {})
    assert errors(node("w", kind, **{**base, **data})) == [(f"w{path}", code)]


@pytest.mark.parametrize(
    "schedule",
    [
        "* * * * *",
        "*/15 0-6 1,15 jan-dec/2 MON-FRI",
        "0 0 ? * ?",
        "@hourly",
        "@Midnight",
        "59 23 31 12 6",
        "5/10 * * * *",
    ],
)
def test_a_schedule_that_is_right(schedule: str) -> None:
    assert errors(node("c", "cronjob", image="a:1", schedule=schedule)) == []


@pytest.mark.parametrize(
    "schedule",
    [
        *("", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 7"),
        *(
            "5-1 * * * *",
            "*/0 * * * *",
            "a * * * *",
            "@reboot",
            "@every 1h",
            "* * * foo *",
            "1,,2 * * * *",
            "*-5 * * * *",
        ),
    ],
)
def test_a_schedule_that_is_wrong(schedule: str) -> None:
    assert errors(node("c", "cronjob", image="a:1", schedule=schedule)) == [("c/schedule", "invalid-value")]


def test_time_zones_exist() -> None:
    assert check_time_zone("UTC") == "UTC"


def test_a_stateful_set_gets_the_service_it_needs() -> None:
    db = node("db", "statefulset", image="db:1")
    [headless, _] = _all(db)
    assert (headless["kind"], headless["metadata"]["name"], headless["spec"]["clusterIP"]) == ("Service", "db", "None")
    assert errors(db, node("s", "service", name="db", selector={"a": "b"}, ports=[{"port": 1}])) == [
        ("s/name", "duplicate-object")
    ]


def _all(*parts: Node | Edge) -> list[dict[str, Any]]:
    from shared.workflows.compile.manifests import compile_graph
    from tests.fixtures.workflows.helpers import graph

    return [item.manifest for item in compile_graph(graph(*parts), CONTEXT).items]


def test_a_stateful_set_behind_a_plain_service_is_a_doubt() -> None:
    parts = (
        node("db", "statefulset", image="db:1", ports=[{"container_port": 1}]),
        node("svc", "service"),
        wire("svc", "db"),
    )
    assert codes(*parts) == [("db", "no-headless-service")]


PATHS = [{"id": "root", "path": "/"}]
WEB_SERVICE = node("svc", "service", selector={"a": "b"}, ports=[{"port": 80}])
TWO_PORTS = node("svc", "service", selector={"a": "b"}, ports=[{"port": 80, "name": "a"}, {"port": 81, "name": "b"}])


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({}, [("i/paths", "ingress-without-target")]),
        ({"paths": PATHS}, [("i/paths/0", "path-without-service")]),
        ({"paths": [{"path": "/"}]}, [("i/paths/0/id", "required")]),
        ({"paths": [{**PATHS[0], "path": "x", "service": "s", "port": "1"}]}, [("i/paths/0/path", "invalid-value")]),
        ({"paths": [{**PATHS[0], "service": "s"}]}, [("i/paths/0/port", "port-not-offered")]),
        ({"hosts": ["http://a"], "paths": []}, [("i/hosts/0", "invalid-value")]),
        (
            {
                "paths": [
                    {**PATHS[0], "service": "s", "port": "1"},
                    {**PATHS[0], "path": "/b", "service": "s", "port": "1"},
                ]
            },
            [("i/paths/1/id", "duplicate-item")],
        ),
        (
            {"paths": [{"id": n, "path": "/a", "service": "s", "port": "1"} for n in ("a", "b")]},
            [("i/paths/1/path", "duplicate-route")],
        ),
    ],
)
def test_a_mistake_in_an_ingress(data: dict[str, Any], found: list[tuple[str, str]]) -> None:
    assert errors(node("i", "ingress", **data)) == found


def test_ports_behind_an_ingress_exist() -> None:
    ingress = node("i", "ingress", paths=PATHS)
    assert errors(ingress, WEB_SERVICE, wire("i", "svc")) == []
    assert errors(ingress, TWO_PORTS, wire("i", "svc")) == [("i/paths/0/port", "port-not-offered")]
    assert errors(ingress, TWO_PORTS, wire("i", "svc", port="b")) == []
    assert errors(ingress, TWO_PORTS, wire("i", "svc", port="c")) == [("i-svc-wire/port", "port-not-offered")]
    assert errors(node("i", "ingress"), TWO_PORTS, wire("i", "svc")) == [("i", "port-not-offered")]


def test_a_wire_from_a_path_that_is_gone() -> None:
    ingress = node("i", "ingress", paths=[{**PATHS[0], "service": "s", "port": "1"}])
    old = Edge(id="e", source="i", source_handle="path:old", target="svc")
    assert errors(ingress, WEB_SERVICE, old) == [("e", "handle-gone")]


def test_a_host_and_path_is_served_once_per_class() -> None:
    def ingress(identity: str, **data: Any) -> Node:
        return node(
            identity, "ingress", hosts=["a.example.com"], paths=[{**PATHS[0], "service": "s", "port": "1"}], **data
        )

    assert errors(ingress("i"), ingress("j")) == [("j/paths/0/path", "duplicate-route")]
    assert errors(ingress("i"), ingress("j", ingress_class="other")) == []


def test_a_tls_host_nobody_serves_is_a_doubt() -> None:
    ingress = node(
        "i", "ingress", paths=[{**PATHS[0], "service": "s", "port": "1"}], tls=[{"hosts": ["a.example.com"]}]
    )
    assert codes(ingress) == [("i/tls/0/hosts", "tls-host-unknown")]


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


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({"max_replicas": 1, "min_replicas": 2}, [("x/max_replicas", "invalid-value")]),
        ({"max_replicas": 1, "cpu_percent": None}, [("x/cpu_percent", "required")]),
        (
            {"max_replicas": 1, "scale_up": {"select": "Disabled", "policies": [{"type": "Pods", "value": 1}]}},
            [("x/scale_up/policies", "contradiction")],
        ),
    ],
)
def test_a_mistake_in_an_autoscaler(data: dict[str, Any], found: list[tuple[str, str]]) -> None:
    target = web(resources={"requests": {"cpu": "1"}})
    assert errors(node("x", "hpa", **{"cpu_percent": 50, **data}), target, wire("x", "web")) == found


def test_scalers_and_budgets_need_a_workload() -> None:
    assert errors(node("x", "hpa", max_replicas=2, cpu_percent=50)) == [("x", "autoscaler-without-target")]
    assert errors(node("x", "poddisruptionbudget", min_available="1")) == [("x", "budget-without-target")]
    assert errors(node("x", "poddisruptionbudget"), web(), wire("x", "web")) == [("x/min_available", "invalid-value")]


def test_replicas_are_left_to_the_autoscaler() -> None:
    parts = (web(replicas=3), node("x", "hpa", max_replicas=2, cpu_percent=50), wire("x", "web"))
    assert "replicas" not in manifest(*parts)["spec"]
    assert codes(*parts) == [("web/resources/requests/cpu", "no-resource-request")]


def test_one_writer_and_several_replicas_are_a_doubt() -> None:
    claim = node("data", "persistentvolumeclaim", storage="1Gi")
    assert codes(claim, web(replicas=2), wire("data", "web")) == [("data-web-wire", "single-writer")]
    assert codes(claim, web(), wire("data", "web")) == []
    shared = node("data", "persistentvolumeclaim", storage="1Gi", access_modes=["ReadWriteMany"])
    assert codes(shared, web(replicas=2), wire("data", "web")) == []
    block = node("data", "persistentvolumeclaim", storage="1Gi", volume_mode="Block")
    assert errors(block, web(), wire("data", "web")) == [("data-web-wire/mount_path", "block-volume")]


def test_a_claim_of_another_namespace_cannot_be_mounted() -> None:
    claim = node("data", "persistentvolumeclaim", storage="1Gi", namespace="away")
    assert errors(claim, web(), wire("data", "web")) == [("data-web-wire", "namespace")]


def test_a_wired_namespace_is_the_objects_namespace() -> None:
    team = node("team", "namespace")
    found = manifests(team, web(), wire("team", "web"))
    assert found["web"]["metadata"]["namespace"] == "team"
    assert "namespace" not in found["team"]["metadata"]
    assert errors(team, web(namespace="other"), wire("team", "web")) == [("web/namespace", "namespace")]
    assert errors(team, web(), node("cfg", "configmap"), wire("team", "web"), wire("cfg", "web", "config-env")) == [
        ("cfg-web-config-env", "namespace")
    ]


def test_an_account_is_named_or_wired() -> None:
    account = node("robot", "serviceaccount")
    assert manifest(account, web(), wire("robot", "web"))["spec"]["template"]["spec"]["serviceAccountName"] == "robot"
    assert errors(account, web(service_account="other"), wire("robot", "web")) == [
        ("web/service_account", "account-and-wire")
    ]


def test_a_role_without_an_account_is_a_doubt() -> None:
    assert codes(node("reader", "role")) == [("reader", "role-without-account")]


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


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.type)
def test_a_new_node_lacks_only_what_a_person_must_say(kind: Any) -> None:
    fresh = Node(id="n", type=kind.type, data={"name": kind.name_pattern.format(n=1), **kind.defaults})
    wanted = {"required", "service-without-port", "path-without-service", "autoscaler-without-target"}
    assert {code for _, code in errors(fresh)} <= wanted | {"budget-without-target"}
