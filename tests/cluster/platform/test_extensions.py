"""Custom resources on a real cluster: their definition comes in the same workflow, or is there already."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from tests.cluster.platform.conftest import Made
from tests.fixtures.workflows.crds import DATABASE, DATABASE_SPEC, crd
from tests.fixtures.workflows.helpers import after, graph, node, web, wire
from tests.support.kube import Kube
from tests.support.person import Person
from tests.support.wait import eventually

Make = Callable[..., Made]


@pytest.fixture
def group(kube: Kube) -> Iterator[str]:
    """A group of this test alone; what is left of it on the cluster goes with the test."""
    name = f"g{uuid.uuid4().hex[:8]}.example.com"
    yield name
    kube.run("delete", "crd", f"databases.{name}", "--ignore-not-found", "--wait=false")


def definition(group: str) -> Any:
    return node("kinds", "manifest", manifest=yaml.safe_dump(crd("Database", DATABASE, group=group)))


def database(group: str, **spec: Any) -> Any:
    data = {"api_version": f"{group}/v1", "kind": "Database", "spec": {**DATABASE_SPEC, **spec}}
    return node("orders", "custom-resource", **data)


def deploy(made: Made, *, status: str = "completed") -> dict[str, Any]:
    return made.person.deploy(made.id, status=status)


def is_ready(kube: Kube, made: Made, group: str, status: str, message: str) -> None:
    """Say as a controller would how the resource is."""
    conditions = [{"type": "Ready", "status": status, "reason": "Test", "message": message}]
    kube.run(
        *("patch", f"databases.{group}/orders", "-n", made.namespace, "--subresource=status", "--type=merge"),
        *("-p", json.dumps({"status": {"conditions": conditions}})),
    )


def test_a_definition_and_its_resource_come_in_one_workflow(make: Make, kube: Kube, group: str) -> None:
    made = make(graph(definition(group), database(group)))
    run = deploy(made)
    assert run["plan_summary"] == {"create": 2}
    assert {name: state["state"] for name, state in run["node_states"].items()} == {"kinds": "ready", "orders": "ready"}
    live = kube.get(f"databases.{group}/orders", "-n", made.namespace)
    assert live["spec"]["users"] == DATABASE_SPEC["users"]
    # the watcher takes up the kind that did not exist when it began
    eventually(
        lambda: (
            [made.person.statuses(made.id).get(name, {}).get("message") for name in ("kinds", "orders")]
            == ["Established.", "Created"]
        ),
        timeout=15,
        what="both nodes are seen",
    )
    assert deploy(made)["plan_summary"] == {"unchanged": 2}
    made.save(graph(definition(group), database(group, copies=3)))
    assert deploy(made)["plan_summary"] == {"unchanged": 1, "update": 1}


def test_what_waits_for_a_resource_waits_for_its_condition(make: Make, kube: Kube, group: str) -> None:
    made = make(graph(definition(group), database(group)))
    deploy(made)
    is_ready(kube, made, group, "False", "still restoring")
    made.save(graph(definition(group), database(group), web(), after("web", "orders")))
    run_id = made.run()

    def state() -> dict[str, Any]:
        found: dict[str, Any] = made.person.get_run(run_id)["node_states"].get("orders", {})
        return found

    eventually(lambda: state().get("message") == "still restoring", timeout=10, what="the run waits")
    assert kube.run("get", "deployment", "web", "-n", made.namespace, "--ignore-not-found") == ""
    is_ready(kube, made, group, "True", "restored")
    assert made.person.ended(run_id)["status"] == "completed"
    eventually(
        lambda: made.person.statuses(made.id).get("orders", {}).get("message") == "restored",
        timeout=20,
        what="its status is seen",
    )


def test_a_kind_nobody_has_defined_fails_the_plan_with_its_name(make: Make, group: str) -> None:
    made = make(graph(database(group)))
    run = deploy(made, status="failed")
    assert run["error"]["node_id"] == "orders"
    assert f"does not know the kind Database of {group}/v1" in run["error"]["message"]
    assert run["error"]["message"].startswith("Nothing was changed")


def test_a_spec_the_definition_does_not_allow_changes_nothing(make: Make, kube: Kube, group: str) -> None:
    kube.apply(crd("Database", DATABASE, group=group), namespace="default")
    kube.run("wait", "--for=condition=Established", "--timeout=30s", f"crd/databases.{group}")
    made = make(graph(database(group, engine="oracle", typo=1)))
    run = deploy(made, status="failed")
    assert run["error"]["node_id"] == "orders"
    assert "typo" in run["error"]["message"] or "oracle" in run["error"]["message"]


def test_a_teardown_takes_the_resource_and_its_definition(make: Make, kube: Kube, group: str) -> None:
    made = make(graph(definition(group), database(group)))
    deploy(made)
    made.save(graph(definition(group)))
    assert deploy(made)["plan_summary"] == {"prune": 1, "unchanged": 1}
    eventually(
        lambda: kube.run("get", f"databases.{group}", "-n", made.namespace, "-o", "name") == "",
        timeout=20,
        what="the resource is gone",
    )
    made.save(graph(web()))
    assert deploy(made)["plan_summary"] == {"create": 1, "prune": 1}
    eventually(
        lambda: kube.run("get", "crd", f"databases.{group}", "--ignore-not-found") == "", timeout=20, what="it is gone"
    )


def test_a_definition_that_goes_with_its_resource_leaves_no_entry(make: Make, kube: Kube, group: str) -> None:
    made = make(graph(definition(group), database(group)))
    deploy(made)
    kube.run("delete", "crd", f"databases.{group}", "--wait=true")
    # somebody took the kind away: both are made again
    assert deploy(made)["plan_summary"] == {"create": 2}
    made.save(graph(web()))
    assert deploy(made)["plan_summary"] == {"create": 1, "prune": 2}


def test_the_palette_of_a_connected_cluster(ada: Person, simulated_cluster: str, make: Make, group: str) -> None:
    made = make(graph(definition(group)))
    deploy(made)
    name = f"crd:{group}/v1/Database"

    def offered() -> dict[str, Any]:
        found = ada.get(f"/node-types?cluster={simulated_cluster}&namespace={made.namespace}")
        items: dict[str, Any] = {item["type"]: item for item in found["items"]}
        return items

    # each web process asks again within half a minute
    eventually(lambda: name in offered(), timeout=45, what="the new kind is offered")
    item = offered()[name]
    assert (item["source"], item["node_type"], item["availability"]) == (
        "crd",
        "custom-resource",
        {"state": "ok", "reason": None},
    )
    found = ada.get(f"/clusters/{simulated_cluster}/crds")
    [listed] = [entry for entry in found["items"] if entry["group"] == group]
    assert (listed["node_type"], listed["has_form"], listed["problem"]) == (name, True, None)
    permissions = ada.get(f"/clusters/{simulated_cluster}/permissions?namespace={made.namespace}")
    assert {"verbs": ["*"], "groups": ["*"], "resources": ["*"], "names": []} in permissions["items"]
    names = [entry["name"] for entry in ada.get(f"/clusters/{simulated_cluster}/namespaces")["items"]]
    assert "kube-system" in names


def test_a_resource_names_what_it_is_wired_to_also_under_its_next_name(make: Make, kube: Kube, group: str) -> None:
    kube.apply(crd("Database", DATABASE, group=group), namespace="default")
    kube.run("wait", "--for=condition=Established", "--timeout=30s", f"crd/databases.{group}")
    wires = wire("orders", "settings", "resource-names", path="/spec/parameters/config_map")

    def drawn(name: str) -> Any:
        settings = node("settings", "configmap", data={"A": "b"})
        return graph(database(group), settings.model_copy(update={"data": {**settings.data, "name": name}}), wires)

    made = make(drawn("settings"))
    deploy(made)
    live = kube.get(f"databases.{group}/orders", "-n", made.namespace)
    assert live["spec"]["parameters"] == {"max_connections": "100", "config_map": "settings"}
    made.save(drawn("renamed"))
    assert deploy(made)["plan_summary"] == {"create": 1, "update": 1, "prune": 1}
    live = kube.get(f"databases.{group}/orders", "-n", made.namespace)
    assert live["spec"]["parameters"]["config_map"] == "renamed"
