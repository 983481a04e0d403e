from __future__ import annotations

from typing import Any

import pytest

from shared.errors import ClusterRefused
from shared.kubernetes.last_words import LastWords
from shared.runs.execute.last_words import last_words
from tests.support.fakes.cluster import FakeCluster

FAILED, DONE = {"terminated": {"exitCode": 1}}, {"terminated": {"exitCode": 0}}


def pod(name: str, *, made: str = "2026-01-01T00:00:00Z", init: Any = None, **containers: Any) -> dict[str, Any]:
    status = {
        "initContainerStatuses": init,
        "containerStatuses": [{"name": key, **value} for key, value in containers.items()],
    }
    labels = {"kubeorch.io/workflow": "w1", "kubeorch.io/node": "web"}
    metadata = {"name": name, "namespace": "shop", "labels": labels, "creationTimestamp": made}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "status": status}


def ask(cluster: FakeCluster, *pods: dict[str, Any]) -> LastWords | None:
    cluster.objects |= {("Pod", "shop", each["metadata"]["name"]): each for each in pods}
    return last_words(cluster, "w1", "web", "shop")


@pytest.fixture
def cluster() -> FakeCluster:
    found = FakeCluster("shop")
    found.words = {
        ("old", "main", False): "old words",
        ("new", "main", False): "starting\n\nno such table: shop\n",
        ("new", "main", True): "the run before",
        ("new", "prepare", False): "cannot prepare",
    }
    return found


def test_the_newest_pod_that_failed_speaks(cluster: FakeCluster) -> None:
    old = pod("old", main={"state": FAILED})
    new = pod("new", made="2026-01-02T00:00:00Z", main={"state": FAILED})
    assert ask(cluster, old, new) == LastWords("new", "main", ("starting", "no such table: shop"))


def test_of_a_container_that_was_started_again_the_run_before_speaks(cluster: FakeCluster) -> None:
    new = pod("new", main={"state": {"waiting": {}}, "lastState": FAILED})
    assert ask(cluster, new) == LastWords("new", "main", ("the run before",))


def test_what_runs_first_is_asked_first(cluster: FakeCluster) -> None:
    new = pod("new", init=[{"name": "prepare", "state": FAILED}], main={"state": FAILED})
    assert ask(cluster, new) == LastWords("new", "prepare", ("cannot prepare",))


def test_who_has_said_nothing_lets_the_next_one_speak(cluster: FakeCluster) -> None:
    old = pod("old", main={"state": FAILED})
    silent = pod("silent", made="2026-01-02T00:00:00Z", main={"state": FAILED})
    assert ask(cluster, old, silent) == LastWords("old", "main", ("old words",))


def test_nothing_is_said_of_containers_that_ended_well_or_run(cluster: FakeCluster) -> None:
    assert ask(cluster, pod("new", main={"state": DONE}, other={"state": {"running": {}}})) is None


def test_a_cluster_that_does_not_answer_explains_nothing(cluster: FakeCluster) -> None:
    cluster.answers["list", "Pod"] = [ClusterRefused("No.")]
    assert ask(cluster, pod("new", main={"state": FAILED})) is None
    cluster.answers["logs", "new"] = [ClusterRefused("No.")]
    assert ask(cluster) is None
