"""Checks of services: selectors, ports, endpoints, and the ways from outside."""

from __future__ import annotations

from typing import Any

import pytest

from shared.diagnostics.diagnose import fixes_of
from shared.diagnostics.models import FieldChange, NewWire
from shared.workflows.drawing.graph import Edge, Node
from tests.fixtures.workflows.helpers import node, web, wire
from tests.unit.shared.diagnostics.scenes import (
    HTTP,
    Json,
    a_pod,
    checks,
    endpoint_slice,
    event,
    live,
    named,
    scene,
)

PORT_80: Json = {"ports": [{"port": 80, "target_port": "http"}]}


def front(*parts: Node | Edge, related: tuple[Json, ...] = (), change: Json | None = None, **status: Any) -> Any:
    """The service ``front`` with its objects around it; ``change`` goes into its live spec."""
    item = live("front", *parts, **status)
    item["spec"] |= change or {}
    return scene("front", *parts, objects=(item,), related=related)


def wired(workload: Node | None = None, **service: Any) -> tuple[Node | Edge, ...]:
    return (
        workload or web(**HTTP),
        node("front", "service", **{**PORT_80, **service}),
        wire("front", "web", "service-selects"),
    )


def test_a_service_that_is_answered_passes() -> None:
    found = checks(front(*wired(), related=(a_pod(), endpoint_slice("front", _10_0_0_1=True))))
    assert {name: check.state for name, check in found.items()} == {
        "exists": "pass",
        "selector": "pass",
        "ports": "pass",
        "pods": "pass",
        "endpoints": "pass",
        "dns": "pass",
        "outside": "pass",
        "cluster-dns": "skip",
    }
    assert found["endpoints"].detail == "1 of 1 ready."
    assert (
        "front from the namespace shop, front.shop.svc from anywhere in the cluster on port 80" in found["dns"].detail
    )
    assert "only reached from inside" in found["outside"].detail


def test_a_service_without_selector_is_wired_to_the_only_workload() -> None:
    drawn = (web(**HTTP), node("front", "service", **PORT_80))
    fix = checks(front(*drawn))["selector"].fix
    assert fix is not None
    assert fix.wires == (NewWire(source="front", target="web", rule="service-selects"),)
    # of several the one that has the port, and nobody when that is not clear
    other = web("other", ports=[{"container_port": 9}])
    fix = checks(front(*drawn, other))["selector"].fix
    assert fix is not None
    assert fix.wires[0].target == "web"
    assert checks(front(*drawn, web("other", **HTTP)))["selector"].fix is None
    # in another namespace nothing is meant, and a stateful set would be changed as well
    assert checks(front(web(namespace="else", **HTTP), drawn[1]))["selector"].fix is None
    assert checks(front(node("web", "statefulset", image="nginx:1", **HTTP), drawn[1]))["selector"].fix is None


def test_a_selector_that_matches_nothing_gives_way_to_a_wire() -> None:
    drawn = (web(**HTTP), node("front", "service", selector={"app": "wbe"}, **PORT_80))
    found = checks(front(*drawn))["selector"]
    assert (found.state, "No pod in the namespace has the labels app=wbe" in found.detail) == ("fail", True)
    assert found.fix is not None
    assert found.fix.changes == (FieldChange(path="/selector", value={}),)
    assert found.evidence == ["service front: spec.selector = app=wbe"]


def test_a_selector_that_somebody_has_changed_asks_for_a_run() -> None:
    found = checks(front(*wired(), change={"selector": {"app": "x"}}))["selector"]
    assert (found.state, found.fix) == ("fail", None)
    assert "Run the workflow" in found.remedy


def test_a_workload_without_pods_is_named() -> None:
    found = checks(front(*wired()))
    assert "web has none now" in found["selector"].detail
    assert (found["endpoints"].state, "0 of 0 ready" in found["endpoints"].detail) == ("fail", True)
    found = checks(front(*wired(web(replicas=0, **HTTP))))
    assert (found["selector"].state, found["endpoints"].state) == ("warn", "warn")


def test_a_port_that_no_container_has_is_led_to_the_only_one() -> None:
    drawn = wired(
        ports=[{"name": "a", "port": 80, "target_port": "9090"}, {"name": "b", "port": 81, "target_port": "8080"}]
    )
    found = checks(front(*drawn, related=(a_pod(),)))["ports"]
    assert "Port 80 leads to 9090, which no container declares." in found.detail
    assert "service front: spec.ports[80].targetPort = 9090/TCP" in found.evidence
    assert found.fix is not None
    assert found.fix.changes == (FieldChange(path="/ports/0/target_port", value="http"),)


def test_a_port_by_a_name_that_is_not_there_fails() -> None:
    drawn = (
        web(**HTTP),
        node("front", "service", selector={"kubeorch.io/node": "web"}, ports=[{"port": 80, "target_port": "htpp"}]),
    )
    found = checks(front(*drawn, related=(a_pod(),)))["ports"]
    assert (found.state, "called htpp, which no container has" in found.detail) == ("fail", True)
    assert found.fix is not None
    assert found.fix.changes == (FieldChange(path="/ports/0/target_port", value="http"),)


def test_what_the_wire_decides_is_not_changed_on_the_node() -> None:
    options = {"ports": [{"port": "80", "target_port": "9090"}]}
    drawn = (web(**HTTP), node("front", "service", **PORT_80), wire("front", "web", "service-selects", **options))
    found = checks(front(*drawn, related=(a_pod(),)))["ports"]
    assert (found.state, found.fix) == ("warn", None)


def test_another_protocol_is_told_and_changed() -> None:
    workload = web(ports=[{"name": "dns", "container_port": 53, "protocol": "UDP"}])
    drawn = wired(workload, ports=[{"port": 53, "target_port": "53"}])
    found = checks(front(*drawn, related=(a_pod(workload),)))["ports"]
    assert "port 53 is TCP, but the container's port 53 is UDP" in found.detail.lower().replace("tcp", "TCP").replace(
        "udp", "UDP"
    )
    assert found.fix is not None
    assert found.fix.changes == (FieldChange(path="/ports/0/protocol", value="UDP"),)


def test_containers_that_declare_no_ports_leave_nothing_to_compare() -> None:
    drawn = wired(web(), ports=[{"port": 80, "target_port": "80"}])
    found = checks(front(*drawn, related=(a_pod(web()),)))["ports"]
    assert (found.state, "declare no ports" in found.detail) == ("pass", True)


def test_ready_and_late_pods_and_endpoints_are_counted() -> None:
    late = a_pod(name="web-2", ready=False, container={"state": {"waiting": {"reason": "CrashLoopBackOff"}}})
    slices = endpoint_slice("front", _10_0_0_1=True, _10_0_0_2=False)
    found = checks(front(*wired(), related=(a_pod(), late, slices)))
    assert found["pods"].detail == "1 of 2 ready. Not ready: web-2 (CrashLoopBackOff)."
    assert (found["endpoints"].state, found["endpoints"].detail) == ("warn", "1 of 2 ready.")
    assert "endpointSlice front-x: endpoints[10.0.0.2].conditions.ready = false" in found["endpoints"].evidence
    slices = endpoint_slice("front", _10_0_0_2=False)
    found = checks(front(*wired(), related=(late, slices)))
    assert (found["pods"].state, found["endpoints"].state) == ("fail", "fail")


def test_a_pending_load_balancer_says_what_is_missing() -> None:
    drawn = wired(type="LoadBalancer")
    given = front(*drawn, related=(a_pod(), named("Node", "m")))
    found = checks(given)["load-balancer"]
    assert found.state == "fail"
    assert "No controller has taken it up: there is no event about the service" in found.detail
    assert "no machine belongs to a cloud" in found.detail
    assert found.fix is not None
    assert found.fix.changes == (FieldChange(path="/type", value="NodePort"),)
    told = event(given.main, "SyncLoadBalancerFailed", "no pool has an address left")
    found = checks(front(*drawn, related=(told,)))["load-balancer"]
    assert "no pool has an address left" in found.detail
    ready = checks(front(*drawn, loadBalancer={"ingress": [{"ip": "192.0.2.9"}]}))
    assert ready["load-balancer"].detail == "Its address is 192.0.2.9."
    assert ready["outside"].detail == "At 192.0.2.9:80."


def test_a_node_port_is_reached_at_the_machines() -> None:
    machine = named("Node", "m", status={"addresses": [{"type": "InternalIP", "address": "10.1.1.1"}]})
    drawn = wired(type="NodePort")
    ports = {"ports": [{"port": 80, "targetPort": "http", "nodePort": 30080}]}
    assert "10.1.1.1:30080" in checks(front(*drawn, related=(machine,), change=ports))["outside"].detail
    assert "on port 30080" in checks(front(*drawn, change=ports))["outside"].detail


def test_a_wired_ingress_is_the_way_from_outside() -> None:
    gate = node("gate", "ingress", hosts=["shop.example.com"], paths=[{"id": "a"}])
    drawn = (*wired(), gate, Edge(id="e", source="gate", source_handle="path:a", target="front", data={}))
    assert "shop.example.com" in checks(front(*drawn))["outside"].detail


@pytest.mark.parametrize(("host", "state"), [("db.example.com", "pass"), ("10.0.0.1", "fail")])
def test_an_alias_must_be_a_host_name(host: str, state: str) -> None:
    drawn = node("front", "service", type="ExternalName", external_name="x.example.com")
    found = checks(front(drawn, change={"externalName": host}))
    assert found["external-name"].state == state
    assert "selector" not in found
    assert "endpoints" not in found


def test_a_headless_service_names_its_pods() -> None:
    found = checks(front(*wired(type="Headless")))["dns"]
    assert "<pod>.front.shop.svc" in found.detail
    assert "service front: spec.clusterIP = None" in found.evidence


def test_the_clusters_dns_is_looked_at() -> None:
    dns = named("Service", "kube-dns", metadata={"namespace": "kube-system", "labels": {"k8s-app": "kube-dns"}})
    answers = endpoint_slice("kube-dns", _10_0_0_9=True)
    answers["metadata"]["namespace"] = "kube-system"
    assert checks(front(*wired(), related=(dns, answers)))["cluster-dns"].state == "pass"
    assert checks(front(*wired(), related=(dns,)))["cluster-dns"].state == "fail"


def test_affinity_by_address_is_doubtful_where_addresses_are_replaced() -> None:
    assert checks(front(*wired(session_affinity="ClientIP")))["affinity"].state == "pass"
    assert checks(front(*wired(session_affinity="ClientIP", type="NodePort")))["affinity"].state == "warn"
    local = wired(session_affinity="ClientIP", type="NodePort", external_traffic_policy="Local")
    assert checks(front(*local))["affinity"].state == "pass"


def test_fixes_of_one_type_are_done_together() -> None:
    drawn = wired(ports=[{"name": "a", "port": 80, "target_port": "1"}, {"name": "b", "port": 81, "target_port": "2"}])
    fix = fixes_of(checks(front(*drawn, related=(a_pod(),))).values())["service-target-port"]
    assert [change.path for change in fix.changes] == ["/ports/0/target_port", "/ports/1/target_port"]
