"""A run as it is stored, and as clients receive it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.jobs.lease import Lease
from shared.people import Person
from shared.planning.consent import Consent
from shared.runs.options import RunOptions
from shared.storage.documents import Document, Moment, narrow

NodePhase = Literal["pending", "applying", "waiting", "ready", "unchanged", "failed", "skipped", "pruned"]


class RunStatus(StrEnum):
    """The state of a run; the last three are final. A planned one rests until somebody confirms it."""

    QUEUED = "queued"
    RUNNING = "running"
    PLANNED = "planned"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINAL = frozenset({RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED})


def succeeded(status: RunStatus) -> bool | None:
    """Whether a run that ended so counts as a success; None counts neither way."""
    return {RunStatus.COMPLETED: True, RunStatus.FAILED: False}.get(status)


def end_event(status: RunStatus) -> str:
    """Return the event that tells of a run's end."""
    return "complete" if status in {RunStatus.COMPLETED, RunStatus.PLANNED} else status.value


class RunKind(StrEnum):
    """The purpose of a run; a plan that was confirmed is a deploy."""

    DEPLOY = "deploy"
    PLAN = "plan"
    ROLLBACK = "rollback"
    TEARDOWN = "teardown"


class Phase(StrEnum):
    """The phase of a running run."""

    PLANNING = "planning"
    APPLYING = "applying"
    WAITING = "waiting"
    PRUNING = "pruning"


class NodeState(BaseModel):
    """The progress of one node of a run."""

    state: NodePhase = "pending"
    message: str = ""
    started_at: Moment | None = None
    finished_at: Moment | None = None


class LogEntry(BaseModel):
    """One line of a run's log."""

    at: Moment
    level: Literal["info", "warning", "error"] = "info"
    node_id: str | None = None
    text: str


class RunFailure(BaseModel):
    """The reason why a run failed."""

    message: str
    code: str
    node_id: str | None = None


class Trigger(BaseModel):
    """The starter of a run: a person, or something else."""

    kind: Literal["user", "api_token", "webhook", "schedule", "rollback"] = "user"
    user_id: str | None = None
    name: str = ""


class RunHead(BaseModel):
    """A run without its log, as lists and updates carry it."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    workflow_id: str
    cluster_id: str
    namespace: str
    kind: RunKind = RunKind.DEPLOY
    status: RunStatus = RunStatus.QUEUED
    phase: Phase | None = None
    version: int
    node_states: dict[str, NodeState] = Field(default_factory=dict)
    error: RunFailure | None = None
    triggered_by: Trigger
    attempts: int = 0
    cancel_requested: bool = False
    waiting: bool = Field(False, description="In the queue behind the workflow's active run.")
    plan_first: bool = Field(False, description="Stops as planned until somebody confirms it.")
    plan_summary: dict[str, int] = Field(default_factory=dict)
    plan_digest: str = ""
    plan_expires_at: Moment | None = None
    confirmed_at: Moment | None = None
    confirmed_by: Person | None = None
    created_at: Moment
    started_at: Moment | None = None
    finished_at: Moment | None = None
    duration_seconds: float | None = None


class PublicRun(RunHead):
    """A run as it goes out."""

    options: RunOptions = Field(default_factory=RunOptions)
    consent: Consent = Field(default_factory=Consent)
    logs: list[LogEntry] = Field(default_factory=list)


class Tombstone(BaseModel):
    """
    The last YAML of an object that a run has removed; of a secret without its values.

    :param version: of the workflow, which had the object's node last; None when that is not known
    """

    model_config = ConfigDict(extra="ignore")

    node_id: str
    object: str
    yaml: str
    version: int | None = None


class Run(PublicRun, Document):
    """
    One stored run.

    :param owner_id: whose workflow it is; decides who may see the run
    :param active: true while queued or running; absent afterwards, because a unique index stands on it
    :param has_values: it brought values for itself alone, which are kept elsewhere
    :param after: what becomes of the workflow when a teardown has completed
    :param rollback_requested: whoever cancelled it wants what was deployed before
    :param tombstones: the last YAML of what was pruned, for undo
    """

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    id: str
    owner_id: str
    active: bool | None = True
    enqueued_at: datetime | None = None
    lease: Lease | None = None
    has_values: bool = False
    after: Literal["", "archive", "delete"] = ""
    rollback_requested: bool = False
    tombstones: list[Tombstone] = Field(default_factory=list)

    def to_mongo(self) -> dict[str, Any]:
        """Leave ``active`` out when it is not set: the unique index counts what is there."""
        raw = super().to_mongo()
        if not self.active:
            raw.pop("active", None)
        return raw

    def head(self) -> RunHead:
        """Return the head that lists and updates carry."""
        return narrow(RunHead, self)

    def public(self) -> PublicRun:
        """Return the part of it that clients receive."""
        return narrow(PublicRun, self)
