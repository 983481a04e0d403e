"""Jobs and CronJobs."""

from __future__ import annotations

from collections.abc import Sequence

from shared.kubernetes.objects import Manifest
from shared.kubernetes.status.model import State, Status, condition, conditions, of_kind, words
from shared.kubernetes.status.pods import trouble


def job(live: Manifest, related: Sequence[Manifest]) -> Status:
    """Judge a Job: completed, failed for good, suspended or on its way."""
    spec, status = live.get("spec") or {}, live.get("status") or {}
    wanted, done = int(spec.get("completions") or spec.get("parallelism") or 1), int(status.get("succeeded", 0))
    details = {"active": int(status.get("active", 0)), "failed": int(status.get("failed", 0))}
    found = conditions(live)
    failed, complete = condition(found, "Failed"), condition(found, "Complete")
    if complete is not None and complete.get("status") == "True":
        return Status(State.COMPLETED, f"{done} of {wanted} done.", ready=done, desired=wanted, details=details)
    cause = trouble(of_kind(related, "Pod"))
    if failed is not None and failed.get("status") == "True":
        text = words(failed.get("message", "The job failed."))
        text = f"{text} {cause.message}" if cause else text
        return Status(
            State.ERROR, text, str(failed.get("reason", "")), ready=done, desired=wanted, details=details, final=True
        )
    if spec.get("suspend"):
        return Status(State.SUSPENDED, "Suspended.", ready=done, desired=wanted, details=details)
    if cause is not None and cause.state is not State.PROGRESSING:
        return Status(cause.state, cause.message, cause.reason, ready=done, desired=wanted, details=details)
    return Status(State.PROGRESSING, f"{done} of {wanted} done.", ready=done, desired=wanted, details=details)


def cron_job(live: Manifest, _related: Sequence[Manifest]) -> Status:
    """Judge a CronJob by its schedule and the Job that it started last."""
    spec, status = live.get("spec") or {}, live.get("status") or {}
    if spec.get("suspend"):
        return Status(State.SUSPENDED, "Suspended.")
    active = len(status.get("active") or [])
    last = status.get("lastScheduleTime")
    text = f"{active} running." if active else (f"Last started {last}." if last else "It has not started yet.")
    return Status(State.HEALTHY, text, details={"active": active, "last_schedule": last})
