"""Versions: listed, kept, named, compared, brought back onto the canvas or onto the cluster."""

from __future__ import annotations

from typing import Any, Literal

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field

from shared.people import Person
from shared.planning.consent import Consent
from shared.runs.models import PublicRun, RunKind
from shared.runs.options import RunOptions
from shared.runs.starting import Wanted
from shared.storage.documents import Moment
from shared.storage.paging import Page
from shared.workflows.drawing.graph import Edge, Node
from shared.workflows.models import PublicWorkflow
from shared.workflows.versions.actions import Ref
from shared.workflows.versions.compare import Comparison
from shared.workflows.versions.models import NewVersion, Version, VersionChanges
from web.api.answers import problems
from web.api.common import SIGNED_IN, IdempotencyKey, IfMatch, OptionalBody, PageQuery
from web.api.paths import Number, VersionPath, WorkflowPath
from web.api.runs import begin
from web.api.workflows import present
from web.services import actor, dump, note, services

api = APIBlueprint("versions", __name__, url_prefix="/v1/api", abp_tags=[Tag(name="versions")], abp_security=SIGNED_IN)


class VersionItem(BaseModel):
    """A version without its graph."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    version: int
    name: str
    tag: str
    description: str
    created_by: Person
    created_at: Moment
    automatic: bool
    restored_from: int | None
    run_id: str | None


class PublicVersion(VersionItem):
    """A version with its graph."""

    namespace: str
    nodes: list[Node]
    edges: list[Edge]


class VersionPage(Page[VersionItem]):
    """A page of versions."""


class CompareQuery(BaseModel):
    """What to compare: numbers, ``saved`` or ``deployed``."""

    model_config = ConfigDict(extra="forbid")

    v1: Number | Literal["saved", "deployed"]
    v2: Number | Literal["saved", "deployed"]


class RollbackBody(OptionalBody):
    """How to go back; everything may be left out."""

    options: RunOptions = Field(default_factory=RunOptions)
    consent: Consent = Field(default_factory=Consent)
    plan_first: bool = Field(True, description="Stop as planned, to be confirmed.")


def _item(version: Version) -> VersionItem:
    return VersionItem.model_validate(version, from_attributes=True)


def _ref(text: str) -> Ref:
    return "saved" if text == "saved" else "deployed" if text == "deployed" else int(text)


@api.get("/workflows/<workflow_id>/versions", responses={200: VersionPage, **problems()}, summary="Versions")
def list_versions(path: WorkflowPath, query: PageQuery) -> dict[str, Any]:
    """Return a workflow's versions, newest first."""
    items, total, following = services().versions.list(
        actor(), path.workflow_id, limit=query.limit, cursor=query.cursor
    )
    return dump(VersionPage(items=[_item(item) for item in items], total=total, next_cursor=following))


@api.post(
    "/workflows/<workflow_id>/versions", responses={201: VersionItem, **problems(403, 409)}, summary="Keep a version"
)
def keep(path: WorkflowPath, body: NewVersion) -> Response:
    """Keep the saved graph as a version with a name."""
    version = services().versions.keep(actor(), path.workflow_id, body)
    response = jsonify(dump(_item(version)))
    response.status_code = 201
    response.headers["Location"] = f"/v1/api/workflows/{path.workflow_id}/versions/{version.version}"
    return response


@api.get("/workflows/<workflow_id>/versions/compare", responses={200: Comparison, **problems()}, summary="Compare two")
def compare(path: WorkflowPath, query: CompareQuery) -> dict[str, Any]:
    """Return the difference: nodes and wires, field by field; moved cards are listed apart."""
    return dump(services().versions.compare(actor(), path.workflow_id, _ref(query.v1), _ref(query.v2)))


@api.get(
    "/workflows/<workflow_id>/versions/<number>", responses={200: PublicVersion, **problems()}, summary="One version"
)
def get(path: VersionPath) -> dict[str, Any]:
    """Return a version with its graph."""
    version = services().versions.get(actor(), path.workflow_id, path.version)
    return dump(PublicVersion.model_validate(version, from_attributes=True))


@api.put(
    "/workflows/<workflow_id>/versions/<number>",
    responses={200: VersionItem, **problems(403, 409)},
    summary="Name a version",
)
def describe(path: VersionPath, body: VersionChanges) -> dict[str, Any]:
    """Change a version's name, tag or description."""
    return dump(_item(services().versions.describe(actor(), path.workflow_id, path.version, body)))


@api.delete(
    "/workflows/<workflow_id>/versions/<number>", responses={204: None, **problems(403, 409)}, summary="Delete one"
)
def delete(path: VersionPath) -> Response:
    """Delete a version that is not deployed."""
    services().versions.delete(actor(), path.workflow_id, path.version)
    note("version.delete", f"workflow:{path.workflow_id}")
    return Response(status=204)


@api.post(
    "/workflows/<workflow_id>/versions/<number>/restore",
    responses={200: PublicWorkflow, **problems(403, 409, 428)},
    summary="Bring a version back onto the canvas",
)
def restore(path: VersionPath, header: IfMatch, body: OptionalBody) -> Response:
    """Save a version's graph again; the cluster is not touched."""
    del body
    restored = services().versions.restore(actor(), path.workflow_id, path.version, revision=header.revision)
    return present(restored)


@api.post(
    "/workflows/<workflow_id>/versions/<number>/rollback",
    responses={202: PublicRun, **problems(403, 409)},
    summary="Bring a version back onto the cluster",
)
def rollback(path: VersionPath, header: IdempotencyKey, body: RollbackBody) -> Response:
    """Queue a run of a version with the secret values of then; it stops as planned, to be confirmed."""
    wanted = Wanted(
        kind=RunKind.ROLLBACK,
        version=path.version,
        plan_first=body.plan_first,
        options=body.options,
        consent=body.consent,
    )
    return begin(path.workflow_id, wanted, header)
