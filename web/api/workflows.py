"""Workflows: heads, graphs, validation, previews, secret values, node statuses."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from shared.errors import NotFound
from shared.presence.store import EVENT as PRESENCE
from shared.updates import topics
from shared.workflows.models import (
    HeadChanges,
    NewWorkflow,
    Preview,
    PublicHead,
    PublicWorkflow,
    SecretKeys,
    Workflow,
    WorkflowHead,
    WorkflowItem,
)
from shared.yaml_text import dump_all
from web.api.answers import problems
from web.api.common import SIGNED_IN, IfMatch, LastEventId
from web.api.paths import NodePath, WorkflowPath
from web.api.workflow_models import (
    CloneBody,
    ExportedBody,
    ExportQuery,
    FormatQuery,
    GraphBody,
    Issues,
    ListQuery,
    PreviewAnswer,
    PreviewedGraph,
    SecretValues,
    Statuses,
    UnsavedGraph,
    WorkflowPage,
)
from web.live.routes import EVENTS, follow
from web.live.routes import api as streams
from web.live.topics import register
from web.services import Services, actor, dump, note, services

api = APIBlueprint(
    "workflows", __name__, url_prefix="/v1/api", abp_tags=[Tag(name="workflows")], abp_security=SIGNED_IN
)


_YAML: dict[str, Any] = {"schema": {}}
_BINARY = {"schema": {"type": "string", "format": "binary"}}


def present(workflow: Workflow, status: int = 200) -> Response:
    """Answer with a workflow and its revision as ETag."""
    response = jsonify(dump(PublicWorkflow.model_validate(workflow, from_attributes=True)))
    response.status_code = status
    response.headers["ETag"] = f'"{workflow.revision}"'
    return response


def _created(workflow: Workflow) -> Response:
    response = present(workflow, 201)
    response.headers["Location"] = f"/v1/api/workflows/{workflow.id}"
    return response


def _item(head: WorkflowHead, counts: dict[str, int]) -> WorkflowItem:
    item = WorkflowItem.model_validate(head, from_attributes=True)
    return item.model_copy(update={"status_counts": counts})


@api.get("/workflows", responses={200: WorkflowPage, **problems()}, summary="List workflows")
def list_workflows(query: ListQuery) -> dict[str, Any]:
    """Return one's own workflows with their live states."""
    heads, total, following = services().workflows.list(
        actor(), query.wanted(), sort=query.order(), limit=query.limit, cursor=query.cursor
    )
    counts = services().statuses.counts(head.id for head in heads)
    items = [_item(head, counts.get(head.id, {})) for head in heads]
    return dump(WorkflowPage(items=items, total=total, next_cursor=following))


@api.post("/workflows", responses={201: PublicWorkflow, **problems()}, summary="Create a workflow")
def create(body: NewWorkflow) -> Response:
    """Make a workflow, empty or with a graph."""
    return _created(services().workflows.create(actor(), body))


@api.post("/workflows/from-export", responses={201: PublicWorkflow, **problems()}, summary="Read an exported workflow")
def from_export(body: ExportedBody) -> Response:
    """Make a workflow of a YAML file that was exported here: the same graph, secret values to be entered again."""
    return _created(services().workflows.create(actor(), body.wanted()))


@api.get("/workflows/<workflow_id>", responses={200: PublicWorkflow, **problems()}, summary="One workflow")
def get_workflow(path: WorkflowPath) -> Response:
    """Return a workflow with its graph."""
    return present(services().workflows.get(actor(), path.workflow_id))


@api.put("/workflows/<workflow_id>", responses={200: PublicWorkflow, **problems(403, 409, 428)}, summary="Change head")
def update(path: WorkflowPath, header: IfMatch, body: HeadChanges) -> Response:
    """Change name, description, cluster, namespace or tags."""
    return present(services().workflows.update(actor(), path.workflow_id, body, revision=header.revision))


@api.post(
    "/workflows/<workflow_id>/save",
    responses={200: PublicWorkflow, **problems(403, 409, 428)},
    summary="Save the graph",
)
def save(path: WorkflowPath, header: IfMatch, body: GraphBody) -> Response:
    """Replace the graph if nobody has saved since; the cluster is not touched."""
    return present(services().workflows.save(actor(), path.workflow_id, body.graph(), revision=header.revision))


@api.post("/workflows/<workflow_id>/clone", responses={201: PublicWorkflow, **problems()}, summary="Copy a workflow")
def clone(path: WorkflowPath, body: CloneBody) -> Response:
    """Copy a workflow, without its secret values and runs."""
    return _created(services().workflows.clone(actor(), path.workflow_id, body.name))


@api.post("/workflows/<workflow_id>/validate", responses={200: Issues, **problems()}, summary="Check a graph")
def validate(path: WorkflowPath, body: UnsavedGraph) -> dict[str, Any]:
    """Return all issues of the stored graph, or of the one that is sent."""
    issues = services().previews.validate(actor(), path.workflow_id, body.graph())
    return dump(Issues(issues=list(issues)))


@api.get("/workflows/<workflow_id>/manifests", responses={200: PreviewAnswer, **problems()}, summary="Preview the YAML")
def manifests(path: WorkflowPath, query: FormatQuery) -> Response:
    """Return the manifests of the stored graph; secret values are masked."""
    return _answer(services().previews.manifests(actor(), path.workflow_id), query.format)


@api.post(
    "/workflows/<workflow_id>/manifests",
    responses={200: PreviewAnswer, **problems()},
    summary="Preview an unsaved graph",
)
def unsaved_manifests(path: WorkflowPath, query: FormatQuery, body: PreviewedGraph) -> Response:
    """Return the manifests of the graph that is sent, and what the wires that are named write into them."""
    preview = services().previews.manifests(actor(), path.workflow_id, body.graph(), body.wires)
    return _answer(preview, query.format)


def _answer(preview: Preview, form: str) -> Response:
    if form == "yaml":
        text = dump_all([item.manifest for item in preview.items])
        return Response(text, content_type="application/yaml; charset=utf-8")
    return jsonify(dump(preview))


@api.get(
    "/workflows/<workflow_id>/export",
    responses={200: {"content": {"application/yaml": _YAML, "application/zip": _BINARY}}, **problems()},
    summary="Export a workflow",
)
def export(path: WorkflowPath, query: ExportQuery) -> Response:
    """Return a workflow as YAML, a Kustomize folder or a Helm chart; placeholders stand for secret values."""
    version = int(query.version) if query.version else None
    exported = services().previews.export(actor(), path.workflow_id, query.format, version=version)
    response = Response(exported.content, content_type=exported.content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{exported.filename}"'
    return response


@api.put(
    "/workflows/<workflow_id>/secrets/<node_id>",
    responses={200: SecretKeys, **problems(403, 409)},
    summary="Write secret values",
)
def put_secrets(path: NodePath, body: SecretValues) -> dict[str, Any]:
    """Write values of a secret node; they are never given back."""
    keys = services().secrets.put(actor(), path.workflow_id, path.node_id, body.values)
    note("secret.write", f"workflow:{path.workflow_id}")
    return dump(keys)


@api.get(
    "/workflows/<workflow_id>/secrets/<node_id>",
    responses={200: SecretKeys, **problems()},
    summary="Its keys",
)
def list_secrets(path: NodePath) -> dict[str, Any]:
    """Return the keys, each with whether it has a value, since when and by whom."""
    return dump(services().secrets.list(actor(), path.workflow_id, path.node_id))


@api.get("/workflows/<workflow_id>/status", responses={200: Statuses, **problems()}, summary="How its nodes are")
def status(path: WorkflowPath) -> dict[str, Any]:
    """Return the observed status of every node that was deployed."""
    workflow = services().workflows.head(actor(), path.workflow_id)
    items = [item.public() for item in services().statuses.of_workflow(workflow.id)]
    return dump(Statuses.of(items))


def _head(found: Services, workflow_id: str) -> WorkflowHead:
    head = found.stores.workflows.find_head(workflow_id)
    if head is None:
        raise NotFound("There is no such workflow.")
    return head


def _snapshot(found: Services, head: WorkflowHead) -> dict[str, Any]:
    return {
        "workflow": dump(PublicHead.model_validate(head, from_attributes=True)),
        "node_statuses": [dump(status.public()) for status in found.statuses.of_workflow(head.id)],
        "active_run_id": head.active_run_id,
        **_presence(found, head.id),
    }


def _presence(found: Services, workflow_id: str) -> dict[str, dict[str, Any]]:
    return {PRESENCE: {"people": [someone.model_dump() for someone in found.presence.people(workflow_id)]}}


register("workflow", find=_head, snapshot=_snapshot, unlogged=_presence)


@streams.get(
    "/workflows/<workflow_id>/status/stream",
    responses={200: EVENTS, **problems()},
    summary="Live status of a workflow",
)
def workflow_stream(path: WorkflowPath, header: LastEventId) -> Response:
    """Node statuses, saves and heads of runs, as they happen."""
    return follow(topics.workflow(path.workflow_id), header.sent)
