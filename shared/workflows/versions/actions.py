"""The verbs of people for versions: see, keep, name and compare them, bring one back onto the canvas."""

from __future__ import annotations

from typing import Literal, Self

from shared.access import Actor, Verb
from shared.errors import Conflict, InvalidInput
from shared.people import Person
from shared.platform import Platform
from shared.workflows.actions import Workflows
from shared.workflows.models import Workflow
from shared.workflows.secrets import SecretStore
from shared.workflows.store import WorkflowStore
from shared.workflows.versions.compare import Comparison, Side, compare
from shared.workflows.versions.models import NewVersion, Version, VersionChanges
from shared.workflows.versions.store import VersionStore

Ref = int | Literal["saved", "deployed"]
"""A version's number, the graph as it is saved, or the version that was deployed last."""


class Versions:
    """
    Versions of workflows.

    :param store: learns which version is the newest, and gets graphs that come back
    """

    def __init__(
        self, workflows: Workflows, store: WorkflowStore, versions: VersionStore, secrets: SecretStore
    ) -> None:
        self._workflows = workflows
        self._store = store
        self._versions = versions
        self._secrets = secrets

    @classmethod
    def over(cls, platform: Platform) -> Self:
        """Make it over a process' connections."""
        db = platform.db
        return cls(Workflows.over(platform), WorkflowStore(db), VersionStore(db), SecretStore(db, platform.keyring))

    def get(self, actor: Actor, workflow_id: str, number: int) -> Version:
        """
        Return one version.

        :raises NotFound: there is no such version
        """
        return self._versions.get(self._workflows.get(actor, workflow_id).id, number)

    def list(
        self, actor: Actor, workflow_id: str, *, limit: int, cursor: str | None = None
    ) -> tuple[list[Version], int, str | None]:
        """Return a page of a workflow's versions, newest first."""
        return self._versions.list(self._workflows.get(actor, workflow_id).id, limit=limit, cursor=cursor)

    def keep(self, actor: Actor, workflow_id: str, wanted: NewVersion) -> Version:
        """
        Keep the saved graph as a version of its own.

        :raises Conflict: code ``tag-taken``
        """
        workflow = self._workflows.get(actor, workflow_id, Verb.EDIT)
        version = self._versions.add(
            workflow,
            by=Person.of(actor),
            secret_versions=self._secret_versions(workflow),
            automatic=False,
            **wanted.model_dump(),
        )
        self._store.set_current_version(workflow.id, version.version)
        return version

    def describe(self, actor: Actor, workflow_id: str, number: int, changes: VersionChanges) -> Version:
        """
        Change a version's name, tag or description.

        :raises Conflict: code ``tag-taken``
        :raises NotFound: there is no such version
        """
        workflow = self._workflows.get(actor, workflow_id, Verb.EDIT)
        if not changes.given():
            raise InvalidInput("There is nothing to change.", code="nothing-to-change")
        return self._versions.describe(workflow.id, number, changes)

    def delete(self, actor: Actor, workflow_id: str, number: int) -> None:
        """
        Delete a version that is not in use.

        :raises Conflict: code ``version-deployed`` or ``run-active``
        :raises NotFound: there is no such version
        """
        workflow = self._workflows.get(actor, workflow_id, Verb.EDIT)
        if number == workflow.deployed_version:
            msg = "This version is what runs on the cluster; deploy another one first."
            raise Conflict(msg, code="version-deployed")
        if workflow.active_run_id:
            msg = "A run of this workflow is active and may use this version; wait for its end."
            raise Conflict(msg, code="run-active", details={"run_id": workflow.active_run_id})
        self._versions.delete(workflow.id, number)

    def compare(self, actor: Actor, workflow_id: str, old: Ref, new: Ref) -> Comparison:
        """
        Return the difference between two versions, or a version and the saved graph.

        :raises NotFound: there is no such version
        :raises InvalidInput: code ``not-deployed``
        """
        workflow = self._workflows.get(actor, workflow_id)
        return compare(self._side(workflow, old), self._side(workflow, new))

    def restore(self, actor: Actor, workflow_id: str, number: int, *, revision: int) -> Workflow:
        """
        Bring a version's graph and namespace back onto the canvas; nothing reaches a cluster.

        :param revision: the one the actor has looked at
        :raises Conflict: code ``revision-conflict`` or ``archived``
        :raises NotFound: there is no such version
        """
        current = self._workflows.get(actor, workflow_id, Verb.EDIT)
        current.require_editable()
        version = self._versions.get(current.id, number)
        by = Person.of(actor)
        saved = self._store.save_graph(current.id, version.graph, revision=revision, by=by, namespace=version.namespace)
        present = self._secret_versions(saved)
        made = self._versions.ensure(saved, by=by, secret_versions=present, restored_from=number)
        self._store.set_current_version(saved.id, made.version)
        self._workflows.announce_saved(saved, actor)
        return self._store.get(saved.id)

    def _side(self, workflow: Workflow, ref: Ref) -> Side:
        if ref == "saved":
            return Side(workflow.graph, workflow.namespace, self._secret_versions(workflow))
        number = workflow.deployed_version if ref == "deployed" else ref
        if number is None:
            raise InvalidInput("No version of this workflow is deployed yet.", code="not-deployed")
        version = self._versions.get(workflow.id, number)
        return Side(version.graph, version.namespace, version.secret_versions)

    def _secret_versions(self, workflow: Workflow) -> dict[str, str]:
        return self._secrets.current_versions(workflow.id, workflow.graph.secret_node_ids)
