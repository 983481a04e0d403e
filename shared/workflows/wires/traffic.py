"""Wires that carry traffic: services in front of workloads, ingresses in front of services."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from shared.workflows.drawing.effects import Headless, PodSelection, Route
from shared.workflows.drawing.issues import Issue, change, pointer
from shared.workflows.kinds import SERVED
from shared.workflows.kinds.fields.base import CompileContext, Fields, Hint
from shared.workflows.kinds.fields.pods import offered_ports
from shared.workflows.kinds.fields.types import PortRef, port_number_or_name
from shared.workflows.kinds.ingress import IngressFields
from shared.workflows.kinds.service import ServiceFields
from shared.workflows.kinds.statefulset import StatefulSetFields
from shared.workflows.wires.common import TARGET_NAME, Effects
from shared.workflows.wires.rules import Cardinality, Match, Mirror, Refusal, Rule, Wire


class TargetPort(Fields):
    """Where one port of a service leads."""

    port: Annotated[PortRef, Hint(help="The service's port, by name or number.")]
    target_port: Annotated[PortRef, Hint(help="The container's port, by name or number.")]


class SelectOptions(Fields):
    """A service in front of a workload."""

    rule: Literal["service-selects"] = "service-selects"
    ports: Annotated[
        list[TargetPort], Hint(widget="repeater", help="Only where names and numbers do not say it already.")
    ] = []


class RouteOptions(Fields):
    """A path that leads to a service."""

    rule: Literal["ingress-path"] = "ingress-path"
    port: Annotated[
        PortRef | None, Hint(widget="port", help="The service's port by name or number; left empty: its only one.")
    ] = None


class ServeOptions(RouteOptions):
    """All paths that lead nowhere else."""

    rule: Literal["ingress-serves"] = "ingress-serves"  # type: ignore[assignment]


def _select(wire: Wire, context: CompileContext) -> Effects:
    options: SelectOptions = wire.options
    yield (
        "source",
        PodSelection(
            node_id=wire.target.id,
            name=wire.target.name,
            labels=wire.target.selector(context),
            ports=offered_ports(wire.target.data),
            target_ports={item.port: item.target_port for item in options.ports},
        ),
    )

    if isinstance(wire.target.data, StatefulSetFields):
        yield "target", Headless(wire.source.name, is_headless=wire.source.data.type == "Headless")


def _check_select(wire: Wire, context: CompileContext) -> Iterator[Issue]:
    del context
    options: SelectOptions = wire.options
    known = {word for port in wire.source.data.ports for word in (port.name, str(port.port)) if word}
    for index, item in enumerate(options.ports):
        if item.port not in known:
            yield wire.error(
                "unknown-port",
                f"The service {wire.source.name} has no port {item.port}.",
                pointer("ports", index, "port"),
            )


def _route(wire: Wire, context: CompileContext) -> Effects:
    del context
    options: RouteOptions = wire.options
    service: ServiceFields = wire.target.data
    handle = wire.edge.source_handle or ""
    yield (
        "source",
        Route(
            item=handle.partition(":")[2] or None,
            service=wire.target.name,
            port=port_number_or_name(options.port) if options.port else None,
            offered=tuple((port.name, port.port) for port in service.ports),
        ),
    )


def _check_route(wire: Wire, context: CompileContext) -> Iterator[Issue]:
    del context
    options: RouteOptions = wire.options
    service: ServiceFields = wire.target.data
    ingress: IngressFields = wire.source.data
    item = (wire.edge.source_handle or "").partition(":")[2]
    if item and item not in {path.id for path in ingress.paths}:
        yield wire.error("handle-gone", f"{wire.source.name} has no such path any more.")
    if options.port is None or not service.ports:
        return
    known = {word for port in service.ports for word in (port.name, str(port.port)) if word}
    if options.port not in known:
        yield wire.error(
            "port-not-offered",
            f"{wire.target.name} has no port {options.port}; it has {', '.join(sorted(known))}.",
            "/port",
        )


EXTERNAL_ROUTE = Refusal(
    code="external-name",
    when={"path": "/target/data/type", "equals": "ExternalName"},
    message="Controllers do not lead to services of the type ExternalName.",
    remedy=change("/type", "Make it a ClusterIP service", "ClusterIP"),
)


RULES: tuple[Rule, ...] = (
    Rule(
        id="service-selects",
        edge_type="wires",
        source=Match(("service",)),
        target=Match(SERVED),
        label="sends traffic to",
        line="traffic",
        text="The service selects the workload's pods and leads to their ports.",
        options=SelectOptions,
        effect=_select,
        checks=_check_select,
        cardinality=Cardinality(per_source=1),
        mirrors=(Mirror("source", "/selector", TARGET_NAME),),
        refusals=(
            Refusal(
                code="external-name",
                when={"path": "/source/data/type", "equals": "ExternalName"},
                message="A service of the type ExternalName has no pods.",
                remedy=change("/type", "Make it a ClusterIP service", "ClusterIP"),
            ),
        ),
    ),
    Rule(
        id="ingress-path",
        edge_type="wires",
        source=Match(("ingress",), handle="path"),
        target=Match(("service",)),
        label="leads to",
        line="traffic",
        text="The path leads to the service.",
        options=RouteOptions,
        effect=_route,
        checks=_check_route,
        cardinality=Cardinality(per_source=1),
        refusals=(EXTERNAL_ROUTE,),
    ),
    Rule(
        id="ingress-serves",
        edge_type="wires",
        source=Match(("ingress",)),
        target=Match(("service",)),
        label="leads to",
        line="traffic",
        text="All paths without a service of their own lead to it.",
        options=ServeOptions,
        effect=_route,
        checks=_check_route,
        cardinality=Cardinality(per_source=1),
        mirrors=(Mirror("source", "/default_backend", TARGET_NAME),),
        refusals=(EXTERNAL_ROUTE,),
    ),
)
