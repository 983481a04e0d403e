"""Waiting until the cluster serves the kinds that a run's own definitions bring."""

from __future__ import annotations

from collections.abc import Iterable

from shared.errors import ClusterRefused, NotFound
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.objects import ObjectRef
from shared.runs.execute.context import RunContext, RunFailed

SERVED_SECONDS = 30.0
LOOK_SECONDS = 0.1
_ABSENT = frozenset({"kind-unknown", "cluster-not-found"})


def is_absent(client: ClusterClient, ref: ObjectRef) -> bool:
    """Whether the cluster does not serve a kind (yet)."""
    try:
        client.list(ref.api_version, ref.kind, namespace=ref.namespace, most=1)
    except (ClusterRefused, NotFound) as error:
        # who may not list them learns from applying
        return error.code in _ABSENT
    return False


def wait_until_served(context: RunContext, client: ClusterClient, refs: Iterable[ObjectRef]) -> None:
    """
    Wait until the cluster serves the kinds of these objects: that takes a moment after their definition was applied.

    :raises RunFailed: it still does not
    """
    ends = context.clock.monotonic() + SERVED_SECONDS
    for ref in {(ref.api_version, ref.kind): ref for ref in refs}.values():
        while context.retrying(is_absent, client, ref):
            if context.clock.monotonic() > ends:
                msg = f"{ref}: its definition is there, but after {SERVED_SECONDS:.0f} s the cluster does not serve it."
                raise RunFailed(msg, code="kind-unknown")
            context.raise_if_over()
            context.pause(LOOK_SECONDS)
