"""
Nodes that are played by kwok: pods become Ready, nothing runs; no root, no container runtime.

The control plane is real, so everything but logs, exec and traffic behaves as on any cluster.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deploy.local.cluster.api import Api
from deploy.local.cluster.control_plane import Certificates, ControlPlane
from deploy.local.go import SOURCES
from deploy.local.process import wait_until

READY_SECONDS = 60.0
STAGES = SOURCES / "kwok" / "stages.yaml"
POD_NETWORK = "10.128.0.0/16"


def node_manifest(number: int) -> dict[str, Any]:
    """Return one simulated machine; the label and the annotation are kwok's own marks."""
    name = f"simulated-{number}"
    resources = {"cpu": "8", "memory": "32Gi", "ephemeral-storage": "100Gi", "pods": "250"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "annotations": {"kwok.x-k8s.io/node": "fake"},
            "labels": {
                "type": "kwok",
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "kubernetes.io/arch": "amd64",
            },
        },
        "status": {"allocatable": resources, "capacity": resources},
    }


def kwok_flags(config: Path, port: int) -> list[str]:
    """Return kwok's arguments."""
    return [
        f"--kubeconfig={config}",
        "--manage-all-nodes=true",
        f"--cidr={POD_NETWORK}",
        f"--server-address=127.0.0.1:{port}",
        f"--config={STAGES}",
        "--node-lease-duration-seconds=40",
    ]


def ready_nodes(api: Api) -> list[str]:
    """Return the names of the nodes that are Ready."""
    listing = api.get("/api/v1/nodes") or {"items": []}
    return [
        node["metadata"]["name"]
        for node in listing["items"]
        for condition in node.get("status", {}).get("conditions", [])
        if condition["type"] == "Ready" and condition["status"] == "True"
    ]


def keep_only_nodes(api: Api, names: set[str]) -> None:
    """Remove the nodes that an earlier start of another kind or size left behind."""
    for node in (api.get("/api/v1/nodes") or {"items": []})["items"]:
        if node["metadata"]["name"] not in names:
            api.delete(f"/api/v1/nodes/{node['metadata']['name']}")


def start(plane: ControlPlane, certificates: Certificates, api: Api, kwok: Path, nodes: int) -> None:
    """Start kwok and make the nodes; return when all are Ready."""
    wanted = [node_manifest(number) for number in range(1, nodes + 1)]
    names = {node["metadata"]["name"] for node in wanted}
    keep_only_nodes(api, names)
    config = plane.write_kubeconfig("kwok", certificates, certificates.admin)
    program = plane.launch_other("kwok", [kwok, *kwok_flags(config, plane.free_port())])
    for node in wanted:
        api.apply(f"/api/v1/nodes/{node['metadata']['name']}", node)
    wait_until(lambda: names <= set(ready_nodes(api)), program, "the simulated nodes", READY_SECONDS, every=0.2)
