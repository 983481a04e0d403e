"""Graphs of these tests."""

from __future__ import annotations

from typing import Any

from shared.workflows.drawing.graph import Graph, Position
from tests.fixtures.workflows.helpers import graph, node, web, wire
from tests.support.kube import Kube

LABEL = "kubeorch.test"


def shop(**more: Any) -> Graph:
    """Return a deployment with its service and its configuration, drawn at places of their own."""
    made = graph(
        node("front", "service", ports=[{"name": "http", "port": 80, "target_port": "http"}]),
        web(ports=[{"name": "http", "container_port": 8080}], **more),
        node("config", "configmap", data={"GREETING": "hello"}),
        wire("front", "web", "service-selects"),
        wire("config", "web", "config-env"),
    )
    places = {"front": 80.0, "web": 440.0, "config": 800.0}
    placed = [item.model_copy(update={"position": Position(x=places[item.id], y=160)}) for item in made.nodes]
    return Graph(nodes=placed, edges=made.edges)


def held_back(name: str) -> Graph:
    """Return the shop with pods that no machine takes until one is labelled."""
    return shop(node_selector={f"{LABEL}/{name}": "true"})


def let_go(kube: Kube, name: str) -> None:
    """Label a machine, so that the pods that are held back start."""
    machine = kube.get("nodes")["items"][0]["metadata"]["name"]
    kube.run("label", "node", machine, f"{LABEL}/{name}=true", "--overwrite")
