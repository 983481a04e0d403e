"""What is said about services, ingresses, claims, autoscalers and policies."""

from __future__ import annotations

from typing import Any

import pytest

from shared.diagnostics.diagnose import fixes_of
from shared.diagnostics.models import FieldChange, NewWire
from shared.workflows.drawing.graph import Edge, Node
from tests.fixtures.workflows.helpers import node, web, wire
from tests.unit.shared.diagnostics.scenes import checks, endpoint_slice, event, live, named, pod, scene

Json = dict[str, Any]
HTTP: Json = {"ports": [{"name": "http", "container_port": 8080}]}
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


def a_pod(workload: Node | None = None, **more: Any) -> Json:
    return pod(live("web", workload or web(**HTTP)), **{"ready": True, **more})


# -- services -------------------------------------------------------------------------------------------------------


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


# -- ingresses ------------------------------------------------------------------------------------------------------


def gate(
    *classes: Json, path: Json | None = None, related: tuple[Json, ...] = (), data: Json | None = None, **status: Any
) -> Any:
    paths = [{"id": "a", "path": "/", "service": "front", "port": "80", **(path or {})}]
    drawn = node("gate", "ingress", paths=paths, **(data or {}))
    item = live("gate", drawn, **status)
    return scene("gate", drawn, objects=(item,), related=(*classes, *related))


def ingress_class(name: str, *, default: bool = False) -> Json:
    marks = {"ingressclass.kubernetes.io/is-default-class": "true"} if default else {}
    return named("IngressClass", name, metadata={"annotations": marks}, spec={"controller": f"example.com/{name}"})


SERVICE = named("Service", "front", spec={"ports": [{"port": 80}]})
ANSWERS = endpoint_slice("front", _10_0_0_1=True)


def test_an_ingress_that_works_passes() -> None:
    given = gate(
        ingress_class("nginx"),
        related=(SERVICE, ANSWERS),
        data={"ingress_class": "nginx"},
        loadBalancer={"ingress": [{"ip": "192.0.2.1"}]},
    )
    found = checks(given)
    assert {check.state for check in found.values()} == {"pass"}
    assert found["backends"].detail == "*/ → front:80."
    assert found["admitted"].detail == "Admitted at 192.0.2.1."


def test_a_class_that_does_not_exist_is_replaced_by_the_only_one() -> None:
    found = checks(gate(ingress_class("nginx"), data={"ingress_class": "traefik"}))["ingress-class"]
    assert "There is no ingress class traefik; the cluster has nginx." in found.detail
    assert found.fix is not None
    assert found.fix.changes == (FieldChange(path="/ingress_class", value="nginx"),)
    several = (ingress_class("a"), ingress_class("b"))
    assert checks(gate(*several))["ingress-class"].fix is None
    fix = checks(gate(*several, ingress_class("c", default=True), data={"ingress_class": "x"}))["ingress-class"].fix
    assert fix is not None
    assert fix.changes[0].value == "c"
    assert "no ingress class at all" in checks(gate())["ingress-class"].detail


def test_backends_that_are_not_there_are_told() -> None:
    assert "the service front, which does not exist" in checks(gate())["backends"].detail
    found = checks(gate(path={"port": "8080"}, related=(SERVICE, ANSWERS)))["backends"]
    assert "port 8080 of front, which has 80" in found.detail
    assert found.fix is not None
    assert found.fix.changes == (FieldChange(path="/paths/0/port", value="80"),)
    assert "nobody answers behind front" in checks(gate(related=(SERVICE,)))["backends"].detail


def test_an_ingress_without_an_address_shows_the_last_event() -> None:
    given = gate(related=(SERVICE, ANSWERS))
    assert "There is no event about it" in checks(given)["admitted"].detail
    told = event(given.main, "Rejected", "host is taken")
    assert "host is taken" in checks(gate(related=(told,)))["admitted"].detail


def test_certificates_are_looked_for_by_their_keys() -> None:
    data = {"tls": [{"hosts": ["a.example.com"], "secret": "cert"}]}
    assert "the secret cert does not exist" in checks(gate(data=data))["tls"].detail
    fields: list[Json] = [{"fieldsV1": {"f:data": {"f:tls.crt": {}}}}]
    half = named("Secret", "cert", metadata={"managedFields": fields})
    assert "has no tls.key" in checks(gate(data=data, related=(half,)))["tls"].detail
    fields[0]["fieldsV1"]["f:data"]["f:tls.key"] = {}
    assert checks(gate(data=data, related=(half,)))["tls"].state == "pass"


# -- claims, autoscalers, policies ----------------------------------------------------------------------------------

CLAIM = node("data", "persistentvolumeclaim", storage="1Gi")


def storage_class(name: str, *, default: bool = False, mode: str = "Immediate") -> Json:
    marks = {"storageclass.kubernetes.io/is-default-class": "true"} if default else {}
    return named(
        "StorageClass", name, metadata={"annotations": marks}, provisioner="example.com/disk", volumeBindingMode=mode
    )


def claim(*related: Json, phase: str = "Pending", **data: Any) -> Any:
    drawn = node("data", "persistentvolumeclaim", storage="1Gi", **data)
    return scene("data", drawn, objects=(live("data", drawn, phase=phase),), related=related)


def test_a_bound_claim_passes() -> None:
    given = claim(storage_class("disk", default=True), phase="Bound")
    assert {check.state for check in checks(given).values()} == {"pass"}


def test_a_claim_without_a_class_says_which_there_are() -> None:
    found = checks(claim(storage_class("disk"), storage_class="fast"))["storage-class"]
    assert found.detail == "There is no storage class fast."
    assert "Choose one of disk" in found.remedy
    assert "no default one" in checks(claim(storage_class("disk")))["storage-class"].detail


def test_a_claim_that_waits_for_its_first_pod_is_no_failure() -> None:
    late = storage_class("disk", default=True, mode="WaitForFirstConsumer")
    found = checks(claim(late))["bound"]
    assert (found.state, "WaitForFirstConsumer" in found.detail) == ("warn", True)
    uses = {"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]}
    assert "for web-1" in checks(claim(late, pod(None, spec=uses)))["bound"].detail


def test_what_the_provisioner_says_is_shown() -> None:
    given = claim(storage_class("disk", default=True))
    told = event(given.main, "ProvisioningFailed", "no space in the pool")
    found = checks(claim(storage_class("disk", default=True), told))["bound"]
    assert (found.state, "no space in the pool" in found.detail) == ("fail", True)
    assert checks(claim(phase="Lost"))["bound"].state == "fail"


def scaler(*conditions: Json, **status: Any) -> Any:
    drawn = (
        web(resources={"requests": {"cpu": "10m"}}),
        node("scaler", "hpa", min_replicas=1, max_replicas=5, cpu_percent=50),
        wire("scaler", "web", "hpa-scales"),
    )
    return scene("scaler", *drawn, objects=(live("scaler", *drawn, conditions=list(conditions), **status),))


ABLE: Json = {"type": "AbleToScale", "status": "True"}


def test_an_autoscaler_that_works_passes() -> None:
    found = checks(scaler(ABLE, {"type": "ScalingActive", "status": "True"}, currentReplicas=2, desiredReplicas=2))
    assert {check.state for check in found.values()} == {"pass"}


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("failed to get cpu utilization: missing request for cpu in container web of Pod web-1", "Request cpu"),
        (
            (
                "unable to fetch metrics from resource metrics API: the server could not find the requested resource "
                "(get pods.metrics.k8s.io)"
            ),
            "metrics API",
        ),
        ("no metrics returned from resource metrics API", "Wait for the first figures"),
    ],
)
def test_metrics_that_cannot_be_read_have_a_remedy(message: str, words: str) -> None:
    reason = {"type": "ScalingActive", "status": "False", "reason": "FailedGetResourceMetric", "message": message}
    found = checks(scaler(ABLE, reason))["metrics"]
    assert (found.state, words in found.remedy) == ("fail", True)


def test_a_scaler_without_target_or_at_its_bound_says_so() -> None:
    lost = {"type": "AbleToScale", "status": "False", "message": 'deployments.apps "web" not found'}
    assert checks(scaler(lost))["target"].state == "fail"
    assert checks(scaler())["target"].state == "warn"
    limited = {"type": "ScalingLimited", "status": "True", "reason": "TooManyReplicas"}
    assert checks(scaler(ABLE, limited))["scales"].state == "warn"


def policy(*related: Json, **data: Any) -> Any:
    drawn = (web(), node("wall", "networkpolicy", **data), wire("wall", "web", "policy-protects"))
    return scene("wall", *drawn, objects=(live("wall", *drawn),), related=related)


def test_a_policy_names_its_pods_or_has_no_effect() -> None:
    assert checks(policy(a_pod(web())))["selects"].state == "pass"
    assert checks(policy())["selects"].state == "warn"


def test_a_policy_that_cuts_off_names_is_told() -> None:
    assert checks(policy(policy_types=["Egress"]))["dns-egress"].state == "warn"
    rule = {"id": "dns", "ports": [{"port": "53", "protocol": "UDP"}]}
    assert checks(policy(policy_types=["Egress"], egress=[rule]))["dns-egress"].state == "pass"
    wide = {"id": "low", "ports": [{"port": "1", "end_port": 100}]}
    assert checks(policy(policy_types=["Egress"], egress=[wide]))["dns-egress"].state == "pass"
    assert "dns-egress" not in checks(policy())


def test_expressions_select_several_workloads() -> None:
    drawn = (
        web(),
        web("other"),
        node("wall", "networkpolicy"),
        wire("wall", "web", "policy-protects"),
        wire("wall", "other", "policy-protects"),
    )
    stranger = a_pod(web(), name="x", labels={"kubeorch.io/node": "else"})
    item = live("wall", *drawn)
    found = checks(scene("wall", *drawn, objects=(item,), related=(a_pod(web()), stranger)))["selects"]
    assert found.detail == "1 pod: web-1."


def test_other_kinds_are_judged_by_their_conditions() -> None:
    drawn = node("budget", "poddisruptionbudget", min_available="1")
    item = live("budget", web(), drawn, wire("budget", "web"))
    assert list(checks(scene("budget", web(), drawn, wire("budget", "web"), objects=(item,)))) == ["exists"]
    item["status"]["conditions"] = [{"type": "Ready", "status": "False", "message": "no licence"}]
    found = checks(scene("budget", web(), drawn, wire("budget", "web"), objects=(item,)))["status"]
    assert (found.state, found.detail) == ("fail", "Not ready: no licence")


def test_fixes_of_one_type_are_done_together() -> None:
    drawn = wired(ports=[{"name": "a", "port": 80, "target_port": "1"}, {"name": "b", "port": 81, "target_port": "2"}])
    fix = fixes_of(checks(front(*drawn, related=(a_pod(),))).values())["service-target-port"]
    assert [change.path for change in fix.changes] == ["/ports/0/target_port", "/ports/1/target_port"]
