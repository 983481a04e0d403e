from __future__ import annotations

from typing import Any

from shared.clock import now
from shared.kubernetes.objects import Manifest
from shared.owned.models import OwnedObject
from shared.watching.node_statuses import differs, slim, status_of
from shared.watching.store import NodeStatus

NODE = ("workflow1", "web")


def entry(kind: str, name: str, api_version: str = "v1") -> OwnedObject:
    return OwnedObject(
        id=f"{kind}/{name}",
        workflow_id=NODE[0],
        cluster_id="cluster1",
        node_id=NODE[1],
        api_version=api_version,
        kind=kind,
        namespace="shop",
        name=name,
        uid=f"uid-{name}",
        digest="d",
        run_id="run1",
        applied_at=now(),
    )


def config(name: str) -> Manifest:
    return {"kind": "ConfigMap", "metadata": {"name": name, "namespace": "shop", "uid": f"uid-{name}"}, "data": {}}


def judge(entries: list[OwnedObject], objects: list[Manifest], **more: Any) -> NodeStatus | None:
    return status_of(NODE, entries, objects, cluster_id="cluster1", at=now(), **more)


def test_a_node_is_as_bad_as_its_worst_object() -> None:
    found = judge([entry("ConfigMap", "a"), entry("ConfigMap", "b")], [config("a")])
    assert found is not None
    assert found.state == "missing"
    assert [(item.name, item.uid) for item in found.objects] == [("a", "uid-a"), ("b", "")]


def test_an_object_of_a_kind_that_may_not_be_seen_is_unknown_not_missing() -> None:
    found = judge([entry("Secret", "keys")], [], denied={"Secret"})
    assert found is not None
    assert (found.state, found.reason) == ("unknown", "Forbidden")
    assert "Secret" in found.message


def test_an_object_that_is_seen_counts_although_its_kind_is_denied_elsewhere() -> None:
    found = judge([entry("ConfigMap", "a")], [config("a")], denied={"ConfigMap"})
    assert found is not None
    assert found.state == "healthy"


def test_a_node_that_owns_nothing_has_no_status() -> None:
    assert judge([], [config("a")]) is None


def test_only_what_people_see_is_a_difference() -> None:
    first, second = judge([entry("ConfigMap", "a")], [config("a")]), judge([entry("ConfigMap", "a")], [config("a")])
    assert first is not None
    assert second is not None
    assert differs(None, first)
    assert not differs(first, second)
    assert differs(first, second.model_copy(update={"stale_since": now()}))


def test_no_value_is_kept_of_what_is_watched() -> None:
    watched = {**config("a"), "data": {"password": "hidden"}, "stringData": {"other": "hidden"}}
    watched["metadata"]["managedFields"] = [{"manager": "kubeorch"}]
    kept = slim(watched)
    assert "hidden" not in str(kept)
    assert kept["data"] == {"password": ""}
    assert "managedFields" not in kept["metadata"]
