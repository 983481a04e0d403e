from __future__ import annotations

from typing import Any

import yaml

from shared.planning.diff import MASK
from shared.runs.execute.removal import LAST_APPLIED, last_yaml


def read(live: dict[str, Any], *run_env: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(last_yaml(live, run_env))
    return found


def test_a_removed_secret_leaves_no_value_behind() -> None:
    annotations = {LAST_APPLIED: '{"data":{"PIN":"NDcxMQ=="}}', "team": "shop"}
    metadata = {"name": "key", "annotations": annotations, "managedFields": [{}]}
    found = read({"kind": "Secret", "metadata": metadata, "data": {"PIN": "NDcxMQ=="}, "type": "Opaque"})
    assert found == {"kind": "Secret", "metadata": {"name": "key", "annotations": {"team": "shop"}}, "type": "Opaque"}


def test_a_removed_workload_keeps_no_value_that_was_for_one_run() -> None:
    env = [{"name": "MODE", "value": "fast"}, {"name": "LEVEL", "value": "1"}]
    live = {"kind": "Deployment", "metadata": {"name": "web"}, "spec": {"containers": [{"env": env}]}}
    assert read(live)["spec"]["containers"][0]["env"] == env
    assert read(live, "MODE")["spec"]["containers"][0]["env"] == [
        {"name": "MODE", "value": MASK},
        {"name": "LEVEL", "value": "1"},
    ]
    assert live["spec"] == {"containers": [{"env": env}]}
