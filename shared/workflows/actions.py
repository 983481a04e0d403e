"""What people do with workflows: create, save, check, look at the manifests, clone, delete, write secret values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from shared.access import Actor, Owned, Verb, may, require
from shared.clock import now
from shared.clusters.facts import ClusterFacts
from shared.clusters.models import Cluster, ClusterStatus
from shared.errors import Conflict, FieldError, InvalidInput, KubeOrchError, NotFound
from shared.ids import new_id
from shared.people import Person
from shared.updates import UpdateLog, topics
from shared.workflows.compile.checks import in_order
from shared.workflows.compile.crd_checks import extension_issues, has_extensions, not_checked
from shared.workflows.compile.manifests import Item, preview
from shared.workflows.drawing.graph import Graph, check_shape
from shared.workflows.drawing.issues import Issue
from shared.workflows.export import Exported, Format
from shared.workflows.export import export as write_export
from shared.workflows.kinds import TYPES
from shared.workflows.kinds.fields.base import CompileContext
from shared.workflows.models import (
    HeadChanges,
    ManifestItem,
    NewWorkflow,
    Preview,
    SecretKeys,
    Workflow,
    WorkflowHead,
    WorkflowStatus,
    slug_of,
)
from shared.workflows.secrets import SecretStore
from shared.workflows.store import LAST_CHANGED_FIRST, WorkflowStore
from shared.workflows.versions.store import VersionStore

FindCluster = Callable[[str], Owned | None]
"""Returns a cluster by its id, or None; whether the actor may see it is decided here."""


def get(actor: Actor, workflow_id: str, *, workflows: WorkflowStore, verb: Verb = Verb.SEE) -> Workflow:
    """
    Return a workflow the actor may do this with.

    :raises NotFound: there is none, or it may not be seen
    :raises Forbidden: the verb is missing
    """
    workflow = workflows.get(workflow_id)
    require(actor, verb, workflow, what="workflow")
    return workflow


def list_workflows(
    actor: Actor,
    *,
    workflows: WorkflowStore,
    text: str = "",
    status: WorkflowStatus | None = None,
    cluster_id: str | None = None,
    tag: str = "",
    sort: tuple[str, int] = LAST_CHANGED_FIRST,
    limit: int = 50,
    cursor: str | None = None,
) -> tuple[list[WorkflowHead], int, str | None]:
    """Return a page of the actor's own workflows, without their graphs."""
    require(actor, Verb.SEE, None, what="workflow")
    return workflows.list(
        owner_id=actor.user_id,
        text=text,
        status=status,
        cluster_id=cluster_id,
        tag=tag,
        sort=sort,
        limit=limit,
        cursor=cursor,
    )


def create(actor: Actor, wanted: NewWorkflow, *, workflows: WorkflowStore, find_cluster: FindCluster) -> Workflow:
    """
    Make a workflow, empty or with a graph.

    :raises InvalidInput: a graph that cannot be stored
    :raises NotFound: the cluster may not be seen
    """
    require(actor, Verb.CREATE, None, what="workflow")
    graph = Graph(nodes=wanted.nodes, edges=wanted.edges)
    check_shape(graph, TYPES)
    _check_cluster(actor, wanted.cluster_id, find_cluster)
    at = now()
    workflow = Workflow(
        id=new_id(),
        name=wanted.name,
        description=wanted.description,
        slug=slug_of(wanted.name),
        cluster_id=wanted.cluster_id,
        namespace=wanted.namespace,
        tags=wanted.tags,
        nodes=graph.nodes,
        edges=graph.edges,
        node_count=len(graph.nodes),
        owner_id=actor.user_id,
        saved_by=Person.of(actor),
        created_at=at,
        updated_at=at,
    )
    workflows.insert(workflow)
    return workflow


def save(
    actor: Actor, workflow_id: str, graph: Graph, *, revision: int, workflows: WorkflowStore, updates: UpdateLog
) -> Workflow:
    """
    Store a graph; nothing reaches a cluster, and mistakes inside the nodes do not matter yet.

    :param revision: the one the actor has edited
    :raises InvalidInput: the graph cannot be stored
    :raises Conflict: code ``revision-conflict`` or ``archived``
    """
    current = get(actor, workflow_id, workflows=workflows, verb=Verb.EDIT)
    check_editable(current)
    check_shape(graph, TYPES)
    saved = workflows.save_graph(workflow_id, graph, revision=revision, by=Person.of(actor))
    announce_saved(saved, actor, updates)
    return saved


def update(
    actor: Actor,
    workflow_id: str,
    changes: HeadChanges,
    *,
    revision: int,
    workflows: WorkflowStore,
    updates: UpdateLog,
    find_cluster: FindCluster,
) -> Workflow:
    """
    Change name, description, cluster, namespace or tags.

    :raises Conflict: code ``revision-conflict`` or ``archived``
    :raises NotFound: the cluster may not be seen
    """
    current = get(actor, workflow_id, workflows=workflows, verb=Verb.EDIT)
    check_editable(current)
    given = changes.given()
    if not given:
        raise InvalidInput("There is nothing to change.", code="nothing-to-change")
    _check_cluster(actor, given.get("cluster_id"), find_cluster)
    saved = workflows.update_head(workflow_id, given, revision=revision, by=Person.of(actor))
    announce_saved(saved, actor, updates)
    return saved


def clone(actor: Actor, workflow_id: str, name: str, *, workflows: WorkflowStore) -> Workflow:
    """Copy a workflow as a draft of the actor's own: the graph, never secret values, runs or versions."""
    original = get(actor, workflow_id, workflows=workflows)
    require(actor, Verb.CREATE, None, what="workflow")
    at = now()
    copy = Workflow(
        id=new_id(),
        name=name,
        description=original.description,
        slug=slug_of(name),
        cluster_id=original.cluster_id,
        namespace=original.namespace,
        tags=original.tags,
        nodes=original.nodes,
        edges=original.edges,
        node_count=original.node_count,
        owner_id=actor.user_id,
        saved_by=Person.of(actor),
        created_at=at,
        updated_at=at,
    )
    workflows.insert(copy)
    return copy


def check(
    actor: Actor,
    workflow_id: str,
    *,
    graph: Graph | None,
    workflows: WorkflowStore,
    find_cluster: Callable[[str], Cluster | None],
    facts: ClusterFacts,
) -> tuple[Issue, ...]:
    """
    Validate the stored graph, or the one in the browser; objects of extensions' kinds by the cluster's definitions.

    :raises InvalidInput: the graph could not even be stored
    """
    workflow = get(actor, workflow_id, workflows=workflows)
    drawn, context = _graph_and_context(actor, workflow, graph, find_cluster)
    compiled, issues = preview(drawn, context)
    cluster = find_cluster(workflow.cluster_id) if workflow.cluster_id else None
    if cluster is None or not may(actor, Verb.SEE, cluster) or not has_extensions(compiled.items):
        return issues
    return in_order([*issues, *_compared(drawn, compiled.items, cluster, facts)])


def _compared(graph: Graph, items: Sequence[Item], cluster: Cluster, facts: ClusterFacts) -> list[Issue]:
    """Compare objects of extensions' kinds with a cluster's definitions; one that cannot be asked is one doubt."""
    if cluster.status is ClusterStatus.UNREACHABLE:
        # whoever draws does not wait again for what the last check has waited for
        return [not_checked(cluster.status_reason or "The cluster does not answer.")]
    try:
        found, served = facts.crds(cluster), facts.served(cluster)
    except KubeOrchError as error:
        return [not_checked(error.message)]
    if found.reason and served is None:
        return [not_checked(found.reason)]
    return extension_issues(graph, items, found.items, served or ())


def manifests(
    actor: Actor,
    workflow_id: str,
    *,
    graph: Graph | None,
    workflows: WorkflowStore,
    find_cluster: FindCluster,
) -> Preview:
    """Return the manifests of the stored graph, or of the one in the browser, as far as they can be made."""
    workflow = get(actor, workflow_id, workflows=workflows)
    compiled, issues = preview(*_graph_and_context(actor, workflow, graph, find_cluster))
    items = [ManifestItem(wave=item.wave, node_id=item.node_id, manifest=item.manifest) for item in compiled.items]
    return Preview.of(items, issues, compiled.digest)


def export(
    actor: Actor,
    workflow_id: str,
    form: Format,
    *,
    version: int | None,
    workflows: WorkflowStore,
    versions: VersionStore,
    find_cluster: FindCluster,
) -> Exported:
    """
    Write the saved graph, or a version of it, in another form.

    :raises InvalidInput: code ``graph-invalid``
    :raises NotFound: there is no such version
    """
    workflow = get(actor, workflow_id, workflows=workflows)
    graph, namespace = workflow.graph, workflow.namespace
    if version is not None:
        found = versions.get(workflow.id, version)
        graph, namespace = found.graph, found.namespace
    _, context = _graph_and_context(actor, workflow, None, find_cluster)
    return write_export(graph, replace(context, namespace=namespace), form)


def _graph_and_context(
    actor: Actor, workflow: Workflow, graph: Graph | None, find_cluster: FindCluster
) -> tuple[Graph, CompileContext]:
    if graph is not None:
        check_shape(graph, TYPES)
    cluster = find_cluster(workflow.cluster_id) if workflow.cluster_id else None
    context = context_of(workflow, privileged=is_privileged(actor, cluster), mask_secrets=True)
    return (workflow.graph if graph is None else graph), context


def put_secrets(
    actor: Actor,
    workflow_id: str,
    node_id: str,
    values: Mapping[str, str | None],
    *,
    workflows: WorkflowStore,
    secrets: SecretStore,
) -> SecretKeys:
    """
    Write values of a secret node of the stored graph; None removes one.

    :return: which keys are set now, never a value
    :raises NotFound: there is no such secret node
    :raises InvalidInput: a key the node does not have
    """
    workflow = get(actor, workflow_id, workflows=workflows, verb=Verb.EDIT)
    names = secret_keys_of(workflow, node_id)
    unknown = [key for key in values if key not in names]
    if unknown:
        raise InvalidInput(
            f"The secret node has no key {unknown[0]}; save it with the key first.",
            code="unknown-key",
            fields=[FieldError(f"values.{key}", "is no key of this node") for key in unknown],
        )
    secrets.put(workflow_id, node_id, values, by=Person.of(actor))
    return secrets.keys(workflow_id, node_id, names)


def list_secrets(
    actor: Actor, workflow_id: str, node_id: str, *, workflows: WorkflowStore, secrets: SecretStore
) -> SecretKeys:
    """
    Return which keys of a secret node are set, since when and by whom.

    :raises NotFound: there is no such secret node
    """
    workflow = get(actor, workflow_id, workflows=workflows)
    return secrets.keys(workflow_id, node_id, secret_keys_of(workflow, node_id))


def secret_keys_of(workflow: Workflow, node_id: str) -> list[str]:
    """
    Return the keys a secret node of the graph lists.

    :raises NotFound: there is no such secret node
    """
    node = workflow.graph.by_id.get(node_id)
    if node is None or node.type != "secret":
        raise NotFound("There is no such secret node.")
    keys = node.data.get("keys")
    return [key for key in keys if isinstance(key, str)] if isinstance(keys, list) else []


def secret_nodes(graph: Graph) -> list[str]:
    """Return the ids of a graph's secret nodes."""
    return [node.id for node in graph.nodes if node.type == "secret"]


def context_of(
    workflow: WorkflowHead, *, privileged: bool, version: int = 0, mask_secrets: bool = False
) -> CompileContext:
    """Return the context in which a workflow's graph is read; a run adds the secret values."""
    return CompileContext(
        workflow_id=workflow.id,
        workflow_slug=workflow.slug,
        namespace=workflow.namespace,
        version=version,
        privileged=privileged,
        mask_secrets=mask_secrets,
    )


def is_privileged(actor: Actor, cluster: Owned | None) -> bool:
    """Whether the actor administers the cluster; a graph without a cluster is not held back while it is drawn."""
    return cluster is None or may(actor, Verb.PRIVILEGED, cluster)


def _check_cluster(actor: Actor, cluster_id: str | None, find_cluster: FindCluster) -> None:
    if cluster_id is None:
        return
    cluster = find_cluster(cluster_id)
    if cluster is None or not may(actor, Verb.SEE, cluster):
        raise NotFound(
            "There is no such cluster.",
            code="cluster-not-found",
            fields=[FieldError("cluster_id", "names no cluster you may see")],
        )


def check_editable(workflow: Workflow) -> None:
    """
    Return when a workflow's graph may change.

    :raises Conflict: code ``archived``
    """
    if workflow.status is WorkflowStatus.ARCHIVED:
        raise Conflict("The workflow is archived; unarchive it to change it.", code="archived")


def announce_saved(workflow: Workflow, actor: Actor, updates: UpdateLog) -> None:
    """Tell everybody who looks at a workflow that it was saved."""
    updates.publish(
        topics.workflow(workflow.id),
        "saved",
        {"revision": workflow.revision, "by": {"user_id": actor.user_id, "name": actor.name}},
    )
