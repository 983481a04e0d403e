"""The last words of a node's containers: the reason why it does not become ready."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from shared.errors import KubeOrchError
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.labels import NODE, WORKFLOW
from shared.kubernetes.last_words import LastWords, read_last_words
from shared.kubernetes.objects import Manifest


def last_words(client: ClusterClient, workflow_id: str, node_id: str, namespace: str | None) -> LastWords | None:
    """
    Return the last log lines of the container of a node that ended worst; None when none has ended or said anything.

    A cluster that does not answer now explains nothing: that is no reason for the run to fail in another way.
    """
    try:
        selector = f"{WORKFLOW}={workflow_id},{NODE}={node_id}"
        pods, _ = client.list("v1", "Pod", namespace=namespace, label_selector=selector)
    except KubeOrchError:
        return None
    for pod, container, previous in _ended(pods):
        metadata = pod["metadata"]
        found = read_last_words(client, metadata["namespace"], metadata["name"], container, previous=previous)
        if found is not None:
            return found
    return None


def _ended(pods: list[Manifest]) -> Iterator[tuple[Manifest, str, bool]]:
    """Yield containers that have ended badly, newest pods first, and whether the log is of the run before."""
    for pod in sorted(pods, key=lambda pod: str(pod["metadata"].get("creationTimestamp", "")), reverse=True):
        status: Mapping[str, Any] = pod.get("status") or {}
        for container in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
            state, before = container.get("state") or {}, container.get("lastState") or {}
            if (state.get("terminated") or {}).get("exitCode"):
                yield pod, container["name"], False
            elif (before.get("terminated") or {}).get("exitCode"):
                yield pod, container["name"], True
