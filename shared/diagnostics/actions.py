"""Actions of people: diagnose a node, preview a fix that was offered, apply exactly that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from shared.access import Actor, Verb, may, no_such, owner_may, require
from shared.clock import now, rfc3339
from shared.clusters.actions import Clusters
from shared.clusters.clients import Clients
from shared.clusters.models import Cluster
from shared.diagnostics import fixes
from shared.diagnostics.diagnose import diagnose, fixes_of
from shared.diagnostics.gather import AT_ONCE, gather, restart
from shared.diagnostics.models import About, Check, Diagnosis, Fix, Fixed, FixPreview, FixTarget, worst
from shared.diagnostics.scene import Scene
from shared.errors import ClusterRefused, Conflict, InvalidInput, KubeOrchError, NotFound
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.objects import ObjectRef, ref_of
from shared.owned.models import OwnedObject
from shared.owned.store import OwnedStore
from shared.planning.dry_run import plan_on
from shared.planning.items import PlanItem, items_of
from shared.planning.prune import Decision
from shared.planning.survey import key_of
from shared.workflows.actions import Workflows
from shared.workflows.compile.manifests import CompileContext, Item, preview
from shared.workflows.drawing.graph import Graph, Node
from shared.workflows.kinds import KINDS
from shared.workflows.models import Workflow
from shared.workflows.secrets import SecretStore

CLUSTER = About("cluster", "The cluster answers")
NOTHING = Decision((), (), ())
_REMEDIES = {
    "dns": "Check the name of the cluster's server, or use its IP address.",
    "connect": "Check that the API server runs, its address and port, and that a firewall lets this machine through.",
    "timeout": "Check that the API server is well, and that a firewall lets this machine through.",
    "network": "Check the network between this machine and the API server, then look again.",
    "tls": "Add the cluster's CA certificate, or set the TLS server name.",
    "cluster-unauthorized": "Enter new credentials for the cluster.",
    "needs-reentry": "Enter the cluster's credentials again.",
    "cluster-throttled": "Look again in a moment.",
}


@dataclass(frozen=True)
class Case:
    """
    One node of a workflow on its cluster, before the cluster was looked at.

    :param owned: what the whole workflow has on the cluster
    """

    workflow: Workflow
    cluster: Cluster
    context: CompileContext
    scene: Scene
    owned: tuple[OwnedObject, ...]

    @property
    def node(self) -> Node:
        """The node."""
        return self.scene.node


class Diagnostics:
    """Diagnoses of nodes, and the fixes that they offer."""

    def __init__(
        self,
        workflows: Workflows,
        clusters: Clusters,
        secrets: SecretStore,
        owned: OwnedStore,
        clients: Clients,
    ) -> None:
        self._workflows = workflows
        self._clusters = clusters
        self._secrets = secrets
        self._owned = owned
        self._clients = clients

    def diagnose(self, actor: Actor, workflow_id: str, node_id: str) -> Diagnosis:
        """
        Look at a node and everything around it; a cluster that does not answer is a finding, no error.

        :raises NotFound: there is no such workflow, node or cluster, or it may not be seen
        :raises InvalidInput: code ``no-cluster``, or ``nothing-to-diagnose`` for a drawing
        """
        case = self._case(actor, workflow_id, node_id, Verb.SEE)
        try:
            _, checks = self._read_and_check(actor, case)
        except KubeOrchError as error:
            checks = [_silent(case.cluster, error)]
        return Diagnosis(
            workflow_id=case.workflow.id,
            node_id=node_id,
            type=case.node.type,
            name=str(case.node.data.get("name") or ""),
            namespace=case.scene.namespace,
            cluster_id=case.cluster.id,
            state=worst(checks),
            checks=checks,
            revision=case.workflow.revision,
            checked_at=now(),
        )

    def preview_fix(self, actor: Actor, workflow_id: str, node_id: str, fix_type: str) -> FixPreview:
        """
        Preview a fix: the fields of the graph that it changes, and by a dry run the objects that the next run would.

        :raises InvalidInput: code ``fix-not-offered``: the diagnosis does not offer it (any more)
        :raises TemporaryError: the cluster does not answer
        """
        case = self._case(actor, workflow_id, node_id, Verb.SEE)
        client, checks = self._read_and_check(actor, case)
        return _preview(case, _offered(checks, fix_type), client)

    def apply_fix(self, actor: Actor, workflow_id: str, node_id: str, fix_type: str, digest: str) -> Fixed:
        """
        Apply a fix as its preview has shown it, and nothing else.

        :param digest: of the preview
        :raises InvalidInput: code ``fix-not-offered``
        :raises Conflict: code ``fix-changed``: graph or cluster are not what they were; ``revision-conflict``
        """
        case = self._case(actor, workflow_id, node_id, Verb.OPERATE)
        client, checks = self._read_and_check(actor, case)
        fix = _offered(checks, fix_type)
        shown = _preview(case, fix, client)
        if shown.digest != digest:
            raise _moved(shown)
        if fix.how == "cluster":
            require(actor, Verb.OPERATE, case.cluster, what="cluster")
            done = [_act(client, fix, target, shown) for target in fix.objects]
            following: Literal["run", "wait"] = "run" if fix.type == "delete-job" else "wait"
            return Fixed(type=fix.type, revision=case.workflow.revision, done=done, next=following)
        require(actor, Verb.EDIT, case.workflow, what="workflow")
        graph = fixes.changed(case.scene.graph, node_id, fix)
        saved = self._workflows.save(actor, workflow_id, graph, revision=case.workflow.revision)
        return Fixed(type=fix.type, revision=saved.revision, done=[f"{fix.title}: saved."], next="run")

    def _case(self, actor: Actor, workflow_id: str, node_id: str, verb: Verb) -> Case:
        workflow = self._workflows.get(actor, workflow_id, verb)
        node = node_of(workflow.graph, node_id)
        cluster = self._cluster(actor, workflow)
        context = replace(
            workflow.compile_context(privileged=owner_may(workflow, Verb.PRIVILEGED, cluster)),
            secret_versions=self._secrets.current_versions(workflow.id, workflow.graph.secret_node_ids),
        )
        owned = [item for item in self._owned.of_workflow(workflow.id) if item.cluster_id == cluster.id]
        return case_of(workflow, node, cluster, context, owned)

    def _cluster(self, actor: Actor, workflow: Workflow) -> Cluster:
        if workflow.cluster_id is None:
            raise InvalidInput("Choose a cluster for this workflow first.", code="no-cluster")
        cluster = self._clusters.find(actor, workflow.cluster_id)
        if cluster is None:
            raise no_such("cluster")
        return cluster

    def _read_and_check(self, actor: Actor, case: Case) -> tuple[ClusterClient, list[Check]]:
        client = self._clients.client_for(case.cluster)
        scene = gather(client, case.scene, with_logs=may(actor, Verb.OPERATE, case.workflow))
        return client, diagnose(scene)


# -- reading --------------------------------------------------------------------------------------------------------


def node_of(graph: Graph, node_id: str) -> Node:
    """
    Return a node that can be diagnosed.

    :raises NotFound: there is no such node
    :raises InvalidInput: code ``nothing-to-diagnose``: it is a drawing
    """
    node = graph.by_id.get(node_id)
    if node is None:
        raise NotFound("There is no such node.", code="node-not-found")
    if node.is_drawing:
        raise InvalidInput("Notes and groups are drawings; there is nothing to diagnose.", code="nothing-to-diagnose")
    return node


def case_of(
    workflow: Workflow, node: Node, cluster: Cluster, context: CompileContext, owned: list[OwnedObject]
) -> Case:
    """Return a node with its graph, its manifests and its entries in the inventory, before the cluster is read."""
    compiled, issues = preview(workflow.graph, context)
    own = _own_first(node, [item for item in compiled.items if item.node_id == node.id])
    scene = Scene(
        workflow_id=workflow.id,
        node=node,
        graph=workflow.graph,
        expected=tuple(item.manifest for item in own),
        issues=tuple(issue for issue in issues if issue.is_error and issue.node_id == node.id),
        recorded=tuple(item.ref for item in owned if item.node_id == node.id),
        unapplied=tuple(_unapplied(own, owned)),
    )
    return Case(workflow, cluster, context, scene, tuple(owned))


def _own_first(node: Node, items: list[Item]) -> list[Item]:
    """Return the objects of the node, that of its own kind before those that it makes beside it."""
    kind = KINDS[node.type].kind if node.type in KINDS else ""
    return sorted(items, key=lambda item: item.manifest["kind"] != kind)


def _unapplied(items: list[Item], entries: list[OwnedObject]) -> list[str]:
    """Return the names of objects whose manifest is another one than the last run has applied."""
    applied = {key_of(entry.ref): entry.digest for entry in entries}
    refs = [(ref_of(item.manifest), item.digest) for item in items]
    return [str(ref) for ref, digest in refs if applied.get(key_of(ref)) not in (None, "", digest)]


def _silent(cluster: Cluster, error: KubeOrchError) -> Check:
    """Return the check of a cluster that could not be asked, with a remedy."""
    word = str(error.details.get("reason", "")) or error.code
    remedy = _REMEDIES.get(word, "Test the cluster's connection; its checks say more.")
    return CLUSTER.fail(
        f"{cluster.name}: {error.message}", remedy, [f"cluster {cluster.name}: server = {cluster.server}"]
    )


# -- fixing ---------------------------------------------------------------------------------------------------------


def _offered(checks: list[Check], fix_type: str) -> Fix:
    offered = fixes_of(checks)
    if fix_type not in offered:
        offers = ", ".join(sorted(offered)) or "none"
        raise InvalidInput(
            f"The diagnosis does not offer this fix (any more); it offers: {offers}.",
            code="fix-not-offered",
            details={"offered": sorted(offered)},
        )
    return offered[fix_type]


def _preview(case: Case, fix: Fix, client: ClusterClient) -> FixPreview:
    if fix.how == "cluster":
        acts = [_sentence(fix, target) for target in fix.objects]
        digest = fixes.digest_of(fix, 0, [])
        return FixPreview(fix=fix, digest=digest, revision=case.workflow.revision, graph=[], objects=[], acts=acts)
    before = case.scene.graph
    after = fixes.changed(before, case.node.id, fix)
    objects = _dry_run(case, after, client)
    return FixPreview(
        fix=fix,
        digest=fixes.digest_of(fix, case.workflow.revision, objects),
        revision=case.workflow.revision,
        graph=fixes.differences(before, after),
        objects=objects,
        acts=[],
    )


def _sentence(fix: Fix, target: FixTarget) -> str:
    name = ObjectRef(target.api_version, target.kind, target.namespace, target.name)
    return f"Replace the pods of {name}." if fix.type == "restart-rollout" else f"Delete {name}."


def _dry_run(case: Case, after: Graph, client: ClusterClient) -> list[PlanItem]:
    """
    Dry-run on the cluster the next run of the node's objects.

    :raises InvalidInput: code ``fix-not-right``: the node would have a mistake, or other nodes would change too
    """
    compiled, issues = preview(after, case.context)
    mistake = next((issue for issue in issues if issue.is_error and issue.node_id == case.node.id), None)
    if mistake is not None:
        raise InvalidInput(f"With this fix the node would have a mistake: {mistake.message}", code="fix-not-right")
    unfixed, _ = preview(case.scene.graph, case.context)
    others = _digests(unfixed.items, case.node.id) ^ _digests(compiled.items, case.node.id)
    if others:
        names = ", ".join(sorted({node_id for node_id, _, _ in others}))
        raise InvalidInput(f"This fix would also change other nodes: {names}.", code="fix-not-right")
    items = tuple(item for item in compiled.items if item.node_id == case.node.id)
    owned = [item for item in case.owned if item.node_id == case.node.id]
    plan, _ = plan_on(client, case.workflow.id, items, owned, at_once=AT_ONCE)
    return [item.public() for item in items_of("", plan, NOTHING)]


def _digests(items: tuple[Item, ...], without: str) -> set[tuple[str, str, str]]:
    return {(item.node_id, str(ref_of(item.manifest)), item.digest) for item in items if item.node_id != without}


def _act(client: ClusterClient, fix: Fix, target: FixTarget, shown: FixPreview) -> str:
    ref = ObjectRef(target.api_version, target.kind, target.namespace, target.name)
    try:
        if fix.type == "restart-rollout":
            restart(client, ref, target.uid, rfc3339(now()))
        elif not client.delete(ref, uid=target.uid, propagation="Background"):
            raise _moved(shown)
    except ClusterRefused as error:
        if error.code == "cluster-conflict":
            raise _moved(shown) from error
        raise
    return f"Replaced the pods of {ref}." if fix.type == "restart-rollout" else f"Deleted {ref}."


def _moved(shown: FixPreview) -> Conflict:
    return Conflict(
        "The graph or the cluster has changed since the fix was shown. Look at it again.",
        code="fix-changed",
        details={"digest": shown.digest},
    )
