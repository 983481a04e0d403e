"""Job: pods that run to an end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from shared.workflows.drawing.effects import Wired
from shared.workflows.drawing.issues import Issue
from shared.workflows.kinds.fields.base import (
    CardRow,
    CompileContext,
    Hint,
    Json,
    Kind,
    Manifest,
    Stage,
    Subject,
    compact,
    make_manifest,
)
from shared.workflows.kinds.fields.pod_checks import check_pod
from shared.workflows.kinds.fields.pods import PodFields, pod_template


class JobFields(PodFields):
    """The fields of a Job, also of what a CronJob makes."""

    completions: Annotated[
        int | None, Field(ge=1, le=100_000), Hint("job", immutable=True, help="Pods that must succeed.")
    ] = None
    parallelism: Annotated[int | None, Field(ge=0, le=10_000), Hint("job", help="Pods at the same time.")] = None
    completion_mode: Annotated[
        Literal["NonIndexed", "Indexed"] | None, Hint("job", "select", advanced=True, immutable=True)
    ] = None
    backoff_limit: Annotated[
        int | None, Field(ge=0, le=1000), Hint("job", help="Failures before the job gives up; 6 when left empty.")
    ] = None
    active_deadline_seconds: Annotated[int | None, Field(ge=1), Hint("job", unit="s", advanced=True)] = None
    ttl_seconds_after_finished: Annotated[
        int | None, Field(ge=0), Hint("job", unit="s", advanced=True, help="Removed this long after its end.")
    ] = None
    restart_policy: Annotated[
        Literal["Never", "OnFailure"],
        Hint("job", "select", help="OnFailure: the same pod again; Never: another pod."),
    ] = "Never"


def job_spec(subject: Subject[JobFields], data: JobFields, wired: Wired, context: CompileContext) -> Json:
    """Return a Job's spec."""
    spec = compact(
        {
            "completions": data.completions,
            "parallelism": data.parallelism,
            "completionMode": data.completion_mode,
            "backoffLimit": data.backoff_limit,
            "activeDeadlineSeconds": data.active_deadline_seconds,
            "ttlSecondsAfterFinished": data.ttl_seconds_after_finished,
        }
    )
    spec["template"] = pod_template(subject, data, wired, context, restart=data.restart_policy)
    return spec


def check_job(subject: Subject[JobFields], wired: Wired, context: CompileContext) -> Iterator[Issue]:
    """Yield the issues that only the fields of a job together show."""
    data = subject.data
    yield from check_pod(subject, data, wired, context)
    if data.completion_mode == "Indexed" and data.completions is None:
        yield subject.error("required", "is needed for the mode Indexed", "/completions")


def _manifests(subject: Subject[JobFields], wired: Wired, context: CompileContext) -> list[Manifest]:
    return [make_manifest(subject, context, spec=job_spec(subject, subject.data, wired, context))]


JOB = Kind(
    type="job",
    api_version="batch/v1",
    kind="Job",
    title="Job",
    description="Runs pods until they have done their work, such as a database migration.",
    category="workloads",
    icon="circle-play",
    keywords=("task", "migration", "batch", "once"),
    model=JobFields,
    manifests=_manifests,
    checks=check_job,
    stage=Stage.WORKLOADS,
    name_pattern="job-{n}",
    defaults={"restart_policy": "Never"},
    card=(CardRow("/image", "Image", "image"), CardRow("/completions", "Completions", "number")),
    actions=("logs", "terminal", "restart", "diagnose"),
    replaced=True,
)
