"""The progress of a run: its phase, the states of its nodes and its log, without concealed values."""

from __future__ import annotations

import threading
from typing import Any, Literal

from shared.clock import now
from shared.jobs.journal import Announcement, Journal, Part
from shared.kubernetes.masking import SHORTEST, hide
from shared.runs.models import LogEntry, NodePhase, NodeState, Phase, Run
from shared.updates import topics

Level = Literal["info", "warning", "error"]
_ENDED = {"ready", "unchanged", "failed", "skipped", "pruned"}


class Progress:
    """The progress of one run, on its way into the run's journal."""

    def __init__(self, run: Run, journal: Journal) -> None:
        self.run = run
        self._journal = journal
        self._topic = topics.run(run.id)
        self._lock = threading.Lock()
        self._hidden: set[str] = set()
        self.states: dict[str, NodeState] = dict(run.node_states)

    def conceal(self, values: set[str]) -> None:
        """Leave these values out of every text from now on, unless they are too short: a cluster may repeat them."""
        self._hidden |= {value for value in values if len(value) >= SHORTEST}

    def clean(self, text: str) -> str:
        """Return a text without the concealed values."""
        return str(hide(text, self._hidden))

    def phase(self, phase: Phase) -> None:
        """Begin a phase."""
        self.run.phase = phase
        told: list[Announcement] = [(self._topic, "phase", {"phase": phase.value})]
        self._journal.add(values={"phase": phase.value}, announced=[*told, head_update(self.run)])

    def set(self, name: str, value: Any) -> None:
        """Set a field of the run."""
        setattr(self.run, name, value)
        self._journal.add(values={name: value})

    def node(self, node_id: str, state: NodePhase, message: str = "") -> None:
        """Report the state of a node; the same state is not reported twice."""
        message = self.clean(message)
        with self._lock:
            before = self.states.get(node_id)
            if before is not None and (before.state, before.message) == (state, message):
                return
            after = moved(before or NodeState(), state, message)
            self.states[node_id] = self.run.node_states[node_id] = after
            part = Part(f"node_states.{node_id}", after, self._topic, "node_state", {"node_id": node_id})
            # in the lock, so that states of one node reach the journal in their order
            self._journal.add(announced=[part])

    def log(self, text: str, *, level: Level = "info", node_id: str | None = None) -> None:
        """Add a line to the run's log."""
        entry = LogEntry(at=now(), level=level, node_id=node_id, text=self.clean(text))
        self._journal.add(logs=[entry], announced=[(self._topic, "log", entry.model_dump(mode="json"))])

    def announce(self, event: str, data: dict[str, object]) -> None:
        """Publish to the followers of the run something that is written elsewhere."""
        self._journal.add(announced=[(self._topic, event, data)])

    def skip_the_rest(self, words: str) -> None:
        """Report the reason for all nodes that were not done; for those that were waited for also the missing part."""
        for node_id, state in list(self.states.items()):
            if state.state in {"pending", "applying"}:
                self.node(node_id, "skipped", words)
            elif state.state == "waiting":
                self.node(node_id, "skipped", f"{words} {state.message}".strip())


def moved(before: NodeState, state: NodePhase, message: str) -> NodeState:
    """Return a node's next state, with when it began and when it ended."""
    at = now()
    return NodeState(
        state=state,
        message=message,
        started_at=before.started_at or (None if state == "pending" else at),
        finished_at=at if state in _ENDED else None,
    )


def head_update(run: Run) -> Announcement:
    """Return the update about a run for those with its workflow open."""
    head = run.head().model_dump(mode="json", exclude={"node_states"})
    return topics.workflow(run.workflow_id), "run_update", {"run": head}
