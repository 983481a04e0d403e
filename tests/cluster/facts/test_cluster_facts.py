"""What is read of a real API server: its extensions, what may be done, names; and what the palette makes of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from shared.clusters.facts import OPTION_SOURCES, ClusterFacts, OptionSource
from shared.clusters.models import Cluster
from shared.kubernetes.client import ClusterClient
from shared.workflows.catalogue.core import NodeType, node_types
from shared.workflows.catalogue.for_cluster import ClusterCatalogue
from shared.workflows.compile.manifests import CompileContext, compile_graph
from shared.workflows.drawing.graph import Graph, Node
from tests.fixtures.workflows.crds import DATABASE_SPEC
from tests.support.kube import Kube
from tests.support.wait import eventually

EDIT = ["get", "list", "watch", "create", "update", "patch", "delete"]


def rule(groups: list[str], resources: list[str], verbs: list[str] = EDIT) -> dict[str, Any]:
    return {"apiGroups": groups, "resources": resources, "verbs": verbs}


def by_type(cluster: Cluster, namespace: str, facts: ClusterFacts) -> dict[str, NodeType]:
    items = {item.type: item for item in ClusterCatalogue(facts).node_types(cluster, namespace).items}
    assert {item.availability.reason for item in items.values() if item.availability.state == "unknown"} == set()
    return items


def manifests(item: NodeType, data: dict[str, Any], namespace: str) -> list[dict[str, Any]]:
    """Compile a node that was made from a type; no cluster takes part."""
    filled = {"name": item.name_pattern.format(n=1), **item.defaults, **data}
    jsonschema.Draft202012Validator(item.json_schema).validate(filled)
    graph = Graph(nodes=[Node(id="n1", type=item.node_type, data=filled)], edges=[])
    context = CompileContext(
        workflow_id="665000000000000000000001", workflow_slug="shop", namespace=namespace, privileged=True
    )
    return [made.manifest for made in compile_graph(graph, context).items]


def test_who_may_do_all_can_use_every_type(admin: Cluster, namespace: str, facts: ClusterFacts, group: str) -> None:
    items = by_type(admin, namespace, facts)
    assert {item.availability.state for item in items.values()} == {"ok"}
    assert {item.type for item in node_types().items} < items.keys()
    assert items[f"crd:{group}/v1/Database"].description == "Database is a database with copies and backups."


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("Database", {"spec": DATABASE_SPEC}),
        ("Database", {"spec": {**DATABASE_SPEC, "port": "http", "storage": 5, "nickname": "x"}}),
        ("Palette", {"body": {"colours": ["green", "blue"]}}),
        ("Region", {"spec": {"engine": "mysql", "storage": "1Gi", "noBackup": {}}}),
    ],
)
def test_the_api_server_takes_strictly_what_the_form_made(
    client: ClusterClient,
    admin: Cluster,
    namespace: str,
    facts: ClusterFacts,
    group: str,
    kind: str,
    data: dict[str, Any],
) -> None:
    [manifest] = manifests(by_type(admin, namespace, facts)[f"crd:{group}/v1/{kind}"], data, namespace)
    answer = client.apply(manifest, dry_run=True, field_validation="Strict")
    for name, value in data.items():
        for field, wanted in ({"spec": value} if name == "spec" else value).items():
            assert answer[field] == {**answer[field], **wanted} if isinstance(wanted, dict) else wanted


def test_definitions_are_read_with_scope_and_versions(admin: Cluster, facts: ClusterFacts, group: str) -> None:
    found = {crd.kind: crd for crd in facts.crds(admin).items if crd.group == group}
    assert {kind: crd.namespaced for kind, crd in found.items()} == {
        "Database": True,
        "Palette": True,
        "Region": False,
    }
    assert [(item.name, item.served, item.storage) for item in found["Database"].versions] == [("v1", True, True)]
    assert {crd.problem for crd in found.values()} == {""}


def test_credentials_of_one_namespace_get_the_same_forms_from_openapi(
    admin: Cluster, as_account: Callable[..., Cluster], namespace: str, facts: ClusterFacts, group: str
) -> None:
    limited = as_account(rule([group], ["databases"]), rule([""], ["configmaps"]))
    whole = by_type(admin, namespace, facts)
    name = f"crd:{group}/v1/Database"

    def is_published() -> bool:
        # the published OpenAPI follows a new definition within seconds
        facts_now = ClusterFacts(facts._clients)
        return by_type(limited, namespace, facts_now)[name].ui.keys() == whole[name].ui.keys()

    eventually(is_published, timeout=30, what="OpenAPI tells of the new kinds")
    found = ClusterFacts(facts._clients).crds(limited)
    assert found.reason == (
        "The cluster's credentials may not list CustomResourceDefinitions; this is what discovery tells."
    )
    seen = by_type(limited, namespace, facts)[name]
    spec, expected = seen.json_schema["properties"]["spec"], whole[name].json_schema["properties"]["spec"]
    assert spec["required"] == expected["required"]
    assert spec["properties"]["users"] == expected["properties"]["users"]
    assert spec["properties"]["storage"] == expected["properties"]["storage"]


def test_what_is_missing_is_named_with_verb_kind_and_namespace(
    as_account: Callable[..., Cluster], namespace: str, facts: ClusterFacts, group: str
) -> None:
    limited = as_account(
        rule([""], ["configmaps", "services"]),
        rule(["apps"], ["deployments"], ["get", "list"]),
        rule([group], ["databases"]),
    )
    found = {name: item.availability for name, item in by_type(limited, namespace, facts).items()}
    usable = {name for name, item in found.items() if item.state == "ok"}
    assert usable == {"configmap", "service", "manifest", "custom-resource", f"crd:{group}/v1/Database"}
    assert {item.state for name, item in found.items() if name not in usable} == {"denied"}
    where = f"in the namespace {namespace}"
    reasons = {name: item.reason for name, item in found.items()}
    assert reasons["deployment"] == f"The cluster's credentials may not create or patch deployments.apps {where}."
    assert (
        reasons[f"crd:{group}/v1/Palette"]
        == f"The cluster's credentials may not list or create or patch palettes.{group} {where}."
    )
    assert reasons["namespace"] == (
        "The cluster's credentials may not list or create or patch namespaces of the whole cluster."
    )


def test_rights_in_a_namespace_are_none_on_the_whole_cluster(
    as_account: Callable[..., Cluster], namespace: str, facts: ClusterFacts, group: str
) -> None:
    limited = as_account(rule(["*"], ["*"], ["*"]))
    found = {name: item.availability.state for name, item in by_type(limited, namespace, facts).items()}
    assert {name for name, state in found.items() if state == "denied"} == {"namespace", f"crd:{group}/v1/Region"}
    rights = facts.rights(limited, namespace)
    assert not rights.incomplete
    assert rights.covers("delete", "apps", "deployments")


def test_names_to_choose_from(kube: Kube, admin: Cluster, namespace: str, facts: ClusterFacts, group: str) -> None:
    kube.apply(
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "robot"}},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"a": "b"}},
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "hidden"}, "stringData": {"a": "b"}},
        namespace=namespace,
    )
    found = {source: facts.names(admin, source, namespace) for source in OPTION_SOURCES}
    values = {source: [name.value for name in names.items] for source, names in found.items()}
    assert "robot" in values["service-accounts"]
    assert "settings" in values["config-maps"]
    assert {namespace, "default", "kube-system"} <= set(values["namespaces"])
    assert {"system-cluster-critical", "system-node-critical"} <= set(values["priority-classes"])
    assert f"{group}/v1" in values["custom-kinds"]
    assert values["secrets"] == []
    assert found["secrets"].reason == "Names of Secrets are not read from clusters. Type the name."
    assert {names.reason for source, names in found.items() if source != "secrets"} == {""}


def test_a_default_class_is_marked(kube: Kube, admin: Cluster, namespace: str, facts: ClusterFacts) -> None:
    name = f"fast-{namespace}"
    annotations = {"ingressclass.kubernetes.io/is-default-class": "true"}
    ingress_class = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressClass",
        "metadata": {"name": name, "annotations": annotations},
        "spec": {"controller": "example.com/none"},
    }
    kube.apply(ingress_class, namespace="default")
    try:
        found = {item.value: item.is_default for item in facts.names(admin, "ingress-classes", namespace).items}
    finally:
        kube.run("delete", "ingressclass", name)
    assert found[name] is True


def test_names_that_may_not_be_listed_are_none_with_the_reason(
    as_account: Callable[..., Cluster], namespace: str, facts: ClusterFacts
) -> None:
    limited = as_account(rule([""], ["configmaps"]))
    assert facts.names(limited, "config-maps", namespace).reason == ""
    unseen: list[tuple[OptionSource, str]] = [
        ("namespaces", ""),
        ("storage-classes", ""),
        ("services", f" in the namespace {namespace}"),
    ]
    for source, where in unseen:
        found = facts.names(limited, source, namespace)
        assert found.items == ()
        assert found.reason == f"The cluster's credentials may not list {source.replace('-', '')}{where}."


def test_a_palette_is_made_within_its_limit_and_kept(
    admin: Cluster, namespace: str, facts: ClusterFacts, group: str
) -> None:
    started = time.monotonic()
    first = ClusterCatalogue(facts).node_types(admin, namespace)
    assert time.monotonic() - started < 5
    started = time.monotonic()
    assert ClusterCatalogue(facts).node_types(admin, namespace).revision == first.revision
    assert time.monotonic() - started < 1
