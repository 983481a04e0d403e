"""Previews of a workflow before any cluster is touched: its mistakes, its manifests, its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Self

from shared.access import Actor
from shared.clusters.actions import Clusters
from shared.clusters.facts import ClusterFacts
from shared.clusters.models import Cluster, ClusterStatus
from shared.errors import KubeOrchError
from shared.platform import Platform
from shared.workflows.actions import Workflows
from shared.workflows.compile.checks import in_order
from shared.workflows.compile.crd_checks import extension_issues, has_extensions, not_checked
from shared.workflows.compile.manifests import Compiled, Item, preview
from shared.workflows.compile.wire_effects import effects
from shared.workflows.drawing.graph import Graph, check_shape
from shared.workflows.drawing.issues import Issue
from shared.workflows.export import Exported, Format
from shared.workflows.export import export as write_export
from shared.workflows.kinds import TYPES
from shared.workflows.kinds.fields.base import CompileContext
from shared.workflows.models import ManifestItem, Preview, Workflow
from shared.workflows.store import WorkflowStore
from shared.workflows.versions.store import VersionStore


class Previews:
    """
    Previews of stored graphs, and of graphs that are in a browser only.

    :param facts: tells what extensions a cluster serves
    """

    def __init__(self, workflows: Workflows, versions: VersionStore, clusters: Clusters, facts: ClusterFacts) -> None:
        self._workflows = workflows
        self._versions = versions
        self._clusters = clusters
        self._facts = facts

    @classmethod
    def over(cls, platform: Platform, facts: ClusterFacts) -> Self:
        """Make it over a process' connections and its facts of clusters."""
        clusters = Clusters.over(platform, WorkflowStore(platform.db))
        return cls(Workflows.over(platform), VersionStore(platform.db), clusters, facts)

    def validate(self, actor: Actor, workflow_id: str, graph: Graph | None = None) -> tuple[Issue, ...]:
        """
        Return the mistakes in a graph; objects of extensions' kinds are compared with the cluster's definitions.

        :param graph: None for the stored one
        :raises InvalidInput: the graph could not even be stored
        """
        workflow = self._workflows.get(actor, workflow_id)
        drawn = _drawn(workflow, graph)
        compiled, issues = self._compile(actor, workflow, drawn)
        cluster = self._clusters.find(actor, workflow.cluster_id)
        if cluster is None or not has_extensions(compiled.items):
            return issues
        return in_order([*issues, *self._compared(drawn, compiled.items, cluster)])

    def manifests(
        self, actor: Actor, workflow_id: str, graph: Graph | None = None, wires: Sequence[str] = ()
    ) -> Preview:
        """
        Return a graph's manifests, as far as they can be made, and what some of its wires write into them.

        :param graph: None for the stored one
        :param wires: ids of edges
        :raises InvalidInput: the graph could not even be stored, or has no such wire (code ``wire-unknown``)
        """
        workflow = self._workflows.get(actor, workflow_id)
        drawn, context = _drawn(workflow, graph), self._context(actor, workflow)
        written = effects(drawn, wires, context) if wires else []
        compiled, issues = preview(drawn, context)
        items = [ManifestItem(wave=item.wave, node_id=item.node_id, manifest=item.manifest) for item in compiled.items]
        return Preview(items=items, issues=list(issues), digest=compiled.digest, effects=written)

    def export(self, actor: Actor, workflow_id: str, form: Format, *, version: int | None = None) -> Exported:
        """
        Write the saved graph, or a version of it, in another form.

        :raises InvalidInput: code ``graph-invalid``
        :raises NotFound: there is no such version
        """
        workflow = self._workflows.get(actor, workflow_id)
        kept = self._versions.get(workflow.id, version) if version is not None else workflow
        context = replace(self._context(actor, workflow), namespace=kept.namespace)
        return write_export(kept.graph, context, form)

    def _compile(self, actor: Actor, workflow: Workflow, graph: Graph) -> tuple[Compiled, tuple[Issue, ...]]:
        return preview(graph, self._context(actor, workflow))

    def _context(self, actor: Actor, workflow: Workflow) -> CompileContext:
        return workflow.compile_context(privileged=self._clusters.is_privileged_on(actor, workflow.cluster_id))

    def _compared(self, graph: Graph, items: Sequence[Item], cluster: Cluster) -> list[Issue]:
        """Compare objects of extensions' kinds with a cluster's definitions; one that cannot be asked is one doubt."""
        if cluster.status is ClusterStatus.UNREACHABLE:
            # whoever draws does not wait again for what the last check has waited for
            return [not_checked(cluster.status_reason or "The cluster does not answer.")]
        try:
            crds, served = self._facts.crds(cluster), self._facts.served(cluster)
        except KubeOrchError as error:
            return [not_checked(error.message)]
        if crds.reason and served is None:
            return [not_checked(crds.reason)]
        return extension_issues(graph, items, crds.items, served or ())


def _drawn(workflow: Workflow, graph: Graph | None) -> Graph:
    """
    Return the graph that is meant.

    :raises InvalidInput: it could not even be stored
    """
    if graph is None:
        return workflow.graph
    check_shape(graph, TYPES)
    return graph
