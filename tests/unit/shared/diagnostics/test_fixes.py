"""Fixes as changes of a graph."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.diagnostics.fixes import changed, differences, digest_of
from shared.diagnostics.models import FieldChange, Fix, FixTarget, NewWire
from shared.json_diff import Change
from shared.planning.items import PlanItem
from tests.fixtures.workflows.helpers import errors, graph, node, web, wire


def fix(*changes: tuple[str, Any], wires: tuple[NewWire, ...] = (), **more: Any) -> Fix:
    values = tuple(FieldChange(path=path, value=value) for path, value in changes)
    return Fix(type="image", title="t", how="graph", target="x", changes=values, wires=wires, **more)


def test_only_the_fields_that_are_named_change() -> None:
    before = graph(web(sidecars=[{"name": "log", "image": "busybox:1"}]), web("other"))
    after = changed(before, "web", fix(("/image", "nginx:2"), ("/sidecars/0/resources/limits/memory", "128Mi")))
    assert [(change.path, change.old, change.new) for change in differences(before, after)] == [
        ("nodes[web].data.image", "nginx:1", "nginx:2"),
        ("nodes[web].data.sidecars[log].resources", None, {"limits": {"memory": "128Mi"}}),
    ]
    assert before.by_id["web"].data["image"] == "nginx:1"


def test_a_new_wire_gets_an_id_of_its_own_and_is_valid() -> None:
    before = graph(web(ports=[{"container_port": 80}]), node("front", "service", ports=[{"port": 80}]))
    wired = fix(wires=(NewWire(source="front", target="web", rule="service-selects"),))
    once = changed(before, "front", wired)
    twice = changed(once, "front", wired)
    assert len({edge.id for edge in twice.edges}) == 2
    assert not errors(*once.nodes, *once.edges)
    assert [change.path for change in differences(before, once)] == [f"edges[{once.edges[0].id}]"]


@given(st.dictionaries(st.text(max_size=3), st.integers()), st.text(max_size=3), st.integers())
def test_any_key_can_be_put(data: dict[str, int], key: str, value: int) -> None:
    pointer = "/extra/" + key.replace("~", "~0").replace("/", "~1")
    after = changed(graph(web(extra=data)), "web", fix((pointer, value)))
    assert after.by_id["web"].data["extra"] == {**data, key: value}


def item(**more: Any) -> PlanItem:
    values = {"index": 0, "wave": 0, "node_id": "web", "object": "Deployment shop/web", "action": "update"}
    return PlanItem(**{**values, "kind": "Deployment", "namespace": "shop", "name": "web", **more})


TARGET = FixTarget(api_version="v1", kind="Pod", namespace="shop", name="web-1", uid="1")


@pytest.mark.parametrize(
    ("other", "revision", "items"),
    [
        (fix(("/image", "b")), 1, [item()]),
        (fix(("/image", "a"), objects=(TARGET,)), 1, [item()]),
        (fix(("/image", "a")), 2, [item()]),
        (fix(("/image", "a")), 1, []),
        (fix(("/image", "a")), 1, [item(action="conflict", needs="takeover")]),
        (fix(("/image", "a")), 1, [item(diff=[Change(path="spec.x", old=1, new=2)])]),
    ],
)
def test_the_digest_changes_with_whatever_a_person_has_looked_at(
    other: Fix, revision: int, items: list[PlanItem]
) -> None:
    seen = digest_of(fix(("/image", "a")), 1, [item()])
    assert seen == digest_of(fix(("/image", "a")), 1, [item()])
    assert seen != digest_of(other, revision, items)


def test_the_digest_of_an_act_depends_on_the_very_object() -> None:
    one = fix(objects=(TARGET,))
    again = fix(objects=(TARGET.model_copy(update={"uid": "2"}),))
    assert digest_of(one, 0, []) != digest_of(again, 0, [])


def test_wires_that_are_there_stay() -> None:
    before = graph(web(), node("c", "configmap", data={"A": "1"}), wire("c", "web", "config-env"))
    assert changed(before, "web", fix(("/image", "x:1"))).edges == before.edges
