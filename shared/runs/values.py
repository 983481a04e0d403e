"""
Values that a run brings for itself alone: sealed in Redis for as long as the run may live, and nowhere else.

They are never in MongoDB, in a message of the queue, in a plan or in an update.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import redis
from pydantic import BaseModel, ConfigDict, Field

from shared.crypto import KeyRing
from shared.errors import PermanentError
from shared.kubernetes.masking import forms
from shared.planning.diff import MASK, Change
from shared.storage.store import Store
from shared.workflows.drawing.graph import Graph, GraphId, Node

LIFE_SECONDS = 3 * 3600
"""Above the longest run and the time it may wait in the queue."""
MOST_VALUES = 500


class TriggerData(BaseModel):
    """
    Values for one run.

    :param secrets: secret node → key → value; keys the node lists
    :param env_vars: workload node → variable → value, for its main container
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    secrets: dict[GraphId, dict[str, str]] = Field(default_factory=dict, max_length=MOST_VALUES)
    env_vars: dict[GraphId, dict[str, str]] = Field(default_factory=dict, max_length=MOST_VALUES)

    @property
    def is_empty(self) -> bool:
        """Whether the run brings nothing."""
        return not any(self.secrets.values()) and not any(self.env_vars.values())


@dataclass(frozen=True, slots=True, repr=False)
class RunValues:
    """Values in clear, on their way to the cluster."""

    secrets: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)
    env_vars: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def into(self, graph: Graph) -> Graph:
        """Return the graph with the run's variables in the environment of its workloads."""
        if not self.env_vars:
            return graph
        return Graph(nodes=[self._node(node) for node in graph.nodes], edges=graph.edges)

    def _node(self, node: Node) -> Node:
        brought = self.env_vars.get(node.id)
        if not brought:
            return node
        present = node.data.get("env")
        kept = [entry for entry in present if entry.get("name") not in brought] if isinstance(present, list) else []
        added = [{"source": "value", "name": name, "value": value} for name, value in sorted(brought.items())]
        return node.model_copy(update={"data": {**node.data, "env": [*kept, *added]}})

    def words(self) -> set[str]:
        """Return the words that must not stand in any text about the run, in clear and as a Secret writes them."""
        found = {form for values in self.secrets.values() for value in values.values() for form in forms(value)}
        return found | self.variables()

    def variables(self) -> set[str]:
        """Return the values of the run's variables, which stand in clear in what is applied."""
        return {value for values in self.env_vars.values() for value in values.values() if value}


def mask(changes: tuple[Change, ...], hidden: set[str]) -> tuple[Change, ...]:
    """Hide values wherever a plan would show them, however short they are."""
    if not hidden:
        return changes
    return tuple(
        Change(path=change.path, old=without(change.old, hidden), new=without(change.new, hidden)) for change in changes
    )


def variables_in(live: Any, names: Collection[str]) -> set[str]:
    """Return the values of these variables in a workload as it is on the cluster, in whichever container."""
    if isinstance(live, list):
        return {value for item in live for value in variables_in(item, names)}
    if not isinstance(live, Mapping):
        return set()
    found = {value for item in live.values() for value in variables_in(item, names)}
    env = live.get("env")
    entries = [entry for entry in env if isinstance(entry, Mapping)] if isinstance(env, list) else []
    return found | {str(entry["value"]) for entry in entries if entry.get("name") in names and entry.get("value")}


def without(value: Any, hidden: set[str]) -> Any:
    """Return a value with ``MASK`` for every text in it that is one of these."""
    if isinstance(value, str):
        return MASK if value in hidden else value
    if isinstance(value, Mapping):
        return {key: without(item, hidden) for key, item in value.items()}
    return [without(item, hidden) for item in value] if isinstance(value, list) else value


class ValuesGone(PermanentError):
    """The values that a run brought are not there any more."""

    default_code = "run-values-gone"


class ValueStore(Store):
    """Keeps them under the run's id."""

    def __init__(self, client: redis.Redis, keyring: KeyRing) -> None:
        self._redis = client
        self._keyring = keyring

    def put(self, run_id: str, data: TriggerData) -> None:
        """Seal and keep values; call it before the run is stored."""
        sealed = self._keyring.seal(orjson.dumps(data.model_dump()), context=_context(run_id))
        content = {
            name: base64.b64encode(value).decode() if isinstance(value, bytes) else value
            for name, value in sealed.items()
        }
        self._redis.set(_key(run_id), orjson.dumps(content), ex=LIFE_SECONDS)

    def read(self, run_id: str) -> RunValues:
        """
        Open a run's values.

        :raises ValuesGone: they are too old, or Redis was emptied
        """
        content = self._redis.get(_key(run_id))
        if not isinstance(content, bytes):
            msg = "The values that were entered for this run alone are gone. Start a new run and enter them again."
            raise ValuesGone(msg)
        stored = orjson.loads(content)
        sealed = {name: value if name == "key_id" else base64.b64decode(value) for name, value in stored.items()}
        data = TriggerData.model_validate_json(self._keyring.open(sealed, context=_context(run_id)))
        secrets = {
            node_id: {key: value.encode() for key, value in values.items()} for node_id, values in data.secrets.items()
        }
        return RunValues(secrets, data.env_vars)

    def forget(self, run_id: str) -> None:
        """Delete a run's values; the run has ended."""
        self._redis.delete(_key(run_id))


def _key(run_id: str) -> str:
    return f"run-values:{run_id}"


def _context(run_id: str) -> str:
    return f"run-values/{run_id}"
