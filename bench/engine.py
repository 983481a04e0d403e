"""
Compile and plan 500 objects: against the limits, and a plan against ``kubectl diff --server-side`` of the same objects.

``python -m bench.engine [--rounds 5] [--objects 500]``. One fresh cluster with simulated nodes; every object is live,
and every one differs in a field, so that each needs a dry run.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.deploy import make_graph
from bench.table import print_table
from deploy.local import kube as local_kube
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.connection.credentials import parse_kubeconfig
from shared.kubernetes.objects import ref_of
from shared.parallel import in_parallel
from shared.planning.dry_run import make_plan
from shared.planning.plan import Known
from shared.planning.survey import survey
from shared.settings import RunSettings
from shared.workflows.compile.manifests import CompileContext, Compiled, compile_graph
from shared.workflows.drawing.graph import Graph
from shared.yaml_text import dump_all

COMPILE_SECONDS = 0.2
PLAN_SECONDS = 3.0
DIFFERENT = 1
"""kubectl diff ends with it when it has found differences."""
NAMESPACE = "bench"
WORKFLOW = "b" * 24


@dataclass(frozen=True)
class Bench:
    """The cluster and the graph that is planned on it."""

    client: ClusterClient
    kubectl: list[str]
    graph: Graph
    folder: Path

    def compile(self) -> Compiled:
        """Compile the graph from nothing."""
        return compile_graph(self.graph, CompileContext(WORKFLOW, "bench", namespace=NAMESPACE))

    def plan(self, compiled: Compiled) -> None:
        """Survey the live objects and dry-run every manifest, as a run does."""
        at_once = RunSettings().parallel
        refs = [ref_of(item.manifest) for item in compiled.items]
        kinds = {(ref.api_version, ref.kind, ref.namespace) for ref in refs}
        live_objects = survey(self.client, WORKFLOW, kinds, at_once=at_once)
        plan = make_plan(self.client, compiled.items, Known(WORKFLOW, live_objects, {}), at_once=at_once)
        if plan.summary() != {"update": len(compiled.items)}:
            message = f"not every object is an update: {plan.summary()}"
            raise SystemExit(message)

    def diff(self) -> None:
        """Have kubectl do the same."""
        command = [*self.kubectl, "diff", "--server-side", "-f", str(self.folder / "changed.yaml")]
        ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=600)
        if ended.returncode != DIFFERENT:
            message = f"kubectl diff ended with {ended.returncode}: {ended.stderr[-500:]}"
            raise SystemExit(message)


def changed(graph: Graph) -> Graph:
    """Return a graph in which every object has one more label."""
    nodes = [
        node.model_copy(update={"data": {**node.data, "labels": {"example.com/round": "2"}}}) for node in graph.nodes
    ]
    return Graph(nodes=nodes, edges=graph.edges)


def timed(call: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    began = time.monotonic()
    call()
    return time.monotonic() - began


def measure(bench: Bench, rounds: int) -> dict[str, list[float]]:
    """Return the seconds of each round; plan and diff in turn."""
    compiled = bench.compile()
    (bench.folder / "changed.yaml").write_text(dump_all(item.manifest for item in compiled.items))
    found: dict[str, list[float]] = {"compile": [], "plan": [], "diff": []}
    bench.plan(compiled)
    for number in range(rounds):
        found["compile"].append(timed(bench.compile))
        steps = [("plan", lambda: bench.plan(compiled)), ("diff", bench.diff)]
        for name, work in steps if number % 2 else reversed(steps):
            found[name].append(timed(work))
    return found


def report(found: dict[str, list[float]], objects: int) -> None:
    """Print the table."""
    middle = {name: statistics.median(seconds) for name, seconds in found.items()}
    rows = []
    for name, limit, peer in (("compile", COMPILE_SECONDS, None), ("plan", PLAN_SECONDS, "diff")):
        ratio = f"{middle[name] / middle[peer]:.2f}" if peer else "-"
        kubectl = f"{middle[peer]:.2f} s" if peer else "-"
        verdict = "reached" if middle[name] <= limit else "MISSED"
        rows.append([name, f"{middle[name]:.3f} s", kubectl, ratio, f"<= {limit} s", verdict])
    head = ["", "kubeorch", "kubectl diff", "ratio", "limit", ""]
    print_table(f"{objects} objects, median of {len(found['plan'])}", head, rows)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--objects", type=int, default=500)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kubeorch-bench-") as name:
        folder = Path(name)
        cluster = local_kube.start(folder / "kube", kind="simulated", nodes=3)
        try:
            client = ClusterClient(parse_kubeconfig(cluster.kubeconfig.read_text()))
            kubectl = [str(cluster.kubectl), "--kubeconfig", str(cluster.kubeconfig)]
            graph = make_graph(asked.objects)
            client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
            context = CompileContext(WORKFLOW, "bench", namespace=NAMESPACE)
            in_parallel(client.apply, [item.manifest for item in compile_graph(graph, context).items], at_once=8)
            report(measure(Bench(client, kubectl, changed(graph), folder), asked.rounds), asked.objects)
            client.close()
        finally:
            cluster.stop()


if __name__ == "__main__":
    main()
