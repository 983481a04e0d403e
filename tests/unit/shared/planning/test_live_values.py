from __future__ import annotations

from typing import Any

import pytest

from shared.planning.live_values import keep_live_replicas
from shared.workflows.compile.manifests import Item

MANAGED = {"manager": "kubeorch", "fieldsV1": {"f:spec": {"f:replicas": {}}}}


def item(**spec: Any) -> Item:
    metadata = {"name": "web", "namespace": "shop"}
    return Item(0, "web", {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}, "d")


def live(managed: list[dict[str, Any]], **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "web", "managedFields": managed}, "spec": spec}


def test_the_live_number_is_kept_while_only_we_manage_it() -> None:
    kept = keep_live_replicas(item(paused=True), live([MANAGED, {"manager": "other", "fieldsV1": {}}], replicas=3))
    assert kept.manifest["spec"] == {"paused": True, "replicas": 3}


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (live([MANAGED], replicas=3), {"replicas": 1}),
        (live([MANAGED]), {}),
        (live([MANAGED, {**MANAGED, "manager": "autoscaler"}], replicas=3), {}),
        (live([{**MANAGED, "manager": "autoscaler"}], replicas=3), {}),
        (live([], replicas=3), {}),
        (None, {}),
    ],
)
def test_everything_else_is_sent_as_it_is_drawn(found: dict[str, Any] | None, wanted: dict[str, Any]) -> None:
    drawn = item(**wanted)
    assert keep_live_replicas(drawn, found) is drawn


def test_an_object_without_a_spec_has_no_replicas() -> None:
    bare = Item(0, "settings", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}}, "d")
    assert keep_live_replicas(bare, live([MANAGED], replicas=3)) is bare
