"""Runs: start, watch, cancel; versions they left."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field

from shared.access import Verb, require
from shared.errors import Conflict
from shared.runs import actions
from shared.runs.models import PublicRun, Run, RunHead, Trigger
from shared.storage.documents import Moment
from shared.storage.paging import Page
from shared.workflows import actions as workflow_actions
from shared.workflows.models import Person
from web.api.common import SIGNED_IN, Empty, IdempotencyKey, PageQuery, problems
from web.api.workflows import WorkflowPath
from web.services import actor, dump, note, services

api = APIBlueprint("runs", __name__, url_prefix="/v1/api", abp_tags=[Tag(name="runs")], abp_security=SIGNED_IN)


class RunPath(BaseModel):
    """Which run."""

    model_config = ConfigDict(extra="forbid")

    run_id: str = Field(max_length=64)


class RunPage(Page[RunHead]):
    """A page of runs."""


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
    run_id: str | None


class VersionPage(Page[VersionItem]):
    """A page of versions."""


def get_run(run_id: str, verb: Verb) -> Run:
    """
    Return a run that the actor may do this with.

    :raises NotFound: it does not exist, or not for this person
    """
    run = services().runs.get(run_id)
    require(actor(), verb, run, what="run")
    return run


def _accepted(run: PublicRun) -> Response:
    response = jsonify(dump(run))
    response.status_code = 202
    response.headers["Location"] = f"/v1/api/runs/{run.id}"
    return response


@api.post("/workflows/<workflow_id>/run", responses={202: PublicRun, **problems(403, 409)}, summary="Run the workflow")
def start(path: WorkflowPath, header: IdempotencyKey, body: Empty) -> Response:
    """Queue a deploy of the graph as it is saved; with an Idempotency-Key at most once a day."""
    del body
    found, who = services(), actor()
    workflow = workflow_actions.get(who, path.workflow_id, workflows=found.workflows, verb=Verb.RUN)
    claimed = found.claims.claim(f"run:{who.user_id}:{workflow.id}", header.sent) if header.sent else None
    if claimed and (earlier := found.runs.find(claimed)):
        return _accepted(earlier.public())
    try:
        run = actions.start(
            workflow,
            Trigger(kind="user", user_id=who.user_id, name=who.name),
            stores=found.stores,
            enqueue=actions.enqueue_with(found.platform.queue),
            updates=found.platform.updates,
            run_id=claimed,
        )
    except Conflict:
        # the same request, sent twice at once: the other one has made the run
        if claimed and (earlier := found.runs.find(claimed)):
            return _accepted(earlier.public())
        raise
    note("run.start", f"run:{run.id}")
    return _accepted(run.public())


@api.get("/workflows/<workflow_id>/runs", responses={200: RunPage, **problems()}, summary="Runs of a workflow")
def list_of_workflow(path: WorkflowPath, query: PageQuery) -> dict[str, Any]:
    """Return a workflow's runs, newest first."""
    workflow = workflow_actions.get(actor(), path.workflow_id, workflows=services().workflows, verb=Verb.SEE)
    return _page({"workflow_id": workflow.id}, query)


@api.get("/runs", responses={200: RunPage, **problems()}, summary="All runs")
def list_all(query: PageQuery) -> dict[str, Any]:
    """Return the runs of all one's workflows, newest first."""
    require(actor(), Verb.SEE, None)
    return _page({"owner_id": actor().user_id}, query)


def _page(wanted: dict[str, Any], query: PageQuery) -> dict[str, Any]:
    found, total, following = services().runs.page(wanted, limit=query.limit, cursor=query.cursor)
    return dump(RunPage(items=[run.head() for run in found], total=total, next_cursor=following))


@api.get("/runs/<run_id>", responses={200: PublicRun, **problems()}, summary="One run")
def get(path: RunPath) -> dict[str, Any]:
    """Return a run with its node states and log."""
    return dump(get_run(path.run_id, Verb.SEE).public())


@api.post("/runs/<run_id>/cancel", responses={202: PublicRun, **problems(403, 409)}, summary="Cancel a run")
def cancel(path: RunPath, body: Empty) -> Response:
    """Ask a run to end; what was applied stays."""
    del body
    found = services()
    run = get_run(path.run_id, Verb.RUN)
    asked = actions.cancel(run, runs=found.runs, workflows=found.workflows, updates=found.platform.updates)
    note("run.cancel", f"run:{run.id}")
    return _accepted(asked.public())


@api.get("/workflows/<workflow_id>/versions", responses={200: VersionPage, **problems()}, summary="Versions")
def versions(path: WorkflowPath, query: PageQuery) -> dict[str, Any]:
    """Return a workflow's versions, newest first."""
    found = services()
    workflow = workflow_actions.get(actor(), path.workflow_id, workflows=found.workflows, verb=Verb.SEE)
    items, total, following = found.versions.list(workflow.id, limit=query.limit, cursor=query.cursor)
    shown = [VersionItem.model_validate(item, from_attributes=True) for item in items]
    return dump(VersionPage(items=shown, total=total, next_cursor=following))
