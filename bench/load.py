"""
Requests to one address, as many as it takes or at a fixed pace, and their results.

As many as it takes: ``wrk`` where there is one, else the callers of ``bench.callers``. At a fixed pace: always the
callers, because wrk knows none.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import callers
from bench.table import percentile

UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}
SAVES = Path(__file__).with_name("saves.lua")
WAIT_SECONDS = 30
_HTTP_OK = range(200, 300)


@dataclass(frozen=True)
class Target:
    """
    A request: its address, its paths and its body.

    :param paths: one for each client, or one for all of them
    :param body: the document of a save
    """

    url: str
    paths: tuple[str, ...]
    token: str = ""
    body: bytes | None = None


@dataclass(frozen=True)
class Measured:
    """The result; ``refused`` counts answers other than 2xx and requests without one."""

    per_second: float
    p50: float
    p99: float
    refused: int = 0


@dataclass(frozen=True)
class Ratio:
    """The middle of a few ratios, and the least and most of them."""

    middle: float
    least: float
    most: float

    def __str__(self) -> str:
        """Show it as people read it."""
        return f"{self.middle:.2f} ({self.least:.2f}-{self.most:.2f})"


def ratio(ours: Sequence[float], floor: Sequence[float]) -> Ratio:
    """Return the ratio of our figures to those of the floor, round by round."""
    each = [mine / max(theirs, 1e-9) for mine, theirs in zip(ours, floor, strict=True)]
    return Ratio(statistics.median(each), min(each), max(each))


def seconds_of(text: str) -> float:
    """Return a time as wrk writes it, such as ``1.20ms``, in seconds."""
    found = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text)
    if not found:
        message = f"no time: {text}"
        raise ValueError(message)
    return float(found[1]) * UNITS[found[2]]


def parse_wrk(text: str) -> Measured:
    """
    Return the figures in the output of ``wrk --latency``.

    :raises ValueError: it says something else
    """
    rate = re.search(r"^Requests/sec:\s+([\d.]+)", text, re.MULTILINE)
    shares = dict(re.findall(r"^\s+(50|99)%\s+(\S+)", text, re.MULTILINE))
    if rate is None or set(shares) != {"50", "99"}:
        message = f"wrk said something else: {text[-500:]}"
        raise ValueError(message)
    other = re.search(r"^\s*Non-2xx or 3xx responses: (\d+)", text, re.MULTILINE)
    errors = re.search(r"^\s*Socket errors: (.*)", text, re.MULTILINE)
    refused = int(other[1]) if other else 0
    refused += sum(int(number) for number in re.findall(r"\d+", errors[1])) if errors else 0
    return Measured(float(rate[1]), seconds_of(shares["50"]), seconds_of(shares["99"]), refused)


def of_calls(calls: Sequence[callers.Call], seconds: float) -> Measured:
    """Return the figures of the callers' requests."""
    late = [call.seconds for call in calls]
    refused = sum(call.status not in _HTTP_OK for call in calls)
    return Measured(len(calls) / seconds, percentile(late, 0.5), percentile(late, 0.99), refused)


def tool() -> str:
    """Return the name of the program that sends as many requests as it takes."""
    return "wrk" if shutil.which("wrk") else "bench.callers"


def saturate(target: Target, connections: int, seconds: float) -> Measured:
    """Send on every connection the next request as soon as the one before is answered."""
    if shutil.which("wrk"):
        return parse_wrk(_wrk(target, connections, seconds))
    began = time.monotonic()
    calls = callers.run(_callers(target, connections), callers.AtOnce(seconds))
    return of_calls(calls, time.monotonic() - began)


def pace(target: Target, connections: int, per_second: float, seconds: float) -> Measured:
    """Send at a fixed pace, whatever the answers; a request's time counts from when it was to be sent."""
    calls = callers.run(_callers(target, connections), callers.Paced(per_second, seconds))
    return of_calls(calls, seconds)


def _callers(target: Target, connections: int) -> list[callers.Caller]:
    return [
        callers.Caller(target.url, target.paths[number % len(target.paths)], target.token, target.body)
        for number in range(connections)
    ]


def _wrk(target: Target, connections: int, seconds: float) -> str:
    command = ["wrk", "--latency", f"-c{connections}", f"-d{seconds:.0f}s", f"--timeout={WAIT_SECONDS}s"]
    command += ["-H", f"Authorization: Bearer {target.token}"]
    with tempfile.TemporaryDirectory(prefix="kubeorch-bench-") as folder:
        environment = dict(os.environ)
        if target.body is None:
            command += ["-t1", target.url + target.paths[0]]
        else:
            paths, body = Path(folder) / "paths", Path(folder) / "body"
            paths.write_text("\n".join(target.paths))
            body.write_bytes(target.body)
            environment |= {"BENCH_PATHS": str(paths), "BENCH_BODY": str(body)}
            command += [f"-t{connections}", "-s", str(SAVES), target.url]
        limit = seconds + WAIT_SECONDS
        return subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=limit, env=environment
        ).stdout
