"""Ingresses: is there a controller for the class, do the backends exist, is the certificate there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.diagnostics import read
from shared.diagnostics.checks.references import keys_of
from shared.diagnostics.models import About, Check, FieldChange, Fix
from shared.diagnostics.scene import Scene
from shared.kubernetes.objects import Manifest

CLASS = About("ingress-class", "Its class exists")
BACKENDS = About("backends", "The services behind it")
ADMITTED = About("admitted", "Admitted by its controller")
TLS = About("tls", "Certificates")
DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class"
_TLS_KEYS = {"tls.crt", "tls.key"}


@dataclass(frozen=True, slots=True)
class Backend:
    """
    The service at the end of a path.

    :param path: as people read it: ``shop.example.com/cart``
    """

    path: str
    service: str
    port: str


def ingresses(scene: Scene) -> Iterator[Check]:
    """Check an ingress."""
    live = scene.main
    if live is None:
        return
    yield _class(live, scene)
    yield _backends(live, scene)
    yield _admitted(live, scene)
    yield from _tls(live, scene)


def _is_default(item: Manifest) -> bool:
    return read.text(item, "metadata", "annotations", DEFAULT_CLASS) == "true"


def _class(live: Manifest, scene: Scene) -> Check:
    if "IngressClass" in scene.unseen:
        return CLASS.skip(scene.unseen["IngressClass"])
    wanted, classes = read.text(live, "spec", "ingressClassName"), scene.all("IngressClass")
    names = sorted(read.name(item) for item in classes)
    evidence = [
        read.said(live, "spec.ingressClassName", wanted or "none"),
        f"ingressClasses: {', '.join(names) or 'none'}",
    ]
    found = next((item for item in classes if read.name(item) == wanted), None)
    if found is not None:
        return CLASS.ok(
            f"The class {wanted} is served by {read.text(found, 'spec', 'controller') or 'its controller'}.", *evidence
        )
    fix = _class_fix(scene, wanted, classes)
    if not classes:
        return CLASS.fail(
            "The cluster has no ingress class at all, so no controller serves it.",
            "Install an ingress controller, such as ingress-nginx or Traefik.",
            evidence,
        )
    if wanted:
        return CLASS.fail(
            f"There is no ingress class {wanted}; the cluster has {', '.join(names)}.",
            "Choose one of these.",
            evidence,
            fix,
        )
    return CLASS.fail(
        f"It names no class, and none of {', '.join(names)} is the default.", "Choose one of these.", evidence, fix
    )


def _class_fix(scene: Scene, wanted: str, classes: list[Manifest]) -> Fix | None:
    chosen = [item for item in classes if _is_default(item)] or classes
    drawn = scene.data.get("ingress_class")
    if len(chosen) != 1 or (drawn or "") != wanted:
        return None
    name = read.name(chosen[0])
    return Fix(
        type="ingress-class",
        title=f"Use the class {name}",
        how="graph",
        target="/ingress_class",
        changes=(FieldChange(path="/ingress_class", value=name),),
    )


def backends_of(live: Manifest | None) -> list[Backend]:
    """Return the backends of an ingress, in its order."""
    found: list[Backend] = []
    whole = read.mapping(live, "spec", "defaultBackend")
    if whole:
        found.append(_backend("everything else", whole))
    for rule in read.maps(live, "spec", "rules"):
        for path in read.maps(rule, "http", "paths"):
            shown = f"{read.text(rule, 'host') or '*'}{read.text(path, 'path') or '/'}"
            found.append(_backend(shown, read.mapping(path, "backend")))
    return found


def _backend(path: str, backend: Mapping[str, Any]) -> Backend:
    port = read.mapping(backend, "service", "port")
    return Backend(path, read.text(backend, "service", "name"), read.text(port, "name") or read.text(port, "number"))


def _backends(live: Manifest, scene: Scene) -> Check:
    if "Service" in scene.unseen:
        return BACKENDS.skip(scene.unseen["Service"])
    found = backends_of(live)
    if not found:
        return BACKENDS.fail(
            "It leads nowhere: it has no path with a service.",
            "Wire one of its paths to a service.",
            [read.said(live, "spec.rules", "none")],
        )
    problems: list[str] = []
    evidence: list[str] = []
    doubts: list[str] = []
    changes: dict[str, FieldChange] = {}
    for backend in found:
        service = scene.find("Service", backend.service)
        if service is None:
            problems.append(f"{backend.path} leads to the service {backend.service}, which does not exist")
            evidence.append(f"service {backend.service}: not found")
            continue
        ports = read.maps(service, "spec", "ports")
        known = {read.text(port, word) for port in ports for word in ("name", "port")} - {""}
        if backend.port not in known:
            offers = ", ".join(read.text(port, "port") for port in ports) or "none"
            problems.append(
                f"{backend.path} leads to port {backend.port or '(none)'} of {backend.service}, which has {offers}"
            )
            evidence.append(read.said(service, "spec.ports", offers))
            changes.update(_port_changes(scene, backend, ports))
        elif not _answers(scene, backend.service):
            doubts.append(f"nobody answers behind {backend.service}")
            evidence.append(f"endpointSlices of service {backend.service}: ready endpoints = 0")
    if problems:
        return BACKENDS.fail(
            f"{'; '.join(dict.fromkeys(problems))}.",
            "Wire the path to a service that exists, and choose one of its ports.",
            evidence,
            _port_fix(changes),
        )
    if doubts:
        return BACKENDS.fail(f"{'; '.join(dict.fromkeys(doubts))}.", "Look at the diagnosis of the service.", evidence)
    listed = ", ".join(dict.fromkeys(f"{backend.path} → {backend.service}:{backend.port}" for backend in found))
    return BACKENDS.ok(f"{listed}.")


def _answers(scene: Scene, service: str) -> bool:
    """Whether somebody answers behind a service, as far as that can be seen."""
    live = scene.find("Service", service)
    if "EndpointSlice" in scene.unseen or read.text(live, "spec", "type") == "ExternalName":
        return True
    return any(
        read.dig(endpoint, "conditions", "ready") is not False
        for item in scene.all("EndpointSlice")
        if read.text(read.labels(item), "kubernetes.io/service-name") == service
        for endpoint in read.maps(item, "endpoints")
    )


def _port_changes(scene: Scene, backend: Backend, ports: list[Mapping[str, Any]]) -> dict[str, FieldChange]:
    """Correct a port that stands on the node itself; where a wire says it, the wire has to be changed."""
    if len(ports) != 1:
        return {}
    right = read.text(ports[0], "name") or read.text(ports[0], "port")
    drawn = scene.data.get("paths")
    return {
        f"/paths/{index}/port": FieldChange(path=f"/paths/{index}/port", value=right)
        for index, item in enumerate(drawn if isinstance(drawn, list) else [])
        if read.text(item, "service") == backend.service and read.text(item, "port") == backend.port
    }


def _port_fix(changes: Mapping[str, FieldChange]) -> Fix | None:
    if not changes:
        return None
    told = ", ".join(dict.fromkeys(str(change.value) for change in changes.values()))
    return Fix(
        type="ingress-port",
        title=f"Lead to port {told}, the only one of the service",
        how="graph",
        target=", ".join(changes),
        changes=tuple(changes.values()),
    )


def _admitted(live: Manifest, scene: Scene) -> Check:
    entries = read.maps(live, "status", "loadBalancer", "ingress")
    places = [read.text(entry, "ip") or read.text(entry, "hostname") for entry in entries]
    if any(places):
        return ADMITTED.ok(
            f"Admitted at {', '.join(filter(None, places))}.",
            read.said(live, "status.loadBalancer.ingress", ", ".join(filter(None, places))),
        )
    evidence = [read.said(live, "status.loadBalancer.ingress", "none")]
    events = scene.events(live)
    evidence += [
        f"event about ingress {read.name(live)}: message = {read.words(event, 'message')}" for event in events[-3:]
    ]
    says = f" The last event says: {read.words(events[-1], 'message')}" if events else " There is no event about it."
    return ADMITTED.warn(
        f"No controller has given it an address.{says}",
        "Look whether a controller for its class runs; some controllers give no address and serve it all the same.",
        evidence,
    )


def _tls(live: Manifest, scene: Scene) -> Iterator[Check]:
    names = list(dict.fromkeys(read.text(entry, "secretName") for entry in read.maps(live, "spec", "tls")))
    names = [name for name in names if name]
    if not names:
        return
    if "Secret" in scene.unseen:
        yield TLS.skip(scene.unseen["Secret"])
        return
    problems: list[str] = []
    evidence: list[str] = []
    for name in names:
        secret = scene.find("Secret", name)
        if secret is None:
            problems.append(f"the secret {name} does not exist")
            evidence.append(f"secret {name}: not found")
            continue
        keys = keys_of(secret)
        lacking = sorted(_TLS_KEYS - keys) if keys is not None else []
        if lacking:
            problems.append(f"the secret {name} has no {' and no '.join(lacking)}")
            evidence.append(
                read.said(secret, "metadata.managedFields", f"names the keys {', '.join(sorted(keys or []))}")
            )
    if problems:
        yield TLS.fail(
            f"{'; '.join(problems)}.",
            "Make a secret of the type kubernetes.io/tls with the certificate, or let cert-manager make it.",
            evidence,
        )
    else:
        yield TLS.ok(f"There: {', '.join(names)}. The certificates themselves are not looked into.")
