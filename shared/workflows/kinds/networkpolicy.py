"""NetworkPolicy: who may talk to whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from shared.kubernetes import labels
from shared.workflows.drawing.effects import Peer, PodSelection, Wired
from shared.workflows.drawing.issues import Issue, pointer
from shared.workflows.kinds.fields.base import (
    IN,
    OUT,
    CardRow,
    CompileContext,
    Fields,
    Handle,
    Hint,
    Json,
    Kind,
    Manifest,
    ObjectFields,
    Stage,
    Subject,
    compact,
    dump,
    make_manifest,
)
from shared.workflows.kinds.fields.scheduling import Selector
from shared.workflows.kinds.fields.types import ItemId, PortNumber, PortRef, SelectorLabels, port_number_or_name
from shared.workflows.kinds.service import Cidr

NAMESPACE_LABEL = "kubernetes.io/metadata.name"


class PodPeer(Fields):
    """Pods by their labels."""

    type: Literal["pods"]
    pods: Annotated[Selector, Hint(help="Left empty: all pods.")] = Selector()
    namespaces: Annotated[Selector | None, Hint(help="Left empty: the policy's own namespace.")] = None


class NamespacePeer(Fields):
    """All pods of some namespaces."""

    type: Literal["namespaces"]
    namespaces: Annotated[Selector, Hint(help="Left empty: all namespaces.")] = Selector()


class AddressPeer(Fields):
    """A network."""

    type: Literal["addresses"]
    cidr: Annotated[Cidr, Hint(widget="cidr", placeholder="10.0.0.0/8")]
    but_not: Annotated[list[Cidr], Hint(widget="list")] = []


PolicyPeer = Annotated[PodPeer | NamespacePeer | AddressPeer, Field(discriminator="type")]


class PolicyPort(Fields):
    """A port, or a range of ports."""

    port: Annotated[PortRef, Hint(widget="port")]
    end_port: Annotated[PortNumber | None, Hint(widget="port", help="The last of a range.")] = None
    protocol: Literal["TCP", "UDP", "SCTP"] = "TCP"


class PolicyRule(Fields):
    """Who may talk, and on which ports."""

    id: Annotated[ItemId, Hint(widget="hidden")]
    peers: Annotated[
        list[PolicyPeer], Hint(widget="repeater", help="Beside what is wired; none at all: everybody.")
    ] = []
    ports: Annotated[list[PolicyPort], Hint(widget="repeater", help="Left empty: all ports.")] = []


class NetworkPolicyFields(ObjectFields):
    """The fields of a NetworkPolicy."""

    pod_selector: Annotated[
        SelectorLabels,
        Hint("selection", "map", help="Pods it protects; left empty: the wired workloads, else the whole namespace."),
    ] = {}
    policy_types: Annotated[
        list[Literal["Ingress", "Egress"]],
        Field(min_length=1, max_length=2),
        Hint("selection", "list", help="What no rule allows is refused, in these directions."),
    ] = ["Ingress"]
    ingress: Annotated[list[PolicyRule], Hint("incoming", "repeater"), Field(max_length=100)] = []
    egress: Annotated[list[PolicyRule], Hint("outgoing", "repeater"), Field(max_length=100)] = []


def selection(selections: list[PodSelection]) -> Json:
    """Return a selector for the pods of one or of several workloads of a workflow."""
    if len(selections) == 1:
        return {"matchLabels": dict(selections[0].labels)}
    nodes = sorted(item.labels[labels.NODE] for item in selections)
    return {
        "matchLabels": {labels.WORKFLOW: selections[0].labels[labels.WORKFLOW]},
        "matchExpressions": [{"key": labels.NODE, "operator": "In", "values": nodes}],
    }


def _peer(peer: PodPeer | NamespacePeer | AddressPeer) -> Json:
    if isinstance(peer, AddressPeer):
        return {"ipBlock": compact({"cidr": peer.cidr, "except": list(peer.but_not)})}
    if isinstance(peer, NamespacePeer):
        return {"namespaceSelector": dump(peer.namespaces)}
    found: Json = {"podSelector": dump(peer.pods)}
    if peer.namespaces is not None:
        found["namespaceSelector"] = dump(peer.namespaces)
    return found


def _wired_peer(peer: Peer, own_namespace: str | None) -> Json:
    found: Json = {}
    if peer.namespace is not None and (peer.pods is None or peer.namespace != own_namespace):
        found["namespaceSelector"] = {"matchLabels": {NAMESPACE_LABEL: peer.namespace}}
    if peer.pods is not None:
        found["podSelector"] = {"matchLabels": dict(peer.pods)}
    return found


def _port(port: PolicyPort) -> Json:
    return compact({"protocol": port.protocol, "port": port_number_or_name(port.port), "endPort": port.end_port})


def _rule(rule: PolicyRule, side: str, direction: str, wired: Wired, own: str | None) -> Json:
    peers = [_peer(peer) for peer in rule.peers]
    peers += [_wired_peer(peer, own) for peer in wired.all(Peer) if peer.item == f"{direction}:{rule.id}"]
    found: Json = {}
    if peers:
        found[side] = peers
    if rule.ports:
        found["ports"] = [_port(port) for port in rule.ports]
    return found


def _manifests(subject: Subject[NetworkPolicyFields], wired: Wired, context: CompileContext) -> list[Manifest]:
    data, own = subject.data, subject.namespace
    selections = wired.all(PodSelection)
    chosen: Json = {"matchLabels": dict(data.pod_selector)} if data.pod_selector else {}
    spec: Json = {
        "podSelector": selection(selections) if selections else chosen,
        "policyTypes": sorted(set(data.policy_types), reverse=True),
    }
    if data.ingress:
        spec["ingress"] = [_rule(rule, "from", "ingress", wired, own) for rule in data.ingress]
    if data.egress:
        spec["egress"] = [_rule(rule, "to", "egress", wired, own) for rule in data.egress]
    return [make_manifest(subject, context, spec=spec)]


def _checks(subject: Subject[NetworkPolicyFields], wired: Wired, context: CompileContext) -> Iterator[Issue]:
    del context
    data = subject.data
    if data.pod_selector and wired.all(PodSelection):
        yield subject.error(
            "selector-and-wire", "The wires select the pods already; leave this empty.", "/pod_selector"
        )
    for name, rules in (("ingress", data.ingress), ("egress", data.egress)):
        if rules and name.capitalize() not in data.policy_types:
            yield subject.error(
                "contradiction", f"has no effect unless the types include {name.capitalize()}", f"/{name}"
            )
        ids: set[str] = set()
        for index, rule in enumerate(rules):
            if rule.id in ids:
                yield subject.error("duplicate-item", "repeats the id of another rule", pointer(name, index, "id"))
            ids.add(rule.id)
            yield from _check_ports(subject, rule, pointer(name, index, "ports"))


def _check_ports(subject: Subject[Any], rule: PolicyRule, path: str) -> Iterator[Issue]:
    for index, port in enumerate(rule.ports):
        place = f"{path}/{index}/end_port"
        if port.end_port is None:
            continue
        if not port.port.isdigit():
            yield subject.error("contradiction", "needs a number as its first port", place)
        elif int(port.port) > port.end_port:
            yield subject.error("invalid-value", f"must be at least {port.port}", place)


NETWORKPOLICY = Kind(
    type="networkpolicy",
    api_version="networking.k8s.io/v1",
    kind="NetworkPolicy",
    title="Network policy",
    description="Says who may talk to the pods, and to whom they may talk.",
    category="network",
    icon="shield",
    keywords=("firewall", "isolation", "traffic", "security", "ingress", "egress"),
    model=NetworkPolicyFields,
    manifests=_manifests,
    checks=_checks,
    stage=Stage.FOUNDATION,
    name_pattern="policy-{n}",
    defaults={"policy_types": ["Ingress"]},
    handles=(
        IN,
        OUT,
        Handle("ingress", "out", "From", each="/ingress"),
        Handle("egress", "out", "To", each="/egress"),
    ),
    card=(CardRow("/policy_types", "Direction", "list"), CardRow("/pod_selector", "Protects", "map")),
    actions=("diagnose",),
)
