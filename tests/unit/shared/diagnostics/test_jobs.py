"""Checks of jobs and of those that a schedule starts."""

from __future__ import annotations

from tests.fixtures.workflows.helpers import node
from tests.unit.shared.diagnostics.scenes import JOB, Json, checks, ended, live, named, pod, scene


def test_a_failed_job_can_be_made_again() -> None:
    failed = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "too often"}
    item = live("task", JOB, failed=1, conditions=[failed])
    found = checks(scene("task", JOB, objects=(item,)))["job"]
    assert "failed as often as it allows" in found.detail
    assert found.fix is not None
    assert (found.fix.type, found.fix.objects[0].uid) == ("delete-job", "uid-Job-task")
    assert "job task: spec.backoffLimit = 0" in found.evidence


def test_jobs_that_are_through_suspended_or_at_work() -> None:
    through = live("task", JOB, succeeded=1, conditions=[{"type": "Complete", "status": "True"}])
    assert checks(scene("task", JOB, objects=(through,)))["job"].state == "pass"
    assert checks(scene("task", JOB, objects=(live("task", JOB, active=1),)))["job"].state == "warn"
    item = live("task", JOB)
    item["spec"]["suspend"] = True
    assert "suspended" in checks(scene("task", JOB, objects=(item,)))["job"].detail


def test_a_cron_job_is_judged_by_its_last_job() -> None:
    drawn = node("cron", "cronjob", image="busybox:1", schedule="0 3 * * *")
    item = live("cron", drawn, lastScheduleTime="2026-01-01T03:00:00Z")
    owner = [{"uid": item["metadata"]["uid"], "controller": True}]

    def started(name: str, at: str, condition: str) -> Json:
        metadata = {"creationTimestamp": at, "ownerReferences": owner}
        status = {"conditions": [{"type": condition, "status": "True"}]}
        return {**named("Job", name, metadata=metadata), "spec": {}, "status": status}

    jobs = (started("cron-1", "2026-01-01", "Failed"), started("cron-2", "2026-01-02", "Complete"))
    lost = pod(None, "cron-1-x", owned_by="uid-Job-cron-1", container=ended(1))
    found = checks(scene("cron", drawn, objects=(item,), related=(*jobs, lost)))
    assert (found["schedule"].state, found["job"].state) == ("pass", "pass")
    assert "crash" not in found, "pods of an earlier job do not count"
    found = checks(scene("cron", drawn, objects=(item,), related=jobs[:1]))
    assert (found["job"].state, found["job"].fix) == ("fail", None)
