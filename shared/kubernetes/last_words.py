"""The last lines of a container that ended: the reason, in its own words."""

from __future__ import annotations

from dataclasses import dataclass

from shared.errors import KubeOrchError
from shared.kubernetes.client import ClusterClient

LINES = 10
LONGEST_LINE = 500
"""Characters of a line that are kept."""


@dataclass(frozen=True, slots=True)
class LastWords:
    """The end of one container's log."""

    pod: str
    container: str
    lines: tuple[str, ...]


def read_last_words(
    client: ClusterClient, namespace: str, pod: str, container: str, *, previous: bool
) -> LastWords | None:
    """
    Return the last lines of a container; None when it has said nothing, or when its log cannot be read.

    :param previous: of the container before it was restarted
    """
    try:
        text = client.logs(namespace, pod, container=container, tail=LINES, previous=previous)
    except KubeOrchError:
        # a log that cannot be read explains nothing, that is all
        return None
    lines = tuple(line[:LONGEST_LINE] for line in text.splitlines() if line.strip())
    return LastWords(pod, container, lines[-LINES:]) if lines else None
