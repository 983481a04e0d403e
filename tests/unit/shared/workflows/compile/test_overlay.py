from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.workflows.compile.manifests import compile_graph, preview
from shared.workflows.compile.overlay import merge
from shared.workflows.compile.wire_effects import effects
from shared.workflows.drawing.graph import Edge, Node
from shared.workflows.versions.compare import REMOVES, Side, compare
from tests.fixtures.workflows.helpers import CONTEXT, codes, graph, issues, manifests, node, web, wire
from tests.fixtures.workflows.strategies import json_values, keys

POD = ("spec", "template", "spec")


def one(item: Node) -> dict[str, Any]:
    return manifests(item)[item.id]


def pod(overlay: dict[str, Any], **data: Any) -> dict[str, Any]:
    """Return the pod spec of a deployment with an overlay of its pod spec."""
    found: dict[str, Any] = one(web(overlay={"spec": {"template": {"spec": overlay}}}, **data))
    for name in POD:
        found = found[name]
    return found


def test_maps_are_merged_at_every_depth() -> None:
    plain = one(web())
    found = one(web(overlay={"metadata": {"finalizers": ["a.example/b"]}, "spec": {"minReadySeconds": 5}}))
    assert found["metadata"] == {**plain["metadata"], "finalizers": ["a.example/b"]}
    assert found["spec"] == {**plain["spec"], "minReadySeconds": 5}


def test_null_removes_a_field_and_what_is_not_there_stays_away() -> None:
    assert "enableServiceLinks" in pod({})
    found = pod({"enableServiceLinks": None, "hostUsers": None, "dnsConfig": {"nameservers": None, "searches": ["a"]}})
    assert {"enableServiceLinks", "hostUsers"} & found.keys() == set()
    assert found["dnsConfig"] == {"searches": ["a"]}


def test_lists_with_a_merge_key_are_merged_by_it() -> None:
    ports = [{"name": "http", "container_port": 80}]
    container = {"name": "web", "tty": True, "ports": [{"containerPort": 80, "hostIP": "10.0.0.1"}]}
    found = pod({"containers": [container, {"name": "more", "image": "busybox"}]}, ports=ports)["containers"]
    assert [item["name"] for item in found] == ["web", "more"]
    assert (found[0]["image"], found[0]["tty"]) == ("nginx:1", True)
    [port] = found[0]["ports"]
    assert (port["name"], port["containerPort"], port["hostIP"]) == ("http", 80, "10.0.0.1")


def test_ports_of_two_protocols_are_two_ports() -> None:
    overlay = {"spec": {"ports": [{"port": 53, "protocol": "UDP", "name": "udp"}, {"port": 53, "appProtocol": "dns"}]}}
    service = node("dns", "service", ports=[{"name": "tcp", "port": 53}], selector={"a": "b"}, overlay=overlay)
    tcp, udp = one(service)["spec"]["ports"]
    assert (tcp["name"], tcp["appProtocol"], udp["name"]) == ("tcp", "dns", "udp")


def test_lists_without_a_merge_key_are_replaced() -> None:
    tolerations = [{"key": "a", "operator": "Exists"}]
    other = [{"key": "b", "operator": "Exists"}]
    assert pod({"tolerations": other}, tolerations=tolerations)["tolerations"] == other


def test_lists_of_extensions_are_replaced_whatever_they_are_called() -> None:
    custom = {"apiVersion": "shop.example.com/v1", "kind": "Shop", "metadata": {"name": "a"}}
    whole, mistakes = merge({**custom, "spec": {"env": [{"name": "A"}]}}, {"spec": {"env": [{"name": "B"}]}})
    assert (whole["spec"], mistakes) == ({"env": [{"name": "B"}]}, [])


def test_a_type_with_several_objects_has_an_overlay_for_each() -> None:
    overlay = {"StatefulSet": {"spec": {"minReadySeconds": 3}}, "Service": {"spec": {"internalTrafficPolicy": "Local"}}}
    store = node("db", "statefulset", image="postgres:17", ports=[{"container_port": 5432}], overlay=overlay)
    found = {item.manifest["kind"]: item.manifest["spec"] for item in compile_graph(graph(store), CONTEXT).items}
    assert found["StatefulSet"]["minReadySeconds"] == 3
    assert found["Service"]["internalTrafficPolicy"] == "Local"
    strange = node("db", "statefulset", image="postgres:17", overlay={"spec": {}, "Service": "x"})
    assert set(codes(strange)) >= {("db/overlay/spec", "overlay-unknown"), ("db/overlay/Service", "overlay-shape")}


@pytest.mark.parametrize(
    ("overlay", "path"),
    [
        ({"apiVersion": "v1"}, "/apiVersion"),
        ({"kind": "Pod"}, "/kind"),
        ({"status": {}}, "/status"),
        ({"metadata": {"name": "other"}}, "/metadata/name"),
        ({"metadata": {"namespace": None}}, "/metadata/namespace"),
        ({"metadata": {"uid": "x"}}, "/metadata/uid"),
        ({"metadata": None}, "/metadata"),
        ({"spec": None}, "/spec"),
        ({"metadata": {"labels": {"kubeorch.io/node": "x"}}}, "/metadata/labels/kubeorch.io~1node"),
        ({"metadata": {"annotations": {"kubeorch.io/version": None}}}, "/metadata/annotations/kubeorch.io~1version"),
        ({"metadata": {"labels": None}}, ""),
        ({"spec": {"template": {"metadata": {"labels": None}}}}, ""),
        ({"spec": {"selector": None}}, ""),
    ],
)
def test_what_is_not_peoples_is_a_mistake_at_its_place_and_changes_nothing(overlay: dict[str, Any], path: str) -> None:
    broken = web(overlay=overlay)
    assert [(issue.code, issue.path) for issue in issues(broken) if issue.is_error] == [
        ("overlay-forbidden", f"/overlay{path}")
    ]
    plain = one(web())
    assert merge(plain, overlay)[0] == plain


@pytest.mark.parametrize("part", ["data", "stringData"])
def test_values_of_secrets_never_stand_in_an_overlay(part: str) -> None:
    secret = node("token", "secret", keys=["PIN"], overlay={part: {"PIN": "canary"}})
    found = [issue for issue in issues(secret) if issue.is_error]
    assert [(issue.code, issue.path) for issue in found] == [("overlay-forbidden", f"/overlay/{part}")]
    config = node("conf", "configmap", data={"A": "1"}, overlay={"data": {"B": "2"}})
    assert one(config)["data"] == {"A": "1", "B": "2"}


@pytest.mark.parametrize(
    ("overlay", "path"),
    [
        ([], ""),
        ("x", ""),
        ({"spec": {"template": "x"}}, "/spec/template"),
        ({"spec": {"replicas": {"a": 1}}}, "/spec/replicas"),
        ({"spec": {"template": {"spec": {"containers": {"name": "web"}}}}}, "/spec/template/spec/containers"),
        ({"spec": {"template": {"spec": {"containers": [{"image": "a"}]}}}}, "/spec/template/spec/containers/0"),
    ],
)
def test_another_shape_than_the_objects_is_a_mistake_at_its_place(overlay: Any, path: str) -> None:
    found = codes(web(replicas=2, overlay=overlay))
    assert [place for place, code in found if code == "overlay-shape"] == [f"web/overlay{path}"]


@pytest.mark.parametrize("overlay", [{"spec": "x"}, {"metadata": {"annotations": {"a": 1}}}, {"metadata": []}])
def test_places_where_the_platform_reads_keep_their_shape(overlay: Any) -> None:
    assert any(code == "overlay-forbidden" for _, code in codes(web(overlay=overlay)))


def test_an_overlay_gives_no_more_rights_than_the_form() -> None:
    host = web(overlay={"spec": {"template": {"spec": {"hostNetwork": True}}}})
    binding = {"RoleBinding": {"roleRef": {"kind": "ClusterRole", "name": "cluster-admin"}}}
    rules = [{"api_groups": [""], "resources": ["pods"], "verbs": ["get"]}]
    parts = (
        node("reader", "role", rules=rules, overlay=binding),
        node("robot", "serviceaccount"),
        wire("reader", "robot", "role-grants"),
    )
    assert ("web/overlay", "needs-cluster-admin") in codes(host)
    assert ("reader/overlay", "needs-cluster-admin") in codes(*parts)
    may = replace(CONTEXT, privileged=True)
    assert [code for _, code in [*codes(host, context=may), *codes(*parts, context=may)] if "admin" in code] == []


def test_a_field_that_a_wire_writes_as_well_is_a_warning() -> None:
    service = node("front", "service", ports=[{"port": 80}], overlay={"spec": {"selector": {"tier": "web"}}})
    [warning] = [
        item for item in issues(service, web(), wire("front", "web", "service-selects")) if "overlay" in item.code
    ]
    assert (warning.code, warning.path, warning.severity) == ("overlay-and-wire", "/overlay", "warning")
    assert "web" in warning.message
    elsewhere = node("front", "service", ports=[{"port": 80}], overlay={"spec": {"internalTrafficPolicy": "Local"}})
    assert not [
        item for item in issues(elsewhere, web(), wire("front", "web", "service-selects")) if "overlay" in item.code
    ]


def test_effects_of_wires_are_those_that_are_applied() -> None:
    drawn = graph(
        web(replicas=2, overlay={"spec": {"replicas": 4}}),
        node("auto", "hpa", min_replicas=1, max_replicas=3, cpu_percent=70),
        Edge(id="w", source="auto", target="web", data={"rule": "hpa-scales"}),
    )
    assert [item.node_id for item in effects(drawn, ["w"], CONTEXT)] == ["auto"]


def test_an_overlay_that_removes_a_field_is_a_change_of_a_version() -> None:
    before, after = graph(web()), graph(web(overlay={"spec": {"revisionHistoryLimit": None}}))
    found = compare(Side(before, "shop"), Side(after, "shop"))
    assert not found.identical
    [change] = found.nodes[0].changes
    assert (change.path, change.new) == ("data.overlay", {"spec": {"revisionHistoryLimit": REMOVES}})


def test_manifests_and_custom_resources_have_none() -> None:
    custom = node("db", "custom-resource", api_version="shop.example.com/v1", kind="Database", overlay={})
    assert ("db/overlay", "unknown-field") in codes(custom)


@given(st.dictionaries(keys | st.sampled_from(["metadata", "spec", "data", "template"]), json_values, max_size=4))
def test_any_overlay_is_merged_or_said_to_be_wrong(overlay: dict[str, Any]) -> None:
    for kind, data in (("deployment", {"image": "nginx"}), ("configmap", {}), ("service", {"ports": [{"port": 1}]})):
        drawn = graph(node("a", kind, overlay=overlay, **data))
        compiled, found = preview(drawn, CONTEXT)
        assert compiled.items or any(issue.is_error for issue in found)
        for item in compiled.items:
            assert (item.manifest["metadata"]["name"], item.manifest["metadata"]["namespace"]) == ("a", "shop")


@given(st.dictionaries(keys, json_values, max_size=3))
def test_merging_twice_is_merging_once(spec: dict[str, Any]) -> None:
    overlay = {"spec": spec}
    once, _ = merge(one(web()), overlay)
    assert merge(once, overlay)[0] == once
