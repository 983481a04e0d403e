from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from shared.errors import InvalidInput
from shared.workflows.compile.manifests import compile_graph
from shared.workflows.compile.wire_effects import effects
from shared.workflows.drawing.graph import Edge, Graph, Node
from shared.workflows.models import WireEffect
from shared.workflows.wires.table import BY_ID
from tests.fixtures.workflows.goldens import Golden, all_goldens
from tests.fixtures.workflows.helpers import CONTEXT, graph, node, web, wire
from tests.fixtures.workflows.strategies import any_graphs, sound_graphs

POD = "spec.template.spec"
SERVED = web(ports=[{"name": "http", "container_port": 8080}])
SERVICE = node("front", "service", ports=[{"name": "http", "port": 80}])
KEYS = node("conf", "configmap", data={"MODE": "fast"})
TOKEN = node("token", "secret", keys=["PIN"])
POLICY = node("rules", "networkpolicy", ingress=[{"id": "r1"}], egress=[{"id": "r2"}])
TYPES = ["Ingress", "Egress"]
DATABASE = node("db", "custom-resource", api_version="shop.example.com/v1", kind="Database")
INGRESS = node("edge", "ingress", hosts=["shop.example.com"], paths=[{"id": "p1", "path": "/"}])


def between(source: Node, target: Node, rule: str, handle: str | None = None, **data: Any) -> tuple[Node | Edge, ...]:
    edge = Edge(
        id="w",
        source=source.id,
        source_handle=handle,
        target=target.id,
        type=BY_ID[rule].edge_type,
        data={"rule": rule, **data},
    )
    return source, target, edge


def written(*parts: Node | Edge) -> list[tuple[str, str, str]]:
    """Return node, kind and path of each effect of the wire ``w``."""
    return [(item.node_id, item.object.kind, item.path) for item in effects(graph(*parts), ["w"], CONTEXT)]


WRITTEN: dict[str, tuple[tuple[Node | Edge, ...], list[tuple[str, str, str]]]] = {
    "service-selects": (
        between(SERVICE, SERVED, "service-selects"),
        [("front", "Service", "spec.ports[http].targetPort"), ("front", "Service", "spec.selector")],
    ),
    "ingress-path": (
        between(INGRESS, SERVICE, "ingress-path", "path:p1"),
        [("edge", "Ingress", "spec.rules")],
    ),
    "ingress-serves": (
        between(node("edge", "ingress"), SERVICE, "ingress-serves"),
        [("edge", "Ingress", "spec.defaultBackend")],
    ),
    "config-env": (
        between(KEYS, web(), "config-env"),
        [("web", "Deployment", f"{POD}.containers[web].envFrom")],
    ),
    "config-files": (
        between(KEYS, web(), "config-files"),
        [("web", "Deployment", f"{POD}.containers[web].volumeMounts"), ("web", "Deployment", f"{POD}.volumes")],
    ),
    "secret-env": (
        between(TOKEN, web(), "secret-env", keys=[{"key": "PIN"}]),
        [("web", "Deployment", f"{POD}.containers[web].env")],
    ),
    "secret-files": (
        between(TOKEN, web(), "secret-files"),
        [("web", "Deployment", f"{POD}.containers[web].volumeMounts"), ("web", "Deployment", f"{POD}.volumes")],
    ),
    "claim-volume": (
        between(node("disk", "persistentvolumeclaim", storage="1Gi"), web(), "claim-volume", mount_path="/data"),
        [("web", "Deployment", f"{POD}.containers[web].volumeMounts"), ("web", "Deployment", f"{POD}.volumes")],
    ),
    "hpa-scales": (
        between(node("auto", "hpa", min_replicas=1, max_replicas=3, cpu_percent=70), web(replicas=2), "hpa-scales"),
        [("auto", "HorizontalPodAutoscaler", "spec.scaleTargetRef"), ("web", "Deployment", "spec.replicas")],
    ),
    "budget-guards": (
        between(node("calm", "poddisruptionbudget", min_available=1), web(), "budget-guards"),
        [("calm", "PodDisruptionBudget", "spec.selector")],
    ),
    "policy-protects": (
        between(POLICY, web(), "policy-protects"),
        [("rules", "NetworkPolicy", "spec.podSelector.matchLabels")],
    ),
    "policy-from": (
        between(POLICY, web(), "policy-from", "ingress:r1"),
        [("rules", "NetworkPolicy", "spec.ingress[0].from")],
    ),
    "policy-to": (
        between(POLICY, web(), "policy-to", "egress:r2"),
        [("rules", "NetworkPolicy", "spec.egress[0].to")],
    ),
    "account-runs": (
        between(node("robot", "serviceaccount"), web(), "account-runs"),
        [("web", "Deployment", f"{POD}.serviceAccountName")],
    ),
    "role-grants": (
        between(
            node("reader", "role", rules=[{"api_groups": [""], "resources": ["pods"], "verbs": ["get"]}]),
            node("robot", "serviceaccount"),
            "role-grants",
        ),
        [("reader", "RoleBinding", "")],
    ),
    "resource-names": (
        between(DATABASE, TOKEN, "resource-names", path="/spec/secretName"),
        [("db", "Database", "spec")],
    ),
    "namespace-holds": (
        between(node("team", "namespace"), web(), "namespace-holds"),
        [("web", "Deployment", "metadata.namespace")],
    ),
    "start-after": (between(web(), web("first"), "start-after"), []),
    "apply-after": (between(SERVICE, web(), "apply-after"), []),
}


def test_every_rule_of_the_table_is_tried() -> None:
    assert WRITTEN.keys() == BY_ID.keys()


@pytest.mark.parametrize("rule", WRITTEN)
def test_a_wire_writes_the_fields_of_its_rule(rule: str) -> None:
    parts, expected = WRITTEN[rule]
    found = [place for place in written(*parts) if "annotations" not in place[2]]
    assert found == expected


@pytest.mark.parametrize("rule", ["config-env", "config-files", "secret-env", "secret-files"])
def test_configuration_also_writes_the_checksum_that_replaces_pods(rule: str) -> None:
    parts, _ = WRITTEN[rule]
    assert any(path.startswith("spec.template.metadata.annotations") for _, _, path in written(*parts))


def test_values_before_and_after_are_told() -> None:
    parts, _ = WRITTEN["hpa-scales"]
    target, replicas = effects(graph(*parts), ["w"], CONTEXT)
    assert (target.before, target.after) == (None, {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"})
    assert (replicas.before, replicas.after) == (2, None)
    assert replicas.object.model_dump() == {
        "api_version": "apps/v1",
        "kind": "Deployment",
        "namespace": "shop",
        "name": "web",
    }


def test_what_other_wires_write_stays_out() -> None:
    other = node("more", "configmap", data={"LEVEL": "1"})
    parts = between(KEYS, web(), "config-env")
    found = effects(graph(*parts, other, wire("more", "web", "config-env")), ["w"], CONTEXT)
    [env] = [item for item in found if "envFrom" in item.path]
    assert (env.path[-3:], env.before, env.after) == ("[0]", None, {"configMapRef": {"name": "conf"}})


def test_a_namespace_goes_along_into_what_names_it() -> None:
    # the peer is in another namespace only because of the wire
    parts = between(node("team", "namespace"), POLICY, "namespace-holds")
    peer = Edge(id="p", source="rules", source_handle="ingress:r1", target="web", data={"rule": "policy-from"})
    found = effects(graph(*parts, web(), peer), ["w"], CONTEXT)
    assert [(item.path, item.before, item.after) for item in found if item.path == "metadata.namespace"] == [
        ("metadata.namespace", "shop", "team")
    ]
    assert any(item.path.startswith("spec.ingress[0].from[0].namespaceSelector") for item in found)


def test_a_stateful_set_makes_its_service_only_where_none_is_wired() -> None:
    store = node("db", "statefulset", image="postgres:17", ports=[{"name": "sql", "container_port": 5432}])
    service = node("names", "service", type="Headless", ports=[{"port": 5432}])
    found = effects(graph(*between(service, store, "service-selects")), ["w"], CONTEXT)
    [gone] = [item for item in found if item.path == ""]
    assert (gone.object.kind, gone.after) == ("Service", None)
    assert [item.after for item in found if item.path == "spec.serviceName"] == ["names"]


def test_secret_values_stay_masked() -> None:
    context = replace(
        CONTEXT, secrets={"token": {"PIN": b"canary-4711"}}, secret_versions={"token": "v1"}, mask_secrets=True
    )
    for rule in ("secret-env", "secret-files"):
        parts, _ = WRITTEN[rule]
        assert "canary-4711" not in repr(effects(graph(*parts), ["w"], context))
    held = graph(*between(node("team", "namespace"), TOKEN, "namespace-holds"))
    assert "canary-4711" not in repr(effects(held, ["w"], context))


def test_a_wire_that_is_not_there_is_named_with_its_place() -> None:
    parts, _ = WRITTEN["hpa-scales"]
    with pytest.raises(InvalidInput) as caught:
        effects(graph(*parts), ["w", "gone"], CONTEXT)
    assert (caught.value.code, [field.path for field in caught.value.fields]) == ("wire-unknown", ["wires.1"])
    assert "gone" in caught.value.message


def test_a_wire_that_is_named_twice_is_told_once() -> None:
    parts, _ = WRITTEN["service-selects"]
    drawn = graph(*parts)
    assert effects(drawn, ["w", "w"], CONTEXT) == effects(drawn, ["w"], CONTEXT)


def without(drawn: Graph, edge_id: str) -> Graph:
    return Graph(nodes=drawn.nodes, edges=[edge for edge in drawn.edges if edge.id != edge_id])


def names(manifests: Sequence[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(item["kind"], item["metadata"]["name"]) for item in manifests}


@given(sound_graphs())
def test_no_effect_means_that_both_ends_compile_alike(drawn: Graph) -> None:
    whole = compile_graph(drawn, CONTEXT)
    for edge in drawn.edges:
        found: list[WireEffect] = effects(drawn, [edge.id], CONTEXT)
        less = compile_graph(without(drawn, edge.id), CONTEXT)
        for end in (edge.source, edge.target):
            before = [item.manifest for item in less.items if item.node_id == end]
            after = [item.manifest for item in whole.items if item.node_id == end]
            assert (before != after) == any(item.node_id == end for item in found)
            assert names(before) == names(after)


@given(any_graphs())
def test_effects_can_be_told_of_whatever_can_be_stored(drawn: Graph) -> None:
    found = effects(drawn, [edge.id for edge in drawn.edges], CONTEXT)
    ends = {(edge.id, node_id) for edge in drawn.edges for node_id in (edge.source, edge.target)}
    assert {(item.edge_id, item.node_id) for item in found} <= ends


@pytest.mark.parametrize("golden", all_goldens(), ids=lambda golden: golden.name)
def test_the_wires_of_golden_graphs_write_what_compiling_without_them_lacks(golden: Golden) -> None:
    for edge in golden.graph.edges:
        found = effects(golden.graph, [edge.id], golden.context)
        assert bool(found) is (edge.type == "wires")
