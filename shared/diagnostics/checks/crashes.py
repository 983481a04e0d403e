"""Containers that end, the meaning of their exit codes, their last lines; pods that have failed for good."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from shared.diagnostics import read
from shared.diagnostics.checks.exits import meaning
from shared.diagnostics.checks.images import PULLING
from shared.diagnostics.models import About, Check, FieldChange, Fix, FixTarget
from shared.diagnostics.quantities import doubled
from shared.diagnostics.read import Container
from shared.diagnostics.scene import Scene, ref_of_live
from shared.kubernetes.objects import Manifest
from shared.sentences import plural

CRASH = About("crash", "Containers keep running")
FAILED = About("failed-pods", "Pods that have ended")
BACK_OFF = About("back-off", "Pauses between attempts")
_RESTARTED = ("Deployment", "StatefulSet", "DaemonSet")
_START = {"RunContainerError", "CreateContainerError", "StartError", "ContainerCannotRun"}
_LINES_SHOWN = 10
PROVEN = timedelta(minutes=10)
"""So long a container has to run before an earlier end is forgotten; the kubelet counts the same way."""


def crashes(scene: Scene) -> Iterator[Check]:
    """Check for containers that end; of a job that is through, failed attempts are no matter any more."""
    job = scene.newest_job or scene.main
    if read.text(read.condition(job, "Complete"), "status") == "True":
        return
    found = [container for pod in scene.pods for container in read.containers(pod)]
    ended = [container for container in found if _is_crashing(scene, container)]
    if ended:
        yield _crash(scene, ended)
    elif found:
        restarts = sum(read.number(container.status, "restartCount") for container in found)
        yield CRASH.ok(f"No container of {plural(len(scene.pods), 'pod')} ends; {restarts} restarts in all.")


def _is_crashing(scene: Scene, container: Container) -> bool:
    """
    Whether a container ends, or has ended a short time ago and was started again.

    Between two ends it runs, and without a readiness probe it is even ready, so that alone says nothing.
    """
    if read.text(container.pod, "status", "phase") == "Succeeded":
        return False
    if _is_down(container):
        return True
    before = read.mapping(container.status, "lastState", "terminated")
    if not before or not read.number(container.status, "restartCount"):
        return False
    if container.status.get("ready") is not True and read.number(before, "exitCode"):
        return True
    since = read.moment(container.status, "state", "running", "startedAt")
    return scene.at is None or since is None or scene.at - since < PROVEN


def _is_down(container: Container) -> bool:
    """Whether a container does not run now, and not because its work is done."""
    waiting = read.text(container.status, "state", "waiting", "reason")
    if waiting == "CrashLoopBackOff" or waiting in _START:
        return True
    ended = read.mapping(container.status, "state", "terminated")
    return (
        bool(ended)
        and bool(read.number(ended, "exitCode") or read.number(container.status, "restartCount"))
        and (read.text(ended, "reason") != "Completed" or "initContainerStatuses" not in container.place)
    )


def _crash(scene: Scene, ended: list[Container]) -> Check:
    worst = max(ended, key=lambda item: (bool(_memory_fix(scene, item)), read.number(item.status, "restartCount")))
    found = CRASH.fail if any(map(_is_down, ended)) or worst.status.get("ready") is not True else CRASH.warn
    field, last = worst.ended
    code, reason = read.number(last, "exitCode"), read.text(last, "reason")
    where = f"Container {worst.name} of pod {read.name(worst.pod)}"
    restarts = read.number(worst.status, "restartCount")
    evidence = [worst.said("restartCount", restarts)]
    waiting = read.mapping(worst.status, "state", "waiting")
    if waiting:
        evidence.append(worst.said("state.waiting.reason", read.text(waiting, "reason")))
    if not last:
        says = read.words(waiting, "message") or read.text(waiting, "reason")
        return CRASH.fail(f"{where} cannot be started: {says}", meaning(128).remedy, evidence, None)
    means = meaning(code, reason)
    evidence.append(worst.said(f"{field}.exitCode", code))
    if reason:
        evidence.append(worst.said(f"{field}.reason", reason))
    says = read.words(last, "message")
    detail = f"{where} ended with exit code {code}: {means.words}{f' ({says})' if says else ''}."
    detail += f" Restarted {restarts} times." if restarts else ""
    probed = [read.words(event, "message") for event in scene.events(worst.pod, "Unhealthy", "Killing")]
    probed = [message for message in probed if "iveness" in message or "tartup" in message]
    if probed and reason != "OOMKilled":
        detail += f" The kubelet ended it, because of its probe: {probed[-1]}"
        evidence.append(f"event about pod {read.name(worst.pod)}: message = {probed[-1]}")
    lines = scene.said_in(read.name(worst.pod), worst.name)
    evidence += [f"log of {worst.name}: {line}" for line in lines[-_LINES_SHOWN:]]
    if found is CRASH.warn:
        detail += " It was started again and runs now."
    return found(detail, means.remedy, evidence, _memory_fix(scene, worst))


def _memory_fix(scene: Scene, container: Container) -> Fix | None:
    """Twice the limit after it was too little, unless the graph has another one already."""
    _, last = container.ended
    place = scene.place_of(container.name)
    limit = read.text(container.spec, "resources", "limits", "memory")
    raised = doubled(limit)
    if read.text(last, "reason") != "OOMKilled" or place is None or raised is None:
        return None
    path = f"{place}/resources/limits/memory"
    if scene.value(path) not in (None, limit):
        return None
    return Fix(
        type="memory-limit",
        title=f"Raise the memory limit of {container.name} from {limit} to {raised}",
        how="graph",
        target=path,
        changes=(FieldChange(path=path, value=raised),),
    )


def failed_pods(scene: Scene) -> Iterator[Check]:
    """Check for pods that ended for good and are still in the way; a job's pods are its history."""
    live = scene.main
    if live is None or live.get("kind") not in _RESTARTED:
        return
    ended = [
        pod
        for pod in scene.all("Pod")
        if read.text(pod, "status", "phase") == "Failed"
        and not read.is_leaving(pod)
        and scene.owns(pod)
        and _has_controller(pod)
    ]
    if not ended:
        return
    reasons = sorted({read.text(pod, "status", "reason") or "Failed" for pod in ended})
    evidence = [read.said(pod, "status.phase", "Failed") for pod in ended]
    evidence += [read.said(pod, "status.message", read.words(pod, "status", "message")) for pod in ended[:3]]
    yield FAILED.warn(
        f"{plural(len(ended), 'pod')} ended for good ({', '.join(reasons)}) and will not start again.",
        "Delete them; their controller makes others.",
        evidence,
        Fix(
            type="delete-pods",
            title=f"Delete {plural(len(ended), 'failed pod')}",
            how="cluster",
            target=", ".join(str(ref_of_live(pod)) for pod in ended[:5]),
            objects=tuple(target_of(pod) for pod in ended),
        ),
    )


def _has_controller(pod: Manifest) -> bool:
    return any(entry.get("controller") is True for entry in read.maps(pod, "metadata", "ownerReferences"))


def back_off(scene: Scene) -> Iterator[Check]:
    """Check for pods that wait before they try again."""
    live = scene.main
    if live is None or live.get("kind") not in _RESTARTED:
        return
    waiting = [
        container
        for pod in scene.pods
        for container in read.containers(pod)
        if _is_crashing(scene, container) or read.text(container.status, "state", "waiting", "reason") in PULLING
    ]
    if not waiting:
        return
    evidence = [
        item.said("state.waiting.message", words)
        for item in waiting
        if (words := read.words(item.status, "state", "waiting", "message"))
    ] or [item.said("restartCount", read.number(item.status, "restartCount")) for item in waiting]
    yield BACK_OFF.warn(
        "The kubelet waits longer and longer, up to 5 minutes, before it tries again.",
        "When the cause lay outside the pods and is gone, have new pods made at once.",
        evidence,
        Fix(
            type="restart-rollout",
            title=f"Replace the pods of {read.name(live)} now",
            how="cluster",
            target=str(ref_of_live(live)),
            objects=(target_of(live),),
        ),
    )


def target_of(item: Manifest) -> FixTarget:
    """Return an object as something to act on."""
    ref = ref_of_live(item)
    return FixTarget(
        api_version=ref.api_version,
        kind=ref.kind,
        namespace=ref.namespace,
        name=ref.name,
        uid=read.uid(item),
        generation=read.number(item, "metadata", "generation"),
    )
