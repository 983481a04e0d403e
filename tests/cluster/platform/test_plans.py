"""Plans that are confirmed, versions that come back, workflows that leave: through HTTP, queue, worker and cluster."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from tests.cluster.platform.conftest import Made
from tests.fixtures.workflows.helpers import graph, node, web, wire
from tests.support.kube import Kube
from tests.support.person import Person
from tests.support.platform import Platform
from tests.support.wait import eventually

Make = Callable[..., Made]
RESTING = {"planned", "completed", "failed", "cancelled"}
NOWHERE: dict[str, Any] = {"node_selector": {"kubeorch.test/nowhere": "true"}}


def settled(person: Person, run_id: str, *, timeout: float = 40.0) -> dict[str, Any]:
    """Wait until a run has ended or is planned."""

    def resting() -> dict[str, Any] | None:
        run = person.get_run(run_id)
        return run if run["status"] in RESTING else None

    found = eventually(resting, timeout=timeout, every=0.1, what=f"the rest of run {run_id}")
    assert found is not None
    return found


def planned(made: Made, **body: Any) -> dict[str, Any]:
    run = made.person.call("POST", f"/workflows/{made.id}/plan", body, status=202)
    return settled(made.person, run["id"])


def items(made: Made, run: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = made.person.get(f"/runs/{run['id']}/plan?limit=100")["items"]
    return {item["object"]: item for item in found}


def confirm(made: Made, run: dict[str, Any], *, status: str = "completed", **consent: Any) -> dict[str, Any]:
    body = {"digest": run["plan_digest"], "consent": consent}
    made.person.call("POST", f"/runs/{run['id']}/confirm", body, status=202)
    ended = settled(made.person, run["id"])
    assert ended["status"] == status, ended["error"]
    return ended


def owned(kube: Kube, made: Made, kinds: str) -> list[dict[str, Any]]:
    """Return what carries the workflow's label in its namespace."""
    found: list[dict[str, Any]] = kube.get(kinds, "-n", made.namespace, "-l", f"kubeorch.io/workflow={made.id}")[
        "items"
    ]
    return found


def test_a_plan_changes_nothing_and_confirming_it_does_exactly_that(make: Make, kube: Kube) -> None:
    made = make(graph(web(replicas=0), node("settings", "configmap", data={"A": "1"})))
    run = planned(made)
    assert (run["status"], run["kind"], run["plan_summary"]) == ("planned", "plan", {"create": 2})
    assert owned(kube, made, "deployments,configmaps") == []
    assert {name: item["action"] for name, item in items(made, run).items()} == {
        f"ConfigMap {made.namespace}/settings": "create",
        f"Deployment {made.namespace}/web": "create",
    }
    workflow = made.person.get(f"/workflows/{made.id}")
    assert (workflow["active_run_id"], workflow["deployed_version"]) == (None, None)
    refused = made.person.send("POST", f"/runs/{run['id']}/confirm", {"digest": "other"})
    assert (refused.status_code, refused.json()["code"]) == (409, "plan-changed")
    done = confirm(made, run)
    assert (done["kind"], done["confirmed_by"]["name"]) == ("deploy", "Ada")
    assert made.person.get(f"/workflows/{made.id}")["deployed_version"] == 1
    again = made.person.send("POST", f"/runs/{run['id']}/confirm", {"digest": run["plan_digest"]})
    assert again.json()["code"] == "run-not-planned"
    # an update is told field by field
    made.save(graph(web(replicas=0, image="nginx:2"), node("settings", "configmap", data={"A": "1"})))
    changed = items(made, planned(made))[f"Deployment {made.namespace}/web"]
    assert [(change["path"], change["new"]) for change in changed["diff"]] == [
        ("spec.template.spec.containers[web].image", "nginx:2")
    ]


def test_a_plan_that_nobody_wants_is_thrown_away(make: Make) -> None:
    made = make(graph(web(replicas=0)))
    run = planned(made)
    thrown = made.person.call("POST", f"/runs/{run['id']}/cancel", status=202)
    assert thrown["status"] == "cancelled"
    body = {"digest": run["plan_digest"]}
    assert made.person.send("POST", f"/runs/{run['id']}/confirm", body).json()["code"] == "run-not-planned"
    assert made.person.send("POST", f"/runs/{run['id']}/cancel").json()["code"] == "run-ended"
    assert made.deploy()["status"] == "completed"


def test_a_plan_whose_ground_has_changed_is_not_applied(make: Make, kube: Kube) -> None:
    made = make(graph(node("settings", "configmap", data={"A": "1"}), node("other", "configmap", data={"B": "1"})))
    made.deploy()
    made.save(graph(node("settings", "configmap", data={"A": "2"}), node("other", "configmap", data={"B": "1"})))
    run = planned(made)
    assert run["plan_summary"] == {"update": 1, "unchanged": 1}
    # somebody removes what the plan wanted to leave alone: applying it would make it again
    kube.run("delete", "configmap", "other", "-n", made.namespace)
    ended = confirm(made, run, status="failed")
    assert ended["error"]["code"] == "plan-changed"
    assert kube.get("configmap/settings", "-n", made.namespace)["data"] == {"A": "1"}
    assert confirm(made, planned(made))["status"] == "completed"


def test_a_conflict_is_taken_over_by_consent(make: Make, kube: Kube) -> None:
    made = make(graph(web(replicas=0)))
    made.deploy()
    kube.run("scale", "deployment/web", "--replicas=1", "-n", made.namespace)
    run = planned(made)
    name = f"Deployment {made.namespace}/web"
    item = items(made, run)[name]
    assert (item["action"], item["needs"]) == ("conflict", "takeover")
    assert [conflict["field"] for conflict in item["conflicts"]] == [".spec.replicas"]
    assert "kubectl" in item["conflicts"][0]["manager"]
    assert confirm(made, run, status="failed")["error"]["message"].startswith("Nothing was changed")
    confirm(made, planned(made), takeover=[{"object": name, "fields": [".spec.replicas"]}])
    assert kube.get("deployment/web", "-n", made.namespace)["spec"]["replicas"] == 0


def test_a_rollback_brings_back_what_was_deployed_with_its_secrets(make: Make, kube: Kube) -> None:
    key = (node("key", "secret", keys=["PIN"]), wire("key", "web", "secret-env"))
    made = make(graph(web(replicas=0, image="nginx:1"), *key))
    made.person.call("PUT", f"/workflows/{made.id}/secrets/key", {"values": {"PIN": "1111"}})
    made.deploy()
    before = _content(kube, made)
    made.save(graph(web(replicas=0, image="nginx:2"), *key, node("extra", "configmap", data={"A": "1"})))
    made.person.call("PUT", f"/workflows/{made.id}/secrets/key", {"values": {"PIN": "2222"}})
    made.deploy()
    assert _content(kube, made) != before
    versions = made.person.get(f"/workflows/{made.id}/versions")["items"]
    assert [version["version"] for version in versions] == [2, 1]
    compared = made.person.get(f"/workflows/{made.id}/versions/compare?v1=1&v2=2")
    assert [(change["node_id"], change["change"]) for change in compared["nodes"]] == [
        ("extra", "added"),
        ("web", "changed"),
    ]
    assert compared["secrets"] == ["key"]
    run = made.person.call("POST", f"/workflows/{made.id}/versions/1/rollback", {}, status=202)
    plan = settled(made.person, run["id"])
    assert (plan["kind"], plan["plan_summary"]) == ("rollback", {"update": 2, "prune": 1})
    assert "2222" not in str(items(made, plan))
    confirm(made, plan)
    assert _content(kube, made) == before
    assert made.person.get(f"/workflows/{made.id}")["deployed_version"] == 1


def _content(kube: Kube, made: Made) -> Any:
    """Return what the workflow has on the cluster, without what only the server writes."""
    return {
        (item["kind"], item["metadata"]["name"]): {
            **{key: item.get(key) for key in ("spec", "data", "type")},
            "labels": item["metadata"]["labels"],
        }
        for item in owned(kube, made, "deployments,configmaps,secrets")
    }


def test_a_second_run_waits_in_the_queue_when_told(make: Make) -> None:
    made = make(graph(web(**NOWHERE)))
    first = made.run()
    eventually(lambda: made.person.get_run(first)["phase"] == "waiting", timeout=20)
    refused = made.person.send("POST", f"/workflows/{made.id}/run")
    assert (refused.status_code, refused.json()["run_id"]) == (409, first)
    second = made.person.call("POST", f"/workflows/{made.id}/run", {"queue": True}, status=202)
    assert (second["status"], second["waiting"]) == ("queued", True)
    made.save(graph(web(replicas=0)))
    made.person.call("POST", f"/runs/{first}/cancel", status=202)
    assert settled(made.person, first)["status"] == "cancelled"
    # the second one was asked for before the graph was mended
    assert eventually(lambda: made.person.get_run(second["id"])["phase"] == "waiting", timeout=20)
    made.person.call("POST", f"/runs/{second['id']}/cancel", status=202)
    assert settled(made.person, second["id"])["status"] == "cancelled"
    assert made.deploy()["version"] == 2


def test_values_for_one_run_reach_the_cluster_and_are_kept_nowhere(make: Make, kube: Kube, platform: Platform) -> None:
    made = make(graph(web(replicas=0), node("key", "secret", keys=["PIN"]), wire("key", "web", "secret-env")))
    brought = {"secrets": {"key": {"PIN": "one-run-marker-1"}}, "env_vars": {"web": {"MODE": "one-run-marker-2"}}}
    wrong = made.person.send("POST", f"/workflows/{made.id}/run", {"trigger_data": {"secrets": {"web": {"A": "b"}}}})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "unknown-node")
    run = made.person.call("POST", f"/workflows/{made.id}/run", {"trigger_data": brought}, status=202)
    ended = settled(made.person, run["id"])
    assert ended["status"] == "completed", ended["error"]
    live = kube.get("secret/key", "-n", made.namespace)["data"]
    assert base64.b64decode(live["PIN"]) == b"one-run-marker-1"
    env = kube.get("deployment/web", "-n", made.namespace)["spec"]["template"]["spec"]["containers"][0]["env"]
    assert {"name": "MODE", "value": "one-run-marker-2"} in env
    assert "one-run-marker" not in str(ended) + str(items(made, ended))
    assert platform.search("one-run-marker") == []
    # the next run does not bring the variable, and keeps the secret's live value
    made.deploy()
    container = kube.get("deployment/web", "-n", made.namespace)["spec"]["template"]["spec"]["containers"][0]
    assert "one-run-marker-2" not in str(container)
    assert platform.search("one-run-marker") == [], "its plan tells that the variable goes, not its value"
    assert kube.get("secret/key", "-n", made.namespace)["data"] == live
    again = made.person.send("POST", f"/runs/{run['id']}/retry")
    assert again.json()["code"] == "values-needed"


def test_a_failed_run_goes_back_by_itself_when_told(make: Make, kube: Kube) -> None:
    made = make(graph(web(replicas=0)))
    made.deploy()
    made.save(graph(web(replicas=0, image="nginx:2"), node("late", "deployment", image="nginx:1", **NOWHERE)))
    body = {"options": {"rollback_on_failure": True, "node_seconds": 5}}
    run = made.person.call("POST", f"/workflows/{made.id}/run", body, status=202)
    assert settled(made.person, run["id"])["error"]["code"] == "node-timeout"

    def back() -> bool:
        newest = made.person.get(f"/workflows/{made.id}/runs?limit=1")["items"][0]
        return bool(newest["kind"] == "rollback" and newest["status"] == "completed")

    eventually(back, timeout=30)
    found = kube.get("deployments", "-n", made.namespace)["items"]
    assert [item["metadata"]["name"] for item in found if "deletionTimestamp" not in item["metadata"]] == ["web"]
    assert found[0]["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:1"


def test_archiving_removes_everything_but_data(make: Make, kube: Kube) -> None:
    made = make(
        graph(
            web(replicas=1),
            node("settings", "configmap", data={"A": "1"}),
            node("data", "persistentvolumeclaim", storage="1Gi"),
        )
    )
    made.deploy()
    run = made.person.call("PUT", f"/workflows/{made.id}/status", {"status": "archived"}, status=202)
    ended = settled(made.person, run["id"])
    assert (ended["status"], ended["kind"]) == ("completed", "teardown")
    assert ended["plan_summary"] == {"prune": 2, "keep": 1}
    left = owned(kube, made, "all,configmaps,persistentvolumeclaims")
    assert [item["kind"] for item in left] == ["PersistentVolumeClaim"]
    workflow = eventually(lambda: _when(made.person.get(f"/workflows/{made.id}"), "archived"), timeout=5)
    assert workflow["deployed_version"] is None
    assert made.person.send("POST", f"/workflows/{made.id}/run").json()["code"] == "workflow-archived"
    removed = made.person.get(f"/runs/{run['id']}/removed")["items"]
    assert {item["object"].split()[0] for item in removed} == {"Deployment", "ConfigMap"}
    assert "kind: ConfigMap" in next(item["yaml"] for item in removed if item["object"].startswith("ConfigMap"))
    # taken up again, it finds its claim
    made.person.call("PUT", f"/workflows/{made.id}/status", {"status": "draft"})
    uid = left[0]["metadata"]["uid"]
    made.deploy()
    assert kube.get("persistentvolumeclaim/data", "-n", made.namespace)["metadata"]["uid"] == uid


def _when(workflow: dict[str, Any], status: str) -> dict[str, Any]:
    assert workflow["status"] == status
    return workflow


def test_deleting_asks_what_becomes_of_the_objects(make: Make, kube: Kube) -> None:
    made = make(graph(node("settings", "configmap", data={"A": "1"})))
    made.deploy()
    asked = made.person.send("DELETE", f"/workflows/{made.id}")
    assert (asked.status_code, asked.json()["code"]) == (409, "objects-exist")
    assert asked.json()["objects"] == [f"ConfigMap {made.namespace}/settings"]
    run = made.person.call("DELETE", f"/workflows/{made.id}?objects=teardown", status=202)
    eventually(lambda: made.person.send("GET", f"/workflows/{made.id}").status_code == 404, timeout=20)
    assert made.person.get_run(run["id"])["status"] == "completed"
    assert owned(kube, made, "configmaps") == []


def test_an_orphan_stays_and_is_nobodys(make: Make, kube: Kube) -> None:
    drawn = graph(node("settings", "configmap", data={"A": "1"}))
    made = make(drawn)
    made.deploy()
    made.person.call("DELETE", f"/workflows/{made.id}?objects=orphan", status=204)
    assert kube.get("configmap/settings", "-n", made.namespace)["data"] == {"A": "1"}
    other = make(drawn, "other")
    assert other.person.deploy(other.id, status="failed")["error"]["code"] == "not-ours"


def test_a_workflow_that_moves_leaves_nothing_behind(make: Make, kube: Kube) -> None:
    made = make(graph(web(replicas=0), node("settings", "configmap", data={"A": "1"})))
    made.deploy()
    # the same nodes under other names, in another namespace
    elsewhere = f"{made.namespace}-b"
    moved = web(replicas=0)
    renamed = moved.model_copy(update={"data": {**moved.data, "name": "front"}})
    made.save(graph(renamed, node("settings", "configmap", data={"A": "1"})))
    revision = made.person.get(f"/workflows/{made.id}")["revision"]
    made.person.call("PUT", f"/workflows/{made.id}", {"namespace": elsewhere}, If_Match=f'"{revision}"')
    assert made.deploy()["plan_summary"] == {"create": 2, "prune": 2}
    selector = f"kubeorch.io/workflow={made.id}"
    found = kube.get("deployments,configmaps", "-A", "-l", selector)["items"]
    alive = {
        (item["metadata"]["namespace"], item["metadata"]["name"])
        for item in found
        if "deletionTimestamp" not in item["metadata"]
    }
    assert alive == {(elsewhere, "front"), (elsewhere, "settings")}
    kube.run("delete", "namespace", elsewhere, "--wait=false")
