"""The workflow every new account finds: a web server, its configuration and its address."""

from __future__ import annotations

from shared.people import Person
from shared.workflows.drawing.graph import Edge, Graph, Node, Position
from shared.workflows.models import Workflow

NAME = "starter"
NAMESPACE = "starter"
IMAGE = "localhost/kubeorch-starter:1"
PORT = 8080


def starter_graph() -> Graph:
    """Return the graph: a service in front of a deployment that reads its greeting from a config map."""
    probe = {"type": "http", "path": "/healthz", "port": "http", "period_seconds": 2}
    deployment = {
        "name": "starter",
        "image": IMAGE,
        "image_pull_policy": "IfNotPresent",
        "replicas": 1,
        "ports": [{"name": "http", "container_port": PORT}],
        "readiness_probe": probe,
        "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"memory": "64Mi"}},
    }
    config = {"name": "starter-config", "data": {"GREETING": "Hello from KubeOrch"}}
    service = {"name": "starter", "type": "ClusterIP", "ports": [{"name": "http", "port": 80, "target_port": "http"}]}
    return Graph(
        nodes=[
            Node(id="service", type="service", position=Position(x=80, y=160), data=service),
            Node(id="web", type="deployment", position=Position(x=440, y=160), data=deployment),
            Node(id="config", type="configmap", position=Position(x=800, y=160), data=config),
        ],
        edges=[
            Edge(id="service-web", source="service", target="web", data={"rule": "service-selects"}),
            Edge(id="config-web", source="config", target="web", data={"rule": "config-env"}),
        ],
    )


def starter(owner: Person, cluster_id: str | None = None) -> Workflow:
    """
    Return an account's starter workflow, stored nowhere yet.

    :param cluster_id: the cluster it will run on; None when the account has none yet
    """
    return Workflow.new(
        NAME,
        starter_graph(),
        owner=owner,
        description="A small web server with its configuration and address. Press Run to see it come alive.",
        cluster_id=cluster_id,
        namespace=NAMESPACE,
    )
