"""Runs: planned, started, confirmed, watched, cancelled, tried again."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field

from shared.planning.consent import Consent
from shared.planning.items import PlanItem, What
from shared.runs.archiving import Objects
from shared.runs.models import PublicRun, Run, RunHead, RunKind
from shared.runs.options import RunOptions
from shared.runs.starting import Wanted
from shared.runs.values import TriggerData
from shared.storage.paging import Page
from shared.updates import topics
from shared.workflows.models import PublicWorkflow, WorkflowStatus
from web.api.answers import problems
from web.api.common import SIGNED_IN, IdempotencyKey, LastEventId, OptionalBody, PageQuery
from web.api.paths import RunPath, WorkflowPath
from web.api.workflows import present
from web.live.routes import EVENTS, follow
from web.live.routes import api as streams
from web.live.topics import register
from web.services import actor, dump, note, services

api = APIBlueprint("runs", __name__, url_prefix="/v1/api", abp_tags=[Tag(name="runs")], abp_security=SIGNED_IN)


class RunPage(Page[RunHead]):
    """A page of runs."""


class PlanBody(OptionalBody):
    """What to plan; everything may be left out."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    version: int | None = Field(None, ge=1, description="Left out: the graph as it is saved.")
    options: RunOptions = Field(default_factory=RunOptions)
    consent: Consent = Field(default_factory=Consent)
    trigger_data: TriggerData = Field(
        default_factory=TriggerData, description="Values for this run alone; they are kept sealed and for a short time."
    )

    def wanted(self, **more: Any) -> Wanted:
        """Return it for the actions."""
        return Wanted(
            version=self.version, options=self.options, consent=self.consent, values=self.trigger_data, **more
        )


class RunBody(PlanBody):
    """How to run; everything may be left out."""

    queue: bool = Field(False, description="Wait behind the active run instead of being refused.")


class ConfirmBody(BaseModel):
    """Which plan was looked at, and what was agreed to."""

    model_config = ConfigDict(extra="forbid")

    digest: str = Field(min_length=1, max_length=128)
    consent: Consent = Field(default_factory=Consent)


class CancelBody(OptionalBody):
    """How to end."""

    rollback: bool = Field(False, description="Go back to what was deployed before.")


class StatusBody(BaseModel):
    """Where a workflow goes in its life."""

    model_config = ConfigDict(extra="forbid")

    status: WorkflowStatus
    consent: Consent = Field(
        default_factory=Consent, description="`delete` names claims, namespaces and secrets that go as well."
    )


class DeleteQuery(BaseModel):
    """What becomes of the workflow's objects; needed when it has any."""

    model_config = ConfigDict(extra="forbid")

    objects: Objects | None = None
    delete_data: list[Annotated[str, Field(max_length=600)]] = Field(
        default_factory=list, max_length=100, description="Claims, namespaces and secrets that go as well."
    )


class PlanQuery(PageQuery):
    """Which items of a plan."""

    action: What | None = None


class PlanPage(Page[PlanItem]):
    """A page of a plan."""


def accepted(run: Run) -> Response:
    """Answer that a run was queued."""
    response = jsonify(dump(run.public()))
    response.status_code = 202
    response.headers["Location"] = f"/v1/api/runs/{run.id}"
    return response


def begin(workflow_id: str, wanted: Wanted, header: IdempotencyKey) -> Response:
    """Queue a run, with an Idempotency-Key at most once a day."""
    run, is_new = services().runs.start(actor(), workflow_id, wanted, key=header.sent or "")
    if is_new:
        note("run.plan" if wanted.plan_first else "run.start", f"run:{run.id}")
    return accepted(run)


@api.post("/workflows/<workflow_id>/run", responses={202: PublicRun, **problems(403, 409)}, summary="Run the workflow")
def start(path: WorkflowPath, header: IdempotencyKey, body: RunBody) -> Response:
    """Queue a deploy; what nobody has agreed to makes it fail before anything is changed."""
    return begin(path.workflow_id, body.wanted(queue=body.queue), header)


@api.post("/workflows/<workflow_id>/plan", responses={202: PublicRun, **problems(403, 409)}, summary="Plan a run")
def plan(path: WorkflowPath, header: IdempotencyKey, body: PlanBody) -> Response:
    """Queue a run that stops as planned: the cluster is asked what would happen, and nothing is changed."""
    wanted = body.wanted(kind=RunKind.PLAN, plan_first=True)
    return begin(path.workflow_id, wanted, header)


@api.post("/runs/<run_id>/confirm", responses={202: PublicRun, **problems(403, 409)}, summary="Confirm a plan")
def confirm(path: RunPath, body: ConfirmBody) -> Response:
    """Have a planned run done; it stops when the cluster has changed so that it would do more."""
    confirmed = services().runs.confirm(actor(), path.run_id, body.digest, body.consent)
    note("run.confirm", f"run:{confirmed.id}")
    return accepted(confirmed)


@api.post("/runs/<run_id>/retry", responses={202: PublicRun, **problems(403, 409)}, summary="Try a run again")
def retry(path: RunPath, body: OptionalBody) -> Response:
    """Queue a new run of the same version, with the same options and consent."""
    del body
    again = services().runs.retry(actor(), path.run_id)
    note("run.retry", f"run:{again.id}")
    return accepted(again)


@api.post("/runs/<run_id>/cancel", responses={202: PublicRun, **problems(403, 409)}, summary="Cancel a run")
def cancel(path: RunPath, body: CancelBody) -> Response:
    """Ask a run to end; what was applied stays, or what was deployed before comes back."""
    asked = services().runs.cancel(actor(), path.run_id, rollback=body.rollback)
    note("run.cancel", f"run:{asked.id}")
    return accepted(asked)


@api.put(
    "/workflows/<workflow_id>/status",
    responses={200: PublicWorkflow, 202: PublicRun, **problems(403, 409)},
    summary="Archive a workflow, or take it up again",
)
def set_status(path: WorkflowPath, body: StatusBody) -> Response:
    """Move a workflow in its life; archiving one that has objects queues a run that removes them first (202)."""
    moved = services().runs.set_status(actor(), path.workflow_id, body.status, body.consent)
    note(f"workflow.{body.status.value}", f"workflow:{path.workflow_id}")
    return accepted(moved) if isinstance(moved, Run) else present(moved)


@api.delete(
    "/workflows/<workflow_id>",
    responses={202: PublicRun, 204: None, **problems(403, 409)},
    summary="Delete a workflow",
)
def delete(path: WorkflowPath, query: DeleteQuery) -> Response:
    """Delete a workflow at once (204), or after a run that removes what it has on clusters (202)."""
    consent = Consent(delete=query.delete_data)
    run = services().runs.delete_workflow(actor(), path.workflow_id, query.objects, consent)
    note("workflow.delete", f"workflow:{path.workflow_id}")
    return accepted(run) if run else Response(status=204)


@api.get("/workflows/<workflow_id>/runs", responses={200: RunPage, **problems()}, summary="Runs of a workflow")
def list_of_workflow(path: WorkflowPath, query: PageQuery) -> dict[str, Any]:
    """Return a workflow's runs, newest first."""
    found = services().runs.list_of(actor(), path.workflow_id, limit=query.limit, cursor=query.cursor)
    return _page(*found)


@api.get("/runs", responses={200: RunPage, **problems()}, summary="All runs")
def list_all(query: PageQuery) -> dict[str, Any]:
    """Return the runs of all one's workflows, newest first."""
    return _page(*services().runs.list(actor(), limit=query.limit, cursor=query.cursor))


def _page(runs: list[Run], total: int, following: str | None) -> dict[str, Any]:
    return dump(RunPage(items=[run.head() for run in runs], total=total, next_cursor=following))


@api.get("/runs/<run_id>", responses={200: PublicRun, **problems()}, summary="One run")
def get(path: RunPath) -> dict[str, Any]:
    """Return a run with its node states and log."""
    return dump(services().runs.get(actor(), path.run_id).public())


@api.get("/runs/<run_id>/plan", responses={200: PlanPage, **problems()}, summary="A run's plan")
def items(path: RunPath, query: PlanQuery) -> dict[str, Any]:
    """Return a run's plan, object by object; that of an ordinary run holds the objects that change."""
    found, total, following = services().runs.plan_of(
        actor(), path.run_id, action=query.action, limit=query.limit, cursor=query.cursor
    )
    return dump(PlanPage(items=[item.public() for item in found], total=total, next_cursor=following))


register(
    "run", find=lambda found, run_id: found.stores.runs.get(run_id), snapshot=lambda _, run: {"run": dump(run.public())}
)


@streams.get("/runs/<run_id>/stream", responses={200: EVENTS, **problems()}, summary="A run as it happens")
def run_stream(path: RunPath, header: LastEventId) -> Response:
    """Phases, node states and log lines."""
    return follow(topics.run(path.run_id), header.sent)
