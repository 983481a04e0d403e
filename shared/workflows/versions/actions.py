"""What people do with versions: look at them, keep and name them, compare them, bring one back onto the canvas."""

from __future__ import annotations

from typing import Literal

from shared.access import Actor, Verb
from shared.errors import Conflict, InvalidInput
from shared.people import Person
from shared.updates import UpdateLog
from shared.workflows.actions import announce_saved, check_editable, get, secret_nodes
from shared.workflows.models import Workflow
from shared.workflows.secrets import SecretStore
from shared.workflows.store import WorkflowStore
from shared.workflows.versions.compare import Comparison, Side, compare
from shared.workflows.versions.models import NewVersion, Version, VersionChanges
from shared.workflows.versions.store import VersionStore

Ref = int | Literal["saved", "deployed"]
"""A version's number, the graph as it is saved, or the version that was deployed last."""


def keep(
    actor: Actor,
    workflow_id: str,
    wanted: NewVersion,
    *,
    workflows: WorkflowStore,
    versions: VersionStore,
    secrets: SecretStore,
) -> Version:
    """
    Keep the saved graph as a version of its own.

    :raises Conflict: code ``tag-taken``
    """
    workflow = get(actor, workflow_id, workflows=workflows, verb=Verb.EDIT)
    version = versions.add(
        workflow,
        by=Person.of(actor),
        secret_versions=secrets.current_versions(workflow.id, secret_nodes(workflow.graph)),
        automatic=False,
        **wanted.model_dump(),
    )
    workflows.set_current_version(workflow.id, version.version)
    return version


def describe(
    actor: Actor,
    workflow_id: str,
    number: int,
    changes: VersionChanges,
    *,
    workflows: WorkflowStore,
    versions: VersionStore,
) -> Version:
    """
    Change a version's name, tag or description.

    :raises Conflict: code ``tag-taken``
    :raises NotFound: there is no such version
    """
    workflow = get(actor, workflow_id, workflows=workflows, verb=Verb.EDIT)
    given = changes.model_dump(exclude_none=True)
    if not given:
        raise InvalidInput("There is nothing to change.", code="nothing-to-change")
    return versions.describe(workflow.id, number, given)


def delete(actor: Actor, workflow_id: str, number: int, *, workflows: WorkflowStore, versions: VersionStore) -> None:
    """
    Delete a version that is not in use.

    :raises Conflict: code ``version-deployed`` or ``run-active``
    :raises NotFound: there is no such version
    """
    workflow = get(actor, workflow_id, workflows=workflows, verb=Verb.EDIT)
    if number == workflow.deployed_version:
        raise Conflict("This version is what runs on the cluster; deploy another one first.", code="version-deployed")
    if workflow.active_run_id:
        msg = "A run of this workflow is active and may use this version; wait for its end."
        raise Conflict(msg, code="run-active", details={"run_id": workflow.active_run_id})
    versions.delete(workflow.id, number)


def compare_versions(
    actor: Actor,
    workflow_id: str,
    old: Ref,
    new: Ref,
    *,
    workflows: WorkflowStore,
    versions: VersionStore,
    secrets: SecretStore,
) -> Comparison:
    """
    Return what is different between two versions, or a version and the saved graph.

    :raises NotFound: there is no such version
    :raises InvalidInput: code ``not-deployed``
    """
    workflow = get(actor, workflow_id, workflows=workflows)
    old_side, new_side = (_side(workflow, ref, versions, secrets) for ref in (old, new))
    return compare(old_side, new_side)


def _side(workflow: Workflow, ref: Ref, versions: VersionStore, secrets: SecretStore) -> Side:
    if ref == "saved":
        current = secrets.current_versions(workflow.id, secret_nodes(workflow.graph))
        return Side(workflow.graph, workflow.namespace, current)
    number = workflow.deployed_version if ref == "deployed" else ref
    if number is None:
        raise InvalidInput("No version of this workflow is deployed yet.", code="not-deployed")
    version = versions.get(workflow.id, number)
    return Side(version.graph, version.namespace, version.secret_versions)


def restore(
    actor: Actor,
    workflow_id: str,
    number: int,
    *,
    revision: int,
    workflows: WorkflowStore,
    versions: VersionStore,
    secrets: SecretStore,
    updates: UpdateLog,
) -> Workflow:
    """
    Bring a version's graph and namespace back onto the canvas; nothing reaches a cluster.

    :param revision: the one the actor has looked at
    :raises Conflict: code ``revision-conflict`` or ``archived``
    :raises NotFound: there is no such version
    """
    current = get(actor, workflow_id, workflows=workflows, verb=Verb.EDIT)
    check_editable(current)
    version = versions.get(current.id, number)
    by = Person.of(actor)
    saved = workflows.save_graph(current.id, version.graph, revision=revision, by=by, namespace=version.namespace)
    present = secrets.current_versions(saved.id, secret_nodes(saved.graph))
    made = versions.ensure(saved, by=by, secret_versions=present, restored_from=number)
    workflows.set_current_version(saved.id, made.version)
    announce_saved(saved, actor, updates)
    return workflows.get(saved.id)
