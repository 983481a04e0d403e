"""
Tell one update to many browsers: streams of one web process, against as many direct subscribers of the same Redis.

``python -m bench.fanout [--listeners 2000] [--updates 20] [--rounds 3]``. Both in turn in the same run, with clients
that read raw bytes in a process of their own. Redis alone is the limit: no rights, no ids, no replay, one connection
each.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.table import percentile, print_table
from shared.platform import open_redis
from shared.updates import UpdateLog, channel, topics
from shared.workflows.drawing.graph import Graph
from tests.support.person import Person
from tests.support.platform import Platform, running_platform
from tests.support.wait import eventually

GOAL_P99_SECONDS = 0.150
GOAL_BYTES = 40 * 1024
PAUSE_SECONDS = 0.3
OURS, LIMIT = "kubeorch, 1 web process", "Redis alone (the limit)"


@dataclass
class Result:
    """The result of one way."""

    who: str
    listeners: int
    expected: int
    late: list[float]
    distinct: int
    cpu_seconds: float
    bytes_each: float | None = None

    @property
    def lost(self) -> int:
        """The number of deliveries that never came; one that came twice makes up for none."""
        return self.expected - self.distinct


def private_bytes(pid: int) -> int:
    """Return the memory that belongs to one process alone."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))


def cpu_seconds(pid: int) -> float:
    """Return the processor time a process has used; unlike times on the wall it does not depend on who else is busy."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def serving_pid(platform: Platform) -> int:
    """Return the process that serves: gunicorn's one worker."""
    master = platform.pid("web")
    return int(Path(f"/proc/{master}/task/{master}/children").read_text().split()[0])


class Clients:
    """A process of listeners."""

    def __init__(self, way: str, address: str, what: str, count: int, token: str = "") -> None:
        command = [sys.executable, "-m", "bench.clients", way, address, what, str(count)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "BENCH_TOKEN": token}
        )
        assert self._process.stdout is not None
        if self._process.stdout.readline().strip() != "ready":
            self._process.wait(10)
            raise SystemExit("the listeners did not open")

    def end(self, told: int) -> list[tuple[int, int, float]]:
        """Wait until all that was published has come, end the listeners, and return their deliveries."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{told}\n")
        self._process.stdin.close()
        found: list[tuple[int, int, float]] = json.loads(self._process.stdout.readline())
        self._process.wait(30)
        return found


def publish_updates(updates: UpdateLog, topic: str, count: int) -> None:
    """Publish, with pauses in which everybody can read."""
    for number in range(count):
        updates.publish(topic, "bench", {"n": number, "sent": time.time()})
        # the pace of the publisher, not a wait for anything
        time.sleep(PAUSE_SECONDS)


def evaluate(who: str, found: list[tuple[int, int, float]], listeners: int, count: int, cpu: float) -> Result:
    """Return figures; an update that came twice to one listener makes up for no other."""
    late = [seconds for _, _, seconds in found]
    return Result(who, listeners, listeners * count, late, len({(index, number) for index, number, _ in found}), cpu)


class FanOut:
    """A platform, one topic, and both ways to hear of it."""

    def __init__(self, platform: Platform, person: Person) -> None:
        self._platform = platform
        self._person = person
        workflow_id = person.create("fan-out", Graph(nodes=[]), cluster_id=None, namespace="default")
        self._topic = topics.workflow(workflow_id)
        self._path = f"/v1/api/workflows/{workflow_id}/status/stream"
        self._updates = UpdateLog(open_redis(platform.settings))

    def streams(self, listeners: int, count: int) -> Result:
        """Measure this platform."""
        pid = serving_pid(self._platform)
        before = private_bytes(pid)
        clients = Clients("sse", self._platform.url, self._path, listeners, self._person.token)
        used = cpu_seconds(pid)
        publish_updates(self._updates, self._topic, count)
        each = (private_bytes(pid) - before) / listeners
        found = clients.end(count)
        result = evaluate(OURS, found, listeners, count, cpu_seconds(pid) - used)
        result.bytes_each = each
        eventually(lambda: self._person.get("/system/status")["listeners"] == 0, timeout=40, every=0.2)
        return result

    def subscribers(self, listeners: int, count: int) -> Result:
        """Measure the limit."""
        redis = self._platform.redis
        clients = Clients("redis", redis.url, channel(self._topic), listeners)
        used = cpu_seconds(redis.pid)
        publish_updates(self._updates, self._topic, count)
        found = clients.end(count)
        return evaluate(LIMIT, found, listeners, count, cpu_seconds(redis.pid) - used)


def measure(directory: Path, listeners: int, count: int, rounds: int) -> tuple[list[Result], list[Result]]:
    """Measure both in turn; returns a result a round for each."""
    with running_platform(directory, without=("worker", "watcher", "beat"), log={"level": "warning"}) as platform:
        person = platform.register("bench")
        fan_out = FanOut(platform, person)
        # what web loads once must not count as a listener's memory
        fan_out.streams(20, 1)
        both = [(fan_out.streams(listeners, count), fan_out.subscribers(listeners, count)) for _ in range(rounds)]
        person.close()
        if complaints := platform.complaints():
            print("\n".join(["the platform complained:", *complaints[:10]]))
    return [ours for ours, _ in both], [limit for _, limit in both]


def joined(results: Sequence[Result]) -> Result:
    """Return all rounds as one; memory is the first one's, because later ones find what it has left."""
    return Result(
        results[0].who,
        results[0].listeners,
        sum(result.expected for result in results),
        [seconds for result in results for seconds in result.late],
        sum(result.distinct for result in results),
        sum(result.cpu_seconds for result in results),
        results[0].bytes_each,
    )


def report(ours: Result, limit: Result) -> None:
    """Print the table."""
    rows = []
    for result in (ours, limit):
        memory = "" if result.bytes_each is None else f"{result.bytes_each / 1024:.1f} KB"
        rows.append(
            [
                *(result.who, f"{result.listeners:,}", f"{len(result.late):,}", f"{result.lost:,}"),
                *(f"{percentile(result.late, share) * 1000:.0f} ms" for share in (0.5, 0.99)),
                *(f"{max(result.late, default=0) * 1000:.0f} ms", memory),
                f"{result.cpu_seconds / max(1, len(result.late)) * 1e6:.0f} us",
            ]
        )
    head = ["fan-out", "listeners", "delivered", "lost", "p50", "p99", "max", "memory each", "CPU each"]
    print_table("one update to all listeners", head, rows)
    p99 = percentile(ours.late, 0.99)
    reached = ours.lost == 0 and p99 < GOAL_P99_SECONDS and (ours.bytes_each or 0) < GOAL_BYTES
    ratio = p99 / max(percentile(limit.late, 0.99), 1e-6)
    goal = f"0 lost, p99 < {GOAL_P99_SECONDS * 1000:.0f} ms, < {GOAL_BYTES // 1024} KB each"
    print(f"p99 is {ratio:.1f} times the limit; goal {goal}: {'reached' if reached else 'MISSED'}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listeners", type=int, default=2000)
    parser.add_argument("--updates", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kubeorch-bench-") as folder:
        ours, limit = measure(Path(folder), asked.listeners, asked.updates, asked.rounds)
        report(joined(ours), joined(limit))


if __name__ == "__main__":
    main()
