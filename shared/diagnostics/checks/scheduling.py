"""Pods that no machine takes: the scheduler's words, taken apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from shared.diagnostics import read
from shared.diagnostics.models import About, Check, FieldChange, Fix
from shared.diagnostics.scene import Scene
from shared.kubernetes.objects import Manifest
from shared.sentences import plural

SCHEDULING = About("scheduling", "Machines take the pods")


@dataclass(frozen=True, slots=True)
class Obstacle:
    """
    One of the scheduler's reasons.

    :param count: on how many machines it stands in the way; 0 when it says none
    """

    code: str
    count: int
    words: str
    remedy: str


_KINDS: tuple[tuple[str, str, str, str], ...] = (
    ("cpu", r"Insufficient cpu", "too little free CPU", "Request less CPU, or add machines."),
    ("memory", r"Insufficient memory", "too little free memory", "Request less memory, or add machines."),
    (
        "storage",
        r"Insufficient ephemeral-storage",
        "too little free disk",
        "Request less ephemeral storage, or add machines.",
    ),
    ("pods", r"Too many pods", "no place for another pod", "Add machines, or run fewer pods."),
    ("resource", r"Insufficient (?P<what>\S+)", "too little of {what}", "Add machines that have {what}."),
    (
        "selector",
        r"didn't match Pod's node affinity/selector|didn't match node selector",
        "labels that the node selector or affinity does not ask for",
        "Correct the node selector or affinity, or label a machine.",
    ),
    (
        "taint",
        r"had untolerated taint(?:\(s\))? ?(?P<what>\{[^}]*\})?",
        "a taint {what} that the pod does not tolerate",
        "Add a toleration for it, or remove the taint from a machine.",
    ),
    (
        "volume-zone",
        r"had volume node affinity conflict",
        "another zone than the pod's volume",
        "The volume can only be used where it was made: let the pod run in that zone, or make a new volume.",
    ),
    (
        "volume-limit",
        r"exceed(?:ed)? max volume count",
        "no place for another volume",
        "Add machines, or use fewer volumes.",
    ),
    (
        "unbound-claim",
        r"unbound immediate PersistentVolumeClaims",
        "volume claims that are not bound",
        "See the check of the volumes.",
    ),
    (
        "claim-missing",
        r"persistentvolumeclaim \"(?P<what>[^\"]+)\" not found",
        "the volume claim {what} that does not exist",
        "Wire a volume claim to the node, or correct the claim's name.",
    ),
    (
        "anti-affinity",
        r"didn't match pod anti-affinity rules|didn't satisfy existing pods anti-affinity rules",
        "a pod from which the anti-affinity keeps away",
        "Run fewer replicas, add machines, or make the rule a preference.",
    ),
    (
        "affinity",
        r"didn't match pod affinity rules",
        "no pod to which the affinity wants to be near",
        "Correct the affinity, or start the other pods first.",
    ),
    (
        "spread",
        r"didn't match pod topology spread constraints",
        "a place where the spread allows no more",
        "Loosen the topology spread, or add machines.",
    ),
    ("ports", r"didn't have free ports", "the host's port taken", "Use another host port, or fewer replicas."),
    (
        "cordoned",
        r"were unschedulable",
        "no new pods at all (cordoned)",
        "Uncordon a machine: kubectl uncordon <name>.",
    ),
    ("none", r"no nodes available to schedule pods", "no machine at all", "Add a machine to the cluster."),
)
_SENTENCE = re.compile(r"0/(\d+) nodes are available: (.*)", re.DOTALL)


def obstacles(message: str) -> list[Obstacle]:
    """Take the scheduler's sentence apart: ``0/5 nodes are available: 2 Insufficient cpu, 3 node(s) had …``."""
    found = _SENTENCE.search(message)
    rest = re.split(r"\.? ?preemption:", found[2] if found else message, maxsplit=1)[0]
    parts = re.split(r",\s+(?=\d+ )", rest) if found else [rest]
    return [obstacle for part in parts if (obstacle := _obstacle(part)) is not None]


def _obstacle(part: str) -> Obstacle | None:
    count = re.match(r"\s*(\d+) ", part)
    for code, pattern, words, remedy in _KINDS:
        found = re.search(pattern, part)
        if found:
            what = (found.groupdict().get("what") or "").strip(".,")
            shown = [text.format(what=what).replace("  ", " ") for text in (words, remedy)]
            return Obstacle(code, int(count[1]) if count else 0, *shown)
    return None


def scheduling(scene: Scene) -> Iterator[Check]:
    """Check that machines take the pods."""
    pods = scene.pods
    waiting = [pod for pod in pods if read.text(read.condition(pod, "PodScheduled"), "status") == "False"]
    if not waiting:
        placed = [pod for pod in pods if read.text(pod, "spec", "nodeName")]
        if placed:
            machines = sorted({read.text(pod, "spec", "nodeName") for pod in placed})
            yield SCHEDULING.ok(
                f"{plural(len(placed), 'pod')} on {', '.join(machines[:5])}.",
                *(read.said(pod, "spec.nodeName", read.text(pod, "spec", "nodeName")) for pod in placed[:3]),
            )
        return
    first = waiting[0]
    message = read.words(read.condition(first, "PodScheduled"), "message")
    found = obstacles(message)
    evidence = [read.said(first, "status.conditions[PodScheduled].message", message or "none")]
    evidence += _requests(scene, first, found)
    listed = "; ".join(_counted(item) for item in found) or f"the scheduler says: {message or 'nothing yet'}"
    remedy = " ".join(dict.fromkeys(item.remedy for item in found)) or "Follow the scheduler's words."
    fix = _selector_fix(scene, first, evidence) if any(item.code == "selector" for item in found) else None
    yield SCHEDULING.fail(
        f"{plural(len(waiting), 'pod')} of {len(pods)} cannot be scheduled: {listed}.", remedy, evidence, fix
    )


def _counted(item: Obstacle) -> str:
    return f"{plural(item.count, 'machine')} with {item.words}" if item.count else item.words


def _requests(scene: Scene, pod: Manifest, found: list[Obstacle]) -> Iterator[str]:
    """Yield as evidence the requests of the pod and the allocatable amounts of the machines."""
    for resource in ("cpu", "memory"):
        if not any(item.code == resource for item in found):
            continue
        for container in read.containers(pod):
            amount = read.text(container.spec, "resources", "requests", resource)
            if amount:
                yield read.said(pod, f"spec.containers[{container.name}].resources.requests.{resource}", amount)
        for machine in scene.all("Node")[:3]:
            amount = read.text(machine, "status", "allocatable", resource)
            if amount:
                yield read.said(machine, f"status.allocatable.{resource}", amount)


def _selector_fix(scene: Scene, pod: Manifest, evidence: list[str]) -> Fix | None:
    """Correct the labels that no machine has: another value where there is just one, else the label goes."""
    wanted, drawn = read.mapping(pod, "spec", "nodeSelector"), scene.value("/node_selector")
    machines = scene.all("Node")
    if not machines or not wanted or drawn != dict(wanted):
        return None
    kept: dict[str, str] = {}
    told: list[str] = []
    for key, value in wanted.items():
        values = {read.text(read.labels(machine), key) for machine in machines} - {""}
        if value in values:
            kept[key] = str(value)
            continue
        evidence.append(f"nodes: metadata.labels[{key}] = {', '.join(sorted(values)) or 'on none'}")
        if len(values) == 1:
            kept[key] = next(iter(values))
            told.append(f"ask for {key}={kept[key]}")
        else:
            told.append(f"ask no longer for {key}={value}")
    if not told:
        return None
    title = " and ".join(told)
    return Fix(
        type="node-selector",
        title=f"{title[0].upper()}{title[1:]}, as no machine has the label",
        how="graph",
        target="/node_selector",
        changes=(FieldChange(path="/node_selector", value=kept),),
    )
