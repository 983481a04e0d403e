"""
The garbage collector of a process that serves for long.

It walks everything alive each time it looks for cycles: what a process has loaded, hundreds of thousands of objects
that stay anyway, several times within one large plan. https://docs.python.org/3/library/gc.html#gc.freeze
"""

from __future__ import annotations

import gc

YOUNG_OBJECTS = 20_000
"""Made more than freed before the collector looks at the youngest; a graph of 500 nodes compiles into some 100,000."""
_YOUNG_ROUNDS = 20


def settle() -> None:
    """Set living objects aside: call it when everything is loaded, before a process forks."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, _YOUNG_ROUNDS, _YOUNG_ROUNDS)
