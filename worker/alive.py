"""
Whether a worker of this platform consumes: ``python -m worker.alive [worker|watcher|builds|worker1@host]``.

Exit code 0 when one received something within the last ``ALIVE_SECONDS``, or when all its slots hold jobs that are
seen at work; 1 with the reason otherwise. Asks Redis and imports little, because it is run often.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import redis

from shared.processes.alive import ALIVE_SECONDS, Verdict, make_parser, report

HEARTBEAT_SECONDS = 60.0
RECEIPT_PREFIX = "worker:received:"
SLOTS_PREFIX = "worker:slots:"
NOTHING_YET = Verdict(alive=False, reason="has not received anything yet")


@dataclass(frozen=True, slots=True)
class Seen:
    """What Redis knows of one worker."""

    name: str
    received: float | None
    """When it last received a task, seconds since 1970."""
    noted: float | None = None
    """When it last told about its slots."""
    slots: int = 0
    heartbeats: tuple[float, ...] = ()
    """When each job it holds was last seen at work."""


def is_consuming(seen: Seen, now: float, after: float = 0.0) -> Verdict:
    """
    Tell whether a worker is alive, and why.

    :param after: only what happened since then counts; the start of a process that is waited for
    """
    if seen.received is not None and seen.received >= after and now - seen.received < ALIVE_SECONDS:
        return Verdict(alive=True, reason=f"received something {now - seen.received:.0f} s ago")
    if seen.noted is not None and seen.noted >= after and now - seen.noted < HEARTBEAT_SECONDS:
        fresh = [at for at in seen.heartbeats if now - at < HEARTBEAT_SECONDS]
        if seen.slots and len(fresh) >= seen.slots:
            return Verdict(alive=True, reason=f"all {seen.slots} slots hold jobs that are at work")
        if len(seen.heartbeats) >= seen.slots > 0:
            silent = f"{seen.slots - len(fresh)} of its {seen.slots} jobs"
            return Verdict(alive=False, reason=f"{silent} gave no sign for {HEARTBEAT_SECONDS:.0f} s")
    if seen.received is None or seen.received < after:
        return NOTHING_YET
    return Verdict(alive=False, reason=f"received nothing for {now - seen.received:.0f} s")


def look(client: redis.Redis, name: str) -> Iterator[Seen]:
    """Yield each worker whose node name is the word and a number, or the one named in full: ``worker1@host``."""
    pattern = name if "@" in name else f"{name}[0-9]*@*"
    for key in client.scan_iter(match=f"{RECEIPT_PREFIX}{pattern}"):
        node = key.decode().removeprefix(RECEIPT_PREFIX)
        received = client.get(key)
        noted = json.loads(client.get(f"{SLOTS_PREFIX}{node}") or b"{}")
        yield Seen(
            node,
            float(received) if isinstance(received, bytes) else None,
            noted.get("at"),
            int(noted.get("slots", 0)),
            tuple(float(at) for at in noted.get("heartbeats", ())),
        )


def ask(client: redis.Redis, name: str, after: float) -> Verdict:
    """Return whether one of them is alive, and the reason of the one that is, else of the last."""
    last = NOTHING_YET
    for seen in look(client, name):
        verdict = is_consuming(seen, time.time(), after)
        last = Verdict(verdict.alive, f"{seen.name} {verdict.reason}")
        if last.alive:
            break
    return last


def main(arguments: Sequence[str] | None = None) -> int:
    """Look once, or until one is alive."""
    parser = make_parser("worker.alive", "Does a worker consume?")
    parser.add_argument("name", nargs="?", default="worker", help="worker, watcher, builds, or worker1@host")
    asked = parser.parse_args(arguments)
    return report(asked.name, lambda client: ask(client, asked.name, asked.after), asked.wait)


if __name__ == "__main__":
    sys.exit(main())
