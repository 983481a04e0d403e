"""Clusters."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from shared.clusters.models import ClusterHead, ConnectionTest, NewCluster
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
    find=lambda found, cluster_id: found.stores.clusters.get(cluster_id),
    snapshot=lambda _, cluster: {"cluster": dump(cluster.head())},
)


@api.get("", responses={200: ClusterPage, **problems()}, summary="List clusters")
def list_clusters(query: PageQuery) -> dict[str, Any]:
    """Return one's own clusters by name."""
    items, total, following = services().clusters.list(actor(), limit=query.limit, cursor=query.cursor)
    return dump(ClusterPage(items=[item.head() for item in items], total=total, next_cursor=following))


@api.post("", responses={201: ClusterHead, **problems(409)}, summary="Connect a cluster")
def connect(body: NewCluster) -> Response:
    """Test and store a cluster."""
    cluster = services().clusters.connect(actor(), body)
    note("cluster.connect", f"cluster:{cluster.id}")
    response = jsonify(dump(cluster.head()))
    response.status_code = 201
    response.headers["Location"] = f"/v1/api/clusters/{cluster.id}"
    return response


@api.post("/test", responses={200: ConnectionTest, **problems()}, summary="Try a connection without saving it")
def test(body: NewCluster) -> dict[str, Any]:
    """Try a connection; the answer has the checks that passed and those that did not."""
    return dump(services().clusters.test(actor(), body))


@api.get("/<cluster_id>", responses={200: ClusterHead, **problems()}, summary="One cluster")
def get_cluster(path: ClusterPath) -> dict[str, Any]:
    """Return a cluster without its credentials."""
    return dump(services().clusters.get(actor(), path.cluster_id).head())


@api.put("/<cluster_id>/default", responses={200: ClusterHead, **problems()}, summary="Make it the default")
def set_default(path: ClusterPath) -> dict[str, Any]:
    """Make a cluster the one that new workflows get."""
    cluster = services().clusters.set_default(actor(), path.cluster_id)
    note("cluster.default", f"cluster:{cluster.id}")
    return dump(cluster.head())


@api.post("/<cluster_id>/refresh", responses={200: ClusterHead, **problems()}, summary="Check its health now")
def refresh(path: ClusterPath) -> dict[str, Any]:
    """Check a cluster's health now."""
    return dump(services().clusters.refresh(actor(), path.cluster_id).head())


@api.delete("/<cluster_id>", responses={204: None, **problems(403, 409)}, summary="Disconnect a cluster")
def delete(path: ClusterPath) -> Response:
    """Forget a cluster; what runs on it goes on running."""
    services().clusters.disconnect(actor(), path.cluster_id)
    note("cluster.delete", f"cluster:{path.cluster_id}")
    return Response(status=204)
