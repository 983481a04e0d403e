"""
What a run tells: node states and log lines, gathered by those who work and written and published by one thread.

Batches go out at most ten times a second, every write conditional on the lease. Nothing waits for the next event to be
sent, however long that takes to come.
"""

from __future__ import annotations

import threading
import time
from typing import Any, Literal

from pydantic import BaseModel

from shared.clock import now
from shared.errors import KubeOrchError
from shared.kubernetes.masking import SHORTEST, hide
from shared.log import get_logger
from shared.runs.models import LogEntry, NodePhase, NodeState, Phase, Run, end_event
from shared.runs.store import RunStore
from shared.updates import UpdateLog, topics

log = get_logger(__name__)

Level = Literal["info", "warning", "error"]
Announced = tuple[str, str, dict[str, object]]
MOVED = ""
"""Stands for a ``node_state`` in what gathers."""
FLUSH_SECONDS = 0.1
IDLE_SECONDS = 1.0
PATIENCE_SECONDS = 30.0
MOST_KEPT = 1000
"""Updates that wait for a Redis that is away; a topic's log holds no more either."""


def _plain(value: Any) -> Any:
    """Return what MongoDB stores."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.model_dump() if isinstance(value, BaseModel) else value


_ENDED = {"ready", "unchanged", "failed", "skipped", "pruned"}


class Progress:
    """Collects what happens in one run."""

    def __init__(self, run: Run, token: int, *, runs: RunStore, updates: UpdateLog) -> None:
        self.run = run
        self._token = token
        self._runs = runs
        self._updates = updates
        self._lock = threading.Lock()
        self._values: dict[str, Any] = {}
        self._logs: list[LogEntry] = []
        self._announced: list[Announced] = []
        self._moved: dict[str, NodeState] = {}
        self._gathered = threading.Event()
        self._sending = threading.Lock()
        self._hidden: set[str] = set()
        self.states: dict[str, NodeState] = dict(run.node_states)

    def conceal(self, values: set[str]) -> None:
        """Leave these values out of every text from now on, unless they are too short: a cluster may repeat them."""
        self._hidden |= {value for value in values if len(value) >= SHORTEST}

    def clean(self, text: str) -> str:
        """Return a text without what is concealed."""
        return str(hide(text, self._hidden))

    def phase(self, phase: Phase) -> None:
        """Begin a phase."""
        with self._lock:
            self.run.phase = phase
            self._values["phase"] = phase.value
            self._announced.append((topics.run(self.run.id), "phase", {"phase": phase.value}))
            self._announce_head()
        self._gathered.set()

    def set(self, name: str, value: Any) -> None:
        """Set a field of the run."""
        with self._lock:
            self._values[name] = _plain(value)
            setattr(self.run, name, value)
        self._gathered.set()

    def node(self, node_id: str, state: NodePhase, message: str = "") -> None:
        """Note how far a node is; the same again is not told twice, and of what gathers only the last state."""
        message = self.clean(message)
        with self._lock:
            known = self.states.get(node_id)
            if known is not None and known.state == state and known.message == message:
                return
            before, at = known or NodeState(), now()
            after = NodeState(
                state=state,
                message=message,
                started_at=before.started_at or (None if state == "pending" else at),
                finished_at=at if state in _ENDED else None,
            )
            self.states[node_id] = after
            self.run.node_states[node_id] = after
            self._moved[node_id] = after
            # filled in when the batch goes out, with the state the node has come to by then
            self._announced.append((topics.run(self.run.id), MOVED, {"node_id": node_id}))
        self._gathered.set()

    def log(self, text: str, *, level: Level = "info", node_id: str | None = None) -> None:
        """Add a line to the run's log."""
        entry = LogEntry(at=now(), level=level, node_id=node_id, text=self.clean(text))
        with self._lock:
            self._logs.append(entry)
            self._announced.append((topics.run(self.run.id), "log", entry.model_dump(mode="json")))
        self._gathered.set()

    def announce(self, event: str, data: dict[str, object]) -> None:
        """Tell those who follow the run something that is written elsewhere."""
        with self._lock:
            self._announced.append((topics.run(self.run.id), event, data))
        self._gathered.set()

    def _announce_head(self) -> None:
        head = self.run.head().model_dump(mode="json", exclude={"node_states"})
        self._announced.append((topics.workflow(self.run.workflow_id), "run_update", {"run": head}))

    def keep_telling(self, stop: threading.Event) -> None:
        """
        Send what gathers, at once after a pause and then at most every ``FLUSH_SECONDS``, until stopped.

        :raises LeaseLost: another worker owns the run
        """
        while not stop.is_set():
            if not self._gathered.wait(IDLE_SECONDS):
                continue
            self._gathered.clear()
            try:
                self.flush()
            except KubeOrchError as error:
                # what was taken is kept and sent with what comes next; the end of the run writes it at the latest
                log.warning("run_progress_not_written", run_id=self.run.id, reason=type(error).__name__)
            stop.wait(FLUSH_SECONDS)

    def wake(self) -> None:
        """Have ``keep_telling`` look at its stop now."""
        self._gathered.set()

    def flush(self) -> None:
        """
        Write and publish what has gathered.

        :raises LeaseLost: another worker owns the run
        """
        with self._sending:
            values, logs, announced = self._take()
            try:
                if values or logs:
                    self._runs.write(self.run.id, self._token, values, logs)
            except KubeOrchError:
                with self._lock:
                    self._values = {**values, **self._values}
                    self._logs, self._announced = [*logs, *self._logs], [*announced, *self._announced]
                self._gathered.set()
                raise
            with self._lock:
                self._announced = [*announced, *self._announced]
        if not self._publish():
            self._gathered.set()

    def _take(self) -> tuple[dict[str, Any], list[LogEntry], list[Announced]]:
        with self._lock:
            values, logs, announced, moved = self._values, self._logs, self._announced, self._moved
            self._values, self._logs, self._announced, self._moved = {}, [], [], {}
        values |= {f"node_states.{node_id}": state.model_dump() for node_id, state in moved.items()}
        told: list[Announced] = []
        for topic, event, data in reversed(announced):
            if event != MOVED:
                told.append((topic, event, data))
            elif state := moved.pop(str(data["node_id"]), None):
                told.append((topic, "node_state", {**data, **state.model_dump(mode="json")}))
        told.reverse()
        return values, logs, told

    def finish(self, values: dict[str, Any]) -> Run:
        """
        End the run with everything that has gathered, then tell everybody (``tell_the_end`` tries again).

        :raises LeaseLost: another worker owns the run
        """
        with self._sending:
            gathered, logs, announced = self._take()
            run = self._runs.finish(self.run.id, self._token, {**gathered, **values}, logs)
        head = run.head().model_dump(mode="json")
        small = {key: value for key, value in head.items() if key != "node_states"}
        ending: list[Announced] = [
            (topics.run(run.id), end_event(run.status), {"run": head}),
            (topics.workflow(run.workflow_id), "run_update", {"run": small}),
        ]
        with self._lock:
            self._announced = [*announced, *ending]
        self._publish()
        return run

    def tell_the_end(self, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Publish what is left of the end because Redis was away; tries for as long as a restart of it takes."""
        ends = time.monotonic() + patience_seconds
        pause = FLUSH_SECONDS
        while not self._publish() and time.monotonic() < ends:
            time.sleep(pause)
            pause = min(pause * 2, 1.0)

    def _publish(self) -> bool:
        """Publish what is announced; what Redis does not take is kept, in order."""
        with self._sending:
            with self._lock:
                announced, self._announced = self._announced, []
            if not announced or self._updates.publish_many(announced):
                return True
            with self._lock:
                self._announced = [*announced, *self._announced][-MOST_KEPT:]
            return False
