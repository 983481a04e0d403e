"""Objects that runs have removed, and the way of their nodes back into the graph."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field

from shared.runs.undo import RemovedObject, Skipped
from shared.workflows.models import PublicWorkflow
from web.api.answers import Whole, problems
from web.api.common import SIGNED_IN
from web.api.paths import RunPath
from web.services import actor, dump, note, services

api = APIBlueprint("undo", __name__, url_prefix="/v1/api", abp_tags=[Tag(name="runs")], abp_security=SIGNED_IN)


class Removed(Whole[RemovedObject]):
    """What a run has removed, with its last YAML."""


class UndoBody(BaseModel):
    """What is to come back, and into which revision of the graph."""

    model_config = ConfigDict(extra="forbid")

    revision: int = Field(ge=1, le=999_999_999, description="The workflow's, as it was looked at.")
    nodes: list[Annotated[str, Field(max_length=64)]] | None = Field(
        None, max_length=500, description="Left out: all nodes whose objects the run has removed."
    )


class UndoAnswer(BaseModel):
    """The workflow afterwards; `skipped` says what did not come back and why."""

    workflow: PublicWorkflow
    returned: list[str] = Field(description="Nodes that are in the graph again.")
    skipped: list[Skipped]


@api.get("/runs/<run_id>/removed", responses={200: Removed, **problems()}, summary="What a run removed")
def removed(path: RunPath) -> dict[str, Any]:
    """Return the last YAML of every object that a run has removed, of secrets without values, and its remedy."""
    return dump(Removed.of(services().undo.removed(actor(), path.run_id)))


@api.post("/runs/<run_id>/undo", responses={200: UndoAnswer, **problems(403, 409)}, summary="Undo a run's removals")
def undo(path: RunPath, body: UndoBody) -> Response:
    """Save the graph with the removed nodes in it again; the cluster is not touched, the next run makes the objects."""
    done = services().undo.undo(actor(), path.run_id, revision=body.revision, nodes=body.nodes)
    if done.returned:
        note("run.undo", f"workflow:{done.workflow.id}")
    workflow = PublicWorkflow.model_validate(done.workflow, from_attributes=True)
    answer = UndoAnswer(workflow=workflow, returned=list(done.returned), skipped=list(done.skipped))
    response = jsonify(dump(answer))
    response.headers["ETag"] = f'"{done.workflow.revision}"'
    return response
