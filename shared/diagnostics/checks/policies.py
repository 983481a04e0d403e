"""Network policies: the pods that they select, and the trap of names that no longer resolve."""

from __future__ import annotations

from collections.abc import Iterator

from shared.diagnostics import read
from shared.diagnostics.models import About, Check
from shared.diagnostics.scene import Scene
from shared.kubernetes.objects import Manifest
from shared.sentences import plural

SELECTS = About("selects", "Pods it protects")
NAMES = About("dns-egress", "Names still resolve")
DNS_PORT = 53
_DNS_PORTS = {str(DNS_PORT), "dns", "domain"}


def policies(scene: Scene) -> Iterator[Check]:
    """Check a network policy."""
    live = scene.main
    if live is None:
        return
    if "Pod" in scene.unseen:
        yield SELECTS.skip(scene.unseen["Pod"])
    else:
        yield _selects(live, scene)
    if "Egress" in read.texts(live, "spec", "policyTypes"):
        yield _names(live)


def _selects(live: Manifest, scene: Scene) -> Check:
    pods = [pod for pod in scene.all("Pod") if not read.is_leaving(pod) and is_selected(live, pod)]
    shown = read.said(live, "spec.podSelector", dict(read.mapping(live, "spec", "podSelector")) or "all pods")
    if pods:
        names = ", ".join(read.name(pod) for pod in pods[:5])
        return SELECTS.ok(f"{plural(len(pods), 'pod')}: {names}.", shown)
    return SELECTS.warn(
        "It selects no pod, so it has no effect.", "Wire it to a workload, or correct its selector.", [shown]
    )


def is_selected(live: Manifest, pod: Manifest) -> bool:
    """Whether a policy is about a pod, by labels and expressions."""
    selector, found = read.mapping(live, "spec", "podSelector"), read.labels(pod)
    if any(found.get(key) != value for key, value in read.mapping(selector, "matchLabels").items()):
        return False
    for rule in read.maps(selector, "matchExpressions"):
        key, operator = read.text(rule, "key"), read.text(rule, "operator")
        among = key in found and found[key] in read.texts(rule, "values")
        holds = {"In": among, "NotIn": not among, "Exists": key in found, "DoesNotExist": key not in found}
        if not holds.get(operator, True):
            return False
    return True


def _names(live: Manifest) -> Check:
    for rule in read.maps(live, "spec", "egress"):
        ports = read.maps(rule, "ports")
        if not ports or any(_is_dns(read.text(port, "port"), read.number(port, "endPort")) for port in ports):
            return NAMES.ok(
                "A rule lets port 53 out; whether it reaches the cluster's DNS depends on its peers.",
                read.said(live, "spec.egress", "has a rule for port 53 or all ports"),
            )
    return NAMES.warn(
        "No rule lets port 53 out, so the pods cannot resolve any name.",
        "Add an outgoing rule for port 53, UDP and TCP, to the namespace kube-system.",
        [read.said(live, "spec.policyTypes", "Egress, and no rule of spec.egress has the port 53")],
    )


def _is_dns(port: str, last: int) -> bool:
    return port in _DNS_PORTS or port == "" or (port.isdigit() and int(port) <= DNS_PORT <= last)
