"""Whether the newest rollout is through: seen by its controller, enough replicas, in time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shared.diagnostics import read
from shared.diagnostics.models import About, Check, FieldChange, Fix
from shared.diagnostics.scene import Scene
from shared.kubernetes.objects import Manifest
from shared.sentences import plural

OBSERVED = About("observed", "Seen by its controller")
ROLLOUT = About("rollout", "Rollout")
REPLICAS = About("replicas", "Replicas")
DEFAULT_DEADLINE = 600
LONGEST_DEADLINE = 86_400


def rollout(scene: Scene, causes: Sequence[Check]) -> Iterator[Check]:
    """
    Look at the rollout.

    :param causes: the checks of the pods: while one of them fails, more time does not help
    """
    live = scene.main
    if live is None:
        return
    seen, wanted = read.number(live, "status", "observedGeneration"), read.number(live, "metadata", "generation")
    if seen < wanted:
        yield OBSERVED.warn(
            "The controller has not seen the last change yet.",
            "Wait some seconds; when it stays so, look whether the cluster's controller manager runs.",
            [
                read.said(live, "status.observedGeneration", seen),
                read.said(live, "metadata.generation", wanted),
            ],
        )
        return
    if live.get("kind") == "Deployment":
        yield from _deployment(live, scene, causes)
    yield _replicas(live, scene)


def _deployment(live: Manifest, scene: Scene, causes: Sequence[Check]) -> Iterator[Check]:
    if read.dig(live, "spec", "paused") is True:
        drawn = scene.data.get("paused") is True
        fix = Fix(
            type="resume",
            title="Let the rollout go on",
            how="graph",
            target="/paused",
            changes=(FieldChange(path="/paused", value=False),),
        )
        yield ROLLOUT.warn(
            "The rollout is paused: changes do not reach the pods.",
            "Let it go on." if drawn else "Run the workflow: the graph does not pause it.",
            [read.said(live, "spec.paused", "true")],
            fix if drawn else None,
        )
        return
    progress = read.condition(live, "Progressing")
    if read.text(progress, "reason") == "ProgressDeadlineExceeded":
        yield _late(live, scene, causes)
        return
    updated, total = read.number(live, "status", "updatedReplicas"), read.number(live, "status", "replicas")
    if total > updated:
        old = total - updated
        yield ROLLOUT.warn(
            f"{plural(old, 'pod')} of the rollout before {'is' if old == 1 else 'are'} still there; only the "
            "newest pods are judged here.",
            "Wait for the newest pods to become ready; the checks below say what keeps them.",
            [read.said(live, "status.updatedReplicas", updated), read.said(live, "status.replicas", total)],
        )
        return
    yield ROLLOUT.ok("All pods are of the newest rollout.", read.said(live, "status.updatedReplicas", updated))


def _late(live: Manifest, scene: Scene, causes: Sequence[Check]) -> Check:
    deadline = read.number(live, "spec", "progressDeadlineSeconds", otherwise=DEFAULT_DEADLINE)
    evidence = [
        read.said(live, "status.conditions[Progressing].reason", "ProgressDeadlineExceeded"),
        read.said(live, "spec.progressDeadlineSeconds", deadline),
    ]
    if any(check.state == "fail" for check in causes):
        return ROLLOUT.fail(
            f"The rollout made no progress for {deadline} s; the checks of the pods say why.",
            "Put right what keeps the pods, and run the workflow.",
            evidence,
        )
    longer = min(deadline * 2, LONGEST_DEADLINE)
    drawn = scene.data.get("progress_deadline_seconds")
    fix = Fix(
        type="progress-deadline",
        title=f"Give the rollout {longer} s instead of {deadline} s",
        how="graph",
        target="/progress_deadline_seconds",
        changes=(FieldChange(path="/progress_deadline_seconds", value=longer),),
    )
    return ROLLOUT.fail(
        f"The rollout made no progress for {deadline} s, but nothing is wrong with the pods: they need longer.",
        "Give it more time, or make the program start faster. This rollout stays late until its pods are ready; run "
        "the workflow then.",
        evidence,
        fix if drawn in (None, deadline) and longer > deadline else None,
    )


def _replicas(live: Manifest, scene: Scene) -> Check:
    kind = read.text(live, "kind")
    if kind == "DaemonSet":
        wanted, ready = (read.number(live, "status", name) for name in ("desiredNumberScheduled", "numberReady"))
        evidence = [
            read.said(live, "status.desiredNumberScheduled", wanted),
            read.said(live, "status.numberReady", ready),
        ]
        if wanted == 0:
            return REPLICAS.warn(
                "No machine matches, so it has no pods.", "Check its node selector and tolerations.", evidence
            )
    else:
        wanted, ready = read.number(live, "spec", "replicas", otherwise=1), read.number(live, "status", "readyReplicas")
        evidence = [read.said(live, "spec.replicas", wanted), read.said(live, "status.readyReplicas", ready)]
        if wanted == 0:
            return REPLICAS.warn("It is scaled to zero: no pod runs.", "Set the replicas when it is to run.", evidence)
    if ready >= wanted:
        return REPLICAS.ok(f"{ready} of {wanted} ready.", *evidence)
    names = [read.name(pod) for pod in scene.pods if not read.is_ready(pod)]
    evidence += [
        read.said(pod, "status.phase", read.text(pod, "status", "phase") or "none")
        for pod in scene.pods
        if not read.is_ready(pod)
    ]
    which = f" Not ready: {', '.join(names[:5])}." if names else ""
    return REPLICAS.fail(f"{ready} of {wanted} ready.{which}", "The other checks say what keeps the pods.", evidence)
