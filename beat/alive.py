"""Whether some beat ticks: ``python -m beat.alive``; 0 when the last tick is fresh, else 1 with the reason."""

from __future__ import annotations

import sys
import time

from shared.platform import open_redis
from shared.settings import load_settings

ALIVE_SECONDS = 90.0
TICK = "beat:tick"


def main() -> int:
    """Look once."""
    client = open_redis(load_settings())
    value = client.get(TICK)
    client.close()
    if not isinstance(value, bytes):
        print("beat: has not ticked yet")
        return 1
    age = time.time() - float(value)
    print(f"beat: ticked {age:.0f} s ago")
    return 0 if age < ALIVE_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
