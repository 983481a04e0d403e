"""Probes that fail: the kubelet's words about them, and their port and path beside those of the container."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from shared.diagnostics import read
from shared.diagnostics.models import About, Check, FieldChange, Fix
from shared.diagnostics.read import Container
from shared.diagnostics.scene import Scene

PROBES: dict[str, tuple[About, str, str]] = {
    "startupProbe": (About("startup-probe", "Startup probe"), "startup_probe", "startup"),
    "readinessProbe": (About("readiness-probe", "Readiness probe"), "readiness_probe", "readiness"),
    "livenessProbe": (About("liveness-probe", "Liveness probe"), "liveness_probe", "liveness"),
}
_HTTP_ERROR = 400


def probes(scene: Scene) -> Iterator[Check]:
    """Check each kind of probe that the containers have."""
    found = [container for pod in scene.pods for container in read.containers(pod)]
    for field, (about, key, word) in PROBES.items():
        having = [item for item in found if read.mapping(item.spec, field)]
        if not having:
            continue
        failing = next((item for item in having if _is_failing(scene, item, word)), None)
        if failing is not None:
            yield _failing(scene, failing, field)
        elif any(read.mapping(item.status, "state", "running") for item in having):
            yield about.ok(
                f"{_asks(read.mapping(having[0].spec, field))}, and is answered.",
                *(item.said("ready", item.status.get("ready")) for item in having[:3]),
            )
        else:
            yield about.skip(f"No container runs that could answer the {key.replace('_', ' ')}.")


def _is_failing(scene: Scene, container: Container, word: str) -> bool:
    """Whether a probe keeps a container from being ready, or has it restarted; what failed long ago does not count."""
    if not read.mapping(container.status, "state", "running") and word == "readiness":
        return False
    if container.status.get("ready") is True:
        return False
    if _said(scene, container, word):
        return True
    # the kubelet has not told yet, or the event is gone: it runs, it has the probe, and it is not ready
    started = container.status.get("started")
    return (word == "readiness" and started is True) or (word == "startup" and started is False and _runs(container))


def _runs(container: Container) -> bool:
    return bool(read.mapping(container.status, "state", "running"))


def _said(scene: Scene, container: Container, word: str) -> str:
    """Return the kubelet's last words about a probe of a container, empty when it said nothing."""
    spoken = [
        read.words(event, "message")
        for event in scene.events(container.pod, "Unhealthy", "ProbeError")
        if read.text(event, "message").lower().startswith(word)
        and f"{{{container.name}}}" in (read.text(event, "involvedObject", "fieldPath") or f"{{{container.name}}}")
    ]
    return spoken[-1] if spoken else ""


def _failing(scene: Scene, container: Container, field: str) -> Check:
    about, key, word = PROBES[field]
    probe = read.mapping(container.spec, field)
    spoken = _said(scene, container, word)
    evidence = [container.said("ready", container.status.get("ready"))]
    if spoken:
        evidence.append(f"event about pod {read.name(container.pod)}: message = {spoken}")
    where = f"The {key.replace('_', ' ')} of container {container.name}"
    words, remedy, fix = _port_mismatch(scene, container, field, probe, evidence)
    if not words:
        words, remedy = _by_words(probe, spoken)
    says = f" The kubelet says: {spoken}" if spoken else ""
    return about.fail(f"{where} fails. {_asks(probe)}; {words}.{says}", remedy, evidence, fix)


def _asks(probe: Mapping[str, Any]) -> str:
    """Return the request of a probe as a sentence."""
    http, tcp, grpc = (read.mapping(probe, name) for name in ("httpGet", "tcpSocket", "grpc"))
    if http:
        return f"It asks for {read.text(http, 'path') or '/'} on port {read.text(http, 'port')}"
    if tcp:
        return f"It connects to port {read.text(tcp, 'port')}"
    if grpc:
        return f"It asks the gRPC health service on port {read.text(grpc, 'port')}"
    return "It runs a command in the container"


def _port_mismatch(
    scene: Scene, container: Container, field: str, probe: Mapping[str, Any], evidence: list[str]
) -> tuple[str, str, Fix | None]:
    """Compare the probe's port with those that the container declares."""
    handler = next((name for name in ("httpGet", "tcpSocket", "grpc") if read.mapping(probe, name)), "")
    port = read.text(probe, handler, "port")
    ports = read.maps(container.spec, "ports")
    numbers = [read.text(item, "containerPort") for item in ports]
    names = [read.text(item, "name") for item in ports]
    if not port or not ports or port in numbers or port in names:
        return "", "", None
    evidence.append(read.said(container.pod, f"spec.containers[{container.name}].{field}.{handler}.port", port))
    evidence.append(read.said(container.pod, f"spec.containers[{container.name}].ports", ", ".join(numbers)))
    words = f"the container declares no port {port}, but {', '.join(numbers)}"
    return words, "Have it ask the port on which the program listens.", _port_fix(scene, container, field, port, ports)


def _port_fix(scene: Scene, container: Container, field: str, port: str, ports: list[Mapping[str, Any]]) -> Fix | None:
    usable = [item for item in ports if read.text(item, "protocol") in ("", "TCP")]
    place = scene.place_of(container.name)
    if len(usable) != 1 or place is None:
        return None
    path = f"{place}/{PROBES[field][1]}/port"
    present = scene.value(path)
    if str(present) != port:
        return None
    right = read.number(usable[0], "containerPort")
    return Fix(
        type="probe-port",
        title=f"Let the probe ask port {right}, the only one of the container",
        how="graph",
        target=path,
        changes=(FieldChange(path=path, value=right if isinstance(present, int) else str(right)),),
    )


def _by_words(probe: Mapping[str, Any], spoken: str) -> tuple[str, str]:
    """Return the cause behind the kubelet's words, and its remedy."""
    lower = spoken.lower()
    status = re.search(r"statuscode: (\d+)", lower)
    if status:
        code = int(status[1])
        path = read.text(probe, "httpGet", "path") or "/"
        if code == 404:  # noqa: PLR2004 - HTTP's own number
            return f"the program knows no path {path} (404)", "Set the probe's path to one that the program answers."
        kind = "refuses" if code < 500 else "fails on"  # noqa: PLR2004 - HTTP's own number
        return f"the program {kind} it with the status {code}", "Look into the program's log for the reason."
    if "connection refused" in lower:
        return (
            "nothing listens on that port",
            "Set the port on which the program listens, and have it listen on 0.0.0.0, not on 127.0.0.1 alone.",
        )
    if "deadline exceeded" in lower or "timeout" in lower:
        return "it gets no answer in time", "Raise the probe's timeout, or find out why the program is slow."
    if "server gave http response to https" in lower or "malformed http" in lower:
        return "the port speaks another protocol", "Change the probe's scheme between HTTP and HTTPS."
    if not spoken:
        return "it has not been answered yet", "Wait for the program to start; the kubelet has not said more yet."
    return "the container does not pass it", "Look into the program's log for the reason."
