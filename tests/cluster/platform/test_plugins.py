"""Nodes of plugins on a real API server: from a kind that is missing to objects that its definition accepts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from shared.plugins.builtin import builtin_plugins
from shared.plugins.forms import example_of
from shared.workflows.drawing.graph import Graph, Node
from tests.fixtures.plugins.crds import CRDS
from tests.support.kube import Kube
from tests.support.person import Person
from tests.support.platform import Platform
from tests.support.wait import eventually

TYPES = ("plugin:certmanager/certificate", "plugin:postgresql/pg-cluster")
EXAMPLES = {
    f"plugin:{plugin.id}/{item.id}": example_of(item)
    for plugin in builtin_plugins().values()
    for item in plugin.node_types
}
KINDS = {TYPES[0]: "certificates.cert-manager.io", TYPES[1]: "clusters.postgresql.cnpg.io"}


@pytest.fixture
def eve(platform: Platform) -> Iterator[Person]:
    """Somebody of this test alone: what she enables changes nobody else's palette."""
    person = platform.register("eve")
    yield person
    person.close()


@pytest.fixture
def definitions(kube: Kube) -> Iterator[list[dict[str, Any]]]:
    """The definitions to apply; they go with the test."""
    yield CRDS
    names = [definition["metadata"]["name"] for definition in CRDS]
    kube.run("delete", "crd", *names, "--ignore-not-found", "--wait=true")


Offers = dict[str, dict[str, Any]]


def check_forms(items: Offers) -> None:
    """The definition is the form, in the plugin's words; one entry per kind; what is not there is still missing."""
    assert not {"crd:cert-manager.io/v1/Certificate", "crd:postgresql.cnpg.io/v1/Cluster"} & items.keys()
    spec = items[TYPES[0]]["schema"]["properties"]["spec"]["properties"]
    assert "revisionHistoryLimit" in spec
    assert items[TYPES[0]]["ui"]["/spec/dnsNames"]["title"] == "Names"
    assert items["plugin:certmanager/clusterissuer"]["availability"]["state"] == "missing_crd"


def check_objects(kube: Kube, namespace: str) -> None:
    """What was made is what the examples say."""
    for name, kind in KINDS.items():
        live = kube.get(f"{kind}/shop", "-n", namespace)["spec"]
        # what the definition adds by itself
        live.get("storage", {}).pop("resizeInUseVolumes", None)
        live.pop("enablePDB", None)
        assert live == EXAMPLES[name]["spec"]


def drawn(items: Offers) -> Graph:
    """Return a node of each type, as the palette makes them, with the examples in them."""
    return Graph(
        nodes=[
            Node(
                id=name.rpartition("/")[2],
                type=items[name]["node_type"],
                data={"name": "shop", **items[name]["defaults"], **EXAMPLES[name]},
            )
            for name in TYPES
        ]
    )


def test_a_missing_kind_says_what_to_install_and_then_runs(
    eve: Person, simulated_kube: Kube, kube: Kube, namespace: str, definitions: list[dict[str, Any]]
) -> None:
    cluster = eve.connect(simulated_kube.text, "simulated")
    for plugin in ("certmanager", "postgresql"):
        eve.call("POST", f"/plugins/{plugin}/enable")

    def offered() -> Offers:
        found = eve.get(f"/node-types?cluster={cluster}&namespace={namespace}")
        return {item["type"]: item for item in found["items"]}

    missing = offered()
    assert missing[TYPES[0]]["availability"] == {
        "state": "missing_crd",
        "reason": "This cluster does not have Certificate of cert-manager.io. "
        "Install cert-manager: https://cert-manager.io/docs/installation/",
    }
    assert missing[TYPES[1]]["availability"]["state"] == "missing_crd"

    for definition in definitions:
        kube.apply(definition, namespace="default")
    # each web process asks again within half a minute
    eventually(
        lambda: {offered()[name]["availability"]["state"] for name in TYPES} == {"ok"},
        timeout=60,
        what="the kinds are there",
    )
    items = offered()
    check_forms(items)
    kinds = {item["name"]: item["node_type"] for item in eve.get(f"/clusters/{cluster}/crds")["items"]}
    assert {name: kinds[kind] for name, kind in KINDS.items()} == {name: name for name in TYPES}

    workflow = eve.create("shop", drawn(items), cluster_id=cluster, namespace=namespace)
    assert eve.call("POST", f"/workflows/{workflow}/validate", {})["issues"] == []
    run = eve.deploy(workflow)
    assert run["plan_summary"] == {"create": 2}
    check_objects(kube, namespace)
    disabled = eve.call("POST", "/plugins/certmanager/disable")
    assert [use["node_id"] for use in disabled["in_use"]] == ["certificate"]
    assert "crd:cert-manager.io/v1/Certificate" in offered()
    assert eve.deploy(workflow)["plan_summary"] == {"unchanged": 2}
