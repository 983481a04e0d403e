"""The reasons why pods are not ready, in words, worst first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shared.kubernetes.objects import Manifest
from shared.kubernetes.status.model import State, Status, condition, conditions, words

_PULLING = {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable"}
_BROKEN = {"CreateContainerConfigError", "CreateContainerError", "RunContainerError", "StartError"}
_SEVERITY = (State.ERROR, State.DEGRADED, State.PENDING, State.PROGRESSING)


def is_ready(pod: Manifest) -> bool:
    """Whether a pod's Ready condition is true."""
    found = condition(conditions(pod), "Ready")
    return found is not None and found.get("status") == "True"


def trouble(pods: Sequence[Manifest]) -> Status | None:
    """Return the worst of these pods' troubles; None when all are ready or have done their work."""
    found = [status for pod in pods if (status := pod_trouble(pod)) is not None]
    return min(found, key=lambda status: _SEVERITY.index(status.state)) if found else None


def pod_trouble(pod: Manifest) -> Status | None:
    """Return the trouble that keeps a pod from being ready, or None when it is ready or has done its work."""
    status = pod.get("status") or {}
    name = pod["metadata"]["name"]
    if status.get("phase") == "Succeeded" or is_ready(pod):
        return None
    if status.get("phase") == "Failed":
        text = status.get("message") or status.get("reason") or _ended(pod) or "it failed"
        return Status(State.ERROR, f"Pod {name}: {words(text)}", reason=str(status.get("reason") or "Failed"))
    for container in _containers(pod):
        found = _container_trouble(name, container)
        if found is not None:
            return found
    scheduled = condition(conditions(pod), "PodScheduled")
    if scheduled is not None and scheduled.get("status") == "False":
        return Status(
            State.PENDING,
            f"Pod {name} cannot be scheduled: {words(scheduled.get('message', ''))}",
            reason=str(scheduled.get("reason") or "Unschedulable"),
        )
    running = [item for item in _containers(pod) if "running" in (item.get("state") or {})]
    if running and status.get("phase") == "Running":
        waiting = ", ".join(item["name"] for item in running if not item.get("ready")) or "its containers"
        return Status(State.PROGRESSING, f"Pod {name} runs; {waiting} not ready yet (readiness probe).", "NotReady")
    return Status(State.PROGRESSING, f"Pod {name} is starting.", reason="ContainerCreating")


def restarts(pods: Sequence[Manifest]) -> int:
    """Return the number of restarts of these pods' containers."""
    return sum(int(item.get("restartCount", 0)) for pod in pods for item in _containers(pod))


def _containers(pod: Manifest) -> Iterator[Mapping[str, Any]]:
    status = pod.get("status") or {}
    yield from status.get("initContainerStatuses") or []
    yield from status.get("containerStatuses") or []


def _container_trouble(pod: str, container: Mapping[str, Any]) -> Status | None:
    waiting = (container.get("state") or {}).get("waiting") or {}
    reason = str(waiting.get("reason", ""))
    where = f"Pod {pod}, container {container['name']}"
    if reason in _PULLING:
        text = waiting.get("message") or f"the image {container.get('image', '')} cannot be pulled"
        return Status(State.ERROR, f"{where}: {words(text)}", reason=reason)
    if reason == "CrashLoopBackOff":
        text = _exit(container) or "it ends again and again"
        return Status(
            State.ERROR, f"{where}: {text}; restarted {container.get('restartCount', 0)} times.", reason=reason
        )
    if reason in _BROKEN:
        return Status(State.ERROR, f"{where}: {words(waiting.get('message', reason))}", reason=reason)
    if container.get("restartCount") and not container.get("ready"):
        text = _exit(container)
        if text:
            return Status(State.DEGRADED, f"{where}: {text}; started again.", reason="Restarting")
    return None


def _exit(container: Mapping[str, Any]) -> str:
    for place in ("state", "lastState"):
        ended = (container.get(place) or {}).get("terminated")
        if ended:
            if ended.get("reason") == "OOMKilled":
                return "it needed more memory than its limit (OOMKilled)"
            message = f": {words(ended['message'])}" if ended.get("message") else ""
            return f"it ended with exit code {ended.get('exitCode')}{message}"
    return ""


def _ended(pod: Manifest) -> str:
    return next((text for container in _containers(pod) if (text := _exit(container))), "")
