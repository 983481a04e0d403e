"""redbeat's scheduler, which keeps one lock for all beats and records each tick."""

from __future__ import annotations

import time
from typing import Any

from redbeat import RedBeatScheduler
from redbeat.schedulers import get_redis

TICK = "beat:tick"
TICK_LIFE_SECONDS = 3600


class Scheduler(RedBeatScheduler):
    """Ticks like redbeat and records it; a beat that stands by does not tick."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Enqueue the tasks that are due; returns the seconds until the next tick."""
        wait: float = super().tick(*args, **kwargs)
        get_redis(self.app).set(TICK, str(time.time()), ex=TICK_LIFE_SECONDS)
        return wait
