"""
Undo of a run's removals: the nodes come back into the graph, as the version that had them last had them.

Nothing here touches a cluster. The next run makes the objects again, through its plan as always.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, Field

from shared.access import Actor, Verb, require
from shared.errors import Conflict, FieldError, InvalidInput
from shared.ids import new_id
from shared.kubernetes.objects import ref_of
from shared.people import Person
from shared.runs.models import Run, Tombstone
from shared.runs.stores import Stores
from shared.workflows.actions import Workflows
from shared.workflows.compile.manifests import preview
from shared.workflows.drawing.graph import Edge, Graph, Node
from shared.workflows.models import Workflow, WorkflowStatus
from shared.workflows.versions.models import Version

Can = Literal["undo", "roll-back", "nothing"]
Made = tuple[str, str]
"""A node's id and an object that it makes."""


class RemovedObject(Tombstone):
    """An object that a run has removed, and its remedy now."""

    in_graph: bool = Field(description="Whether its node is in the saved graph.")
    again: bool = Field(description="Whether a run has made it again since.")
    can: Can = Field(description="`undo`: its node can be brought back. `roll-back`: only a whole version can.")
    why: str


class Skipped(BaseModel):
    """An object that an undo did not bring back, and the reason."""

    node_id: str
    object: str
    why: str


@dataclass(frozen=True, slots=True)
class Undone:
    """
    A workflow after an undo.

    :param returned: ids of the nodes that are in the graph again
    """

    workflow: Workflow
    returned: tuple[str, ...]
    skipped: tuple[Skipped, ...]


class Undo:
    """Reads the removals of runs, and brings nodes back."""

    def __init__(self, stores: Stores, workflows: Workflows) -> None:
        self._stores = stores
        self._workflows = workflows

    def removed(self, actor: Actor, run_id: str) -> list[RemovedObject]:
        """Return the objects that a run has removed, each with its remedy now."""
        run = self._run(actor, run_id, Verb.SEE)
        workflow = self._stores.workflows.find(run.workflow_id)
        return _removed_objects(run.tombstones, workflow, self._versions(run), self._again(workflow))

    def undo(self, actor: Actor, run_id: str, *, revision: int, nodes: Sequence[str] | None) -> Undone:
        """
        Bring the nodes of removed objects back into the graph, as an ordinary save; those that cannot come are named.

        :param revision: the one the actor has looked at
        :param nodes: which; None for all
        :raises InvalidInput: code ``nothing-removed`` or ``unknown-node``, or the graph would grow too large
        :raises Conflict: code ``revision-conflict``, ``archived`` or ``workflow-deleted``
        """
        run = self._run(actor, run_id, Verb.EDIT)
        chosen = _chosen(run.tombstones, nodes)
        workflow = self._workflow(actor, run)
        versions = self._versions(run)
        items = _removed_objects(chosen, workflow, versions, self._again(workflow))
        lost = {item.node_id: versions[item.version] for item in items if item.can == "undo" and item.version}
        skipped = tuple(
            Skipped(node_id=item.node_id, object=item.object, why=item.why) for item in items if item.can != "undo"
        )
        if not lost:
            return Undone(workflow, (), skipped)
        graph = bring_back(workflow.graph, {node_id: version.graph for node_id, version in lost.items()}, new_id)
        saved = self._workflows.save(actor, workflow.id, graph, revision=revision)
        self._bring_back_secrets(actor, saved, lost)
        return Undone(saved, tuple(lost), skipped)

    def _run(self, actor: Actor, run_id: str, verb: Verb) -> Run:
        run = self._stores.runs.get(run_id)
        require(actor, verb, run, what="run")
        return run

    def _workflow(self, actor: Actor, run: Run) -> Workflow:
        workflow = self._stores.workflows.find(run.workflow_id)
        if workflow is None:
            msg = (
                "The workflow was deleted, so there is no graph to bring anything back to; the YAML can still be read."
            )
            raise Conflict(msg, code="workflow-deleted")
        require(actor, Verb.EDIT, workflow, what="workflow")
        workflow.require_editable()
        return workflow

    def _bring_back_secrets(self, actor: Actor, saved: Workflow, lost: Mapping[str, Version]) -> None:
        for node_id, version in lost.items():
            if node_id in version.secret_versions:
                values = version.secret_versions[node_id]
                self._stores.secrets.bring_back(saved.id, node_id, values, by=Person.of(actor))

    def _versions(self, run: Run) -> dict[int, Version]:
        """Return the versions that had the nodes last, as far as they are kept."""
        numbers = {tombstone.version for tombstone in run.tombstones if tombstone.version is not None}
        found = (self._stores.versions.find(run.workflow_id, number) for number in sorted(numbers))
        return {version.version: version for version in found if version is not None}

    def _again(self, workflow: Workflow | None) -> frozenset[Made]:
        """Return the objects that runs have made on the workflow's cluster, and not removed since."""
        owned = self._stores.owned.of_workflow(workflow.id) if workflow else []
        return frozenset(
            (item.node_id, str(item.ref))
            for item in owned
            if workflow is not None and item.uid and item.cluster_id == workflow.cluster_id
        )


def _chosen(tombstones: Sequence[Tombstone], nodes: Sequence[str] | None) -> list[Tombstone]:
    if not tombstones:
        raise InvalidInput("This run has removed nothing.", code="nothing-removed")
    known = {tombstone.node_id for tombstone in tombstones}
    wanted = known if nodes is None else set(nodes)
    unknown = [index for index, node_id in enumerate(nodes or ()) if node_id not in known]
    if nodes is not None and unknown:
        raise InvalidInput(
            f"This run has removed no object of the node {nodes[unknown[0]]}.",
            code="unknown-node",
            fields=[
                FieldError(f"nodes.{index}", "names no node whose objects this run has removed") for index in unknown
            ],
        )
    return [tombstone for tombstone in tombstones if tombstone.node_id in wanted]


# -- pure -------------------------------------------------------------------------------------------------------


def _removed_objects(
    tombstones: Iterable[Tombstone],
    workflow: Workflow | None,
    versions: Mapping[int, Version],
    there: Collection[Made],
) -> list[RemovedObject]:
    made = _made(workflow) if workflow else frozenset()
    items = []
    for tombstone in tombstones:
        again = (tombstone.node_id, tombstone.object) in there
        can, why = remedy_for(tombstone, workflow, made, versions, again=again)
        in_graph = workflow is not None and tombstone.node_id in workflow.graph.by_id
        items.append(RemovedObject(**tombstone.model_dump(), in_graph=in_graph, again=again, can=can, why=why))
    return items


def _made(workflow: Workflow) -> frozenset[Made]:
    """Return pairs of a node and an object that it makes, as the graph is saved."""
    compiled, _ = preview(workflow.graph, workflow.compile_context(privileged=True))
    return frozenset((item.node_id, str(ref_of(item.manifest))) for item in compiled.items)


def remedy_for(
    tombstone: Tombstone,
    workflow: Workflow | None,
    made: Collection[Made],
    versions: Mapping[int, Version],
    *,
    again: bool,
) -> tuple[Can, str]:
    """
    Return the remedy for a removed object, and its reason.

    :param made: node and object of everything the saved graph makes
    :param versions: those that are kept, by number
    :param again: a run has made it again since
    """
    if workflow is None:
        return "nothing", "The workflow was deleted; the YAML is what is left."
    version = versions.get(tombstone.version or 0)
    before = version.graph.by_id.get(tombstone.node_id) if version else None
    present = workflow.graph.by_id.get(tombstone.node_id)
    if present is not None:
        if (tombstone.node_id, tombstone.object) in made:
            end = "a run has made it again" if again else "the next run makes it again"
            return "nothing", f"Its node is in the graph; {end}."
        return _changed(tombstone, present, before)
    if before is None:
        return "nothing", f"{_lost(tombstone)} The YAML is what is left."
    if workflow.status is WorkflowStatus.ARCHIVED:
        return "nothing", "The workflow is archived; unarchive it first."
    return "undo", f"Version {tombstone.version} has its node."


def _lost(tombstone: Tombstone) -> str:
    if tombstone.version is None:
        return "No version is known that had its node."
    return f"Version {tombstone.version}, which had its node, is not kept any more."


def _changed(tombstone: Tombstone, present: Node, before: Node | None) -> tuple[Can, str]:
    """Return the remedy for a node that is there, but no longer makes the object."""
    name, old = present.data.get("name"), before.data.get("name") if before else None
    if old is not None and name != old:
        words, remedy = f"Its node is in the graph as {name}.", f"rename it back to {old}"
    else:
        words, remedy = "Its node is in the graph, but as it is now does not make this object.", "change it back"
    if before is None:
        return "nothing", f"{words} {_lost(tombstone)}"
    return "roll-back", f"{words} Roll back to version {tombstone.version}, or {remedy}."


def bring_back(graph: Graph, lost: Mapping[str, Graph], edge_id: Callable[[], str]) -> Graph:
    """
    Return a graph with nodes that it has not, and with their wires to all that is there.

    :param lost: node id → the graph that had it
    :param edge_id: makes ids for wires whose own has become another's
    """
    nodes = {node.id: node for node in graph.nodes}
    for node_id, old in lost.items():
        node = old.by_id[node_id]
        frame = old.by_id.get(node.parent) if node.parent else None
        if frame is not None:
            nodes.setdefault(frame.id, frame)
        is_framed = frame is not None and nodes[frame.id].type == "group"
        nodes[node_id] = node if is_framed else node.model_copy(update={"parent": None})
    edges = {edge.id: edge for edge in graph.edges}
    for edge in _wires(lost):
        if edge.source in nodes and edge.target in nodes:
            free = edge if edge.id not in edges else edge.model_copy(update={"id": edge_id()})
            edges[free.id] = free
    return Graph(nodes=list(nodes.values()), edges=list(edges.values()))


def _wires(lost: Mapping[str, Graph]) -> list[Edge]:
    """Return the wires of lost nodes, each once."""
    found: dict[str, Edge] = {}
    for node_id, old in lost.items():
        for edge in old.edges:
            if node_id in {edge.source, edge.target}:
                found.setdefault(edge.id, edge)
    return list(found.values())
