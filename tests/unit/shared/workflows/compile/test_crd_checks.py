from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shared.kubernetes.crds import Crd, read_crd
from shared.workflows.compile.crd_checks import extension_issues, has_extensions
from shared.workflows.compile.manifests import preview
from shared.workflows.drawing.graph import Graph, Node
from shared.workflows.drawing.issues import Issue
from shared.yaml_text import dump_all
from tests.fixtures.workflows.crds import DATABASE, DATABASE_SPEC, PALETTE, changed, crd, established
from tests.fixtures.workflows.helpers import CONTEXT, graph, node, web

PRIVILEGED = replace(CONTEXT, privileged=True)


def read(kind: str, schema: dict[str, Any], **more: Any) -> Crd:
    found = read_crd(established(crd(kind, schema, **more)))
    assert found is not None
    return found


CRDS = (read("Database", DATABASE), read("Palette", PALETTE), read("Region", DATABASE, scope="Cluster"))


def database(changes: dict[str, Any] | None = None, **more: Any) -> Node:
    spec = changed(DATABASE_SPEC, changes or {})
    return node(
        "db", "custom-resource", **{"api_version": "shop.example.com/v1", "kind": "Database", "spec": spec, **more}
    )


def manifest(*documents: dict[str, Any], **more: Any) -> Node:
    return node("all", "manifest", manifest=dump_all(documents), **more)


def checked(*nodes: Node, crds: tuple[Crd, ...] = CRDS) -> list[Issue]:
    drawn: Graph = graph(*nodes)
    compiled, issues = preview(drawn, PRIVILEGED)
    assert [issue for issue in issues if issue.is_error] == []
    return extension_issues(drawn, compiled.items, crds)


def test_a_right_object_has_no_issue() -> None:
    assert checked(database(), web()) == []


def test_a_fault_points_at_the_field_of_the_node() -> None:
    [issue] = checked(database({"dnsNames": ["a", 5]}))
    assert (issue.node_id, issue.path, issue.code, issue.severity) == (
        "db",
        "/spec/dnsNames/1",
        "crd-wrong-type",
        "error",
    )
    assert issue.message == "spec.dnsNames[1] must be a text."


def test_a_field_that_was_meant_is_the_remedy() -> None:
    [issue] = checked(database({"hostname": "db-1"}))
    assert issue.remedy is not None
    assert (issue.remedy.path, issue.remedy.text) == ("/spec/hostname", "Call it hostName")


def test_a_field_beside_the_spec_is_in_the_body() -> None:
    palette = node("p", "custom-resource", api_version="shop.example.com/v1", kind="Palette", body={"colours": "red"})
    assert [(issue.path, issue.code) for issue in checked(palette)] == [("/body/colours", "crd-wrong-type")]


def test_objects_in_yaml_are_told_by_their_names() -> None:
    head = {"apiVersion": "shop.example.com/v1", "kind": "Database"}
    good = {**head, "metadata": {"name": "good"}, "spec": DATABASE_SPEC}
    bad = {**head, "metadata": {"name": "bad"}, "spec": {**DATABASE_SPEC, "ratio": 7}}
    [issue] = checked(manifest(good, bad))
    assert (issue.node_id, issue.path) == ("all", "/manifest")
    assert issue.message == "Database bad: spec.ratio must be at most 1."


def test_a_kind_the_cluster_does_not_know_is_a_doubt() -> None:
    [issue] = checked(database(), crds=())
    assert (issue.code, issue.severity, issue.path) == ("kind-not-on-cluster", "warning", "/kind")
    assert "Database of shop.example.com/v1" in issue.message


def test_a_kind_that_is_served_without_a_definition_is_not_judged() -> None:
    drawn = graph(database(kind="Metric", api_version="metrics.example.com/v1"))
    items = preview(drawn, PRIVILEGED)[0].items
    assert [issue.code for issue in extension_issues(drawn, items, CRDS)] == ["kind-not-on-cluster"]
    assert extension_issues(drawn, items, CRDS, {("metrics.example.com/v1", "Metric")}) == []


def test_a_definition_in_the_graph_stands_for_one_on_the_cluster() -> None:
    brought = manifest(crd("Database", DATABASE), cluster_scoped=True)
    assert checked(database(), brought, crds=()) == []
    assert [issue.code for issue in checked(database({"ratio": 7}), brought, crds=())] == ["crd-too-large"]


def test_a_definition_that_is_not_in_force_is_told() -> None:
    [issue] = checked(database(), crds=(replace(CRDS[0], problem="Its names are taken."),))
    assert (issue.code, issue.severity) == ("kind-not-on-cluster", "warning")
    assert issue.message.endswith("Its names are taken.")


def test_another_version_is_offered() -> None:
    [issue] = checked(database(api_version="shop.example.com/v1beta1"))
    assert (issue.code, issue.severity) == ("version-not-served", "warning")
    assert issue.remedy is not None
    assert (issue.remedy.path, issue.remedy.value) == ("/api_version", "shop.example.com/v1")


@pytest.mark.parametrize(("kind", "is_wide"), [("Database", True), ("Region", False)])
def test_the_wrong_place_for_a_kind_is_a_doubt(kind: str, is_wide: bool) -> None:  # noqa: FBT001 - of a table
    found = checked(database(kind=kind, cluster_scoped=is_wide))
    assert [(issue.path, issue.code, issue.severity) for issue in found] == [
        ("/cluster_scoped", "crd-wrong-scope", "warning")
    ]
    assert found[0].remedy is not None
    assert found[0].remedy.value is not is_wide


def test_a_kind_without_a_schema_says_nothing() -> None:
    bare = replace(CRDS[0], versions=tuple(replace(version, schema={}) for version in CRDS[0].versions))
    assert checked(database({"ratio": 7}), crds=(bare,)) == []


def test_a_graph_of_built_in_kinds_needs_no_cluster() -> None:
    assert not has_extensions(preview(graph(web(), node("c", "configmap")), CONTEXT)[0].items)
    assert has_extensions(preview(graph(database()), CONTEXT)[0].items)


def test_an_old_definition_keeps_what_it_does_not_know() -> None:
    raw = crd("Database", DATABASE)
    raw["spec"]["preserveUnknownFields"] = True
    found = read_crd(established(raw))
    assert found is not None
    assert checked(database({"whatever": 1}), crds=(found,)) == []
    assert [issue.code for issue in checked(database({"ratio": 7}), crds=(found,))] == ["crd-too-large"]


@pytest.mark.parametrize("given", [{"spec": {}}, {}])
def test_an_empty_spec_that_is_there_is_sent(given: dict[str, Any]) -> None:
    drawn = node("db", "custom-resource", api_version="shop.example.com/v1", kind="Database", **given)
    [item] = preview(graph(drawn), CONTEXT)[0].items
    assert {name: value for name, value in item.manifest.items() if name == "spec"} == given
