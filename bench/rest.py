"""
The REST API against bare Flask views on the same server that read and write the same documents (``bench.floor``).

``python -m bench.rest [--rounds 3] [--seconds 2] [--processes 1] [--nodes 20]``. Both run through the whole bench, each
with the same number of gunicorn's processes and the same configuration, and are asked in turn. First as much as 16 and
64 connections ask for, then at a fixed pace well below that. The platform has its defaults, but for rate limits that
are out of reach: requests are counted all the same.

Processor time is that of the serving processes; unlike times on the wall it does not depend on who else is busy. Nor
are times at saturation those of a request: gevent goes on with a connection that has something to read, so some wait
long and some do not. What a person waits is what comes at a pace.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import orjson

from bench import load
from bench.deploy import make_graph
from bench.fanout import cpu_seconds
from bench.load import Measured, Target, ratio
from bench.table import print_table
from deploy.local import ports
from deploy.local.process import launch, wait_until
from shared.ids import new_id
from shared.workflows.drawing.graph import Graph
from shared.workflows.store import COLLECTION
from tests.support.files import ROOT
from tests.support.person import Person
from tests.support.platform import Platform, environment_of, running_platform

OURS, FLOOR = "kubeorch", "floor"
CONNECTIONS = (16, 64)
PACED_CONNECTIONS = 16
LISTED = 50
OUT_OF_REACH = 1_000_000_000
START_SECONDS = 40.0
WARM_SECONDS = 0.3


@dataclass(frozen=True)
class Case:
    """
    One thing to ask for.

    :param per_second: the pace
    """

    name: str
    per_second: int
    saves: bool = False


INDEX = Case("GET /v1", 100)
WORKFLOW = Case("one workflow", 50)
WORKFLOWS = Case(f"list of {LISTED}", 25)
SAVE = Case("save", 40, saves=True)
CASES = (INDEX, WORKFLOW, WORKFLOWS, SAVE)


@dataclass(frozen=True)
class Turn:
    """The figures of one case, in one way, once; ``cpu`` is seconds a request."""

    measured: Measured
    cpu: float


Found = dict[tuple[Case, int, str], list[Turn]]
"""Turns by case, connections (0: at a fixed pace) and who, a round each."""


def children(pid: int) -> list[int]:
    """Return the processes that serve: those of gunicorn's master."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextlib.contextmanager
def running_floor(platform: Platform) -> Iterator[tuple[str, int]]:
    """Start the bare views as the platform's web is started, over the same stores; yields address and process."""
    port = ports.reserve()
    folder = platform.directory / "floor-metrics"
    folder.mkdir()
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("KUBEORCH_")},
        **environment_of(platform.settings),
        "KUBEORCH_WEB__PORT": str(port.number),
        "PROMETHEUS_MULTIPROC_DIR": str(folder),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "web/gunicorn.conf.py"), "bench.floor:create_app()"]
    program = launch(FLOOR, command, log=platform.log_of("web", 2), env=environment)
    url = f"http://127.0.0.1:{port.number}"
    try:
        wait_until(lambda: _answers(url), program, FLOOR, START_SECONDS)
        yield url, program.pid
    finally:
        program.stop()
        port.release()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).is_success
    except httpx.HTTPError:
        return False


class Bench:
    """A platform with workflows, and the bare views over the same documents."""

    def __init__(self, platform: Platform, floor: tuple[str, int], nodes: int) -> None:
        self._platform = platform
        self._floor_url, floor_pid = floor
        self._serving = {OURS: children(platform.pid("web")), FLOOR: children(floor_pid)}
        self._graph = make_graph(nodes)
        self._body = orjson.dumps(self._graph.model_dump(mode="json"))
        self._reader, self._writer = platform.register("reader"), platform.register("writer")
        ids = [_create(self._reader, f"application {number}", self._graph) for number in range(LISTED + 1)]
        self._read = ids[0]
        self._original = _create(self._writer, "original", self._graph)

    def close(self) -> None:
        """Have the people leave."""
        self._reader.close()
        self._writer.close()

    def warm_up(self) -> None:
        """Ask each for everything, so that connections and caches are there."""
        for case in CASES:
            for who in (OURS, FLOOR):
                load.pace(self._target(case, who, 4), 4, 50, WARM_SECONDS)

    def saturate(self, case: Case, who: str, connections: int, seconds: float) -> Turn:
        """Ask as much as so many connections do."""
        target = self._target(case, who, connections)
        return self._turn(who, seconds, lambda: load.saturate(target, connections, seconds))

    def pace(self, case: Case, who: str, seconds: float) -> Turn:
        """Ask at the case's pace."""
        target = self._target(case, who, PACED_CONNECTIONS)
        return self._turn(who, seconds, lambda: load.pace(target, PACED_CONNECTIONS, case.per_second, seconds))

    def _turn(self, who: str, seconds: float, ask: Callable[[], Measured]) -> Turn:
        before = self._cpu(who)
        measured = ask()
        return Turn(measured, (self._cpu(who) - before) / max(1.0, measured.per_second * seconds))

    def _cpu(self, who: str) -> float:
        return sum(cpu_seconds(pid) for pid in self._serving[who])

    def _target(self, case: Case, who: str, connections: int) -> Target:
        mine = who == OURS
        url = self._platform.url if mine else self._floor_url
        if case is SAVE:
            ids = self._copies(connections)
            paths = [f"/v1/api/workflows/{one}/save" if mine else f"/workflows/{one}" for one in ids]
            return Target(url, tuple(paths), self._writer.token, self._body)
        path = {
            INDEX: ("/v1", "/"),
            WORKFLOW: (f"/v1/api/workflows/{self._read}", f"/workflows/{self._read}"),
            WORKFLOWS: (
                f"/v1/api/workflows?limit={LISTED}",
                f"/workflows?owner={self._reader.id}&limit={LISTED}",
            ),
        }[case]
        return Target(url, (path[0] if mine else path[1],), self._reader.token)

    def _copies(self, count: int) -> list[str]:
        """Store so many workflows that nobody has saved yet; a client of its own for each, no save conflicts."""
        with self._platform.database() as database:
            original = database[COLLECTION].find_one({"_id": self._original})
            rows = [{**(original or {}), "_id": new_id()} for _ in range(count)]
            database[COLLECTION].insert_many(rows)
        return [row["_id"] for row in rows]


def _create(person: Person, name: str, graph: Graph) -> str:
    return person.create(name, graph, cluster_id=None, namespace="default")


def measure(bench: Bench, rounds: int, seconds: float) -> Found:
    """Measure every case in every way, ours and the floor in turn."""
    found: Found = defaultdict(list)
    bench.warm_up()
    for number in range(rounds):
        order = (OURS, FLOOR) if number % 2 == 0 else (FLOOR, OURS)
        for case in CASES:
            for connections in CONNECTIONS:
                for who in order:
                    found[case, connections, who].append(bench.saturate(case, who, connections, seconds))
            for who in order:
                found[case, 0, who].append(bench.pace(case, who, seconds))
    return found


def report(found: Found, processes: int) -> int:
    """Print the tables; returns how many requests were refused."""
    head = ["", "req/s", "p50", "p99", "CPU each", "req/s", "p50", "p99", "CPU each"]
    ways = [(case, connections) for case in CASES for connections in (*CONNECTIONS, 0)]
    rows = [[_way(*way), *_figures(found[*way, OURS]), *_figures(found[*way, FLOOR])] for way in ways]
    sender = load.tool()
    print_table(
        f"{OURS}, then {FLOOR}; {processes} process(es) each, {sender} (at a pace: bench.callers), middle of "
        f"{len(found[INDEX, 0, OURS])} rounds",
        head,
        rows,
    )
    head = [f"{OURS} / {FLOOR}", "req/s", "p50", "p99", "CPU each"]
    print_table("middle of the ratios (least-most)", head, [[_way(*way), *_ratios(found, *way)] for way in ways])
    return sum(turn.measured.refused for turns in found.values() for turn in turns)


def _way(case: Case, connections: int) -> str:
    return f"{case.name}, {connections} connections" if connections else f"{case.name}, {case.per_second} a second"


def _figures(turns: Sequence[Turn]) -> list[str]:
    per_second, p50, p99, cpu = (statistics.median(column) for column in _columns(turns))
    return [f"{per_second:,.0f}", f"{p50 * 1000:.1f} ms", f"{p99 * 1000:.1f} ms", f"{cpu * 1e6:,.0f} us"]


def _ratios(found: Found, case: Case, connections: int) -> list[str]:
    columns = zip(_columns(found[case, connections, OURS]), _columns(found[case, connections, FLOOR]), strict=True)
    per_second, *others = (str(ratio(ours, floor)) for ours, floor in columns)
    # at a pace both answer as many as were sent
    return [per_second if connections else "", *others]


def _columns(turns: Sequence[Turn]) -> list[list[float]]:
    return [
        [turn.measured.per_second for turn in turns],
        [turn.measured.p50 for turn in turns],
        [turn.measured.p99 for turn in turns],
        [turn.cpu for turn in turns],
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--nodes", type=int, default=20)
    asked = parser.parse_args()
    limits = {"user": OUT_OF_REACH, "address": OUT_OF_REACH, "auth": OUT_OF_REACH}
    with (
        tempfile.TemporaryDirectory(prefix="kubeorch-bench-") as folder,
        running_platform(
            Path(folder), without=("worker", "watcher", "beat"), rate=limits, web={"workers": asked.processes}
        ) as platform,
        running_floor(platform) as floor,
    ):
        bench = Bench(platform, floor, asked.nodes)
        refused = report(measure(bench, asked.rounds, asked.seconds), asked.processes)
        bench.close()
        complaints = platform.complaints()
    if complaints:
        print("\n".join(["the platform complained:", *complaints[:10]]))
    if refused:
        raise SystemExit(f"{refused} requests were refused")


if __name__ == "__main__":
    main()
