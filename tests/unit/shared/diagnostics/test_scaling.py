"""Checks of autoscalers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fixtures.workflows.helpers import node, web, wire
from tests.unit.shared.diagnostics.scenes import Json, checks, live, scene


def scaler(*conditions: Json, **status: Any) -> Any:
    drawn = (
        web(resources={"requests": {"cpu": "10m"}}),
        node("scaler", "hpa", min_replicas=1, max_replicas=5, cpu_percent=50),
        wire("scaler", "web", "hpa-scales"),
    )
    return scene("scaler", *drawn, objects=(live("scaler", *drawn, conditions=list(conditions), **status),))


ABLE: Json = {"type": "AbleToScale", "status": "True"}


def test_an_autoscaler_that_works_passes() -> None:
    found = checks(scaler(ABLE, {"type": "ScalingActive", "status": "True"}, currentReplicas=2, desiredReplicas=2))
    assert {check.state for check in found.values()} == {"pass"}


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("failed to get cpu utilization: missing request for cpu in container web of Pod web-1", "Request cpu"),
        (
            (
                "unable to fetch metrics from resource metrics API: the server could not find the requested resource "
                "(get pods.metrics.k8s.io)"
            ),
            "metrics API",
        ),
        ("no metrics returned from resource metrics API", "Wait for the first figures"),
    ],
)
def test_metrics_that_cannot_be_read_have_a_remedy(message: str, words: str) -> None:
    reason = {"type": "ScalingActive", "status": "False", "reason": "FailedGetResourceMetric", "message": message}
    found = checks(scaler(ABLE, reason))["metrics"]
    assert (found.state, words in found.remedy) == ("fail", True)


def test_a_scaler_without_target_or_at_its_bound_says_so() -> None:
    lost = {"type": "AbleToScale", "status": "False", "message": 'deployments.apps "web" not found'}
    assert checks(scaler(lost))["target"].state == "fail"
    assert checks(scaler())["target"].state == "warn"
    limited = {"type": "ScalingLimited", "status": "True", "reason": "TooManyReplicas"}
    assert checks(scaler(ABLE, limited))["scales"].state == "warn"
