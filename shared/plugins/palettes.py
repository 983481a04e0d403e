"""What one person may draw: the core types, those of the plugins they enabled, and those of a cluster's extensions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

import orjson

from shared.access import Actor, Verb, require
from shared.clusters.actions import Clusters
from shared.clusters.facts import ClusterFacts, Crds
from shared.platform import Platform
from shared.plugins.actions import Plugins
from shared.workflows.catalogue.core import node_types_json
from shared.workflows.catalogue.for_cluster import ClusterCatalogue, node_types_with
from shared.workflows.catalogue.plugin_presets import placed_on
from shared.workflows.store import WorkflowStore


class Palettes:
    """Palettes, each for one person and, where one is named, for one cluster."""

    def __init__(self, plugins: Plugins, clusters: Clusters, facts: ClusterFacts) -> None:
        self._plugins = plugins
        self._clusters = clusters
        self._facts = facts
        self._catalogue = ClusterCatalogue(facts)

    @classmethod
    def over(cls, platform: Platform, facts: ClusterFacts) -> Self:
        """Make it over a process' connections and what it knows of clusters."""
        return cls(Plugins.over(platform), Clusters.over(platform, WorkflowStore(platform.db)), facts)

    def node_types(self, actor: Actor, cluster_id: str | None = None, namespace: str | None = None) -> bytes:
        """
        Return all node types and wires, as JSON.

        A cluster that does not answer is no error: the availability of its types is unknown then.

        :param cluster_id: None for the types as they are everywhere
        :param namespace: None for that of the cluster's credentials
        :raises NotFound: the cluster may not be seen
        """
        require(actor, Verb.SEE, None)
        offers = self._plugins.offers(actor)
        if cluster_id is None and not offers:
            return node_types_json()
        if cluster_id is None:
            found = node_types_with(offers)
        else:
            cluster = self._clusters.get(actor, cluster_id)
            found = self._catalogue.node_types(cluster, namespace or cluster.namespace, offers)
        return orjson.dumps(found.model_dump(by_alias=True))

    def crds(self, actor: Actor, cluster_id: str) -> tuple[Crds, Mapping[str, str]]:
        """
        Return the kinds that extensions have brought to a cluster.

        :return: they, and the node types of plugins by those of definitions for which they stand
        :raises NotFound: the cluster may not be seen
        :raises KubeOrchError: the cluster does not answer or refuses all of it
        """
        crds = self._facts.crds(self._clusters.get(actor, cluster_id))
        placed = placed_on(self._plugins.offers(actor), crds.items, None)
        return crds, {one.twin: one.item.type for one in placed if one.twin}
