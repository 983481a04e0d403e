"""Broken, diagnosed, put right, run, healthy: on simulated nodes."""

from __future__ import annotations

import json
import uuid
from typing import Any

from tests.cluster.diagnostics.conftest import HTTP, Choose, Patient
from tests.fixtures.workflows.helpers import graph, node, web, wire
from tests.support.kube import Kube
from tests.support.wait import eventually

NOWHERE: dict[str, Any] = {"node_selector": {"kubeorch.test/nowhere": "true"}}


def fields(shown: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {change["path"]: (change["old"], change["new"]) for change in shown["graph"]}


def test_a_healthy_service_and_its_workload_pass(patient: Choose) -> None:
    front = patient(graph(web(**HTTP), node("front", "service", ports=[{"port": 80}]), wire("front", "web")), "front")
    front.made.deploy()
    found = front.healthy()
    assert found["endpoints"]["detail"] == "1 of 1 ready."
    assert found["selector"]["evidence"][0].startswith("service front: spec.selector = kubeorch.io/")
    assert f"front.{front.made.namespace}.svc" in found["dns"]["detail"]
    workload = Patient(front.made, "web").healthy()
    assert {"rollout", "replicas", "creation", "scheduling", "crash"} <= set(workload)


def test_a_service_without_pods_gets_its_wire(patient: Choose) -> None:
    drawn = graph(
        web(**HTTP), node("front", "service", selector={"app": "wbe"}, ports=[{"port": 80, "target_port": "http"}])
    )
    front = patient(drawn, "front")
    front.made.deploy()
    check = front.until("selector", "fail", fix="service-wire")
    assert "No pod in the namespace has the labels app=wbe" in check["detail"]
    shown, done = front.put_right("service-wire")
    assert fields(shown)["nodes[front].data.selector.app"] == ("wbe", None)
    [planned] = shown["objects"]
    assert (planned["object"], planned["action"]) == (f"Service {front.made.namespace}/front", "update")
    assert {change["path"] for change in planned["diff"]} >= {"spec.selector.app"}
    assert done == {
        "type": "service-wire",
        "revision": shown["revision"] + 1,
        "done": ["Wire it to web: saved."],
        "next": "run",
    }
    assert front.checks()["applied"]["state"] == "warn"
    front.made.deploy()
    assert front.healthy()["endpoints"]["detail"] == "1 of 1 ready."


def test_a_port_is_led_to_the_containers(patient: Choose, kube: Kube) -> None:
    drawn = graph(
        web(**HTTP), node("front", "service", ports=[{"port": 80, "target_port": "9090"}]), wire("front", "web")
    )
    front = patient(drawn, "front")
    front.made.deploy()
    front.until("ports", "warn", fix="service-target-port")
    shown, _ = front.put_right("service-target-port")
    assert fields(shown) == {"nodes[front].data.ports[0].target_port": ("9090", "http")}
    # until the run nothing on the cluster has changed
    live = kube.get("service/front", "-n", front.made.namespace)
    assert live["spec"]["ports"][0]["targetPort"] == 9090
    front.made.deploy()
    front.healthy()
    assert kube.get("service/front", "-n", front.made.namespace)["spec"]["ports"][0]["targetPort"] == "http"


def test_a_load_balancer_that_nobody_gives_an_address_becomes_a_node_port(patient: Choose) -> None:
    drawn = graph(
        web(**HTTP), node("front", "service", type="LoadBalancer", ports=[{"port": 80}]), wire("front", "web")
    )
    front = patient(drawn, "front")
    front.made.run()
    check = front.until("load-balancer", "fail", fix="service-node-port")
    assert "no machine belongs to a cloud" in check["detail"]
    front.cancel()
    front.put_right("service-node-port")
    front.made.deploy()
    assert "At every machine on port " in front.healthy()["outside"]["detail"]


def test_a_quota_that_is_used_up_is_told_in_numbers(patient: Choose, kube: Kube) -> None:
    app = patient(graph(web(replicas=2)), "web")
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "few"}, "spec": {"hard": {"pods": "1"}}}
    kube.apply(quota, namespace=app.made.namespace)
    eventually(
        lambda: kube.get("resourcequota/few", "-n", app.made.namespace).get("status", {}).get("used"), timeout=15
    )
    app.made.run()
    check = app.until("creation", "fail")
    assert "the quota few is used up: pods=1 more asked for, pods=1 used, pods=1 allowed" in check["detail"]
    assert check["fix"] is None
    app.cancel()
    kube.run(
        "patch", "resourcequota/few", "-n", app.made.namespace, "-p", json.dumps({"spec": {"hard": {"pods": "5"}}})
    )
    app.made.deploy(timeout=90)
    app.healthy()


def test_a_limit_beyond_the_namespaces_range_is_lowered(patient: Choose, kube: Kube) -> None:
    app = patient(graph(web(resources={"limits": {"memory": "2Gi"}})), "web")
    bounds = {
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": {"name": "small"},
        "spec": {"limits": [{"type": "Container", "max": {"memory": "512Mi"}}]},
    }
    kube.apply(bounds, namespace=app.made.namespace)
    app.made.run()
    check = app.until("creation", "fail", fix="limit-to-range")
    assert "a maximum of 512Mi memory per container, but the limit is 2Gi" in check["detail"]
    app.cancel()
    shown, _ = app.put_right("limit-to-range")
    assert fields(shown) == {"nodes[web].data.resources.limits.memory": ("2Gi", "512Mi")}
    app.made.deploy()
    app.healthy()


def test_a_label_that_no_machine_has_is_corrected(patient: Choose) -> None:
    app = patient(graph(web(node_selector={"type": "kwk"})), "web")
    app.made.run()
    check = app.until("scheduling", "fail", fix="node-selector")
    assert "machines with labels that the node selector or affinity does not ask for" in check["detail"]
    app.cancel()
    shown, _ = app.put_right("node-selector")
    assert fields(shown) == {"nodes[web].data.node_selector.type": ("kwk", "kwok")}
    app.made.deploy()
    assert app.healthy()["scheduling"]["detail"].startswith("1 pod on simulated-")


def test_too_little_room_is_told_with_what_is_asked_and_what_there_is(patient: Choose) -> None:
    app = patient(graph(web(resources={"requests": {"cpu": "1000"}})), "web")
    app.made.run()
    check = app.until("scheduling", "fail")
    assert "machines with too little free CPU" in check["detail"]
    assert any("resources.requests.cpu = 1" in line for line in check["evidence"]), check["evidence"]
    assert any(line.endswith("status.allocatable.cpu = 8") for line in check["evidence"])
    app.cancel()


def test_an_ingress_class_that_is_missing_is_replaced(patient: Choose, kube: Kube) -> None:
    name = f"class-{uuid.uuid4().hex[:8]}"
    gate = node("gate", "ingress", ingress_class="missing", paths=[{"id": "a", "service": "front", "port": "81"}])
    drawn = graph(web(**HTTP), node("front", "service", ports=[{"port": 80}]), wire("front", "web"), gate)
    door = patient(drawn, "gate")
    door.made.deploy()
    assert door.until("ingress-class", "fail")["fix"] is None
    controller = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressClass",
        "metadata": {"name": name},
        "spec": {"controller": "example.com/none"},
    }
    kube.run("apply", "-f", "-", text=json.dumps(controller))
    try:
        door.until("ingress-class", "fail", fix="ingress-class")
        door.until("backends", "fail", fix="ingress-port")
        door.put_right("ingress-class")
        door.made.deploy()
        door.put_right("ingress-port")
        door.made.deploy()
        door.until("ingress-class", "pass")
        assert door.until("backends", "pass")["detail"] == "*/ → front:80."
        assert "There is no event about it" in door.checks()["admitted"]["detail"]
    finally:
        kube.run("delete", "ingressclass", name)


def test_pods_are_replaced_without_a_change_of_the_graph(patient: Choose, kube: Kube) -> None:
    app = patient(graph(web(image="localhost/simulate-crash:1")), "web")
    app.made.run()
    app.until("crash", "fail")
    app.until("back-off", "warn", fix="restart-rollout")
    app.cancel()
    before = {pod["metadata"]["uid"] for pod in kube.get("pods", "-n", app.made.namespace)["items"]}
    revision = app.person.get(f"/workflows/{app.made.id}")["revision"]
    shown, done = app.put_right("restart-rollout")
    assert (shown["graph"], shown["objects"]) == ([], [])
    assert shown["acts"] == [f"Replace the pods of Deployment {app.made.namespace}/web."]
    assert (done["next"], done["revision"]) == ("wait", revision)

    def replaced() -> bool:
        pods = kube.get("pods", "-n", app.made.namespace)["items"]
        return bool({pod["metadata"]["uid"] for pod in pods} - before)

    eventually(replaced, timeout=20)
    # what was done is no change that a run would take back or trip over
    assert "applied" not in app.checks()
    plan = app.person.call("POST", f"/workflows/{app.made.id}/plan", {}, status=202)
    planned = eventually(
        lambda: (found := app.person.get_run(plan["id"]))["status"] == "planned" and found, timeout=20, every=0.1
    )
    assert planned["plan_summary"] == {"unchanged": 1}


def test_pods_that_ended_for_good_are_removed(patient: Choose, kube: Kube) -> None:
    app = patient(graph(web()), "web")
    app.made.deploy()
    [pod] = kube.get("pods", "-n", app.made.namespace)["items"]
    name = pod["metadata"]["name"]
    status = {"status": {"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."}}
    kube.run("patch", "pod", name, "-n", app.made.namespace, "--subresource=status", "-p", json.dumps(status))
    check = app.until("failed-pods", "warn", fix="delete-pods")
    assert "Evicted" in check["detail"]
    shown, done = app.put_right("delete-pods")
    assert shown["acts"] == [f"Delete Pod {app.made.namespace}/{name}."]
    assert done["done"] == [f"Deleted Pod {app.made.namespace}/{name}."]
    app.healthy()


def test_a_failed_job_is_made_again_by_the_next_run(patient: Choose, kube: Kube) -> None:
    task = patient(graph(node("task", "job", image="busybox:1", active_deadline_seconds=2, **NOWHERE)), "task")
    task.made.deploy(status="failed")
    check = task.until("job", "fail", fix="delete-job")
    assert "it took longer than it may" in check["detail"]
    uid = kube.get("job/task", "-n", task.made.namespace)["metadata"]["uid"]
    shown, done = task.put_right("delete-job")
    assert done["next"] == "run"
    eventually(lambda: "exists" in task.checks() and task.checks()["exists"]["state"] == "fail", timeout=15)
    task.made.deploy(status="failed")
    assert kube.get("job/task", "-n", task.made.namespace)["metadata"]["uid"] != uid
    # the digest of the job that is gone does nothing to the one that is there
    task.until("job", "fail", fix="delete-job")
    assert task.post("delete-job", shown["digest"]).json()["code"] == "fix-changed"


def test_a_claim_and_a_reference_that_are_not_there(patient: Choose) -> None:
    drawn = graph(
        web(env=[{"source": "secret", "name": "PIN", "secret": "nowhere", "key": "pin"}]),
        node("data", "persistentvolumeclaim", storage="1Gi", storage_class="fast"),
        node("other", "persistentvolumeclaim", storage="1Gi"),
    )
    app = patient(drawn, "web")
    app.made.run()
    check = app.until("references", "fail")
    assert "Secret nowhere does not exist" in check["detail"]
    claim = Patient(app.made, "data")
    assert claim.until("storage-class", "fail")["detail"] == "There is no storage class fast."
    app.cancel()
