"""
Whether some beat ticks: ``python -m beat.alive``; 0 when the last tick is fresh, else 1 with the reason.

One that stands by while another ticks is alive too, so it is enough that one ticks.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

import redis

from shared.settings import load_settings

ALIVE_SECONDS = 90.0
TICK = "beat:tick"
LOOK_SECONDS = 0.2


def judge(tick: float | None, now: float, after: float = 0.0) -> tuple[bool, str]:
    """Tell whether beat is alive, and why; a tick from before ``after`` does not count."""
    if tick is None or tick < after:
        return False, "has not ticked yet"
    return now - tick < ALIVE_SECONDS, f"ticked {now - tick:.0f} s ago"


def main(arguments: Sequence[str] | None = None) -> int:
    """Look once, or until it ticks."""
    parser = argparse.ArgumentParser(prog="python -m beat.alive", description="Does beat tick?")
    parser.add_argument("--after", type=float, default=0.0, help="seconds since 1970; what was before does not count")
    parser.add_argument("--wait", type=float, default=0.0, help="seconds to wait for a tick")
    asked = parser.parse_args(arguments)
    url = load_settings().redis.url.get_secret_value()
    deadline = time.monotonic() + asked.wait
    with redis.Redis.from_url(url, socket_timeout=1.0, socket_connect_timeout=1.0) as client:
        while True:
            try:
                value = client.get(TICK)
                alive, reason = judge(float(value) if isinstance(value, bytes) else None, time.time(), asked.after)
            except redis.RedisError as error:
                alive, reason = False, f"Redis does not answer: {error}"
            if alive or time.monotonic() > deadline:
                print(f"beat: {reason}")
                return 0 if alive else 1
            time.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
