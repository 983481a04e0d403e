from __future__ import annotations

from typing import Any

import pytest

from shared.clusters.models import ConnectionTest
from shared.clusters.trial import try_connection
from shared.errors import ClusterRefused, ClusterUnreachable, KubeOrchError
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.connection.credentials import Credentials
from tests.support.fakes.clusters import FakeClient, opens

CREDENTIALS = Credentials(server="https://10.0.0.1:6443", token="t")


def states(tried: ConnectionTest) -> dict[str, str]:
    return {check.id: check.state for check in tried.checks}


def tried(**more: Any) -> ConnectionTest:
    return try_connection(CREDENTIALS, opens(FakeClient(**more)))


def test_all_steps_pass() -> None:
    found = tried()
    assert (found.ok, found.version) == (True, "v1.34.1")
    assert states(found) == dict.fromkeys(["address", "reach", "auth", "verbs"], "pass")
    assert found.checks[1].detail == "v1.34.1, TLS verified"


def test_a_certificate_that_is_not_verified_is_said() -> None:
    unsafe = CREDENTIALS.model_copy(update={"insecure_skip_tls_verify": True})
    assert "without verifying" in try_connection(unsafe, opens(FakeClient())).checks[1].detail


@pytest.mark.parametrize(
    ("step", "error", "expected", "remedy"),
    [
        ("version", ClusterUnreachable("x", details={"reason": "tls"}), {"reach": "fail", "auth": "skip"}, "Add the"),
        ("version", ClusterRefused("x", code="cluster-unauthorized"), {"reach": "pass", "auth": "fail"}, "Make a new"),
        ("can_i", ClusterRefused("x", code="cluster-unauthorized"), {"reach": "pass", "auth": "fail"}, "Make a new"),
    ],
)
def test_what_failed_is_named_with_a_remedy(
    step: str, error: KubeOrchError, expected: dict[str, str], remedy: str
) -> None:
    found = tried(failing={step: error})
    assert not found.ok
    assert states(found) | expected == states(found)
    [failed] = [check for check in found.checks if check.state == "fail"]
    assert failed.detail == error.message
    assert failed.remedy.startswith(remedy)


@pytest.mark.parametrize(
    "error",
    [
        ClusterUnreachable("private", code="address-refused"),
        ClusterUnreachable("no such name", details={"reason": "dns"}),
    ],
)
def test_an_address_that_cannot_be_used_fails_before_anything_is_sent(error: KubeOrchError) -> None:
    def refuses(_: Credentials) -> ClusterClient:
        raise error

    assert states(try_connection(CREDENTIALS, refuses)) == {
        "address": "fail",
        "reach": "skip",
        "auth": "skip",
        "verbs": "skip",
    }


@pytest.mark.parametrize(
    ("step", "error", "expected"),
    [
        (
            "version",
            ClusterUnreachable("no such name", details={"reason": "dns"}),
            {"address": "fail", "reach": "skip", "auth": "skip", "verbs": "skip"},
        ),
        (
            "can_i",
            ClusterUnreachable("no such name", details={"reason": "dns"}),
            {"address": "fail", "reach": "pass", "auth": "skip", "verbs": "skip"},
        ),
        (
            "can_i",
            ClusterUnreachable("cut", details={"reason": "connect"}),
            {"address": "pass", "reach": "fail", "auth": "skip", "verbs": "skip"},
        ),
    ],
)
def test_a_step_is_listed_once_although_it_fails_after_it_passed(
    step: str, error: KubeOrchError, expected: dict[str, str]
) -> None:
    found = tried(failing={step: error})
    assert [check.id for check in found.checks] == ["address", "reach", "auth", "verbs"]
    assert states(found) == expected
    assert [check.detail for check in found.checks if check.state == "fail"] == [error.message]


def test_rights_that_are_missing_are_listed() -> None:
    found = tried(denied=("create", "list"))
    assert states(found)["verbs"] == "fail"
    assert found.checks[-1].detail == "In namespace default these are denied: create deployments, list pods."
    assert not found.ok


def test_the_connection_is_closed_in_the_end() -> None:
    client = FakeClient(failing={"can_i": ClusterUnreachable("x")})
    try_connection(CREDENTIALS, opens(client))
    assert client.is_closed
