"""What dies in the middle: workers, watchers, beat, Redis, the line to the API server. Work ends once, and right."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from shared.runs.store import RunStore
from shared.watching.watch import lease_name
from shared.workflows.drawing.graph import Graph, Node
from tests.cluster.platform.conftest import Made
from tests.fixtures.workflows.helpers import graph, node, web
from tests.support.kube import Kube
from tests.support.person import Event, Person, Stream
from tests.support.platform import Platform
from tests.support.proxy import Proxy
from tests.support.wait import eventually

pytestmark = pytest.mark.timeout(180)

Make = Callable[..., Made]
ADOPTED_SECONDS = 60.0
TAKEN_OVER_SECONDS = 25.0


def configs(count: int) -> list[Node]:
    return [node(f"config-{number}", "configmap", data={"A": str(number)}) for number in range(count)]


def held_back(name: str) -> Node:
    """A deployment whose pods wait for a machine with this label."""
    selector: dict[str, Any] = {"node_selector": {f"kubeorch.test/{name}": "true"}}
    return web(**selector)


def let_go(kube: Kube, name: str) -> None:
    machine = kube.get("nodes")["items"][0]["metadata"]["name"]
    kube.run("label", "node", machine, f"kubeorch.test/{name}=true")


@pytest.fixture
def lines(ada: Person, simulated_kube: Kube, namespace: str) -> Iterator[Callable[[], tuple[Proxy, str]]]:
    """Connect the cluster once more, each time through a line of its own; all are released at the end."""
    with ExitStack() as stack:

        def connect() -> tuple[Proxy, str]:
            proxy = stack.enter_context(Proxy.before(simulated_kube.text))
            cluster_id = ada.connect(proxy.kubeconfig(simulated_kube.text), f"line-{proxy.port}-{namespace}")
            stack.callback(ada.call, "DELETE", f"/clusters/{cluster_id}", status=204)
            stack.callback(proxy.release)
            return proxy, cluster_id

        yield connect


def started(event: Event, words: str) -> bool:
    return event.name == "log" and str(event.data["text"]).startswith(words)


@dataclass
class Victim:
    """A run that is in the middle of something."""

    made: Made
    run_id: str
    stream: Stream
    objects: int

    @classmethod
    def begin(cls, made: Made, objects: int) -> Victim:
        run_id = made.run()
        return cls(made, run_id, made.person.follow(f"/runs/{run_id}/stream"), objects)


def check_ended_once(victim: Victim, kube: Kube) -> None:
    victim.stream.until("complete", timeout=ADOPTED_SECONDS)
    run = victim.made.person.get_run(victim.run_id)
    assert run["status"] == "completed"
    assert run["attempts"] == 2
    texts = [entry["text"] for entry in run["logs"]]
    assert [text for text in texts if text.startswith("Taken over")], texts
    live = kube.get(
        "configmaps,deployments", "-n", victim.made.namespace, "-l", f"kubeorch.io/workflow={victim.made.id}"
    )
    assert len(live["items"]) == victim.objects
    # one end was told, and it was the last thing
    names = victim.stream.names()
    assert names.count("complete") == 1
    assert names[-1] == "complete"
    head = victim.made.person.get(f"/workflows/{victim.made.id}")
    assert head["active_run_id"] is None
    assert head["last_run"]["id"] == victim.run_id


def test_runs_whose_worker_is_killed_are_adopted_and_end_once(
    platform: Platform, make: Make, kube: Kube, lines: Callable[[], tuple[Proxy, str]], namespace: str
) -> None:
    label = f"late-{namespace}"
    # one run that plans, one that applies, one that waits, one that prunes
    planning_line, cluster = lines()
    planned = make(graph(*configs(3)), "planned", cluster)
    applying_line, cluster = lines()
    applied = make(
        graph(*[node(f"many-{number}", "configmap", data={"A": "1"}) for number in range(24)]), "applied", cluster
    )
    pruning_line, cluster = lines()
    pruned = make(
        graph(*[node(f"old-{number}", "configmap", data={"A": "1"}) for number in range(6)]), "pruned", cluster
    )
    pruned.deploy()
    pruned.save(graph(node("old-0", "configmap", data={"A": "1"})))
    waited = make(graph(held_back(label)), "waited")

    waiting = Victim.begin(waited, 1)
    waiting.stream.until(lambda event: event.name == "node_state" and event.data["state"] == "waiting")
    planning_line.hold()
    planning = Victim.begin(planned, 3)
    planning.stream.until(lambda event: event.name in {"phase", "metadata"})
    applying_line.delay = pruning_line.delay = 0.3
    applying, pruning = Victim.begin(applied, 24), Victim.begin(pruned, 1)
    pruning.stream.until(lambda event: started(event, "Removed"))
    pruning_line.hold()
    applying.stream.until(lambda event: started(event, "Created"))
    applying_line.hold()
    # a second worker stands by; a process of its own pool dies with a run, too
    platform.start("worker", 2)
    child = Victim.begin(
        make(
            graph(node("other", "deployment", image="nginx:1", node_selector={f"kubeorch.test/{label}": "true"})),
            "child",
        ),
        1,
    )
    child.stream.until(lambda event: event.name == "node_state" and event.data["state"] == "waiting")
    victims = (planning, applying, waiting, pruning, child)
    for victim in victims:
        assert victim.made.person.get_run(victim.run_id)["status"] == "running"

    with platform.database() as db:
        lease = RunStore(db).get(child.run_id).lease
    assert lease is not None
    os.kill(int(lease.owner.rpartition(":")[2]), signal.SIGKILL)
    platform.kill("worker", 1)
    for line in (planning_line, applying_line, pruning_line):
        line.delay = 0
        line.cut()
        line.release()
    let_go(kube, label)
    for victim in victims:
        check_ended_once(victim, kube)
    platform.start("worker", 1)
    platform.stop("worker", 2)


def test_a_killed_watcher_is_taken_over(platform: Platform, make: Make, kube: Kube, cluster_id: str) -> None:
    made = make(graph(web()))
    stream = made.follow()
    made.deploy()
    healthy = stream.until(lambda event: event.name == "node_update" and event.data["state"] == "healthy")
    platform.start("watcher", 2)
    holder = platform.lease_holder(lease_name(cluster_id))
    assert holder is not None
    dies = 1 if holder.endswith(f":{platform.pid('watcher', 1)}") else 2
    began = time.monotonic()
    platform.kill("watcher", dies)
    kube.run("delete", "deployment/web", "-n", made.namespace)
    # what happened while nobody watched is found
    stream.until(
        lambda event: event.name == "node_update" and event.data["state"] == "missing",
        after=healthy,
        timeout=TAKEN_OVER_SECONDS,
    )
    assert time.monotonic() - began < TAKEN_OVER_SECONDS
    assert platform.lease_holder(lease_name(cluster_id)) != holder
    # one watcher alone: nothing was told twice
    updates = [event.data["state"] for event in stream.events if event.name == "node_update"]
    assert updates.count("missing") == 1
    if dies == 1:
        platform.start("watcher", 1)
    platform.stop("watcher", 2)


def test_redis_restarted_in_the_middle_of_a_run(platform: Platform, make: Make, kube: Kube, namespace: str) -> None:
    label = f"redis-{namespace}"
    made = make(graph(held_back(label), *configs(2)))
    workflow = made.follow()
    victim = Victim.begin(made, 3)
    victim.stream.until(lambda event: event.name == "node_state" and "cannot be scheduled" in event.data["message"])
    platform.redis.stop()
    # it becomes ready while nobody can be told
    let_go(kube, label)
    eventually(
        lambda: kube.get("deployment/web", "-n", namespace)["status"].get("readyReplicas"), timeout=20, every=0.2
    )
    eventually(lambda: _status_in_database(platform, victim.run_id) == "completed", timeout=20, every=0.1)
    platform.restart_redis()
    # whoever follows hears of the end, although it was told to nobody
    victim.stream.until("complete", timeout=30)
    workflow.until(lambda event: event.name == "run_update" and event.data["run"]["status"] == "completed", timeout=30)
    # each line of the log came once, in order
    told = [event.data["text"] for event in victim.stream.events if event.name == "log"]
    kept = [entry["text"] for entry in made.person.get_run(victim.run_id)["logs"]]
    assert told == kept[len(kept) - len(told) :]
    for name in ("web", "worker", "watcher", "beat"):
        assert platform.runs(name), platform.log_of(name).read_text()[-3000:]
    run = made.person.get_run(victim.run_id)
    assert (run["status"], run["attempts"]) == ("completed", 1)
    # and the platform goes on: the watch is taken up again, the next run is done
    eventually(lambda: made.person.statuses(made.id).get("web", {}).get("state") == "healthy", timeout=30, every=0.2)
    made.deploy()


def _status_in_database(platform: Platform, run_id: str) -> str:
    with platform.database() as db:
        return RunStore(db).get(run_id).status.value


def test_an_api_server_that_goes_in_the_middle_of_a_run_and_comes_back(
    make: Make, kube: Kube, lines: Callable[[], tuple[Proxy, str]]
) -> None:
    line, cluster = lines()
    made = make(graph(*configs(16)), "cut", cluster)
    line.delay = 0.2
    victim = Victim.begin(made, 16)
    victim.stream.until(lambda event: started(event, "Created"))
    line.refuse()
    victim.stream.until(lambda event: started(event, "Waiting for the cluster"))
    line.delay = 0
    line.accept()
    victim.stream.until("complete", timeout=30)
    run = made.person.get_run(victim.run_id)
    assert run["attempts"] == 1
    assert len(kube.get("configmaps", "-n", made.namespace, "-l", f"kubeorch.io/workflow={made.id}")["items"]) == 16


def test_statuses_turn_stale_while_a_cluster_is_away_and_true_again(
    make: Make, kube: Kube, lines: Callable[[], tuple[Proxy, str]]
) -> None:
    line, cluster = lines()
    made = make(graph(web(), *configs(1)), "stale", cluster)
    stream = made.follow()
    made.deploy()
    stream.until(
        lambda event: (
            event.name == "node_update" and event.data["state"] == "healthy" and event.data["node_id"] == "web"
        )
    )
    line.refuse()
    away = time.monotonic()
    stale = stream.until(
        lambda event: event.name == "node_update" and event.data["node_id"] == "web" and event.data["stale_since"],
        timeout=45,
    )
    # the age is that of the last true look, not that of the announcement
    assert 25 < stale.seconds - away < 45
    assert stale.data["state"] == "healthy"
    kube.run("delete", "deployment/web", "-n", made.namespace)
    back = time.monotonic()
    line.accept()
    true = stream.until(
        lambda event: (
            event.name == "node_update" and event.data["node_id"] == "web" and event.data["stale_since"] is None
        ),
        after=stale,
        timeout=20,
    )
    assert true.seconds - back < 10
    stream.until(lambda event: event.name == "node_update" and event.data["state"] == "missing", after=stale, timeout=5)
    eventually(lambda: all(not item["stale_since"] for item in made.person.statuses(made.id).values()), timeout=10)


def test_a_beat_that_was_killed_is_followed_by_another(platform: Platform, ada: Person, cluster_id: str) -> None:
    platform.kill("beat")
    checked = ada.get(f"/clusters/{cluster_id}")["last_checked_at"]
    platform.start("beat")
    eventually(lambda: ada.get(f"/clusters/{cluster_id}")["last_checked_at"] > checked, timeout=15, every=0.2)


def test_a_watcher_that_is_told_to_stop_leaves_its_clusters_at_once(
    platform: Platform, make: Make, cluster_id: str
) -> None:
    began = time.monotonic()
    platform.stop("watcher")
    assert platform.lease_holder(lease_name(cluster_id)) is None
    assert time.monotonic() - began < 8
    platform.start("watcher")
    made = make(Graph(nodes=configs(1)))
    stream = made.follow()
    made.deploy()
    stream.until(
        lambda event: event.name == "node_update" and event.data["state"] == "healthy", timeout=TAKEN_OVER_SECONDS
    )
