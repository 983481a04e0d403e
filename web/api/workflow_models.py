"""Input of the routes of workflows, and their answers beside a workflow."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.storage.paging import Page
from shared.watching.store import PublicNodeStatus
from shared.workflows.drawing.graph import Edge, Graph, GraphId, Node
from shared.workflows.drawing.issues import Issue
from shared.workflows.export import Format
from shared.workflows.export.plain import read_back
from shared.workflows.models import (
    DEFAULT_NAMESPACE,
    Namespace,
    NewWorkflow,
    Preview,
    WorkflowItem,
    WorkflowName,
    WorkflowStatus,
)
from shared.workflows.store import WorkflowFilter
from web.api.answers import Whole, content
from web.api.common import OptionalBody, PageQuery
from web.api.paths import Number

MOST_WIRES = 20
"""Wires that one preview tells the effects of."""


class ListQuery(PageQuery):
    """Filters of the list."""

    q: str = Field("", max_length=100)
    status: WorkflowStatus | None = None
    cluster_id: str | None = Field(None, max_length=64)
    tag: str = Field("", max_length=40)
    sort: Literal["updated_at", "-updated_at", "created_at", "-created_at", "name", "-name"] = "-updated_at"

    def wanted(self) -> WorkflowFilter:
        """Return the filter of the workflows that are wanted."""
        return WorkflowFilter(text=self.q, status=self.status, cluster_id=self.cluster_id, tag=self.tag)

    def order(self) -> tuple[str, int]:
        """Return the field and the direction in which it is sorted."""
        return self.sort.removeprefix("-"), -1 if self.sort.startswith("-") else 1


class WorkflowPage(Page[WorkflowItem]):
    """A page of workflows."""


class GraphBody(BaseModel):
    """A graph to save."""

    model_config = ConfigDict(extra="forbid")

    nodes: list[Node]
    edges: list[Edge]

    def graph(self) -> Graph:
        """Return the graph."""
        return Graph(nodes=self.nodes, edges=self.edges)


class UnsavedGraph(OptionalBody):
    """A graph that is not saved; without one the stored graph is meant."""

    nodes: list[Node] | None = None
    edges: list[Edge] | None = None

    def graph(self) -> Graph | None:
        """Return the graph, if one was sent."""
        return None if self.nodes is None else Graph(nodes=self.nodes, edges=self.edges or [])


class PreviewedGraph(UnsavedGraph):
    """A graph whose manifests are wanted, and the wires whose effects are."""

    wires: list[GraphId] = Field(
        default_factory=list, max_length=MOST_WIRES, description="Ids of edges; what each writes is in ``effects``."
    )


class ExportedBody(BaseModel):
    """A YAML file that was exported here, and what the workflow is to be called."""

    model_config = ConfigDict(extra="forbid")

    name: WorkflowName
    text: str = Field(min_length=1)
    cluster_id: str | None = Field(None, max_length=64)
    namespace: Namespace = DEFAULT_NAMESPACE

    def wanted(self) -> NewWorkflow:
        """
        Return the workflow to be made of it.

        :raises InvalidInput: it was not exported here
        """
        graph = read_back(self.text)
        return NewWorkflow(
            name=self.name, cluster_id=self.cluster_id, namespace=self.namespace, nodes=graph.nodes, edges=graph.edges
        )


class CloneBody(BaseModel):
    """The copy's name."""

    model_config = ConfigDict(extra="forbid")

    name: WorkflowName


class SecretValues(BaseModel):
    """Values by key; null removes one."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    values: dict[str, str | None] = Field(max_length=500)


class PreviewAnswer(Preview):
    """A graph's manifests, as JSON with their nodes and waves or as one YAML file."""

    # what the description says beside JSON
    model_config = ConfigDict()
    model_config["openapi_extra"] = content("application/yaml", {})  # type: ignore[typeddict-unknown-key]


class Issues(BaseModel):
    """What is wrong with a graph."""

    issues: list[Issue]


class Statuses(Whole[PublicNodeStatus]):
    """How all nodes are."""


class ExportQuery(BaseModel):
    """In which form, and which version; left out: the graph as it is saved."""

    model_config = ConfigDict(extra="forbid")

    format: Format = "yaml"
    version: Number | None = None


class FormatQuery(BaseModel):
    """In which form."""

    model_config = ConfigDict(extra="forbid")

    format: Literal["json", "yaml"] = "json"
