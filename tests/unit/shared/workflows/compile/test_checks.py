"""Checks of single nodes and of the graph as a whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from shared.workflows.compile.checks import validate
from shared.workflows.drawing.graph import Graph, Node
from tests.fixtures.workflows.helpers import CONTEXT, codes, errors, graph, node, web, wire
from tests.fixtures.workflows.strategies import any_graphs


@given(any_graphs())
def test_validation_never_raises(drawn: Graph) -> None:
    found = validate(drawn, CONTEXT)
    ids = {node.id for node in drawn.nodes} | {edge.id for edge in drawn.edges}
    for issue in found:
        assert (issue.node_id or issue.edge_id) in ids
        assert issue.message
        assert issue.path == "" or issue.path.startswith("/")
    assert list(found) == sorted(found, key=lambda issue: not issue.is_error)


def test_a_sound_graph_has_no_issues() -> None:
    parts = (
        web(ports=[{"name": "http", "container_port": 8080}]),
        node("svc", "service", ports=[{"port": 80}]),
        node("cfg", "configmap", data={"A": "1"}),
        wire("svc", "web"),
        wire("cfg", "web", "config-env"),
    )
    assert codes(*parts) == []


@pytest.mark.parametrize(
    ("data", "path", "code"),
    [
        ({"name": "Web"}, "/name", "invalid-value"),
        ({"name": "a" * 64}, "/name", "invalid-value"),
        ({"name": None}, "/name", "required"),
        ({"image": None}, "/image", "required"),
        ({"image": "nginx 1"}, "/image", "invalid-value"),
        ({"image": "NGINX"}, "/image", "invalid-value"),
        ({"image": "nginx:"}, "/image", "invalid-value"),
        ({"namespace": "a.b"}, "/namespace", "invalid-value"),
        ({"replicas": -1}, "/replicas", "invalid-value"),
        ({"replicas": "3"}, "/replicas", "invalid-value"),
        ({"replicas": True}, "/replicas", "invalid-value"),
        ({"replica": 1}, "/replica", "unknown-field"),
        ({"ports": [{"container_port": 70000}]}, "/ports/0/container_port", "invalid-value"),
        ({"ports": [{"container_port": 0}]}, "/ports/0/container_port", "invalid-value"),
        ({"ports": [{"container_port": 80, "name": "HTTP"}]}, "/ports/0/name", "invalid-value"),
        ({"ports": [{"container_port": 80, "name": "8080"}]}, "/ports/0/name", "invalid-value"),
        ({"ports": [{"container_port": 80}, {"container_port": 80}]}, "/ports/1", "duplicate-port"),
        ({"labels": {"a b": "c"}}, "/labels/a b", "invalid-value"),
        ({"labels": {"a": "-"}}, "/labels/a", "invalid-value"),
        ({"labels": {"kubeorch.io/node": "x"}}, "/labels/kubeorch.io~1node", "invalid-value"),
        ({"labels": {"app.kubernetes.io/name": "x"}}, "/labels/app.kubernetes.io~1name", "invalid-value"),
        ({"annotations": {"kubeorch.io/version": "1"}}, "/annotations/kubeorch.io~1version", "invalid-value"),
        ({"env": [{"source": "value", "name": "1A", "value": ""}]}, "/env/0/name", "invalid-value"),
        ({"env": [{"source": "value", "name": "A", "value": 3}]}, "/env/0/value", "invalid-value"),
        ({"env": [{"name": "A", "value": "x"}]}, "/env/0/source", "required"),
        ({"env": [{"source": "magic", "name": "A"}]}, "/env/0", "invalid-value"),
        ({"env": [{"source": "secret", "name": "A", "secret": "s", "key": "a/b"}]}, "/env/0/key", "invalid-value"),
        (
            {"env": [{"source": "value", "name": "A", "value": "1"}, {"source": "value", "name": "A", "value": "2"}]},
            "/env/1/name",
            "duplicate-variable",
        ),
        ({"resources": {"requests": {"cpu": "much"}}}, "/resources/requests/cpu", "invalid-value"),
        ({"resources": {"requests": {"memory": "512m"}}}, "/resources/requests/memory", "invalid-value"),
        (
            {"resources": {"requests": {"memory": "1Gi"}, "limits": {"memory": "512Mi"}}},
            "/resources/requests/memory",
            "request-above-limit",
        ),
        ({"readiness_probe": {"type": "http", "port": "99999"}}, "/readiness_probe/port", "invalid-value"),
        ({"readiness_probe": {"type": "http", "port": "web"}}, "/readiness_probe/port", "unknown-port"),
        ({"readiness_probe": {"type": "http", "port": 80, "path": "x"}}, "/readiness_probe/path", "invalid-value"),
        (
            {"liveness_probe": {"type": "tcp", "port": 80, "success_threshold": 2}},
            "/liveness_probe/success_threshold",
            "invalid-value",
        ),
        (
            {"readiness_probe": {"type": "http", "port": 80, "http_headers": [{"name": "a", "value": 1}]}},
            "/readiness_probe/http_headers/0/value",
            "invalid-value",
        ),
        ({"dns_config": {"options": [{"name": "a", "value": 1}]}}, "/dns_config/options/0/value", "invalid-value"),
        ({"volumes": [{"type": "claim", "name": "a", "claim": "A"}]}, "/volumes/0/claim", "invalid-value"),
        (
            {"volumes": [{"type": "empty_dir", "name": "a", "mount_path": "tmp"}]},
            "/volumes/0/mount_path",
            "invalid-value",
        ),
        (
            {"volumes": [{"type": "empty_dir", "name": "a"}, {"type": "empty_dir", "name": "a"}]},
            "/volumes/1/name",
            "duplicate-volume",
        ),
        (
            {"volumes": [{"type": "empty_dir", "name": n, "mount_path": "/a"} for n in ("a", "b")]},
            "/volumes",
            "duplicate-mount",
        ),
        ({"volumes": [{"type": "host_path", "name": "a", "path": "/"}]}, "/volumes/0", "needs-cluster-admin"),
        ({"host_network": True}, "/host_network", "needs-cluster-admin"),
        ({"host_pid": True}, "/host_pid", "needs-cluster-admin"),
        (
            {"container_security": {"privileged": True}},
            "/container_security/privileged",
            "needs-cluster-admin",
        ),
        ({"sidecars": [{"name": "web", "image": "a"}]}, "/sidecars/0/name", "duplicate-container"),
        (
            {"init_containers": [{"name": "a", "image": "a", "volume_mounts": [{"volume": "x", "mount_path": "/x"}]}]},
            "/init_containers/0/volume_mounts/0/volume",
            "unknown-volume",
        ),
        ({"dns_policy": "None"}, "/dns_config/nameservers", "required"),
        (
            {"container_security": {"run_as_non_root": True, "run_as_user": 0}},
            "/container_security/run_as_user",
            "contradiction",
        ),
        ({"max_surge": 0, "max_unavailable": "0%"}, "/max_unavailable", "rollout-stuck"),
        ({"strategy": "Recreate", "max_surge": "1"}, "/max_surge", "invalid-value"),
        ({"max_surge": "a lot"}, "/max_surge", "invalid-value"),
    ],
)
def test_a_mistake_in_a_deployment_is_found_at_its_place(data: dict[str, Any], path: str, code: str) -> None:
    assert errors(web(**data)) == [(f"web{path}", code)]


def test_a_service_needs_a_target_and_a_port() -> None:
    assert codes(node("svc", "service")) == [("svc/ports", "service-without-port"), ("svc", "service-without-target")]


@pytest.mark.parametrize(
    ("data", "path", "code"),
    [
        ({"name": "1st"}, "/name", "invalid-value"),
        ({"ports": [{"port": 80}, {"port": 81, "name": "b"}]}, "/ports/0/name", "required"),
        ({"ports": [{"port": 80, "name": "a"}, {"port": 80, "name": "b"}]}, "/ports/1", "duplicate-port"),
        ({"ports": [{"port": 80, "node_port": 30000}]}, "/ports/0/node_port", "invalid-value"),
        ({"type": "ExternalName"}, "/external_name", "required"),
        ({"external_name": "a.example.com"}, "/external_name", "invalid-value"),
        ({"load_balancer_ip": "10.0.0.1"}, "/load_balancer_ip", "invalid-value"),
        ({"type": "LoadBalancer", "load_balancer_ip": "10.0.0"}, "/load_balancer_ip", "invalid-value"),
        (
            {"type": "LoadBalancer", "load_balancer_source_ranges": ["10.0.0.1/8"]},
            "/load_balancer_source_ranges/0",
            "invalid-value",
        ),
        ({"session_affinity_seconds": 10}, "/session_affinity_seconds", "invalid-value"),
        ({"external_traffic_policy": "Local"}, "/external_traffic_policy", "invalid-value"),
    ],
)
def test_a_mistake_in_a_service_is_found_at_its_place(data: dict[str, Any], path: str, code: str) -> None:
    service = node("svc", "service", **{"selector": {"a": "b"}, "ports": [{"port": 80}], **data})
    assert errors(service) == [(f"svc{path}", code)]


def test_two_objects_of_one_name_clash_only_in_one_namespace() -> None:
    first, second = (
        Node(id="a", type="configmap", data={"name": "x"}),
        Node(id="b", type="configmap", data={"name": "x"}),
    )
    assert errors(first, second) == [("b/name", "duplicate-object")]
    away = Node(id="b", type="configmap", data={"name": "x", "namespace": "away"})
    assert errors(first, away) == []
    explicit = Node(id="b", type="configmap", data={"name": "x", "namespace": "shop"})
    assert errors(first, explicit) == [("b/name", "duplicate-object")]
    assert errors(first, Node(id="b", type="secret", data={"name": "x"})) == []


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"host_pid": True, "share_process_namespace": True}, "/share_process_namespace"),
        (
            {"host_network": True, "pod_security": {"sysctls": [{"name": "net.core.somaxconn", "value": "1"}]}},
            "/pod_security/sysctls/0",
        ),
        (
            {"container_security": {"privileged": True, "allow_privilege_escalation": False}},
            "/container_security/allow_privilege_escalation",
        ),
    ],
)
def test_settings_that_exclude_each_other(data: dict[str, Any], path: str) -> None:
    assert errors(web(**data), context=replace(CONTEXT, privileged=True)) == [(f"web{path}", "contradiction")]


def test_privileges_are_for_administrators_of_the_cluster() -> None:
    assert errors(web(host_network=True), context=replace(CONTEXT, privileged=True)) == []


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({"keys": ["A", "A"]}, [("key/keys/1", "duplicate-key")]),
        ({"keys": ["a/b"]}, [("key/keys/0", "invalid-value")]),
        ({"type": "tls", "keys": ["tls.crt"]}, [("key/keys", "missing-key")]),
        ({"type": "basic-auth", "keys": ["x"]}, [("key/keys", "missing-key")]),
        ({"keys": ["A"], "values": {"A": "x"}}, [("key/values", "unknown-field")]),
    ],
)
def test_a_mistake_in_a_secret_is_found(data: dict[str, Any], found: list[tuple[str, str]]) -> None:
    assert errors(node("key", "secret", **data)) == found


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({"data": {"a": "x"}, "binary_data": {"a": "eA=="}}, [("cfg/binary_data/a", "duplicate-key")]),
        ({"data": {"a b": "x"}}, [("cfg/data/a b", "invalid-value")]),
        ({"data": {"..": "x"}}, [("cfg/data/..", "invalid-value")]),
        ({"data": {"a": 1}}, [("cfg/data/a", "invalid-value")]),
        ({"binary_data": {"a": "?"}}, [("cfg/binary_data/a", "invalid-value")]),
        ({"data": {"a": "x" * (1024 * 1024)}}, [("cfg/data", "too-large")]),
    ],
)
def test_a_mistake_in_a_config_map_is_found(data: dict[str, Any], found: list[tuple[str, str]]) -> None:
    assert errors(node("cfg", "configmap", **data)) == found


def test_null_is_as_good_as_nothing() -> None:
    assert errors(web(namespace=None, readiness_probe=None, labels={"a": None})) == []


def test_two_mistakes_are_two_issues() -> None:
    assert errors(graph(web(name="A", image="")).nodes[0]) == [
        ("web/image", "invalid-value"),
        ("web/name", "invalid-value"),
    ]
