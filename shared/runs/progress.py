"""
What a run tells: node states and log lines, published at once and written in batches.

Batches go to MongoDB at most ten times a second, every write conditional on the lease.
"""

from __future__ import annotations

import threading
import time
from typing import Any, Literal

from shared.clock import now
from shared.runs.models import LogEntry, NodePhase, NodeState, Phase, Run, end_event
from shared.runs.store import RunStore
from shared.updates import UpdateLog, topics

Level = Literal["info", "warning", "error"]
FLUSH_SECONDS = 0.1
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
        self._announced: list[tuple[str, str, dict[str, object]]] = []
        self._flushed = 0.0
        self.states: dict[str, NodeState] = dict(run.node_states)

    def phase(self, phase: Phase) -> None:
        """Begin a phase."""
        with self._lock:
            self.run.phase = phase
            self._values["phase"] = phase.value
            self._announced.append((topics.run(self.run.id), "phase", {"phase": phase.value}))
            self._announce_head()
        self.flush()

    def set(self, name: str, value: Any) -> None:
        """Set a field of the run."""
        with self._lock:
            self._values[name] = value
            setattr(self.run, name, value)

    def node(self, node_id: str, state: NodePhase, message: str = "") -> None:
        """Note how far a node is; the same again is not told twice."""
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
            self._values[f"node_states.{node_id}"] = after.model_dump()
            data = {"node_id": node_id, **after.model_dump(mode="json")}
            self._announced.append((topics.run(self.run.id), "node_state", data))
        self._maybe_flush()

    def log(self, text: str, *, level: Level = "info", node_id: str | None = None) -> None:
        """Add a line to the run's log."""
        entry = LogEntry(at=now(), level=level, node_id=node_id, text=text)
        with self._lock:
            self._logs.append(entry)
            self._announced.append((topics.run(self.run.id), "log", entry.model_dump(mode="json")))
        self._maybe_flush()

    def _announce_head(self) -> None:
        head = self.run.head().model_dump(mode="json", exclude={"node_states"})
        self._announced.append((topics.workflow(self.run.workflow_id), "run_update", {"run": head}))

    def _maybe_flush(self) -> None:
        if time.monotonic() - self._flushed >= FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """
        Write and publish what has gathered.

        :raises LeaseLost: another worker owns the run
        """
        values, logs, announced = self._take()
        if values or logs:
            self._runs.write(self.run.id, self._token, values, logs)
        self._updates.publish_many(announced)

    def _take(self) -> tuple[dict[str, Any], list[LogEntry], list[tuple[str, str, dict[str, object]]]]:
        with self._lock:
            taken = self._values, self._logs, self._announced
            self._values, self._logs, self._announced = {}, [], []
            self._flushed = time.monotonic()
        return taken

    def finish(self, values: dict[str, Any]) -> Run:
        """
        End the run with everything that has gathered, then tell everybody.

        :raises LeaseLost: another worker owns the run
        """
        gathered, logs, announced = self._take()
        run = self._runs.finish(self.run.id, self._token, {**gathered, **values}, logs)
        head = run.head().model_dump(mode="json")
        small = {key: value for key, value in head.items() if key != "node_states"}
        self._updates.publish_many(
            [
                *announced,
                (topics.run(run.id), end_event(run.status), {"run": head}),
                (topics.workflow(run.workflow_id), "run_update", {"run": small}),
            ]
        )
        return run
