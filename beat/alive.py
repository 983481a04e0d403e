"""
Whether some beat ticks: ``python -m beat.alive``; 0 when the last tick is fresh, else 1 with the reason.

One that stands by while another ticks is alive too, so it is enough that one ticks.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

import redis

from shared.processes.alive import ALIVE_SECONDS, Verdict, make_parser, report

TICK = "beat:tick"


def is_ticking(tick: float | None, now: float, after: float = 0.0) -> Verdict:
    """Judge by its last tick whether beat is alive; one from before ``after`` does not count."""
    if tick is None or tick < after:
        return Verdict(alive=False, reason="has not ticked yet")
    return Verdict(now - tick < ALIVE_SECONDS, f"ticked {now - tick:.0f} s ago")


def ask(client: redis.Redis, after: float) -> Verdict:
    """Return the verdict on the last tick."""
    value = client.get(TICK)
    return is_ticking(float(value) if isinstance(value, bytes) else None, time.time(), after)


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask once, or until it ticks; returns the exit code."""
    asked = make_parser("beat.alive", "Does beat tick?").parse_args(arguments)
    return report("beat", lambda client: ask(client, asked.after), asked.wait)


if __name__ == "__main__":
    sys.exit(main())
