"""Checks of containers that end: exit codes, memory, pauses between attempts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.diagnostics.checks.exits import meaning
from shared.diagnostics.diagnose import fixes_of
from shared.diagnostics.models import FieldChange
from shared.diagnostics.quantities import doubled, value_of
from shared.kubernetes.last_words import LastWords
from tests.fixtures.workflows.helpers import web
from tests.unit.shared.diagnostics.scenes import (
    JOB,
    around,
    checks,
    ended,
    event,
    live,
    pod,
    replica_set,
    scene,
    the_pod,
    waiting,
)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "ended by itself"),
        (1, "error of its own"),
        (2, "wrong arguments"),
        (126, "cannot be executed"),
        (127, "not found in the image"),
        (137, "killed (SIGKILL) from outside"),
        (139, "SIGSEGV"),
        (143, "told to end (SIGTERM)"),
        (134, "SIGABRT"),
        (77, "code of its own"),
    ],
)
def test_exit_codes_have_meanings(code: int, words: str) -> None:
    found = checks(around(pods=[the_pod(container=ended(code, "Completed" if code == 0 else "Error"))]))
    assert words in found["crash"].detail
    assert f"pod web-1: status.containerStatuses[web].lastState.terminated.exitCode = {code}" in found["crash"].evidence
    assert found["crash"].remedy
    assert found["crash"].fix is None


def test_out_of_memory_offers_twice_the_limit() -> None:
    drawn = web(resources={"limits": {"memory": "64Mi"}})
    found = checks(around(drawn, pods=[the_pod(drawn, container=ended(137, "OOMKilled"))]))["crash"]
    assert "more memory than its limit" in found.detail
    assert found.fix is not None
    assert found.fix.changes == (FieldChange(path="/resources/limits/memory", value="128Mi"),)
    # whose memory is limited by the namespace gets a limit of its own
    item = live("web", web())
    one = pod(item, container=ended(137, "OOMKilled"))
    one["spec"]["containers"][0]["resources"] = {"limits": {"memory": "100M"}}
    found = checks(scene("web", web(), objects=(item,), related=(replica_set(item), one)))["crash"]
    assert found.fix is not None
    assert found.fix.changes[0].value == "200M"


def test_memory_of_a_sidecar_is_raised_at_its_own_place() -> None:
    side = {"name": "log", "image": "busybox:1", "resources": {"limits": {"memory": "1.5Gi"}}}
    drawn = web(sidecars=[side])
    one = the_pod(drawn)
    status = {"name": "log", **ended(137, "OOMKilled")}
    one["status"]["initContainerStatuses"] = [status]
    found = checks(around(drawn, pods=[one]))["crash"]
    assert found.fix is not None
    assert found.fix.changes == (FieldChange(path="/sidecars/0/resources/limits/memory", value="3Gi"),)


def test_no_limit_is_raised_that_the_graph_has_raised_already() -> None:
    item = live("web", web(resources={"limits": {"memory": "64Mi"}}))
    drawn = web(resources={"limits": {"memory": "256Mi"}})
    one = pod(item, container=ended(137, "OOMKilled"))
    found = checks(scene("web", drawn, objects=(item,), related=(replica_set(item), one)))
    assert found["crash"].fix is None


def test_the_last_lines_stand_in_the_evidence() -> None:
    words = LastWords("web-1", "web", ("connecting to db:5432", "panic: no route"))
    found = checks(around(pods=[the_pod(container=ended(1))], logs=(words,)))["crash"]
    assert found.evidence[-2:] == ["log of web: connecting to db:5432", "log of web: panic: no route"]


def test_a_killed_container_tells_of_its_liveness_probe() -> None:
    one = the_pod(container=ended(137))
    told = event(one, "Killing", "Container web failed liveness probe, will be restarted", "Normal")
    found = checks(around(pods=[one], related=(told,)))["crash"]
    assert "because of its probe: Container web failed liveness probe" in found.detail


def test_a_container_that_cannot_be_started_says_why() -> None:
    said = 'exec: "serve": executable file not found in $PATH'
    found = checks(around(pods=[the_pod(container=waiting("RunContainerError", said))]))["crash"]
    assert said in found.detail


def test_an_init_container_that_has_done_its_work_is_no_crash() -> None:
    one = the_pod(ready=True)
    one["status"]["initContainerStatuses"] = [
        {"name": "init", "ready": True, "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}
    ]
    assert checks(around(pods=[one], readyReplicas=1))["crash"].state == "pass"


@pytest.mark.parametrize(("minutes", "state"), [(1, "warn"), (20, "pass")])
def test_a_container_that_runs_between_two_ends_is_not_yet_well(minutes: int, state: str) -> None:
    at = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
    drawn = web(resources={"limits": {"memory": "64Mi"}})
    since = (at - timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")
    status = {**ended(137, "OOMKilled"), "state": {"running": {"startedAt": since}}}
    given = replace(around(drawn, pods=[the_pod(drawn, ready=True, container=status)], readyReplicas=1), at=at)
    found = checks(given)
    assert found["crash"].state == state
    # what is offered does not come and go with the attempts
    assert set(fixes_of(found.values())) == ({"memory-limit", "restart-rollout"} if state == "warn" else set())


def test_failed_attempts_of_a_job_that_is_through_are_no_matter() -> None:
    item = live("task", JOB, succeeded=1, conditions=[{"type": "Complete", "status": "True"}])
    lost = pod(item, "task-1", owned_by=item["metadata"]["uid"], phase="Failed", container=ended(1))
    assert "crash" not in checks(scene("task", JOB, objects=(item,), related=(lost,)))
    again = {"state": {"terminated": {"exitCode": 0, "reason": "Completed"}}, "restartCount": 1}
    item = live("task", JOB, active=1)
    done = pod(item, "task-1", owned_by=item["metadata"]["uid"], phase="Succeeded", container=again)
    assert checks(scene("task", JOB, objects=(item,), related=(done,)))["crash"].state == "pass"


def test_pauses_between_attempts_can_be_ended() -> None:
    found = checks(around(pods=[the_pod(container=ended(1))]))["back-off"]
    assert found.fix is not None
    assert (found.fix.type, found.fix.how) == ("restart-rollout", "cluster")
    assert [(target.kind, target.name, target.uid) for target in found.fix.objects] == [
        ("Deployment", "web", "uid-Deployment-web")
    ]


def test_pods_that_ended_for_good_can_be_deleted() -> None:
    gone = the_pod(name="web-old", phase="Failed", status={"reason": "Evicted", "message": "low on memory"})
    foreign = the_pod(name="foreign", phase="Failed")
    foreign["metadata"]["labels"] = {}
    item = around(pods=[gone, foreign, the_pod(ready=True)], readyReplicas=1)
    found = checks(item)["failed-pods"]
    assert "Evicted" in found.detail
    assert found.fix is not None
    assert [target.name for target in found.fix.objects] == ["web-old"]


def test_quantities_are_doubled_in_their_unit() -> None:
    assert [doubled(text) for text in ("64Mi", "1.5Gi", "0.5Gi", "100M", "1000", "x", "")] == [
        "128Mi",
        "3Gi",
        "1Gi",
        "200M",
        "2000",
        None,
        None,
    ]
    assert value_of("1Ki") == 1024
    assert value_of("250m") == value_of("0.25")


def test_out_of_memory_is_told_apart_from_being_killed() -> None:
    assert meaning(137, "OOMKilled").words != meaning(137, "Error").words
