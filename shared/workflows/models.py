"""A workflow as it is stored, and as clients receive it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.clock import now
from shared.errors import Conflict
from shared.ids import new_id
from shared.people import Person
from shared.storage.documents import Document, Moment
from shared.workflows.drawing.graph import Edge, Graph, Node
from shared.workflows.drawing.issues import Issue
from shared.workflows.kinds.fields.base import CompileContext

DEFAULT_NAMESPACE = "default"
LONGEST_SLUG = 40

WorkflowName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")
]
Description = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")]
Namespace = Annotated[
    str, StringConstraints(min_length=1, max_length=63, pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")
]
Tag = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$")
]
Tags = Annotated[list[Tag], Field(max_length=20)]


class WorkflowStatus(StrEnum):
    """The stage of a workflow's life."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class LastRun(BaseModel):
    """The newest finished run and its end."""

    model_config = ConfigDict(extra="ignore")

    id: str
    status: str
    version: int
    finished_at: Moment


class WorkflowHead(Document):
    """
    A workflow without its graph.

    :param slug: made once from the first name; labels on clusters carry it, so it never changes
    :param revision: grows by one with each save; the ETag
    :param current_version: the newest version's number, 0 before the first
    :param deployed_version: the version of the last run that completed
    :param active_run_id: the run that is queued or running
    """

    name: str
    description: str = ""
    slug: str
    cluster_id: str | None = None
    namespace: str = DEFAULT_NAMESPACE
    status: WorkflowStatus = WorkflowStatus.DRAFT
    tags: list[str] = Field(default_factory=list)
    revision: int = 1
    current_version: int = 0
    deployed_version: int | None = None
    owner_id: str
    run_count: int = 0
    success_count: int = 0
    failure_count: int = 0
    last_run: LastRun | None = None
    active_run_id: str | None = None
    node_count: int = 0
    saved_by: Person | None = None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None

    def require_editable(self) -> None:
        """
        Raise ``Conflict`` unless the graph may change.

        :raises Conflict: code ``archived``
        """
        if self.status is WorkflowStatus.ARCHIVED:
            raise Conflict("The workflow is archived; unarchive it to change it.", code="archived")

    def compile_context(self, *, privileged: bool) -> CompileContext:
        """Return the context in which the graph is read as it is drawn, with secret values masked."""
        return CompileContext(
            workflow_id=self.id,
            workflow_slug=self.slug,
            namespace=self.namespace,
            privileged=privileged,
            mask_secrets=True,
        )


class Workflow(WorkflowHead):
    """One application as it is drawn."""

    nodes: list[Node] = Field(default_factory=list)
    edges: list[Edge] = Field(default_factory=list)

    @classmethod
    def new(
        cls,
        name: str,
        graph: Graph,
        *,
        owner: Person,
        description: str = "",
        cluster_id: str | None = None,
        namespace: str = DEFAULT_NAMESPACE,
        tags: Sequence[str] = (),
    ) -> Self:
        """Make a draft that nobody has saved again and that has never run."""
        at = now()
        return cls(
            id=new_id(),
            name=name,
            description=description,
            slug=slug_of(name),
            cluster_id=cluster_id,
            namespace=namespace,
            tags=list(tags),
            nodes=graph.nodes,
            edges=graph.edges,
            node_count=len(graph.nodes),
            owner_id=owner.user_id,
            saved_by=owner,
            created_at=at,
            updated_at=at,
        )

    @property
    def graph(self) -> Graph:
        """The nodes and edges together."""
        return Graph(nodes=self.nodes, edges=self.edges)

    def copy_as(self, name: str, *, owner: Person) -> Workflow:
        """Return a draft with the same graph and settings; runs, versions and secret values stay behind."""
        return Workflow.new(
            name,
            self.graph,
            owner=owner,
            description=self.description,
            cluster_id=self.cluster_id,
            namespace=self.namespace,
            tags=self.tags,
        )


class PublicHead(BaseModel):
    """A workflow without its graph, as it goes out and as updates carry it."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    description: str
    cluster_id: str | None
    namespace: str
    status: WorkflowStatus
    tags: list[str]
    revision: int
    current_version: int
    deployed_version: int | None
    owner_id: str
    run_count: int
    success_count: int
    failure_count: int
    last_run: LastRun | None
    active_run_id: str | None
    created_at: Moment
    updated_at: Moment


class PublicWorkflow(PublicHead):
    """A workflow as it goes out."""

    nodes: list[Node]
    edges: list[Edge]


class WorkflowItem(PublicHead):
    """A row of the list of workflows."""

    node_count: int
    status_counts: dict[str, int] = Field(default_factory=dict, description="Nodes by state, as last observed.")


class NewWorkflow(BaseModel):
    """What somebody wants to create."""

    model_config = ConfigDict(extra="forbid")

    name: WorkflowName
    description: Description = ""
    cluster_id: str | None = Field(None, max_length=64)
    namespace: Namespace = DEFAULT_NAMESPACE
    tags: Tags = Field(default_factory=list)
    nodes: list[Node] = Field(default_factory=list)
    edges: list[Edge] = Field(default_factory=list)

    @property
    def graph(self) -> Graph:
        """The nodes and edges together."""
        return Graph(nodes=self.nodes, edges=self.edges)


class HeadChanges(BaseModel):
    """Fields of the head to change; those left out stay. A null ``cluster_id`` takes the cluster away."""

    model_config = ConfigDict(extra="forbid")

    name: WorkflowName | None = None
    description: Description | None = None
    cluster_id: str | None = Field(None, max_length=64)
    namespace: Namespace | None = None
    tags: Tags | None = None

    def given(self) -> dict[str, Any]:
        """Return the fields that were sent; null means nothing but for the cluster."""
        sent = self.model_dump(exclude_unset=True)
        return {name: value for name, value in sent.items() if value is not None or name == "cluster_id"}


class SecretKey(BaseModel):
    """One key of a secret node: whether it has a value, never the value."""

    key: str
    set: bool
    needs_reentry: bool = Field(False, description="Its value was encrypted with a key that is gone.")
    updated_at: Moment | None = None
    updated_by: Person | None = None


class SecretKeys(BaseModel):
    """The keys of a secret node, and whether they have values."""

    node_id: str
    keys: list[SecretKey]


class ManifestItem(BaseModel):
    """One object of a preview; secret values are masked."""

    wave: int
    node_id: str
    manifest: dict[str, Any]


class WrittenObject(BaseModel):
    """An object of a preview; the namespace is empty for one of the whole cluster."""

    api_version: str
    kind: str
    namespace: str
    name: str


class WireEffect(BaseModel):
    """One field that a wire writes; an empty path is the whole object."""

    edge_id: str
    node_id: str
    object: WrittenObject
    path: str = Field(description="Such as ``spec.template.spec.containers[web].env[PORT]``.")
    before: Any = Field(description="The value without the wire; null where there is none.")
    after: Any = Field(description="The value with the wire; null where there is none.")


class Preview(BaseModel):
    """A graph's manifests without a cluster."""

    items: list[ManifestItem]
    issues: list[Issue]
    digest: str
    effects: list[WireEffect] = Field(description="Written by the wires that were asked about.")


def slug_of(name: str) -> str:
    """Return a name's form for labels: ``Shop — Frontend`` is ``shop-frontend``; ``workflow`` when nothing is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain)[:LONGEST_SLUG].strip("-")
    return words or "workflow"
