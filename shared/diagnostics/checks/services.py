"""Services: do they select pods, do the ports meet, does anybody answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.diagnostics import read
from shared.diagnostics.models import About, Check, FieldChange, Fix, NewWire
from shared.diagnostics.scene import Scene
from shared.kubernetes.objects import Manifest
from shared.sentences import plural
from shared.workflows.drawing.graph import Node
from shared.workflows.kinds import SERVED

SELECTOR = About("selector", "Selects pods")
PORTS = About("ports", "Ports meet")
PODS = About("pods", "Pods are ready")
ENDPOINTS = About("endpoints", "Endpoints")
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Offered:
    """A port that a container declares."""

    pod: Manifest
    container: str
    name: str
    number: int
    protocol: str

    @property
    def said(self) -> str:
        """The evidence."""
        what = f"{self.number}/{self.protocol}{f' ({self.name})' if self.name else ''}"
        return read.said(self.pod, f"spec.containers[{self.container}].ports", what)


def is_alias(live: Manifest) -> bool:
    """Whether the service is only another name for a host."""
    return read.text(live, "spec", "type") == "ExternalName"


def selected(scene: Scene) -> list[Manifest]:
    """Return the pods that the live selector matches and that are there to stay."""
    wanted = read.mapping(scene.main, "spec", "selector")
    done = {"Succeeded", "Failed"}
    return [
        pod
        for pod in scene.all("Pod")
        if read.matches(wanted, pod) and not read.is_leaving(pod) and read.text(pod, "status", "phase") not in done
    ]


def wired(scene: Scene) -> Node | None:
    """Return the workload that the service is wired to."""
    for edge in scene.graph.edges:
        target = scene.graph.by_id.get(edge.target)
        if edge.source == scene.node.id and edge.type == "wires" and target is not None and target.type in SERVED:
            return target
    return None


def services(scene: Scene) -> Iterator[Check]:
    """Check the pods, ports and endpoints behind a service."""
    live = scene.main
    if live is None or is_alias(live):
        return
    if "Pod" in scene.unseen:
        yield SELECTOR.skip(scene.unseen["Pod"])
    else:
        yield _selector(live, scene)
        pods = selected(scene)
        if pods:
            yield _ports(live, scene, pods)
            yield _pods(pods)
    yield _endpoints(live, scene)


def _selector(live: Manifest, scene: Scene) -> Check:
    wanted = read.mapping(live, "spec", "selector")
    shown = ", ".join(f"{key}={value}" for key, value in wanted.items()) or "none"
    evidence = [read.said(live, "spec.selector", shown)]
    if not wanted:
        return SELECTOR.warn(
            "It has no selector, so nothing answers at its address unless somebody makes its endpoints by hand.",
            "Wire it to a workload.",
            evidence,
            _wire_fix(live, scene),
        )
    expected = next((read.mapping(item, "spec", "selector") for item in scene.expected), wanted)
    if dict(expected) != dict(wanted):
        asked = ", ".join(f"{key}={value}" for key, value in expected.items()) or "none"
        return SELECTOR.fail(
            f"It selects {shown}, but the graph asks for {asked}.", "Run the workflow to set the selector.", evidence
        )
    pods = selected(scene)
    if pods:
        names = ", ".join(read.name(pod) for pod in pods[:MOST_NAMED])
        return SELECTOR.ok(f"It selects {plural(len(pods), 'pod')}: {names}.", *evidence)
    workload = wired(scene)
    if workload is not None:
        if workload.data.get("replicas") == 0:
            return SELECTOR.warn(
                f"No pod matches, because {workload.data.get('name')} is scaled to zero.",
                "Set its replicas when it is to run.",
                [*evidence, f"node {workload.id}: /replicas = 0"],
            )
        return SELECTOR.fail(
            f"No pod matches {shown}: {workload.data.get('name')} has none now.",
            f"Look at the diagnosis of {workload.data.get('name')}.",
            evidence,
        )
    return SELECTOR.fail(
        f"No pod in the namespace has the labels {shown}.",
        "Correct the selector, or empty it and wire the service to a workload.",
        evidence,
        _wire_fix(live, scene),
    )


def _wire_fix(live: Manifest, scene: Scene) -> Fix | None:
    """Wire it to the one workload that can be meant; where several can, a person has to choose."""
    if wired(scene) is not None or not scene.expected:
        return None
    own = _namespace(scene, scene.node)
    near = [item for item in scene.graph.nodes if item.type in SERVED and _namespace(scene, item) == own]
    targets = {read.text(port, "targetPort") or read.text(port, "port") for port in read.maps(live, "spec", "ports")}
    fitting = near if len(near) == 1 else [item for item in near if targets and targets <= _words_of(item)]
    if len(fitting) != 1 or fitting[0].type == "statefulset":
        # a stateful set takes its name from the service that is wired to it, so the wire would change it as well
        return None
    workload = fitting[0]
    empties = (FieldChange(path="/selector", value={}),) if scene.data.get("selector") else ()
    return Fix(
        type="service-wire",
        title=f"Wire it to {workload.data.get('name') or workload.id}",
        how="graph",
        target=f"wire {scene.node.id} → {workload.id}",
        changes=empties,
        wires=(NewWire(source=scene.node.id, target=workload.id, rule="service-selects"),),
    )


def _namespace(scene: Scene, item: Node) -> str:
    """Return the namespace of a node's object by field or wire; empty for the workflow's."""
    named = item.data.get("namespace")
    if isinstance(named, str) and named:
        return named
    for edge in scene.graph.edges:
        holder = scene.graph.by_id.get(edge.source)
        if edge.target == item.id and holder is not None and holder.type == "namespace":
            return read.text(holder.data, "name")
    return ""


def _words_of(item: Node) -> set[str]:
    ports = read.maps(item.data, "ports")
    return {read.text(port, word) for port in ports for word in ("name", "container_port")} - {""}


def offered(pods: list[Manifest]) -> list[Offered]:
    """Return the ports that the pods' containers declare; sidecars stand among the first containers."""
    found: dict[tuple[str, int, str], Offered] = {}
    for pod in pods:
        for group in ("containers", "initContainers"):
            for spec in read.maps(pod, "spec", group):
                if group == "initContainers" and read.text(spec, "restartPolicy") != "Always":
                    continue
                for port in read.maps(spec, "ports"):
                    item = Offered(
                        pod,
                        read.text(spec, "name"),
                        read.text(port, "name"),
                        read.number(port, "containerPort"),
                        read.text(port, "protocol") or "TCP",
                    )
                    found.setdefault((item.name, item.number, item.protocol), item)
    return list(found.values())


def _ports(live: Manifest, scene: Scene, pods: list[Manifest]) -> Check:
    there = offered(pods)
    ports = read.maps(live, "spec", "ports")
    if not ports:
        return PORTS.skip("It has no ports; its name leads to the pods themselves.")
    problems: list[tuple[str, bool]] = []
    evidence: list[str] = []
    changes: dict[str, FieldChange] = {}
    protocols: dict[str, FieldChange] = {}
    led: list[str] = []
    for port in ports:
        number, target = read.text(port, "port"), read.text(port, "targetPort") or read.text(port, "port")
        protocol = read.text(port, "protocol") or "TCP"
        same = [item for item in there if target in (item.name, str(item.number))]
        if any(item.protocol == protocol for item in same):
            led.append(f"{number} → {target}")
            continue
        evidence.append(read.said(live, f"spec.ports[{number}].targetPort", f"{target}/{protocol}"))
        path = _path_of(scene, port)
        if same:
            problems.append(
                (f"port {number} is {protocol}, but the container's port {target} is {same[0].protocol}", True)
            )
            if path and read.text(scene.value(path), "protocol") in ("", protocol):
                protocols[path] = FieldChange(path=f"{path}/protocol", value=same[0].protocol)
        elif not target.isdigit():
            problems.append((f"port {number} leads to a container port called {target}, which no container has", True))
        elif there:
            problems.append((f"port {number} leads to {target}, which no container declares", False))
        else:
            led.append(f"{number} → {target} (the containers declare no ports)")
        usable = [item for item in there if item.protocol == protocol]
        if not same and path and len(usable) == 1 and _says(scene, path, target):
            right = usable[0].name or str(usable[0].number)
            changes[path] = FieldChange(path=f"{path}/target_port", value=right)
    if not problems:
        return PORTS.ok(f"Every port leads to a container's: {', '.join(led)}.", *(item.said for item in there))
    evidence += [item.said for item in there]
    fix = _target_fix(changes) or _protocol_fix(protocols)
    detail = "; ".join(words for words, _ in problems)
    remedy = "Let the service's port lead to the port on which the program listens."
    found = PORTS.fail if any(certain for _, certain in problems) else PORTS.warn
    return found(f"{detail[:1].upper()}{detail[1:]}.", remedy, evidence, fix)


def _path_of(scene: Scene, port: Mapping[str, Any]) -> str | None:
    """Return the JSON pointer of a live port in the node's data, None when a wire decides its target."""
    number, protocol = read.number(port, "port"), read.text(port, "protocol") or "TCP"
    for edge in scene.graph.edges:
        if edge.source == scene.node.id:
            chosen = {read.text(item, "port") for item in read.maps(edge.data, "ports")}
            if chosen & {read.text(port, "name"), str(number)} - {""}:
                return None
    drawn = scene.data.get("ports")
    for index, item in enumerate(drawn if isinstance(drawn, list) else []):
        if read.number(item, "port") == number and (read.text(item, "protocol") or "TCP") == protocol:
            return f"/ports/{index}"
    return None


def _says(scene: Scene, path: str, target: str) -> bool:
    """Whether the graph says what is live; with another value it only has to be run."""
    return read.text(scene.value(path), "target_port") in ("", target)


def _target_fix(changes: Mapping[str, FieldChange]) -> Fix | None:
    if not changes:
        return None
    told = ", ".join(dict.fromkeys(str(change.value) for change in changes.values()))
    return Fix(
        type="service-target-port",
        title=f"Lead to the container's port {told}",
        how="graph",
        target=", ".join(change.path for change in changes.values()),
        changes=tuple(changes.values()),
    )


def _protocol_fix(changes: Mapping[str, FieldChange]) -> Fix | None:
    if not changes:
        return None
    return Fix(
        type="service-protocol",
        title="Speak the protocol of the container's port",
        how="graph",
        target=", ".join(change.path for change in changes.values()),
        changes=tuple(changes.values()),
    )


def _pods(pods: list[Manifest]) -> Check:
    ready = [pod for pod in pods if read.is_ready(pod)]
    late = [pod for pod in pods if not read.is_ready(pod)]
    evidence = [
        read.said(pod, "status.conditions[Ready].status", read.text(read.condition(pod, "Ready"), "status") or "none")
        for pod in [*late, *ready][:MOST_NAMED]
    ]
    if not late:
        return PODS.ok(f"{len(ready)} of {len(pods)} ready.", *evidence)
    names = "; ".join(f"{read.name(pod)}{_why(pod)}" for pod in late[:MOST_NAMED])
    words = f"{len(ready)} of {len(pods)} ready. Not ready: {names}."
    remedy = "Look at the diagnosis of the workload behind it."
    return PODS.warn(words, remedy, evidence) if ready else PODS.fail(words, remedy, evidence)


def _why(pod: Manifest) -> str:
    """Return Kubernetes' own word for the reason that a pod waits."""
    reasons = [read.text(item.status, "state", "waiting", "reason") for item in read.containers(pod)]
    reasons.append(read.text(read.condition(pod, "PodScheduled"), "reason"))
    word = next((reason for reason in reasons if reason), "")
    return f" ({word})" if word else ""


def _endpoints(live: Manifest, scene: Scene) -> Check:
    if "EndpointSlice" in scene.unseen:
        return ENDPOINTS.skip(scene.unseen["EndpointSlice"])
    slices = [
        item
        for item in scene.all("EndpointSlice")
        if read.text(read.labels(item), "kubernetes.io/service-name") == read.name(live)
    ]
    known: dict[str, bool] = {}
    evidence: list[str] = []
    for item in slices:
        for endpoint in read.maps(item, "endpoints"):
            shown = ", ".join(read.texts(endpoint, "addresses")) or "?"
            ready = read.dig(endpoint, "conditions", "ready") is not False
            known[shown] = known.get(shown, False) or ready
            evidence.append(read.said(item, f"endpoints[{shown}].conditions.ready", str(ready).lower()))
    ready_count = sum(known.values())
    if not known:
        evidence = [read.said(item, "endpoints", "none") for item in slices] or ["endpointSlice: none for this service"]
        scaled = wired(scene)
        idle = scaled is not None and scaled.data.get("replicas") == 0
        found = ENDPOINTS.warn if idle or not read.mapping(live, "spec", "selector") else ENDPOINTS.fail
        return found(
            "0 of 0 ready: nobody answers at its address.", "The checks of selector and pods say why.", evidence
        )
    words = f"{ready_count} of {len(known)} ready."
    if ready_count == len(known):
        return ENDPOINTS.ok(words, *evidence[:MOST_NAMED])
    remedy = "Pods get traffic once they are ready; look at the diagnosis of the workload."
    return ENDPOINTS.warn(words, remedy, evidence) if ready_count else ENDPOINTS.fail(words, remedy, evidence)
