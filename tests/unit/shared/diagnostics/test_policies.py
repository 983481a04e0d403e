"""Checks of policies, and of kinds that are known by their conditions alone."""

from __future__ import annotations

from typing import Any

from tests.fixtures.workflows.helpers import node, web, wire
from tests.unit.shared.diagnostics.scenes import Json, a_pod, checks, live, scene


def policy(*related: Json, **data: Any) -> Any:
    drawn = (web(), node("wall", "networkpolicy", **data), wire("wall", "web", "policy-protects"))
    return scene("wall", *drawn, objects=(live("wall", *drawn),), related=related)


def test_a_policy_names_its_pods_or_has_no_effect() -> None:
    assert checks(policy(a_pod(web())))["selects"].state == "pass"
    assert checks(policy())["selects"].state == "warn"


def test_a_policy_that_cuts_off_names_is_told() -> None:
    assert checks(policy(policy_types=["Egress"]))["dns-egress"].state == "warn"
    rule = {"id": "dns", "ports": [{"port": "53", "protocol": "UDP"}]}
    assert checks(policy(policy_types=["Egress"], egress=[rule]))["dns-egress"].state == "pass"
    wide = {"id": "low", "ports": [{"port": "1", "end_port": 100}]}
    assert checks(policy(policy_types=["Egress"], egress=[wide]))["dns-egress"].state == "pass"
    assert "dns-egress" not in checks(policy())


def test_expressions_select_several_workloads() -> None:
    drawn = (
        web(),
        web("other"),
        node("wall", "networkpolicy"),
        wire("wall", "web", "policy-protects"),
        wire("wall", "other", "policy-protects"),
    )
    stranger = a_pod(web(), name="x", labels={"kubeorch.io/node": "else"})
    item = live("wall", *drawn)
    found = checks(scene("wall", *drawn, objects=(item,), related=(a_pod(web()), stranger)))["selects"]
    assert found.detail == "1 pod: web-1."


def test_other_kinds_are_judged_by_their_conditions() -> None:
    drawn = node("budget", "poddisruptionbudget", min_available="1")
    item = live("budget", web(), drawn, wire("budget", "web"))
    assert list(checks(scene("budget", web(), drawn, wire("budget", "web"), objects=(item,)))) == ["exists"]
    item["status"]["conditions"] = [{"type": "Ready", "status": "False", "message": "no licence"}]
    found = checks(scene("budget", web(), drawn, wire("budget", "web"), objects=(item,)))["status"]
    assert (found.state, found.detail) == ("fail", "Not ready: no licence")
