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
class Signs:
    """The signs of life of one worker, as Redis holds them."""

    name: str
    received: float | None
    """When it last received a task, seconds since 1970."""
    reported: float | None = None
    """When it last told about its slots."""
    slots: int = 0
    heartbeats: tuple[float, ...] = ()
    """When each job it holds was last seen at work."""


def is_consuming(signs: Signs, now: float, after: float = 0.0) -> Verdict:
    """
    Judge by its receipts, slots and heartbeats whether a worker is alive; the verdict has the reason.

    :param after: only what happened since then counts; the start of a process that is waited for
    """
    if signs.received is not None and signs.received >= after and now - signs.received < ALIVE_SECONDS:
        return Verdict(alive=True, reason=f"received something {now - signs.received:.0f} s ago")
    if signs.reported is not None and signs.reported >= after and now - signs.reported < HEARTBEAT_SECONDS:
        fresh = [at for at in signs.heartbeats if now - at < HEARTBEAT_SECONDS]
        if signs.slots and len(fresh) >= signs.slots:
            return Verdict(alive=True, reason=f"all {signs.slots} slots hold jobs that are at work")
        if len(signs.heartbeats) >= signs.slots > 0:
            silent = f"{signs.slots - len(fresh)} of its {signs.slots} jobs"
            return Verdict(alive=False, reason=f"{silent} gave no sign for {HEARTBEAT_SECONDS:.0f} s")
    if signs.received is None or signs.received < after:
        return NOTHING_YET
    return Verdict(alive=False, reason=f"received nothing for {now - signs.received:.0f} s")


def workers_called(client: redis.Redis, name: str) -> Iterator[Signs]:
    """Yield each worker whose node name is the word and a number, or the one named in full: ``worker1@host``."""
    pattern = name if "@" in name else f"{name}[0-9]*@*"
    for key in client.scan_iter(match=f"{RECEIPT_PREFIX}{pattern}"):
        node = key.decode().removeprefix(RECEIPT_PREFIX)
        received = client.get(key)
        reported = json.loads(client.get(f"{SLOTS_PREFIX}{node}") or b"{}")
        yield Signs(
            node,
            float(received) if isinstance(received, bytes) else None,
            reported.get("at"),
            int(reported.get("slots", 0)),
            tuple(float(at) for at in reported.get("heartbeats", ())),
        )


def ask(client: redis.Redis, name: str, after: float) -> Verdict:
    """Return the verdict on the first of them that is alive, else on the last."""
    last = NOTHING_YET
    for signs in workers_called(client, name):
        verdict = is_consuming(signs, time.time(), after)
        last = Verdict(verdict.alive, f"{signs.name} {verdict.reason}")
        if last.alive:
            break
    return last


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask once, or until one is alive; returns the exit code."""
    parser = make_parser("worker.alive", "Does a worker consume?")
    parser.add_argument("name", nargs="?", default="worker", help="worker, watcher, builds, or worker1@host")
    asked = parser.parse_args(arguments)
    return report(asked.name, lambda client: ask(client, asked.name, asked.after), asked.wait)


if __name__ == "__main__":
    sys.exit(main())
