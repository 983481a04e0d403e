"""Mistakes in workloads, and in what is wired to them, each at its place."""

from __future__ import annotations

from typing import Any

import pytest

from shared.workflows.drawing.graph import Edge, Node
from shared.workflows.kinds.fields.schedules import check_time_zone
from tests.fixtures.workflows.helpers import (
    CONTEXT,
    codes,
    errors,
    manifest,
    manifests,
    node,
    web,
    wire,
)

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
