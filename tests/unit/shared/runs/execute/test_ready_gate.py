from __future__ import annotations

from typing import Any

import pytest

from shared.clock import now, rfc3339
from shared.jobs.keeper import Cancelled
from shared.kubernetes.objects import Manifest, ObjectRef
from shared.runs.execute.context import RunFailed
from shared.runs.execute.ready_gate import LONGEST_LOOK_SECONDS, ReadyGate
from tests.support.fakes.cluster import run_at_once
from tests.support.fakes.engine import WORKFLOW, Engine, Working

WEB = ObjectRef("apps/v1", "Deployment", "shop", "web")
SETTINGS = ObjectRef("v1", "ConfigMap", "shop", "settings")


def manifest(ref: ObjectRef, **content: Any) -> Manifest:
    labels = {"kubeorch.io/workflow": WORKFLOW, "kubeorch.io/node": ref.name}
    metadata = {"name": ref.name, "namespace": ref.namespace, "labels": labels}
    return {"apiVersion": ref.api_version, "kind": ref.kind, "metadata": metadata, **content}


class Scene:
    """A deployment and its settings on a cluster, and a run that has just applied them."""

    def __init__(self, *, unmoved: tuple[str, ...] = ()) -> None:
        self.engine = Engine()
        self.engine.cluster.controller = lambda _: None
        self.deployment = self.engine.cluster.put(manifest(WEB, spec={"replicas": 1}))
        self.settings = self.engine.cluster.put(manifest(SETTINGS, data={"A": "1"}))
        self.working: Working = self.engine.working(self.engine.taken())
        for name in ("web", "settings"):
            self.working.progress.node(name, "waiting", "Applied.")
        self.gate = ReadyGate(self.working.context, self.engine.cluster, set(unmoved))

    def becomes(self, **status: Any) -> None:
        """Give the deployment a status."""
        figures = {"replicas": 1, "updatedReplicas": 1, "observedGeneration": 1}
        self.engine.cluster.change(WEB, status={**figures, **status})

    def is_ready(self) -> None:
        """Let the deployment run."""
        self.becomes(readyReplicas=1, availableReplicas=1)

    def wait(self) -> dict[str, str]:
        """Wait for both, and return how each node is then."""
        try:
            self.gate.wait({"web": [WEB], "settings": [SETTINGS]})
        finally:
            self.working.journal.flush()
        return self.working.nodes


def test_nodes_are_waited_for_and_what_is_missing_is_told_meanwhile() -> None:
    scene = Scene()
    scene.engine.clock.at(5, scene.is_ready)
    assert scene.wait() == {"web": "ready", "settings": "ready"}
    assert scene.engine.clock.waits[0] < scene.engine.clock.waits[-1] <= LONGEST_LOOK_SECONDS
    assert scene.working.progress.states["web"].message == "1 of 1 ready."


def test_what_was_ready_when_it_was_applied_needs_no_look() -> None:
    scene = Scene()
    scene.gate.keep(scene.settings)
    run_at_once(scene.deployment)
    scene.gate.keep(scene.deployment)
    scene.engine.cluster.asked.clear()
    assert scene.wait() == {"web": "ready", "settings": "ready"}
    assert scene.engine.cluster.asked == []


def test_of_what_was_not_changed_it_is_said() -> None:
    scene = Scene(unmoved=("settings",))
    scene.is_ready()
    assert scene.wait() == {"web": "ready", "settings": "unchanged"}
    scene.engine.cluster.asked.clear()
    assert scene.wait() == {"web": "ready", "settings": "unchanged"}
    assert scene.engine.cluster.asked == [], "what is done is not waited for again"


def test_a_node_that_cannot_become_ready_any_more_fails_the_run_with_its_last_words() -> None:
    scene = Scene()
    status = {"containerStatuses": [{"name": "main", "state": {"terminated": {"exitCode": 1}}}]}
    pod = manifest(ObjectRef("v1", "Pod", "shop", "web-1"), status=status)
    pod["metadata"]["labels"]["kubeorch.io/node"] = "web"
    scene.engine.cluster.objects["Pod", "shop", "web-1"] = pod
    scene.engine.cluster.words["web-1", "main", False] = "no such table: shop"
    late = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "too late"}
    scene.becomes(conditions=[{**late, "lastTransitionTime": "2999-01-01T00:00:00Z"}])
    with pytest.raises(RunFailed, match=r"^Deployment shop/web: ") as caught:
        scene.wait()
    assert (caught.value.code, caught.value.node_id) == ("node-failed", "web")
    assert scene.working.nodes["web"] == "failed"
    assert scene.working.log == ["Last lines of main in pod web-1:", "no such table: shop"]


def test_a_deadline_that_was_exceeded_before_the_run_began_is_not_its_failure() -> None:
    scene = Scene()
    late = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "too late"}
    scene.becomes(conditions=[{**late, "lastTransitionTime": "2020-01-01T00:00:00+00:00"}])
    scene.engine.clock.at(3, scene.is_ready)
    assert scene.wait()["web"] == "ready"
    assert scene.engine.clock.monotonic() >= 3


def test_a_run_that_says_not_when_it_began_takes_every_failure_as_its_own() -> None:
    scene = Scene()
    scene.working.run.started_at = None
    late = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "too late"}
    scene.becomes(conditions=[{**late, "lastTransitionTime": rfc3339(now())}])
    with pytest.raises(RunFailed):
        scene.wait()


def test_what_does_not_become_ready_in_time_fails_the_run_and_says_what_was_waited_for() -> None:
    scene = Scene()
    scene.becomes()
    with pytest.raises(RunFailed, match=r"^Deployment shop/web was not ready after 60 s: 0 of 1 ready") as caught:
        scene.wait()
    assert (caught.value.code, caught.value.node_id) == ("node-timeout", "web")
    assert scene.working.nodes == {"web": "failed", "settings": "ready"}
    assert 60 < scene.engine.clock.monotonic() < 60 + 2 * LONGEST_LOOK_SECONDS


def test_who_cancels_while_nodes_are_waited_for_waits_no_longer() -> None:
    scene = Scene()
    scene.engine.clock.at(2, scene.working.context.signals.cancelled.set)
    with pytest.raises(Cancelled):
        scene.wait()
    assert scene.working.nodes == {"web": "waiting", "settings": "ready"}


def test_a_cluster_that_is_away_for_a_moment_is_waited_for() -> None:
    scene = Scene()
    scene.is_ready()
    scene.engine.cluster.away = 3
    assert scene.wait() == {"web": "ready", "settings": "ready"}
    assert scene.working.log == ["Waiting for the cluster: The cluster did not answer in time."]
