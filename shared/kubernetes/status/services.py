"""Services and Ingresses: whether somebody answers, and where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.kubernetes.objects import Manifest
from shared.kubernetes.status.model import State, Status, of_kind


def service(live: Manifest, related: Sequence[Manifest]) -> Status:
    """Judge a Service by its ready endpoints, and a load balancer by its address."""
    spec = live.get("spec") or {}
    if spec.get("type") == "ExternalName":
        return Status(State.HEALTHY, "An alias.", address=spec.get("externalName"))
    address = _address(live)
    if spec.get("type") == "LoadBalancer" and not _ingress(live):
        return Status(State.PROGRESSING, "Waiting for the load balancer's address.", address=address)
    if not spec.get("selector"):
        return Status(State.HEALTHY, "Without selector: its endpoints are made by hand.", address=address)
    endpoints = [item for slice_ in of_kind(related, "EndpointSlice") for item in slice_.get("endpoints") or []]
    ready = sum(1 for item in endpoints if (item.get("conditions") or {}).get("ready") is not False)
    details = {"endpoints": ready, "cluster_ip": spec.get("clusterIP")}
    if ready:
        noun = "endpoint" if ready == 1 else "endpoints"
        return Status(State.HEALTHY, f"{ready} {noun} ready.", address=address, details=details)
    text = "No pod behind it is ready." if endpoints else "No pod matches its selector, or none is running."
    return Status(State.PROGRESSING, text, reason="NoEndpoints", address=address, details=details)


def ingress(live: Manifest, _related: Sequence[Manifest]) -> Status:
    """Judge an Ingress by the address its controller gave it."""
    found = _ingress(live)
    hosts = [rule["host"] for rule in (live.get("spec") or {}).get("rules") or [] if rule.get("host")]
    if found:
        return Status(State.HEALTHY, f"Admitted at {found}.", address=hosts[0] if hosts else found)
    text = "No ingress controller has answered yet; is one installed for its class?"
    return Status(State.PROGRESSING, text, reason="NoAddress", address=hosts[0] if hosts else None)


def _ingress(live: Manifest) -> str | None:
    entries = ((live.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []
    return next((str(item.get("ip") or item.get("hostname")) for item in entries), None)


def _address(live: Manifest) -> str | None:
    spec: dict[str, Any] = live.get("spec") or {}
    host = _ingress(live) or spec.get("clusterIP")
    metadata = live["metadata"]
    if host in (None, "", "None"):
        host = f"{metadata['name']}.{metadata.get('namespace', 'default')}.svc"
    host = f"[{host}]" if ":" in str(host) else host
    ports = spec.get("ports") or []
    return f"{host}:{ports[0]['port']}" if ports else str(host)
