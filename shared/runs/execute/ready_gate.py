"""The gate between waves and before the end: wait until nodes are ready, and report those that are waited for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from shared.kubernetes.client import ClusterClient
from shared.kubernetes.objects import Manifest, ObjectRef, ref_of
from shared.planning.plan import Step
from shared.planning.survey import Key, LiveObjects, key_of
from shared.runs.execute.context import RunContext, RunFailed
from shared.runs.execute.last_words import last_words
from shared.runs.execute.readiness import Readiness, read_readiness, readiness_of

FIRST_LOOK_SECONDS = 0.05
LONGEST_LOOK_SECONDS = 1.0
DONE = {"ready", "unchanged"}
Refs = Mapping[str, list[ObjectRef]]


def refs_by_node(steps: Iterable[Step]) -> dict[str, list[ObjectRef]]:
    """Return the references of each node's objects."""
    nodes: dict[str, list[ObjectRef]] = defaultdict(list)
    for step in steps:
        nodes[step.item.node_id].append(step.ref)
    return nodes


class ReadyGate:
    """
    Waits for nodes of one run.

    :param unmoved: nodes of which nothing was changed; when they are ready they are called unchanged
    """

    def __init__(self, context: RunContext, client: ClusterClient, unmoved: set[str]) -> None:
        self._context = context
        self._client = client
        self._unmoved = unmoved
        self._seen: dict[Key, Manifest] = {}

    def keep(self, live: Manifest) -> None:
        """Keep an object as it has just been read or applied: a node that is ready by it needs no further look."""
        self._seen[key_of(ref_of(live))] = live

    def wait(self, nodes: Refs) -> None:
        """
        Wait until all nodes are ready; look often at first, once a second later.

        :raises RunFailed: one cannot become ready any more, or not in time
        """
        progress = self._context.progress
        waiting = {node_id: refs for node_id, refs in nodes.items() if progress.states[node_id].state not in DONE}
        for node_id in [node_id for node_id, refs in waiting.items() if self._is_ready_already(node_id, refs)]:
            waiting.pop(node_id)
        ends = self._context.clock.monotonic() + self._context.node_seconds
        pause = FIRST_LOOK_SECONDS
        while waiting:
            self._context.raise_if_over()
            for node_id, readiness in self._read(waiting).items():
                if self._report(node_id, waiting[node_id], readiness):
                    waiting.pop(node_id)
            if waiting and self._context.clock.monotonic() > ends:
                self._time_out(waiting)
            if waiting:
                self._context.pause(pause)
                pause = min(pause * 1.6, LONGEST_LOOK_SECONDS)

    def _is_ready_already(self, node_id: str, refs: list[ObjectRef]) -> bool:
        readiness = readiness_of(refs, LiveObjects(self._seen), [])
        return readiness.state == "ready" and self._report(node_id, refs, readiness)

    def _read(self, waiting: Refs) -> dict[str, Readiness]:
        workflow_id, at_once = self._context.run.workflow_id, self._context.at_once
        return self._context.retrying(read_readiness, self._client, workflow_id, dict(waiting), at_once=at_once)

    def _report(self, node_id: str, refs: list[ObjectRef], readiness: Readiness) -> bool:
        """Report the readiness of a node; returns whether it is ready."""
        progress = self._context.progress
        if readiness.state == "failed" and not self._is_of_before(readiness):
            progress.node(node_id, "failed", readiness.message)
            self._explain(node_id, refs)
            raise RunFailed(f"{refs[0]}: {readiness.message}", node_id=node_id, code="node-failed")
        if readiness.state == "ready":
            progress.node(node_id, "unchanged" if node_id in self._unmoved else "ready", readiness.message)
            return True
        progress.node(node_id, "waiting", readiness.message)
        return False

    def _is_of_before(self, readiness: Readiness) -> bool:
        """
        Whether a deadline was exceeded before this run began.

        The condition stays until the pods are ready, also when the run has just given them more time.
        """
        exceeded = str(readiness.status.details.get("exceeded_at", ""))
        began = self._context.run.started_at
        return bool(exceeded) and began is not None and datetime.fromisoformat(exceeded) < began

    def _time_out(self, waiting: Refs) -> None:
        progress = self._context.progress
        for node_id, refs in waiting.items():
            progress.node(node_id, "failed", progress.states[node_id].message)
            self._explain(node_id, refs)
        node_id, refs = next(iter(waiting.items()))
        said = progress.states[node_id].message
        msg = f"{refs[0]} was not ready after {self._context.node_seconds} s: {said}"
        raise RunFailed(msg, node_id=node_id, code="node-timeout")

    def _explain(self, node_id: str, refs: list[ObjectRef]) -> None:
        found = last_words(self._client, self._context.run.workflow_id, node_id, refs[0].namespace)
        if found is None:
            return
        where = f"Last lines of {found.container} in pod {found.pod}:"
        for text in (where, *found.lines):
            self._context.progress.log(text, level="warning", node_id=node_id)
