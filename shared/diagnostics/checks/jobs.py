"""Jobs and CronJobs: done, at work, or failed and the reason."""

from __future__ import annotations

from collections.abc import Iterator

from shared.diagnostics import read
from shared.diagnostics.checks.crashes import target_of
from shared.diagnostics.models import About, Check, Fix
from shared.diagnostics.scene import Scene, ref_of_live
from shared.kubernetes.objects import Manifest
from shared.sentences import plural

JOB = About("job", "Its work")
SCHEDULE = About("schedule", "Its schedule")
_REASONS = {
    "BackoffLimitExceeded": (
        "its pods failed as often as it allows",
        "Put right what ends the pods; raising the limit of failures only delays it.",
    ),
    "DeadlineExceeded": ("it took longer than it may", "Raise its active deadline, or make the work shorter."),
    "PodFailurePolicy": ("its policy for failed pods ended it", "Look at the pod's exit code."),
}


def job(scene: Scene) -> Iterator[Check]:
    """Check a Job."""
    live = scene.main
    if live is None:
        return
    check = check_of_job(live)
    if check.state != "fail":
        yield check
        return
    fix = Fix(
        type="delete-job",
        title=f"Delete the failed job {read.name(live)}, so that the next run makes it again",
        how="cluster",
        target=str(ref_of_live(live)),
        objects=(target_of(live),),
    )
    yield check.model_copy(update={"fix": fix})


def check_of_job(live: Manifest) -> Check:
    """Return the check of one Job: done, at work, suspended or failed."""
    done, wanted = read.number(live, "status", "succeeded"), read.number(live, "spec", "completions", otherwise=1)
    failed = read.condition(live, "Failed")
    evidence = [
        read.said(live, "status.succeeded", done),
        read.said(live, "status.failed", read.number(live, "status", "failed")),
    ]
    if read.text(failed, "status") == "True":
        reason, message = read.text(failed, "reason"), read.words(failed, "message")
        words, remedy = _REASONS.get(
            reason, (message or reason or "its controller gives no reason", "Look at its pods.")
        )
        evidence.append(read.said(live, "status.conditions[Failed].reason", reason))
        limit = read.number(live, "spec", "backoffLimit", otherwise=-1)
        if limit >= 0:
            evidence.append(read.said(live, "spec.backoffLimit", limit))
        return JOB.fail(f"The job {read.name(live)} failed for good: {words}.", remedy, evidence)
    if read.text(read.condition(live, "Complete"), "status") == "True":
        return JOB.ok(f"Completed: {done} of {wanted} done.", *evidence)
    if read.dig(live, "spec", "suspend") is True:
        return JOB.warn(
            "It is suspended: no pod is started.",
            "Resume it: set suspend to false.",
            [read.said(live, "spec.suspend", "true")],
        )
    active = read.number(live, "status", "active")
    evidence.append(read.said(live, "status.active", active))
    return JOB.warn(
        f"It is not through yet: {done} of {wanted} done, {plural(active, 'pod')} at work.",
        "Wait, or see below what keeps its pods.",
        evidence,
    )


def cron_job(scene: Scene) -> Iterator[Check]:
    """Check a CronJob and the Job that it started last."""
    live = scene.main
    if live is None:
        return
    schedule, last = read.text(live, "spec", "schedule"), read.text(live, "status", "lastScheduleTime")
    if read.dig(live, "spec", "suspend") is True:
        yield SCHEDULE.warn(
            "It is suspended: nothing is started.",
            "Switch its suspension off and run the workflow.",
            [read.said(live, "spec.suspend", "true")],
        )
    else:
        told = f"last started {last}" if last else "it has not started yet"
        evidence = [read.said(live, "spec.schedule", schedule)]
        evidence += [read.said(live, "status.lastScheduleTime", last)] if last else []
        bad = scene.events(live, "UnknownTimeZone", "InvalidSchedule", "UnparseableSchedule", "FailedNeedsStart")
        if bad:
            says = read.words(bad[-1], "message")
            yield SCHEDULE.fail(
                f"Its controller says: {says}",
                "Correct schedule and time zone.",
                [*evidence, f"event: message = {says}"],
            )
        else:
            yield SCHEDULE.ok(f"Schedule {schedule}; {told}.", *evidence)
    newest = scene.newest_job
    if newest is not None:
        yield check_of_job(newest)
