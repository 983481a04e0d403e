"""
The question whether a process is alive, asked once or until the answer is yes: ``worker.alive`` and ``beat.alive``.

The signs that they look for stand in Redis. Health checks ask often, so this imports little.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import NamedTuple

import redis

from shared.settings import load_settings

ALIVE_SECONDS = 90.0
"""A sign that is older says nothing any more."""
LOOK_SECONDS = 0.2
_ANSWER_SECONDS = 1.0


class Verdict(NamedTuple):
    """Whether it is alive, and why."""

    alive: bool
    reason: str


def make_parser(program: str, description: str) -> argparse.ArgumentParser:
    """Return a parser of ``--after`` and ``--wait``."""
    parser = argparse.ArgumentParser(prog=f"python -m {program}", description=description)
    parser.add_argument("--after", type=float, default=0.0, help="seconds since 1970; what was before does not count")
    parser.add_argument("--wait", type=float, default=0.0, help="seconds to wait until it is alive")
    return parser


def ask_until(
    ask: Callable[[], Verdict],
    wait_seconds: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Verdict:
    """Ask until the answer is yes or the time is over, once at least; Redis that does not answer says no."""
    deadline = clock() + wait_seconds
    while True:
        try:
            verdict = ask()
        except redis.RedisError as error:
            verdict = Verdict(alive=False, reason=f"Redis does not answer: {error}")
        if verdict.alive or clock() > deadline:
            return verdict
        sleep(LOOK_SECONDS)


def report(name: str, ask: Callable[[redis.Redis], Verdict], wait_seconds: float) -> int:
    """Print the verdict on something; returns the exit code."""
    url = load_settings().redis.url.get_secret_value()
    limits = {"socket_timeout": _ANSWER_SECONDS, "socket_connect_timeout": _ANSWER_SECONDS}
    with redis.Redis.from_url(url, **limits) as client:
        verdict = ask_until(lambda: ask(client), wait_seconds)
    print(f"{name}: {verdict.reason}")
    return 0 if verdict.alive else 1
