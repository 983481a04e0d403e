"""Autoscalers: can they read their metrics, find their target, and move."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shared.diagnostics import read
from shared.diagnostics.models import About, Check
from shared.diagnostics.scene import Scene
from shared.kubernetes.objects import Manifest

TARGET = About("target", "Its workload")
METRICS = About("metrics", "Metrics can be read")
SCALES = About("scales", "Replicas")


def autoscalers(scene: Scene) -> Iterator[Check]:
    """Check an autoscaler."""
    live = scene.main
    if live is None:
        return
    able, active = read.condition(live, "AbleToScale"), read.condition(live, "ScalingActive")
    yield _target(live, able)
    yield _metrics(live, active)
    yield _scales(live)


def _target(live: Manifest, able: object) -> Check:
    reference = read.mapping(live, "spec", "scaleTargetRef")
    name = f"{read.text(reference, 'kind')} {read.text(reference, 'name')}"
    evidence = [read.said(live, "spec.scaleTargetRef", name)]
    if read.text(able, "status") == "False":
        says = read.words(able, "message")
        evidence.append(read.said(live, "status.conditions[AbleToScale].message", says))
        return TARGET.fail(
            f"It cannot scale {name}: {says}", "Run the workflow, so that the workload it is wired to exists.", evidence
        )
    if not able:
        return TARGET.warn(
            f"Its controller has not looked at {name} yet.",
            "Wait half a minute; when it stays so, look whether the cluster's controller manager runs.",
            [read.said(live, "status.conditions", "none")],
        )
    return TARGET.ok(f"It scales {name}.", *evidence)


def _metrics(live: Manifest, active: object) -> Check:
    if not active:
        return METRICS.skip("Its controller has not said yet whether it can read them.")
    reason, says = read.text(active, "reason"), read.words(active, "message")
    evidence = [read.said(live, "status.conditions[ScalingActive].reason", reason)]
    if read.text(active, "status") != "False":
        return METRICS.ok(says or "They can be read.", *evidence)
    evidence.append(read.said(live, "status.conditions[ScalingActive].message", says))
    if reason == "ScalingDisabled":
        return METRICS.warn(
            "Its workload is scaled to zero, so it does nothing.", "Set the workload's replicas.", evidence
        )
    lower = says.lower()
    lacking = re.search(r"missing request for ([a-z0-9./-]+)", lower)
    if lacking:
        resource = lacking[1].strip(".")
        remedy = f"Request {resource} on every container of the workload: a share is counted of what is requested."
    elif (
        "could not find the requested resource" in lower
        or "metrics.k8s.io" in lower
        or "unable to fetch metrics" in lower
    ):
        remedy = "Look whether the cluster has the metrics API: kubectl get apiservice v1beta1.metrics.k8s.io. "
        remedy += "metrics-server gives it."
    elif "no metrics returned" in lower or "did not receive metrics" in lower:
        remedy = "Wait for the first figures of new pods, about a minute; else look at metrics-server."
    else:
        remedy = "Follow the controller's words."
    return METRICS.fail(f"It cannot read its metrics, so it does not scale: {says}", remedy, evidence)


def _scales(live: Manifest) -> Check:
    now, wanted = (read.number(live, "status", name) for name in ("currentReplicas", "desiredReplicas"))
    least, most = read.number(live, "spec", "minReplicas", otherwise=1), read.number(live, "spec", "maxReplicas")
    evidence = [
        read.said(live, "status.currentReplicas", now),
        read.said(live, "status.desiredReplicas", wanted),
        read.said(live, "spec.maxReplicas", most),
    ]
    limited = read.condition(live, "ScalingLimited")
    if read.text(limited, "status") == "True" and read.text(limited, "reason") == "TooManyReplicas":
        return SCALES.warn(
            f"It would like more than {most} replicas, its upper bound.",
            "Raise the upper bound, or make the workload need less.",
            [*evidence, read.said(live, "status.conditions[ScalingLimited].message", read.words(limited, "message"))],
        )
    return SCALES.ok(f"{now} now, {wanted} wanted, between {least} and {most}.", *evidence)
