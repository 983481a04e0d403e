"""
Deploy 100 objects: this platform from POST to completed, against ``kubectl apply --server-side`` of the same objects.

``python -m bench.deploy [--rounds 5] [--objects 100]``. Both on one fresh cluster with simulated nodes, in turn, each
round in namespaces of its own, first all objects new and then all unchanged. No pod is waited for: replicas are 0.

kubectl does not wait for the controllers, so what they still do for its objects would be counted to whoever comes next:
each deploy begins when the cluster has done all that the one before asked of it.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from bench.table import print_table
from deploy.local import kube as local_kube
from shared.workflows.drawing.graph import Edge, Graph, Node
from tests.support.kube import Kube
from tests.support.person import Person
from tests.support.platform import running_platform
from tests.support.wait import eventually

GOALS = {"first": 0.8, "unchanged": 0.4}
OURS, PEER = "kubeorch", "kubectl"


def make_graph(objects: int) -> Graph:
    """Return a graph of a third of each: deployments, services in front of them, and config maps."""
    nodes: list[Node] = []
    edges: list[Edge] = []
    thirds = objects // 3
    for number in range(thirds):
        data = {"image": "example.com/web:1", "replicas": 0, "ports": [{"name": "http", "container_port": 8080}]}
        nodes.append(Node(id=f"web-{number}", type="deployment", data={"name": f"web-{number}", **data}))
        ports = [{"name": "http", "port": 80, "target_port": "http"}]
        nodes.append(Node(id=f"front-{number}", type="service", data={"name": f"front-{number}", "ports": ports}))
        wire = {"rule": "service-selects"}
        edges.append(Edge(id=f"wire-{number}", source=f"front-{number}", target=f"web-{number}", data=wire))
    for number in range(objects - 2 * thirds):
        data = {"data": {f"KEY_{key}": f"value {key} of {number}" for key in range(5)}}
        nodes.append(Node(id=f"config-{number}", type="configmap", data={"name": f"config-{number}", **data}))
    return Graph(nodes=nodes, edges=edges)


class Ours:
    """This platform."""

    def __init__(self, person: Person, cluster_id: str, graph: Graph) -> None:
        self._person = person
        self._cluster_id = cluster_id
        self._graph = graph
        self._workflows: dict[str, str] = {}

    def prepare(self, namespace: str) -> None:
        """Draw the workflow."""
        self._workflows[namespace] = self._person.create(
            namespace, self._graph, cluster_id=self._cluster_id, namespace=namespace
        )

    def deploy(self, namespace: str) -> float:
        """Press Run and wait until its end is published."""
        began = time.monotonic()
        run_id = self._person.run(self._workflows[namespace])
        with self._person.follow(f"/runs/{run_id}/stream") as stream:
            ended = stream.until(
                lambda event: (
                    event.name in {"complete", "failed"}
                    or (event.name == "metadata" and event.data["run"]["finished_at"] is not None)
                ),
                timeout=120,
            )
        seconds = ended.seconds - began
        run = self._person.get_run(run_id)
        if run["status"] != "completed":
            message = f"the run ended as {run['status']}: {run['error']}"
            raise SystemExit(message)
        return seconds

    def manifests(self, namespace: str) -> str:
        """Return the workflow's manifests as YAML."""
        workflow = self._workflows[namespace]
        answer = self._person.send("GET", f"/workflows/{workflow}/manifests?format=yaml")
        return answer.raise_for_status().text


class Peer:
    """kubectl."""

    def __init__(self, kube: Kube, directory: Path) -> None:
        self._kube = kube
        self._directory = directory

    def prepare(self, namespace: str, manifests: str) -> None:
        """Write the file; the platform's watches must not be busy with the peer's objects, so labels differ."""
        text = manifests.replace("kubeorch.io/", "peer.example/")
        (self._directory / f"{namespace}.yaml").write_text(text)

    def deploy(self, namespace: str) -> float:
        """Apply the file."""
        command = [str(self._kube.kubectl), "--kubeconfig", str(self._kube.kubeconfig), "apply", "--server-side"]
        command += ["-f", str(self._directory / f"{namespace}.yaml")]
        began = time.monotonic()
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        return time.monotonic() - began


def settle(kube: Kube, namespace: str) -> None:
    """Wait until the controllers have done their work on the objects of a namespace."""

    def is_done() -> bool:
        objects = kube.get("deployments,replicasets,services,endpointslices", "-n", namespace)["items"]
        kinds = Counter(item["kind"] for item in objects)
        seen = [
            item.get("status", {}).get("observedGeneration") == item["metadata"]["generation"]
            for item in objects
            if item["kind"] in {"Deployment", "ReplicaSet"}
        ]
        return all(seen) and kinds["Deployment"] == kinds["ReplicaSet"] and kinds["Service"] == kinds["EndpointSlice"]

    eventually(is_done, timeout=120, every=0.2, what=f"the controllers' work in {namespace}")


def measure(kube: Kube, directory: Path, rounds: int, objects: int) -> dict[tuple[str, str], list[float]]:
    """Return the seconds of each round, by contender and by first or unchanged."""
    times: dict[tuple[str, str], list[float]] = defaultdict(list)
    graph = make_graph(objects)
    with running_platform(directory / "platform", log={"format": "json", "level": "warning"}) as platform:
        person = platform.register("bench")
        ours, peer = Ours(person, person.connect(kube.text), graph), Peer(kube, directory)
        # the first round warms up both: connections, pools, the API server's caches
        for number in range(rounds + 1):
            mine, theirs = f"ours-{number}", f"peer-{number}"
            for namespace in (mine, theirs):
                kube.run("create", "namespace", namespace)
                ours.prepare(namespace)
            peer.prepare(theirs, ours.manifests(theirs))
            steps = [(OURS, mine, ours.deploy), (PEER, theirs, peer.deploy)]
            for what in ("first", "unchanged"):
                for who, namespace, deploy in steps if number % 2 else reversed(steps):
                    seconds = deploy(namespace)
                    settle(kube, namespace)
                    if number:
                        times[who, what].append(seconds)
        person.close()
        if complaints := platform.complaints():
            print("\n".join(["the platform complained:", *complaints[:10]]))
    return times


def report(times: dict[tuple[str, str], list[float]], objects: int) -> None:
    """Print the table."""
    rows: list[list[str]] = []
    for what, goal in GOALS.items():
        middle: dict[str, float] = {who: statistics.median(times[who, what]) for who in (OURS, PEER)}
        ratio = middle[OURS] / middle[PEER]
        spread: dict[str, Any] = {who: f"{min(times[who, what]):.2f}-{max(times[who, what]):.2f}" for who in middle}
        rows.append(
            [
                *(what, f"{middle[OURS]:.2f} s", spread[OURS], f"{middle[PEER]:.2f} s", spread[PEER], f"{ratio:.2f}"),
                *(f"<= {goal}", "reached" if ratio <= goal else "MISSED"),
            ]
        )
    head = ["deploy", "kubeorch", "range", "kubectl", "range", "ratio", "goal", ""]
    print_table(f"{objects} objects, median of {len(times[OURS, 'first'])}", head, rows)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--objects", type=int, default=100)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kubeorch-bench-") as folder:
        directory = Path(folder)
        cluster = local_kube.start(directory / "kube", kind="simulated", nodes=3)
        try:
            kube = Kube(cluster.kubeconfig, cluster.server, "simulated", cluster.kubectl)
            report(measure(kube, directory, asked.rounds, asked.objects), asked.objects)
        finally:
            cluster.stop()


if __name__ == "__main__":
    main()
