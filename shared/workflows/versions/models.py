"""A version as it is stored, and the words of people about one that they keep."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.people import Person
from shared.storage.documents import Document
from shared.workflows.drawing.graph import Edge, Graph, Node
from shared.workflows.models import Description

VersionName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]
VersionTag = Annotated[str, StringConstraints(max_length=40, pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]*)?$")]


class Version(Document):
    """
    A workflow's graph at one time.

    :param graph_digest: over what compiles: nodes, wires, namespace, secret versions; positions and drawings left out
    :param secret_versions: node id → id of the stored values
    :param automatic: made by a run
    """

    workflow_id: str
    version: int
    nodes: list[Node]
    edges: list[Edge]
    namespace: str
    name: str = ""
    tag: str = ""
    description: str = ""
    created_by: Person
    created_at: datetime
    restored_from: int | None = None
    automatic: bool = True
    run_id: str | None = None
    graph_digest: str
    manifests_digest: str | None = None
    secret_versions: dict[str, str] = Field(default_factory=dict)

    @property
    def graph(self) -> Graph:
        """The nodes and edges together."""
        return Graph(nodes=self.nodes, edges=self.edges)


class NewVersion(BaseModel):
    """What a version that somebody keeps is called; everything may be left out."""

    model_config = ConfigDict(extra="forbid")

    name: VersionName = ""
    tag: VersionTag = ""
    description: Description = ""


class VersionChanges(BaseModel):
    """What to change about a version; its graph never changes."""

    model_config = ConfigDict(extra="forbid")

    name: VersionName | None = None
    tag: VersionTag | None = None
    description: Description | None = None

    def given(self) -> dict[str, Any]:
        """Return the fields that are to be changed."""
        return self.model_dump(exclude_none=True)
