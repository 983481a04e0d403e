"""Ways to a service: its names and addresses from inside and outside, load balancer, cluster DNS."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from shared.diagnostics import read
from shared.diagnostics.checks.services import is_alias
from shared.diagnostics.models import About, Check, FieldChange, Fix
from shared.diagnostics.scene import Scene
from shared.kubernetes.objects import Manifest
from shared.sentences import plural

ALIAS = About("external-name", "The host it stands for")
BALANCER = About("load-balancer", "Load balancer")
NAMES = About("dns", "Names and addresses inside")
OUTSIDE = About("outside", "From outside")
CLUSTER_DNS = About("cluster-dns", "The cluster's DNS")
AFFINITY = About("affinity", "The same client, the same pod")
DNS_NAMESPACE, DNS_LABEL, DNS_NAME = "kube-system", "k8s-app", "kube-dns"
DEFAULT_AFFINITY_SECONDS = 10_800


def addresses(scene: Scene) -> Iterator[Check]:
    """Check the ways to a service: alias, load balancer, names, cluster DNS, affinity."""
    live = scene.main
    if live is None:
        return
    if is_alias(live):
        yield _alias(live)
        yield from _names(live)
        return
    if read.text(live, "spec", "type") == "LoadBalancer":
        yield _balancer(live, scene)
    yield from _names(live)
    yield _outside(live, scene)
    yield _cluster_dns(scene)
    if read.text(live, "spec", "sessionAffinity") == "ClientIP":
        yield _affinity(live)


def _alias(live: Manifest) -> Check:
    host = read.text(live, "spec", "externalName")
    evidence = [read.said(live, "spec.externalName", host or "none")]
    if not host:
        return ALIAS.fail("It stands for no host.", "Set its external name.", evidence)
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return ALIAS.ok(
            f"Its name is an alias of {host}; whether that host answers is not seen from the cluster's objects.",
            *evidence,
        )
    return ALIAS.fail(
        f"{host} is an IP address: DNS takes it for a host name, and it will not resolve.",
        "Set a host name, or use a service without selector and make its endpoints by hand.",
        evidence,
    )


def _balancer(live: Manifest, scene: Scene) -> Check:
    found = _given(live)
    if found:
        return BALANCER.ok(
            f"Its address is {found[0]}.", read.said(live, "status.loadBalancer.ingress", ", ".join(found))
        )
    evidence = [read.said(live, "status.loadBalancer.ingress", "none")]
    events = scene.events(live)
    evidence += [f"event about the service: message = {read.words(event, 'message')}" for event in events[-3:]]
    wanted = read.text(live, "spec", "loadBalancerClass")
    if wanted:
        evidence.append(read.said(live, "spec.loadBalancerClass", wanted))
    bad = [event for event in events if read.text(event, "type") == "Warning"]
    if bad:
        missing = f"Its controller says: {read.words(bad[-1], 'message')}"
    elif events:
        missing = f"Its controller is at work: {read.words(events[-1], 'message')}"
    elif wanted:
        missing = f"No controller has taken up the class {wanted}: there is no event about the service"
    else:
        missing = "No controller has taken it up: there is no event about the service"
    clouds = [machine for machine in scene.all("Node") if read.text(machine, "spec", "providerID")]
    if scene.all("Node") and not clouds:
        missing += ", and no machine belongs to a cloud that could give an address"
        evidence.append(read.said(scene.all("Node")[0], "spec.providerID", "none"))
    return BALANCER.fail(
        f"It waits for an address. {missing}.",
        "Install a load balancer's controller (such as MetalLB) or use the cloud's, or choose another type of service.",
        evidence,
        _node_port_fix(scene),
    )


def _node_port_fix(scene: Scene) -> Fix | None:
    """Offer the machines' own addresses, unless a field asks for a feature that only a load balancer has."""
    fields = ("load_balancer_ip", "load_balancer_class", "load_balancer_source_ranges")
    if scene.data.get("type") != "LoadBalancer" or any(scene.data.get(field) for field in fields):
        return None
    return Fix(
        type="service-node-port",
        title="Make it a NodePort service, reached at the machines' own addresses",
        how="graph",
        target="/type",
        changes=(FieldChange(path="/type", value="NodePort"),),
    )


def _given(live: Manifest) -> list[str]:
    entries = read.maps(live, "status", "loadBalancer", "ingress")
    return [found for entry in entries if (found := read.text(entry, "ip") or read.text(entry, "hostname"))]


def _names(live: Manifest) -> Iterator[Check]:
    name, namespace = read.name(live), read.text(live, "metadata", "namespace")
    ports = [read.text(port, "port") for port in read.maps(live, "spec", "ports")]
    shown = f" on port {', '.join(ports)}" if ports else ""
    words = f"{name} from the namespace {namespace}, {name}.{namespace}.svc from anywhere in the cluster{shown}."
    address = read.text(live, "spec", "clusterIP")
    evidence = [read.said(live, "metadata.namespace", namespace)]
    if address == "None":
        evidence.append(read.said(live, "spec.clusterIP", "None"))
        words += (
            f" It is headless: the name leads to the pods' own addresses, and the pods of a stateful set are "
            f"<pod>.{name}.{namespace}.svc."
        )
    elif address:
        evidence.append(read.said(live, "spec.clusterIP", address))
        words += f" Its address is {address}."
    yield NAMES.ok(words, *evidence)


def _outside(live: Manifest, scene: Scene) -> Check:
    kind = read.text(live, "spec", "type") or "ClusterIP"
    places, evidence = _given(live), [read.said(live, "spec.type", kind)]
    ports = read.maps(live, "spec", "ports")
    if places:
        reached = [f"{place}:{read.text(port, 'port')}" for place in places for port in ports]
        return OUTSIDE.ok(f"At {', '.join(reached[:4])}.", *evidence)
    opened = [read.text(port, "nodePort") for port in ports if read.text(port, "nodePort")]
    if kind in {"NodePort", "LoadBalancer"} and opened:
        machines = [
            read.text(entry, "address")
            for wanted in ("ExternalIP", "InternalIP")
            for machine in scene.all("Node")
            for entry in read.maps(machine, "status", "addresses")
            if read.text(entry, "type") == wanted
        ]
        evidence += [
            read.said(live, f"spec.ports[{read.text(port, 'port')}].nodePort", read.text(port, "nodePort"))
            for port in ports
        ]
        if machines:
            return OUTSIDE.ok(f"At every machine, such as {machines[0]}:{opened[0]}.", *evidence)
        return OUTSIDE.ok(f"At every machine on port {', '.join(opened)}.", *evidence)
    hosts = _hosts(scene)
    if hosts:
        return OUTSIDE.ok(f"Through the ingress at {', '.join(hosts)}.", *evidence)
    return OUTSIDE.ok(
        "It is only reached from inside the cluster. For outside: wire an ingress to it, or make it a NodePort or "
        "LoadBalancer service.",
        *evidence,
    )


def _hosts(scene: Scene) -> list[str]:
    """Return the hosts of the ingresses that are wired to it, as the graph has them."""
    sources = {edge.source for edge in scene.graph.edges if edge.target == scene.node.id}
    found: list[str] = []
    for item in scene.graph.nodes:
        if item.id in sources and item.type == "ingress":
            hosts = item.data.get("hosts")
            found += [str(host) for host in hosts] if isinstance(hosts, list) and hosts else ["any host"]
    return found


def _cluster_dns(scene: Scene) -> Check:
    if "DNS" in scene.unseen:
        return CLUSTER_DNS.skip(scene.unseen["DNS"])
    services = [
        item
        for item in scene.all("Service")
        if read.text(item, "metadata", "namespace") == DNS_NAMESPACE and read.labels(item).get(DNS_LABEL) == DNS_NAME
    ]
    if not services:
        return CLUSTER_DNS.skip(
            f"{DNS_NAMESPACE} has no service with the label {DNS_LABEL}={DNS_NAME}; whether names resolve is not known."
        )
    name = read.name(services[0])
    ready = 0
    for item in scene.all("EndpointSlice"):
        if (
            read.text(item, "metadata", "namespace") == DNS_NAMESPACE
            and read.labels(item).get("kubernetes.io/service-name") == name
        ):
            ready += sum(read.dig(entry, "conditions", "ready") is not False for entry in read.maps(item, "endpoints"))
    evidence = f"endpointSlices of service {DNS_NAMESPACE}/{name}: ready endpoints = {ready}"
    if ready:
        return CLUSTER_DNS.ok(f"{plural(ready, 'server')} ready.", evidence)
    return CLUSTER_DNS.fail(
        "None of the cluster's DNS servers is ready: no name resolves inside it.",
        f"Look at the pods of {DNS_NAMESPACE} with the label {DNS_LABEL}={DNS_NAME}.",
        [evidence],
    )


def _affinity(live: Manifest) -> Check:
    seconds = read.number(
        live, "spec", "sessionAffinityConfig", "clientIP", "timeoutSeconds", otherwise=DEFAULT_AFFINITY_SECONDS
    )
    kind, policy = read.text(live, "spec", "type"), read.text(live, "spec", "externalTrafficPolicy")
    evidence = [read.said(live, "spec.sessionAffinity", "ClientIP")]
    if kind in {"NodePort", "LoadBalancer"} and policy != "Local":
        evidence.append(read.said(live, "spec.externalTrafficPolicy", policy or "Cluster"))
        return AFFINITY.warn(
            "Clients from outside may come with the address of a machine instead of their own, and then many of them "
            "share one pod.",
            "Set the external traffic policy to Local, so that their own addresses are kept.",
            evidence,
        )
    return AFFINITY.ok(f"A client's address leads to the same pod for {seconds} s.", *evidence)
