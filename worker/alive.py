"""
Whether a worker of this platform consumes: ``python -m worker.alive [worker|watcher|builds|worker1@host]``.

Exit code 0 when one received something within the last ``ALIVE_SECONDS``, or when all its slots hold jobs that are
seen at work; 1 with the reason otherwise. Asks Redis and imports little, because it is run often.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import redis

from shared.settings import load_settings

ALIVE_SECONDS = 90.0
HEARTBEAT_SECONDS = 60.0
RECEIPT_PREFIX = "worker:received:"
SLOTS_PREFIX = "worker:slots:"
LOOK_SECONDS = 0.2


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


def judge(seen: Seen, now: float, after: float = 0.0) -> tuple[bool, str]:
    """
    Tell whether a worker is alive, and why.

    :param after: only what happened since then counts; the start of a process that is waited for
    """
    if seen.received is not None and seen.received >= after and now - seen.received < ALIVE_SECONDS:
        return True, f"received something {now - seen.received:.0f} s ago"
    if seen.noted is not None and seen.noted >= after and now - seen.noted < HEARTBEAT_SECONDS:
        fresh = [at for at in seen.heartbeats if now - at < HEARTBEAT_SECONDS]
        if seen.slots and len(fresh) >= seen.slots:
            return True, f"all {seen.slots} slots hold jobs that are at work"
        if len(seen.heartbeats) >= seen.slots > 0:
            return (
                False,
                f"{seen.slots - len(fresh)} of its {seen.slots} jobs gave no sign for {HEARTBEAT_SECONDS:.0f} s",
            )
    if seen.received is None or seen.received < after:
        return False, "has not received anything yet"
    return False, f"received nothing for {now - seen.received:.0f} s"


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


def ask(client: redis.Redis, name: str, after: float) -> tuple[bool, str]:
    """Return whether one of them is alive, and the reason of the one that is, else of the last."""
    reason = "has not received anything yet"
    for seen in look(client, name):
        alive, why = judge(seen, time.time(), after)
        reason = f"{seen.name} {why}"
        if alive:
            return True, reason
    return False, reason


def main(arguments: Sequence[str] | None = None) -> int:
    """Look once, or until one is alive."""
    parser = argparse.ArgumentParser(prog="python -m worker.alive", description="Does a worker consume?")
    parser.add_argument("name", nargs="?", default="worker", help="worker, watcher, builds, or worker1@host")
    parser.add_argument("--after", type=float, default=0.0, help="seconds since 1970; what was before does not count")
    parser.add_argument("--wait", type=float, default=0.0, help="seconds to wait for one to be alive")
    asked = parser.parse_args(arguments)
    url = load_settings().redis.url.get_secret_value()
    deadline = time.monotonic() + asked.wait
    with redis.Redis.from_url(url, socket_timeout=1.0, socket_connect_timeout=1.0) as client:
        while True:
            try:
                alive, reason = ask(client, asked.name, asked.after)
            except redis.RedisError as error:
                alive, reason = False, f"Redis does not answer: {error}"
            if alive or time.monotonic() > deadline:
                print(f"{asked.name}: {reason}")
                return 0 if alive else 1
            time.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
