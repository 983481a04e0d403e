"""Containers that end, and what their exit codes and last lines say; pods that have failed for good."""

from __future__ import annotations

from collections.abc import Iterator

from shared.diagnostics import read
from shared.diagnostics.checks.exits import meaning
from shared.diagnostics.models import About, Check, FieldChange, Fix, FixTarget
from shared.diagnostics.quantities import doubled
from shared.diagnostics.read import Container
from shared.diagnostics.scene import Scene, ref_of_live
from shared.kubernetes.objects import Manifest

CRASH = About("crash", "Containers keep running")
FAILED = About("failed-pods", "Pods that have ended")
BACK_OFF = About("back-off", "Pauses between attempts")
_RESTARTED = ("Deployment", "StatefulSet", "DaemonSet")
_START = {"RunContainerError", "CreateContainerError", "StartError", "ContainerCannotRun"}
_LINES_SHOWN = 10


def crashes(scene: Scene) -> Iterator[Check]:
    """Look at how containers end."""
    found = [container for pod in scene.pods for container in read.containers(pod)]
    ended = [container for container in found if _is_crashing(container)]
    if ended:
        yield _crash(scene, ended)
    elif found:
        restarts = sum(read.number(container.status, "restartCount") for container in found)
        yield CRASH.ok(f"No container of {read.plural(len(scene.pods), 'pod')} ends; {restarts} restarts in all.")


def _is_crashing(container: Container) -> bool:
    waiting = read.text(container.status, "state", "waiting", "reason")
    if waiting == "CrashLoopBackOff" or waiting in _START:
        return True
    if read.text(container.status, "ready") or container.status.get("ready") is True:
        return False
    _, ended = container.ended
    done = read.text(ended, "reason") == "Completed" and "initContainerStatuses" in container.place
    return (
        bool(ended)
        and not done
        and (read.number(ended, "exitCode") != 0 or read.number(container.status, "restartCount") > 0)
    )


def _crash(scene: Scene, ended: list[Container]) -> Check:
    worst = max(ended, key=lambda item: (bool(_memory_fix(scene, item)), read.number(item.status, "restartCount")))
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
    return CRASH.fail(detail, means.remedy, evidence, _memory_fix(scene, worst))


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
    """Look for pods that ended for good and are still in the way; a job's pods are its history."""
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
        f"{read.plural(len(ended), 'pod')} ended for good ({', '.join(reasons)}) and will not start again.",
        "Delete them; their controller makes others.",
        evidence,
        Fix(
            type="delete-pods",
            title=f"Delete {read.plural(len(ended), 'failed pod')}",
            how="cluster",
            target=", ".join(str(ref_of_live(pod)) for pod in ended[:5]),
            objects=tuple(target_of(pod) for pod in ended),
        ),
    )


def _has_controller(pod: Manifest) -> bool:
    return any(entry.get("controller") is True for entry in read.maps(pod, "metadata", "ownerReferences"))


def back_off(scene: Scene) -> Iterator[Check]:
    """Look whether pods wait before they try again."""
    live = scene.main
    if live is None or live.get("kind") not in _RESTARTED:
        return
    waiting = [
        container
        for pod in scene.pods
        for container in read.containers(pod)
        if read.text(container.status, "state", "waiting", "reason") in {"CrashLoopBackOff", "ImagePullBackOff"}
    ]
    if not waiting:
        return
    evidence = [
        item.said("state.waiting.message", read.words(item.status, "state", "waiting", "message")) for item in waiting
    ]
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
