"""Diagnoses of nodes, and the fixes that they offer."""

from __future__ import annotations

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field

from shared.diagnostics.models import Diagnosis, Fixed, FixPreview
from web.api.answers import problems
from web.api.common import SIGNED_IN
from web.api.paths import FixPath, NodePath
from web.services import actor, dump, note, services

api = APIBlueprint(
    "diagnostics", __name__, url_prefix="/v1/api", abp_tags=[Tag(name="diagnostics")], abp_security=SIGNED_IN
)


class FixBody(BaseModel):
    """Which fix, and the preview of it that was looked at."""

    model_config = ConfigDict(extra="forbid")

    fix_type: str = Field(min_length=1, max_length=64)
    digest: str = Field(min_length=1, max_length=128)


@api.get(
    "/workflows/<workflow_id>/nodes/<node_id>/diagnostics",
    responses={200: Diagnosis, **problems(403)},
    summary="Diagnose a node",
)
def diagnose(path: NodePath) -> dict[str, Any]:
    """Diagnose a node by its objects and all around them: each mistake with its cause and its remedy."""
    return dump(services().diagnostics.diagnose(actor(), path.workflow_id, path.node_id))


@api.get(
    "/workflows/<workflow_id>/nodes/<node_id>/fix-template/<fix_type>",
    responses={200: FixPreview, **problems(403, 502)},
    summary="Preview a fix",
)
def preview(path: FixPath) -> dict[str, Any]:
    """Preview an offered fix: its changes of the graph, and by a dry run the next run's changes on the cluster."""
    shown = services().diagnostics.preview_fix(actor(), path.workflow_id, path.node_id, path.fix_type)
    return dump(shown)


@api.post(
    "/workflows/<workflow_id>/nodes/<node_id>/fix",
    responses={200: Fixed, **problems(403, 409, 502)},
    summary="Apply a fix",
)
def fix(path: NodePath, body: FixBody) -> dict[str, Any]:
    """Apply a fix exactly as its preview has shown it; 409 when graph or cluster have changed since."""
    done = services().diagnostics.apply_fix(actor(), path.workflow_id, path.node_id, body.fix_type, body.digest)
    note(f"fix.{done.type}", f"workflow:{path.workflow_id}")
    return dump(done)
