"""Checks of claims."""

from __future__ import annotations

from typing import Any

from tests.fixtures.workflows.helpers import node
from tests.unit.shared.diagnostics.scenes import Json, checks, event, live, named, pod, scene


def storage_class(name: str, *, default: bool = False, mode: str = "Immediate") -> Json:
    marks = {"storageclass.kubernetes.io/is-default-class": "true"} if default else {}
    return named(
        "StorageClass", name, metadata={"annotations": marks}, provisioner="example.com/disk", volumeBindingMode=mode
    )


def claim(*related: Json, phase: str = "Pending", **data: Any) -> Any:
    drawn = node("data", "persistentvolumeclaim", storage="1Gi", **data)
    return scene("data", drawn, objects=(live("data", drawn, phase=phase),), related=related)


def test_a_bound_claim_passes() -> None:
    given = claim(storage_class("disk", default=True), phase="Bound")
    assert {check.state for check in checks(given).values()} == {"pass"}


def test_a_claim_without_a_class_says_which_there_are() -> None:
    found = checks(claim(storage_class("disk"), storage_class="fast"))["storage-class"]
    assert found.detail == "There is no storage class fast."
    assert "Choose one of disk" in found.remedy
    assert "no default one" in checks(claim(storage_class("disk")))["storage-class"].detail


def test_a_claim_that_waits_for_its_first_pod_is_no_failure() -> None:
    late = storage_class("disk", default=True, mode="WaitForFirstConsumer")
    found = checks(claim(late))["bound"]
    assert (found.state, "WaitForFirstConsumer" in found.detail) == ("warn", True)
    uses = {"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]}
    assert "for web-1" in checks(claim(late, pod(None, spec=uses)))["bound"].detail


def test_what_the_provisioner_says_is_shown() -> None:
    given = claim(storage_class("disk", default=True))
    told = event(given.main, "ProvisioningFailed", "no space in the pool")
    found = checks(claim(storage_class("disk", default=True), told))["bound"]
    assert (found.state, "no space in the pool" in found.detail) == ("fail", True)
    assert checks(claim(phase="Lost"))["bound"].state == "fail"
