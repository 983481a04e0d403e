"""CronJob: a Job at set times."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from shared.workflows.drawing.effects import Wired
from shared.workflows.kinds.fields.base import (
    CardRow,
    CompileContext,
    Hint,
    Kind,
    Manifest,
    Stage,
    Subject,
    compact,
    make_manifest,
)
from shared.workflows.kinds.fields.schedules import Schedule, TimeZone
from shared.workflows.kinds.fields.types import ShortName
from shared.workflows.kinds.job import JobFields, check_job, job_spec


class CronJobFields(JobFields):
    """The fields of a CronJob."""

    name: Annotated[ShortName, Hint("general", "dns-name", immutable=True)]
    schedule: Annotated[Schedule, Hint("schedule", "cron", placeholder="0 3 * * *")]
    time_zone: Annotated[
        TimeZone | None, Hint("schedule", help="Left empty: that of the cluster's controller, usually UTC.")
    ] = None
    concurrency: Annotated[
        Literal["Allow", "Forbid", "Replace"],
        Hint("schedule", "select", help="What happens when a job is due and the last one still runs."),
    ] = "Allow"
    suspend: Annotated[bool, Hint("schedule")] = False
    starting_deadline_seconds: Annotated[
        int | None, Field(ge=10), Hint("schedule", unit="s", advanced=True, help="Later than this it is left out.")
    ] = None
    successful_jobs_history: Annotated[int | None, Field(ge=0, le=100), Hint("schedule", advanced=True)] = None
    failed_jobs_history: Annotated[int | None, Field(ge=0, le=100), Hint("schedule", advanced=True)] = None


def _manifests(subject: Subject[CronJobFields], wired: Wired, context: CompileContext) -> list[Manifest]:
    data = subject.data
    spec = compact(
        {
            "schedule": data.schedule,
            "timeZone": data.time_zone,
            "concurrencyPolicy": data.concurrency,
            "suspend": True if data.suspend else None,
            "startingDeadlineSeconds": data.starting_deadline_seconds,
            "successfulJobsHistoryLimit": data.successful_jobs_history,
            "failedJobsHistoryLimit": data.failed_jobs_history,
        }
    )
    template = {"metadata": {"labels": subject.labels(context)}, "spec": job_spec(subject, data, wired, context)}
    return [make_manifest(subject, context, spec={**spec, "jobTemplate": template})]


CRONJOB = Kind(
    type="cronjob",
    api_version="batch/v1",
    kind="CronJob",
    title="CronJob",
    description="Runs a job at set times, such as a nightly backup.",
    category="workloads",
    icon="calendar-clock",
    keywords=("schedule", "backup", "periodic", "timer", "nightly"),
    model=CronJobFields,
    manifests=_manifests,
    checks=check_job,
    stage=Stage.WORKLOADS,
    name_pattern="cron-{n}",
    defaults={"schedule": "0 3 * * *", "restart_policy": "Never", "concurrency": "Forbid"},
    card=(
        CardRow("/schedule", "Schedule", "cron"),
        CardRow("/image", "Image", "image"),
        CardRow("/suspend", "Suspended", "flag"),
    ),
    actions=("logs", "diagnose"),
)
