"""
Whether a worker of this platform consumes: ``python -m worker.alive [worker|watcher|builds]``.

Exit code 0 when it received something within the last ``ALIVE_SECONDS``, 1 with the reason otherwise.
"""

from __future__ import annotations

import sys

from shared.settings import load_settings
from worker.probe import receipt_of

ALIVE_SECONDS = 90.0


def main(arguments: list[str]) -> int:
    """Look once."""
    name = arguments[0] if arguments else "worker"
    age = receipt_of(name, load_settings())
    if age is None:
        print(f"{name}: has not received anything yet")
        return 1
    print(f"{name}: received something {age:.0f} s ago")
    return 0 if age < ALIVE_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
