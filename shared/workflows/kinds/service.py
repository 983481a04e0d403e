"""Service: one name and address for the pods behind it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from shared.workflows.drawing.effects import OfferedPort, PodSelection, Wired
from shared.workflows.drawing.issues import Issue, Remedy, change, pointer
from shared.workflows.kinds.fields.base import (
    CardRow,
    CompileContext,
    Fields,
    Hint,
    Json,
    Kind,
    Manifest,
    ObjectFields,
    Stage,
    Subject,
    compact,
    make_manifest,
)
from shared.workflows.kinds.fields.types import (
    DnsLabelLetter,
    HostName,
    NodePort,
    PortName,
    PortNumber,
    PortRef,
    QualifiedKey,
    SelectorLabels,
    port_number_or_name,
    refuse,
)

HAS_SELECTOR = {"not": {"path": "/type", "equals": "ExternalName"}}
IS_PUBLIC = {"path": "/type", "in": ["NodePort", "LoadBalancer"]}
IS_BALANCED = {"path": "/type", "equals": "LoadBalancer"}
LONGEST_AFFINITY_SECONDS = 86_400


def _network(value: str) -> str:
    try:
        ipaddress.ip_network(value)
    except ValueError:
        raise refuse("a network such as 10.0.0.0/8, with no bits set behind the prefix") from None
    return value


Cidr = Annotated[str, Field(max_length=43), AfterValidator(_network)]


def _address(value: str) -> str:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        raise refuse("an IP address such as 192.0.2.10") from None
    return value


Address = Annotated[str, Field(max_length=39), AfterValidator(_address)]


class ServicePort(Fields):
    """A port of the Service."""

    name: Annotated[PortName | None, Hint(placeholder="http", help="Needed when there are several.")] = None
    port: Annotated[PortNumber, Hint(widget="port", placeholder="80")]
    target_port: Annotated[
        PortRef | None,
        Hint(widget="port", help="Left empty: the container's port of this name or number, or its only one."),
    ] = None
    protocol: Literal["TCP", "UDP", "SCTP"] = "TCP"
    app_protocol: Annotated[QualifiedKey | None, Hint(advanced=True, placeholder="http")] = None
    node_port: Annotated[NodePort | None, Hint(widget="port", advanced=True, visible_when=IS_PUBLIC)] = None


class ServiceFields(ObjectFields):
    """The fields of a Service."""

    name: Annotated[DnsLabelLetter, Hint("general", "dns-name", immutable=True, help="Also its host name.")]
    type: Annotated[
        Literal["ClusterIP", "Headless", "NodePort", "LoadBalancer", "ExternalName"],
        Hint("general", "select", help="ClusterIP: inside only. LoadBalancer: an address outside the cluster."),
    ] = "ClusterIP"
    ports: Annotated[
        list[ServicePort],
        Hint("ports", "repeater", visible_when=HAS_SELECTOR, help="Left empty: every port of the wired workload."),
    ] = []
    external_name: Annotated[
        HostName | None, Hint("general", visible_when={"path": "/type", "equals": "ExternalName"})
    ] = None
    selector: Annotated[
        SelectorLabels,
        Hint("selection", "map", advanced=True, help="For pods that are not on this canvas; else wire a workload."),
    ] = {}
    session_affinity: Annotated[
        Literal["None", "ClientIP"], Hint("traffic", "select", advanced=True, visible_when=HAS_SELECTOR)
    ] = "None"
    session_affinity_seconds: Annotated[
        int | None,
        Field(ge=1, le=LONGEST_AFFINITY_SECONDS),
        Hint("traffic", unit="s", advanced=True, visible_when={"path": "/session_affinity", "equals": "ClientIP"}),
    ] = None
    external_traffic_policy: Annotated[
        Literal["Cluster", "Local"] | None, Hint("traffic", "select", advanced=True, visible_when=IS_PUBLIC)
    ] = None
    internal_traffic_policy: Annotated[
        Literal["Cluster", "Local"] | None, Hint("traffic", "select", advanced=True, visible_when=HAS_SELECTOR)
    ] = None
    load_balancer_source_ranges: Annotated[
        list[Cidr], Hint("traffic", "list", advanced=True, visible_when=IS_BALANCED)
    ] = []
    load_balancer_ip: Annotated[Address | None, Hint("traffic", advanced=True, visible_when=IS_BALANCED)] = None
    load_balancer_class: Annotated[
        QualifiedKey | None, Hint("traffic", advanced=True, immutable=True, visible_when=IS_BALANCED)
    ] = None
    ip_families: Annotated[
        list[Literal["IPv4", "IPv6"]], Field(max_length=2), Hint("traffic", "list", advanced=True)
    ] = []
    ip_family_policy: Annotated[
        Literal["SingleStack", "PreferDualStack", "RequireDualStack"] | None, Hint("traffic", "select", advanced=True)
    ] = None
    publish_not_ready: Annotated[
        bool, Hint("traffic", advanced=True, help="Also names pods that are not ready, as clusters of databases need.")
    ] = False


def resolved_ports(data: ServiceFields, wired: Wired) -> list[Json]:
    """Return the ports with their targets: the fields', else every port the wired workload offers."""
    selection = wired.first(PodSelection)
    offered = selection.ports if selection else ()
    if not data.ports:
        return [_copied(port, len(offered) > 1) for port in offered]
    return [_port(port, selection, offered) for port in data.ports]


def _copied(port: OfferedPort, named: bool) -> Json:  # noqa: FBT001 - two callers, one meaning
    name = port.name or (f"port-{port.number}" if named else None)
    target = port.name or port.number
    return compact({"name": name, "port": port.number, "targetPort": target, "protocol": port.protocol})


def _port(port: ServicePort, selection: PodSelection | None, offered: tuple[OfferedPort, ...]) -> Json:
    return compact(
        {
            "name": port.name,
            "port": port.port,
            "targetPort": target_of(port, selection, offered),
            "protocol": port.protocol,
            "appProtocol": port.app_protocol,
            "nodePort": port.node_port,
        }
    )


def target_of(port: ServicePort, selection: PodSelection | None, offered: tuple[OfferedPort, ...]) -> int | str | None:
    """Return a port's target: the wire's word, the field's, the port of this name, of this number, the only one."""
    chosen = selection.target_ports if selection else {}
    named = chosen.get(port.name or "") or chosen.get(str(port.port)) or port.target_port
    if named:
        return port_number_or_name(named)
    for match in offered:
        if match.name is not None and match.name == port.name:
            return match.name
    if any(match.number == port.port for match in offered):
        return port.port
    if len(offered) == 1:
        return offered[0].name or offered[0].number
    return None


def _manifests(subject: Subject[ServiceFields], wired: Wired, context: CompileContext) -> list[Manifest]:
    data = subject.data
    if data.type == "ExternalName":
        spec: Json = {"type": "ExternalName", "externalName": data.external_name}
        return [make_manifest(subject, context, spec=spec)]
    selection = wired.first(PodSelection)
    affinity = {"clientIP": {"timeoutSeconds": data.session_affinity_seconds}}
    spec = compact(
        {
            "type": "ClusterIP" if data.type == "Headless" else data.type,
            "clusterIP": "None" if data.type == "Headless" else None,
            "selector": dict(selection.labels) if selection else dict(data.selector),
            "ports": resolved_ports(data, wired),
            "sessionAffinity": data.session_affinity,
            "sessionAffinityConfig": affinity if data.session_affinity == "ClientIP" else None,
            "externalTrafficPolicy": data.external_traffic_policy,
            "internalTrafficPolicy": data.internal_traffic_policy,
            "loadBalancerSourceRanges": list(data.load_balancer_source_ranges),
            "loadBalancerIP": data.load_balancer_ip,
            "loadBalancerClass": data.load_balancer_class,
            "ipFamilies": list(data.ip_families),
            "ipFamilyPolicy": data.ip_family_policy,
            "publishNotReadyAddresses": True if data.publish_not_ready else None,
        }
    )
    return [make_manifest(subject, context, spec=spec)]


def _checks(subject: Subject[ServiceFields], wired: Wired, context: CompileContext) -> Iterator[Issue]:
    del context
    data, selection = subject.data, wired.first(PodSelection)
    if data.type == "ExternalName":
        if data.external_name is None:
            yield subject.error("required", "is needed for the type ExternalName", "/external_name")
        if selection:
            yield subject.error("external-name-wired", "An ExternalName service has no pods; remove its wire.")
        return
    if selection is None and not data.selector:
        yield subject.warning(
            "service-without-target",
            "No workload is wired to this service, so nothing answers at its address.",
            remedy=Remedy(text="Add a Deployment", action="add-node", node_type="deployment"),
        )
    if selection is not None and data.selector:
        yield subject.error(
            "selector-and-wire",
            f"The wire to {selection.name} selects its pods already; leave the selector empty.",
            "/selector",
            remedy=change("/selector", "Empty the selector"),
        )
    yield from _check_fields(subject)
    yield from _check_ports(subject, selection)


def _check_fields(subject: Subject[ServiceFields]) -> Iterator[Issue]:
    data = subject.data
    public, balanced = data.type in {"NodePort", "LoadBalancer"}, data.type == "LoadBalancer"
    fields = (
        ("/external_name", data.external_name, False, "ExternalName"),
        ("/external_traffic_policy", data.external_traffic_policy, public, "NodePort or LoadBalancer"),
        ("/load_balancer_source_ranges", data.load_balancer_source_ranges, balanced, "LoadBalancer"),
        ("/load_balancer_ip", data.load_balancer_ip, balanced, "LoadBalancer"),
        ("/load_balancer_class", data.load_balancer_class, balanced, "LoadBalancer"),
    )
    for path, value, allowed, types in fields:
        if value and not allowed:
            yield subject.error("invalid-value", f"is only for the type {types}; leave it empty", path)
    for index, port in enumerate(data.ports):
        if port.node_port and not public:
            yield subject.error(
                "invalid-value",
                "is only for the types NodePort and LoadBalancer; leave it empty",
                pointer("ports", index, "node_port"),
            )
    if data.session_affinity_seconds and data.session_affinity != "ClientIP":
        yield subject.error(
            "invalid-value", "is only for the affinity ClientIP; leave it empty", "/session_affinity_seconds"
        )


def _check_ports(subject: Subject[ServiceFields], selection: PodSelection | None) -> Iterator[Issue]:
    data = subject.data
    offered = selection.ports if selection else ()
    if not data.ports and not offered and data.type != "Headless":
        where = f"neither here nor on {selection.name}" if selection else "here"
        yield subject.error(
            "service-without-port",
            f"A service needs a port; none is set {where}.",
            "/ports",
            remedy=change("/ports", "Add a port"),
        )
    names: set[str] = set()
    numbers: set[tuple[int, str]] = set()
    for index, port in enumerate(data.ports):
        path = pointer("ports", index)
        if len(data.ports) > 1 and port.name is None:
            yield subject.error("required", "is needed where a service has several ports", f"{path}/name")
        if port.name in names or (port.port, port.protocol) in numbers:
            yield subject.error("duplicate-port", "repeats the name or number of another port", path)
        names |= {port.name} if port.name else set()
        numbers.add((port.port, port.protocol))
        if selection:
            yield from _check_target(subject, port, selection, path)


def _check_target(
    subject: Subject[ServiceFields], port: ServicePort, selection: PodSelection, path: str
) -> Iterator[Issue]:
    target = target_of(port, selection, selection.ports)
    names = sorted(offer.name for offer in selection.ports if offer.name)
    numbers = sorted(offer.number for offer in selection.ports)
    offers = ", ".join([*names, *map(str, numbers)]) or "no port"
    place = f"{path}/target_port"
    if target is None:
        if selection.ports:
            yield subject.error(
                "port-not-offered",
                f"{selection.name} offers {offers}; say which of them port {port.port} leads to.",
                place,
                remedy=change(place, f"Lead to {numbers[0]}", str(numbers[0])),
            )
    elif isinstance(target, str) and target not in names:
        yield subject.error(
            "port-not-offered", f"{selection.name} has no port called {target}; it offers {offers}.", place
        )
    elif isinstance(target, int) and target not in numbers:
        yield subject.warning(
            "port-not-offered", f"{selection.name} does not declare port {target}; it offers {offers}.", place
        )


SERVICE = Kind(
    type="service",
    api_version="v1",
    kind="Service",
    title="Service",
    description="Gives the pods behind it one name and address.",
    category="network",
    icon="network",
    keywords=("address", "dns", "port", "load balancer", "expose"),
    model=ServiceFields,
    manifests=_manifests,
    checks=_checks,
    stage=Stage.FOUNDATION,
    name_pattern="service-{n}",
    defaults={"type": "ClusterIP"},
    card=(
        CardRow("/type", "Type"),
        CardRow("/ports/*/port", "Ports", "list"),
        CardRow("/selector", "Selects"),
    ),
    actions=("diagnose",),
)
