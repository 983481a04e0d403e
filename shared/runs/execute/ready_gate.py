"""The gate between waves and before the end: wait until nodes are ready, and say what is waited for."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from shared.kubernetes.client import ClusterClient
from shared.kubernetes.objects import Manifest, ObjectRef, ref_of
from shared.planning.plan import Step
from shared.planning.survey import Key, LiveObjects, key_of
from shared.runs.execute.context import RunContext, RunFailed
from shared.runs.execute.last_words import last_words
from shared.runs.execute.readiness import Verdict, judge, verdict_of

FIRST_LOOK_SECONDS = 0.05
LONGEST_LOOK_SECONDS = 1.0
DONE = {"ready", "unchanged"}
Refs = Mapping[str, list[ObjectRef]]


def refs_by_node(steps: Iterable[Step]) -> dict[str, list[ObjectRef]]:
    """Return what each node has on the cluster."""
    nodes: dict[str, list[ObjectRef]] = defaultdict(list)
    for step in steps:
        nodes[step.item.node_id].append(step.ref)
    return nodes


class ReadyGate:
    """
    Waits for nodes of one run.

    :param unmoved: nodes of which nothing was changed; when they are ready they are called unchanged
    """

    def __init__(self, work: RunContext, client: ClusterClient, unmoved: set[str]) -> None:
        self._work = work
        self._client = client
        self._unmoved = unmoved
        self._seen: dict[Key, Manifest] = {}

    def note(self, live: Manifest) -> None:
        """Keep an object as it has just been read or applied: what is ready by it needs no further look."""
        self._seen[key_of(ref_of(live))] = live

    def wait(self, nodes: Refs) -> None:
        """
        Wait until all nodes are ready; look often at first, once a second later.

        :raises RunFailed: one cannot become ready any more, or not in time
        """
        progress = self._work.progress
        waiting = {node_id: refs for node_id, refs in nodes.items() if progress.states[node_id].state not in DONE}
        for node_id in [node_id for node_id, refs in waiting.items() if self._is_ready_already(node_id, refs)]:
            waiting.pop(node_id)
        ends = time.monotonic() + self._work.node_seconds
        pause = FIRST_LOOK_SECONDS
        while waiting:
            self._work.look_around()
            for node_id, verdict in self._judge(waiting).items():
                if self._note(node_id, waiting[node_id], verdict):
                    waiting.pop(node_id)
            if waiting and time.monotonic() > ends:
                self._time_out(waiting)
            if waiting:
                self._work.stop.wait(pause)
                pause = min(pause * 1.6, LONGEST_LOOK_SECONDS)

    def _is_ready_already(self, node_id: str, refs: list[ObjectRef]) -> bool:
        verdict = verdict_of(refs, LiveObjects(self._seen), [])
        return verdict.state == "ready" and self._note(node_id, refs, verdict)

    def _judge(self, waiting: Refs) -> dict[str, Verdict]:
        at_once = self._work.settings.parallel
        workflow_id = self._work.run.workflow_id
        nodes = dict(waiting)
        return self._work.patient(lambda: judge(self._client, workflow_id, nodes, at_once=at_once))

    def _note(self, node_id: str, refs: list[ObjectRef], verdict: Verdict) -> bool:
        """Tell how a node is; whether it is ready."""
        progress = self._work.progress
        if verdict.state == "failed" and not self._is_of_before(verdict):
            progress.node(node_id, "failed", verdict.message)
            self._explain(node_id, refs)
            raise RunFailed(f"{refs[0]}: {verdict.message}", node_id=node_id, code="node-failed")
        if verdict.state == "ready":
            progress.node(node_id, "unchanged" if node_id in self._unmoved else "ready", verdict.message)
            return True
        progress.node(node_id, "waiting", verdict.message)
        return False

    def _is_of_before(self, verdict: Verdict) -> bool:
        """
        Whether a deadline was exceeded before this run began.

        The condition stays until the pods are ready, also when the run has just given them more time.
        """
        exceeded = str(verdict.status.details.get("exceeded_at", ""))
        began = self._work.run.started_at
        return bool(exceeded) and began is not None and datetime.fromisoformat(exceeded) < began

    def _time_out(self, waiting: Refs) -> None:
        progress = self._work.progress
        for node_id, refs in waiting.items():
            progress.node(node_id, "failed", progress.states[node_id].message)
            self._explain(node_id, refs)
        node_id, refs = next(iter(waiting.items()))
        said = progress.states[node_id].message
        msg = f"{refs[0]} was not ready after {self._work.node_seconds} s: {said}"
        raise RunFailed(msg, node_id=node_id, code="node-timeout")

    def _explain(self, node_id: str, refs: list[ObjectRef]) -> None:
        found = last_words(self._client, self._work.run.workflow_id, node_id, refs[0].namespace)
        if found is None:
            return
        where = f"Last lines of {found.container} in pod {found.pod}:"
        for text in (where, *found.lines):
            self._work.progress.log(text, level="warning", node_id=node_id)
