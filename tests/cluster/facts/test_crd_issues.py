"""What is called wrong without asking, against the API server that is asked: it is never called wrong alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from shared.clusters.facts import ClusterFacts
from shared.clusters.models import Cluster
from shared.errors import ClusterRefused
from shared.kubernetes.client import ClusterClient
from shared.workflows.compile.crd_checks import extension_issues
from shared.workflows.compile.manifests import preview
from shared.workflows.drawing.graph import Graph, Node
from tests.cluster.facts.conftest import extension
from tests.fixtures.workflows.crds import DATABASE_FAULTS, DATABASE_RIGHT, DATABASE_SPEC, changed
from tests.fixtures.workflows.helpers import CONTEXT
from tests.support.kube import Kube


@pytest.fixture(scope="module")
def group(simulated_kube: Kube) -> Iterator[str]:
    """One extension for all: controllers of the cluster look about anew whenever kinds come or go."""
    with extension(simulated_kube) as name:
        yield name


def drawn(group: str, changes: dict[str, Any], **more: Any) -> Graph:
    data = {"name": "db", "api_version": f"{group}/v1", "kind": "Database", "spec": changed(DATABASE_SPEC, changes)}
    return Graph(nodes=[Node(id="db", type="custom-resource", data={**data, **more})], edges=[])


def both(
    graph: Graph, client: ClusterClient, cluster: Cluster, facts: ClusterFacts, namespace: str
) -> tuple[list[str], str]:
    """Return what we call wrong, and what the API server says to a strict dry run."""
    context = replace(CONTEXT, namespace=namespace, privileged=True)
    compiled, issues = preview(graph, context)
    assert issues == ()
    ours = [issue.message for issue in extension_issues(graph, compiled.items, facts.crds(cluster).items)]
    try:
        client.apply(compiled.items[0].manifest, dry_run=True)
    except ClusterRefused as error:
        return ours, error.message
    return ours, ""


@pytest.mark.parametrize("name", DATABASE_FAULTS)
def test_the_api_server_refuses_what_is_called_wrong(
    name: str, client: ClusterClient, admin: Cluster, facts: ClusterFacts, group: str, namespace: str
) -> None:
    ours, theirs = both(drawn(group, DATABASE_FAULTS[name][0]), client, admin, facts, namespace)
    assert ours
    assert theirs, ours


@pytest.mark.parametrize("name", DATABASE_RIGHT)
def test_what_the_api_server_takes_is_not_called_wrong(
    name: str, client: ClusterClient, admin: Cluster, facts: ClusterFacts, group: str, namespace: str
) -> None:
    ours, theirs = both(drawn(group, DATABASE_RIGHT[name]), client, admin, facts, namespace)
    assert (ours, theirs) == ([], "")
