"""Clusters."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from shared.access import Verb, require
from shared.clusters import actions
from shared.clusters.models import Cluster, ClusterHead, ConnectionTest, NewCluster
from shared.errors import Conflict, TemporaryError
from shared.queues import TaskName
from shared.storage.paging import Page
from web.api.answers import problems
from web.api.common import SIGNED_IN, PageQuery
from web.api.paths import ClusterPath
from web.live.topics import register
from web.services import actor, dump, note, services

api = APIBlueprint(
    "clusters", __name__, url_prefix="/v1/api/clusters", abp_tags=[Tag(name="clusters")], abp_security=SIGNED_IN
)


class ClusterPage(Page[ClusterHead]):
    """A page of clusters."""


register(
    "cluster",
    find=lambda found, cluster_id: found.clusters.get(cluster_id),
    snapshot=lambda _, cluster: {"cluster": dump(cluster.head())},
)


def _get(cluster_id: str, verb: Verb) -> Cluster:
    cluster = services().clusters.get(cluster_id)
    require(actor(), verb, cluster, what="cluster")
    return cluster


@api.get("", responses={200: ClusterPage, **problems()}, summary="List clusters")
def list_clusters(query: PageQuery) -> dict[str, Any]:
    """Return one's own clusters by name."""
    require(actor(), Verb.SEE, None)
    found, total, following = services().clusters.list_for(actor().user_id, limit=query.limit, cursor=query.cursor)
    return dump(ClusterPage(items=[item.head() for item in found], total=total, next_cursor=following))


@api.post("", responses={201: ClusterHead, **problems(409)}, summary="Connect a cluster")
def connect(body: NewCluster) -> Response:
    """Test and store a cluster."""
    found = services()
    require(actor(), Verb.CREATE, None, what="cluster")
    cluster = actions.connect(
        body,
        owner_id=actor().user_id,
        clusters=found.clusters,
        keyring=found.platform.keyring,
        settings=found.settings.clusters,
    )
    note("cluster.connect", f"cluster:{cluster.id}")
    _watch_soon(cluster.id)
    response = jsonify(dump(cluster.head()))
    response.status_code = 201
    response.headers["Location"] = f"/v1/api/clusters/{cluster.id}"
    return response


def _watch_soon(cluster_id: str) -> None:
    queue = services().platform.queue
    with suppress(TemporaryError):
        # the cluster is stored: when the queue does not answer now, beat sends both within a minute
        queue.enqueue(TaskName.CLUSTERS_CHECK, cluster_id, expires=60)
        queue.enqueue(TaskName.CLUSTERS_WATCH, cluster_id, expires=60)


@api.post("/test", responses={200: ConnectionTest, **problems()}, summary="Try a connection without saving it")
def test(body: NewCluster) -> dict[str, Any]:
    """Try a connection and say what passed and what did not."""
    require(actor(), Verb.CREATE, None, what="cluster")
    return dump(actions.test(body, services().settings.clusters))


@api.get("/<cluster_id>", responses={200: ClusterHead, **problems()}, summary="One cluster")
def get_cluster(path: ClusterPath) -> dict[str, Any]:
    """Return a cluster without its credentials."""
    return dump(_get(path.cluster_id, Verb.SEE).head())


@api.put("/<cluster_id>/default", responses={200: ClusterHead, **problems()}, summary="Make it the default")
def set_default(path: ClusterPath) -> dict[str, Any]:
    """Make a cluster the one that new workflows get."""
    cluster = _get(path.cluster_id, Verb.EDIT)
    services().clusters.set_default(cluster.owner_id, cluster.id)
    note("cluster.default", f"cluster:{cluster.id}")
    return dump(services().clusters.get(cluster.id).head())


@api.post("/<cluster_id>/refresh", responses={200: ClusterHead, **problems()}, summary="Check its health now")
def refresh(path: ClusterPath) -> dict[str, Any]:
    """Check a cluster's health now."""
    found, cluster = services(), _get(path.cluster_id, Verb.OPERATE)
    actions.check_health(
        cluster.id,
        clusters=found.clusters,
        keyring=found.platform.keyring,
        settings=found.settings.clusters,
        updates=found.platform.updates,
    )
    return dump(found.clusters.get(cluster.id).head())


@api.delete("/<cluster_id>", responses={204: None, **problems(403, 409)}, summary="Disconnect a cluster")
def delete(path: ClusterPath) -> Response:
    """Forget a cluster; what runs on it goes on running."""
    found, cluster = services(), _get(path.cluster_id, Verb.DELETE)
    users = [item for item in found.stores.workflows.on_cluster(cluster.id) if item.active_run_id]
    if users:
        raise Conflict(
            f"A run of the workflow {users[0].name} is at work on this cluster. Cancel it first.",
            code="cluster-busy",
            details={"workflow_id": users[0].id},
        )
    found.clusters.delete(cluster.id)
    note("cluster.delete", f"cluster:{cluster.id}")
    return Response(status=204)
