"""Ingress: host names and paths that lead to services."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from shared.workflows.drawing.effects import Route, Wired
from shared.workflows.drawing.issues import Issue, Remedy, pointer
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
    make_manifest,
)
from shared.workflows.kinds.fields.types import (
    DnsLabelLetter,
    DnsSubdomain,
    ItemId,
    PortRef,
    UrlPath,
    WildcardHost,
    port_number_or_name,
)


class IngressPath(Fields):
    """A path and the service behind it."""

    id: Annotated[ItemId, Hint(widget="hidden")]
    host: Annotated[WildcardHost | None, Hint(help="Left empty: all hosts of this ingress.")] = None
    path: UrlPath = "/"
    path_type: Annotated[Literal["Prefix", "Exact", "ImplementationSpecific"], Hint(widget="select")] = "Prefix"
    service: Annotated[
        DnsLabelLetter | None, Hint(options_from="services", help="One that is not on this canvas; else wire it.")
    ] = None
    port: Annotated[PortRef | None, Hint(widget="port", help="Left empty: the service's only port.")] = None


class IngressTls(Fields):
    """Hosts that are served with a certificate."""

    hosts: list[WildcardHost] = []
    secret: Annotated[DnsSubdomain | None, Hint(options_from="secrets", help="Holds tls.crt and tls.key.")] = None


class IngressBackend(Fields):
    """A service that is not on this canvas."""

    service: DnsLabelLetter
    port: Annotated[PortRef, Hint(widget="port")]


class IngressFields(ObjectFields):
    """The fields of an Ingress."""

    ingress_class: Annotated[
        DnsSubdomain | None,
        Hint("routing", options_from="ingress-classes", help="Left empty: the cluster's default."),
    ] = None
    hosts: Annotated[
        list[WildcardHost], Hint("routing", "list", help="Left empty: any host."), Field(max_length=100)
    ] = []
    paths: Annotated[list[IngressPath], Hint("routing", "repeater"), Field(max_length=200)] = []
    tls: Annotated[list[IngressTls], Hint("tls", "repeater")] = []
    default_backend: Annotated[
        IngressBackend | None, Hint("routing", advanced=True, help="For whatever no path fits.")
    ] = None


def hosts_of(path: IngressPath, data: IngressFields) -> list[str]:
    """Return the hosts a path is served for; an empty text is any host."""
    return [path.host] if path.host else list(data.hosts) or [""]


def route_of(path: IngressPath, wired: Wired) -> Route | None:
    """Return the route of a path: of its own wire, its own fields, or the wire of the whole card."""
    routes = wired.all(Route)
    own = next((route for route in routes if route.item == path.id), None)
    if own is not None:
        return own
    if path.service is not None:
        return Route(path.id, path.service, port_number_or_name(path.port) if path.port else None)
    return next((route for route in routes if route.item is None), None)


def port_of(path: IngressPath | None, route: Route) -> int | str | None:
    """Return a route's port: the wire's, the path's, or the service's only one."""
    if route.port is not None:
        return route.port
    if path is not None and path.port is not None:
        return port_number_or_name(path.port)
    if len(route.offered) == 1:
        return route.offered[0][0] or route.offered[0][1]
    return None


def _backend(service: str, port: int | str | None) -> Json:
    reference = {"name": port} if isinstance(port, str) else {"number": port}
    return {"service": {"name": service, "port": compact(reference)}}


def _rules(data: IngressFields, wired: Wired) -> list[Json]:
    paths: dict[str, list[Json]] = {}
    for path in data.paths:
        route = route_of(path, wired)
        if route is None:
            continue
        entry = {
            "path": path.path,
            "pathType": path.path_type,
            "backend": _backend(route.service, port_of(path, route)),
        }
        for host in hosts_of(path, data):
            paths.setdefault(host, []).append(entry)
    return [compact({"host": host or None, "http": {"paths": entries}}) for host, entries in paths.items()]


def _default(data: IngressFields, wired: Wired) -> Json | None:
    if data.default_backend:
        return _backend(data.default_backend.service, port_number_or_name(data.default_backend.port))
    whole = next((route for route in wired.all(Route) if route.item is None), None)
    if whole is not None and not data.paths:
        return _backend(whole.service, port_of(None, whole))
    return None


def _manifests(subject: Subject[IngressFields], wired: Wired, context: CompileContext) -> list[Manifest]:
    data = subject.data
    spec = {
        "ingressClassName": data.ingress_class,
        "defaultBackend": _default(data, wired),
        "tls": [{"hosts": list(entry.hosts), "secretName": entry.secret} for entry in data.tls],
        "rules": _rules(data, wired),
    }
    return [make_manifest(subject, context, spec=compact(spec))]


def _checks(subject: Subject[IngressFields], wired: Wired, context: CompileContext) -> Iterator[Issue]:
    del context
    data = subject.data
    yield from _check_paths(subject, wired)
    whole = next((route for route in wired.all(Route) if route.item is None), None)
    if not data.paths and not data.default_backend and whole is None:
        yield subject.error(
            "ingress-without-target",
            "leads nowhere; add a path, or wire it to a service",
            "/paths",
            remedy=Remedy(text="Add a Service", action="add-node", node_type="service"),
        )
    if not data.paths and whole is not None and port_of(None, whole) is None:
        yield _port_needed(subject, whole, "")
    known = {host for path in data.paths for host in hosts_of(path, data)} | set(data.hosts)
    for index, entry in enumerate(data.tls):
        for host in entry.hosts:
            if host not in known:
                yield subject.warning(
                    "tls-host-unknown", f"No path is served for {host}.", pointer("tls", index, "hosts")
                )


def _check_paths(subject: Subject[IngressFields], wired: Wired) -> Iterator[Issue]:
    ids: set[str] = set()
    for index, path in enumerate(subject.data.paths):
        place = pointer("paths", index)
        if path.id in ids:
            yield subject.error("duplicate-item", "repeats the id of another path", f"{place}/id")
        ids.add(path.id)
        if path.path_type == "Exact" and "//" in path.path:
            yield subject.error("invalid-value", "must not hold //", f"{place}/path")
        route = route_of(path, wired)
        if route is None:
            yield subject.error(
                "path-without-service",
                f"Nothing is behind {path.path}; wire it to a service.",
                place,
                remedy=Remedy(text="Add a Service", action="add-node", node_type="service"),
            )
        elif port_of(path, route) is None:
            yield _port_needed(subject, route, f"{place}/port")
        elif path.service is not None and route.service != path.service:
            yield subject.error(
                "service-and-wire", f"The wire leads to {route.service} already; leave this empty.", f"{place}/service"
            )


def _port_needed(subject: Subject[IngressFields], route: Route, path: str) -> Issue:
    offers = ", ".join(name or str(number) for name, number in route.offered) or "no port"
    return subject.error("port-not-offered", f"{route.service} has {offers}; say which one is meant.", path)


INGRESS = Kind(
    type="ingress",
    api_version="networking.k8s.io/v1",
    kind="Ingress",
    title="Ingress",
    description="Leads host names and paths from outside to services.",
    category="network",
    icon="globe",
    keywords=("http", "https", "host", "domain", "route", "tls", "url"),
    model=IngressFields,
    manifests=_manifests,
    checks=_checks,
    stage=Stage.FINISH,
    name_pattern="ingress-{n}",
    defaults={"paths": [{"id": "root", "path": "/", "path_type": "Prefix"}]},
    handles=(IN, OUT, Handle("path", "out", "Path", each="/paths")),
    card=(CardRow("/hosts", "Hosts", "list"), CardRow("/paths/*/path", "Paths", "list")),
    actions=("diagnose",),
)
