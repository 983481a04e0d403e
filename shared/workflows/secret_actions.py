"""The verbs of people for the values of secret nodes: write them, and see the keys that have one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from shared.access import Actor, Verb
from shared.errors import FieldError, InvalidInput, NotFound
from shared.people import Person
from shared.platform import Platform
from shared.workflows.actions import Workflows
from shared.workflows.drawing.graph import Graph
from shared.workflows.models import SecretKeys
from shared.workflows.secrets import SecretStore


class WorkflowSecrets:
    """Values of secret nodes of stored graphs; they are written, never given back."""

    def __init__(self, workflows: Workflows, store: SecretStore) -> None:
        self._workflows = workflows
        self._store = store

    @classmethod
    def over(cls, platform: Platform) -> Self:
        """Make it over a process' connections."""
        return cls(Workflows.over(platform), SecretStore(platform.db, platform.keyring))

    def put(self, actor: Actor, workflow_id: str, node_id: str, values: Mapping[str, str | None]) -> SecretKeys:
        """
        Write values; None removes one.

        :return: which keys are set now, never a value
        :raises NotFound: there is no such secret node
        :raises InvalidInput: a key the node does not have
        """
        workflow = self._workflows.get(actor, workflow_id, Verb.EDIT)
        names = secret_keys_of(workflow.graph, node_id)
        unknown = [key for key in values if key not in names]
        if unknown:
            raise InvalidInput(
                f"The secret node has no key {unknown[0]}; save it with the key first.",
                code="unknown-key",
                fields=[FieldError(f"values.{key}", "is no key of this node") for key in unknown],
            )
        self._store.put(workflow_id, node_id, values, by=Person.of(actor))
        return self._store.keys(workflow_id, node_id, names)

    def list(self, actor: Actor, workflow_id: str, node_id: str) -> SecretKeys:
        """
        Return the keys of a secret node, each with whether it is set, since when and by whom.

        :raises NotFound: there is no such secret node
        """
        workflow = self._workflows.get(actor, workflow_id)
        return self._store.keys(workflow_id, node_id, secret_keys_of(workflow.graph, node_id))


def secret_keys_of(graph: Graph, node_id: str) -> list[str]:
    """
    Return the keys a secret node of a graph lists.

    :raises NotFound: there is no such secret node
    """
    node = graph.by_id.get(node_id)
    if node is None or node.type != "secret":
        raise NotFound("There is no such secret node.")
    keys = node.data.get("keys")
    return [key for key in keys if isinstance(key, str)] if isinstance(keys, list) else []
