"""Checks of probes that fail, and the ports they ask."""

from __future__ import annotations

from typing import Any

import pytest

from shared.diagnostics.diagnose import fixes_of
from shared.diagnostics.models import FieldChange
from tests.fixtures.workflows.helpers import web
from tests.unit.shared.diagnostics.scenes import (
    RUNS,
    Json,
    around,
    checks,
    ended,
    event,
    the_pod,
)

PROBED: Json = {
    "ports": [{"container_port": 8080}],
    "readiness_probe": {"type": "http", "path": "/healthz", "port": "8080"},
}


def probed(words: str, reason: str = "readiness", **data: Any) -> Any:
    drawn = web(**{**PROBED, **data})
    one = the_pod(drawn, phase="Running", container=RUNS if reason != "startup" else {**RUNS, "started": False})
    told = event(one, "Unhealthy", words, field="spec.containers{web}")
    return around(drawn, pods=[one], related=(told,) if words else ())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Readiness probe failed: HTTP probe failed with statuscode: 404", "knows no path /healthz (404)"),
        ("Readiness probe failed: HTTP probe failed with statuscode: 503", "fails on it with the status 503"),
        ("Readiness probe failed: dial tcp 10.0.0.1:8080: connect: connection refused", "nothing listens on that port"),
        ("Readiness probe failed: context deadline exceeded (Client.Timeout)", "no answer in time"),
        ("", "has not been answered yet"),
    ],
)
def test_a_failing_readiness_probe_is_explained(words: str, said: str) -> None:
    found = checks(probed(words))["readiness-probe"]
    assert found.state == "fail"
    assert "It asks for /healthz on port 8080" in found.detail
    assert said in found.detail
    assert found.fix is None


def test_a_probe_of_a_port_that_is_not_there_is_led_to_the_only_one() -> None:
    data: Json = {
        "readiness_probe": {"type": "http", "port": "9090"},
        "liveness_probe": {"type": "tcp", "port": "9090"},
    }
    given = probed("Readiness probe failed: connection refused", **data)
    found = checks(given)
    assert "declares no port 9090, but 8080" in found["readiness-probe"].detail
    assert found["liveness-probe"].state == "pass"
    fix = fixes_of(found.values())["probe-port"]
    assert fix.changes == (FieldChange(path="/readiness_probe/port", value="8080"),)


def test_two_probes_with_the_same_mistake_are_put_right_together() -> None:
    drawn = web(
        ports=[{"container_port": 8080}],
        readiness_probe={"type": "http", "port": "9090"},
        liveness_probe={"type": "tcp", "port": "9090"},
    )
    one = the_pod(drawn, container=ended(137))
    killed = event(one, "Unhealthy", "Liveness probe failed: dial tcp: connection refused")
    found = checks(around(drawn, pods=[one], related=(killed,)))
    assert found["liveness-probe"].state == "fail"
    running = the_pod(drawn, phase="Running", container=RUNS)
    told = (
        event(running, "Unhealthy", "Liveness probe failed: dial tcp: connection refused"),
        event(running, "Unhealthy", "Readiness probe failed: dial tcp: connection refused"),
    )
    fix = fixes_of(checks(around(drawn, pods=[running], related=told)).values())["probe-port"]
    assert {change.path for change in fix.changes} == {"/readiness_probe/port", "/liveness_probe/port"}


def test_a_startup_probe_that_has_not_passed_is_told() -> None:
    data = {"readiness_probe": None, "startup_probe": {"type": "exec", "command": ["true"]}}
    found = checks(probed("Startup probe failed: exit status 1", "startup", **data))["startup-probe"]
    assert "It runs a command in the container" in found.detail
