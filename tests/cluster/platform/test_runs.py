"""Runs that wait, fail, are refused or cancelled."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from shared.workflows.drawing.graph import Graph
from tests.cluster.platform.conftest import NODE_SECONDS, Made
from tests.fixtures.workflows.helpers import after, graph, node, web, wire
from tests.support.kube import Kube
from tests.support.person import Person
from tests.support.platform import Platform
from tests.support.wait import eventually

Make = Callable[..., Made]
NOWHERE: dict[str, Any] = {"node_selector": {"kubeorch.test/nowhere": "true"}}
"""No machine has this label, so the pods wait."""


@pytest.mark.node
def test_an_image_that_is_not_there_fails_the_run_with_the_reason(make: Make) -> None:
    made = make(graph(web(image="127.0.0.1:1/nothing:1")))
    stream = made.follow()
    began = time.monotonic()
    run = made.person.deploy(made.id, status="failed", timeout=NODE_SECONDS + 15)
    assert time.monotonic() - began < NODE_SECONDS + 10
    assert run["error"]["node_id"] == "web"
    assert run["error"]["code"] == "node-timeout"
    assert "127.0.0.1:1/nothing:1" in run["error"]["message"]
    assert run["node_states"]["web"]["state"] == "failed"
    # the card says the same, long before the run gives up
    seen = stream.until(lambda event: event.name == "node_update" and event.data["state"] == "error")
    assert seen.data["reason"] in {"ErrImagePull", "ImagePullBackOff"}


def test_a_crashing_container_fails_the_run_with_its_exit(make: Make) -> None:
    made = make(graph(web(image="localhost/simulate-crash:1")))
    run = made.person.deploy(made.id, status="failed", timeout=NODE_SECONDS + 15)
    assert "exit code" in run["error"]["message"]


def test_what_comes_after_a_job_waits_for_its_end(make: Make, kube: Kube) -> None:
    made = make(graph(node("prepare", "job", image="busybox:1"), web(), after("web", "prepare", condition="completed")))
    made.deploy()
    job = kube.get("job/prepare", "-n", made.namespace)
    deployment = kube.get("deployment/web", "-n", made.namespace)
    assert job["status"]["succeeded"] == 1
    assert _time(deployment["metadata"]["creationTimestamp"]) >= _time(job["status"]["completionTime"])
    # a job that has not changed is not done again, one that has is made anew
    uid = job["metadata"]["uid"]
    assert made.deploy()["plan_summary"] == {"unchanged": 2}
    made.save(graph(node("prepare", "job", image="busybox:2"), web(), after("web", "prepare", condition="completed")))
    assert made.deploy()["plan_summary"] == {"replace": 1, "unchanged": 1}
    assert kube.get("job/prepare", "-n", made.namespace)["metadata"]["uid"] != uid


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_secret_values_reach_the_cluster_and_nothing_else(make: Make, kube: Kube, platform: Platform) -> None:
    made = make(graph(node("keys", "secret", keys=["TOKEN", "PIN"]), web(), wire("keys", "web", "secret-env")))
    run = made.person.deploy(made.id, status="failed")
    assert run["error"]["code"] == "secret-unset"
    assert "TOKEN, PIN" in run["error"]["message"]
    values = {"TOKEN": "a-very-secret-word", "PIN": "4711"}
    put = made.person.call("PUT", f"/workflows/{made.id}/secrets/keys", {"values": values})
    assert [key["set"] for key in put["keys"]] == [True, True]
    run = made.person.deploy(made.id)
    assert _secret(kube, made) == values
    rolled = kube.get("deployment/web", "-n", made.namespace)["metadata"]["generation"]
    # a new value rolls the pods
    made.person.call("PUT", f"/workflows/{made.id}/secrets/keys", {"values": {"PIN": "4712"}})
    made.deploy()
    assert _secret(kube, made) == {**values, "PIN": "4712"}
    assert kube.get("deployment/web", "-n", made.namespace)["metadata"]["generation"] > rolled
    # a key whose value is taken away here keeps the one that lives on the cluster
    made.person.call("PUT", f"/workflows/{made.id}/secrets/keys", {"values": {"PIN": None}})
    made.deploy()
    assert _secret(kube, made) == {**values, "PIN": "4712"}
    # no value stands in a log, in the run, or in the preview
    everything = str(platform.log_lines()) + str(run) + str(made.person.get(f"/workflows/{made.id}/manifests"))
    for value in ("a-very-secret-word", base64.b64encode(b"a-very-secret-word").decode()):
        assert value not in everything


def _secret(kube: Kube, made: Made) -> dict[str, str]:
    data = kube.get("secret/keys", "-n", made.namespace)["data"]
    return {key: base64.b64decode(value).decode() for key, value in data.items()}


def test_a_second_run_is_refused_with_the_id_of_the_first(make: Make) -> None:
    made = make(graph(web(**NOWHERE)))
    first = made.run()
    refused = made.person.call("POST", f"/workflows/{made.id}/run", status=409)
    assert (refused["code"], refused["run_id"]) == ("run-active", first)
    assert made.person.get(f"/workflows/{made.id}")["active_run_id"] == first
    made.person.call("POST", f"/runs/{first}/cancel", status=202)
    assert made.person.ended(first)["status"] == "cancelled"


def test_many_clicks_at_once_make_one_run(make: Make) -> None:
    from concurrent.futures import ThreadPoolExecutor

    made = make(graph(web(**NOWHERE)))
    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = list(pool.map(lambda _: made.person.send("POST", f"/workflows/{made.id}/run"), range(8)))
    assert sorted(answer.status_code for answer in answers) == [202] + [409] * 7
    [started] = [answer.json()["id"] for answer in answers if answer.status_code == 202]
    assert {answer.json()["run_id"] for answer in answers if answer.status_code == 409} == {started}
    assert made.person.get(f"/workflows/{made.id}/runs")["total"] == 1
    assert made.person.get(f"/workflows/{made.id}/versions")["total"] == 1
    made.person.call("POST", f"/runs/{started}/cancel", status=202)
    made.person.ended(started)


def test_a_cancel_while_waiting_ends_the_run_within_three_seconds(make: Make, kube: Kube) -> None:
    made = make(graph(node("config", "configmap", data={"A": "1"}), web(**NOWHERE)))
    run_id = made.run()
    stream = made.person.follow(f"/runs/{run_id}/stream")
    stream.until(
        lambda event: event.name == "node_state" and event.data["state"] == "waiting" and event.data["message"]
    )
    began = time.monotonic()
    made.person.call("POST", f"/runs/{run_id}/cancel", status=202)
    stream.until("cancelled", timeout=3)
    assert time.monotonic() - began < 3
    run = made.person.get_run(run_id)
    assert run["node_states"]["config"]["state"] == "ready"
    assert run["node_states"]["web"]["state"] == "skipped"
    # what was applied stays, and is known: the next graph without it prunes it
    assert kube.get("deployment/web", "-n", made.namespace)
    refused = made.person.call("POST", f"/runs/{run_id}/cancel", status=409)
    assert refused["code"] == "run-ended"
    made.save(graph(node("config", "configmap", data={"A": "1"})))
    assert made.deploy()["plan_summary"] == {"unchanged": 1, "prune": 1}


def test_a_pod_that_finds_no_machine_is_explained_while_waiting(make: Make) -> None:
    made = make(graph(web(**NOWHERE)))
    run_id = made.run()
    stream = made.person.follow(f"/runs/{run_id}/stream")
    waiting = stream.until(
        lambda event: event.name == "node_state" and "cannot be scheduled" in event.data["message"], timeout=15
    )
    assert "node(s) didn't match" in waiting.data["message"]
    made.person.call("POST", f"/runs/{run_id}/cancel", status=202)
    made.person.ended(run_id)


def test_a_denied_object_leaves_what_was_applied_and_the_next_run_heals(make: Make, kube: Kube) -> None:
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "few"},
        "spec": {"hard": {"configmaps": "3"}},
    }
    made = make(graph(*(node(f"config-{number}", "configmap", data={"A": "1"}) for number in range(6))))
    kube.apply(quota, namespace=made.namespace)
    eventually(lambda: kube.get("resourcequota/few", "-n", made.namespace).get("status", {}).get("used"), timeout=15)
    run = made.person.deploy(made.id, status="failed")
    assert "exceeded quota" in run["error"]["message"]
    states = {name: state["state"] for name, state in run["node_states"].items()}
    assert "failed" in states.values()
    kube.run("delete", "resourcequota/few", "-n", made.namespace)
    run = made.person.deploy(made.id)
    assert {state["state"] for state in run["node_states"].values()} <= {"ready", "unchanged"}
    found = kube.get("configmaps", "-n", made.namespace, "-l", f"kubeorch.io/workflow={made.id}")["items"]
    assert len(found) == 6


def test_an_autoscaler_keeps_its_replicas(make: Make, kube: Kube) -> None:
    requests: dict[str, Any] = {"resources": {"requests": {"cpu": "10m"}}}
    scaler = node("scaler", "hpa", min_replicas=2, max_replicas=5, cpu_percent=80)
    made = make(graph(web(replicas=1, **requests), scaler, wire("scaler", "web", "hpa-scales")))
    made.deploy()
    kube.run("scale", "deployment/web", "-n", made.namespace, "--replicas=3")
    made.save(graph(web(replicas=1, image="nginx:2", **requests), scaler, wire("scaler", "web", "hpa-scales")))
    made.deploy()
    assert kube.get("deployment/web", "-n", made.namespace)["spec"]["replicas"] >= 2


def test_a_graph_with_mistakes_fails_before_anything_is_sent(make: Make, kube: Kube) -> None:
    made = make(graph(node("web", "deployment", name="web", image="")))
    run = made.person.deploy(made.id, status="failed")
    assert run["error"]["code"] == "graph-invalid"
    assert run["error"]["node_id"] == "web"
    assert kube.get("deployments", "-n", made.namespace)["items"] == []


def test_a_workflow_whose_cluster_is_gone_says_so(ada: Person, kube: Kube, namespace: str) -> None:
    cluster_id = ada.connect(kube.text, f"short-{namespace}")
    workflow_id = ada.create("orphan", Graph(nodes=[web()]), cluster_id=cluster_id, namespace=namespace)
    ada.call("DELETE", f"/clusters/{cluster_id}", status=204)
    refused = ada.call("POST", f"/workflows/{workflow_id}/run", status=404)
    assert refused["code"] == "cluster-not-found"
    assert ada.get(f"/workflows/{workflow_id}/runs")["total"] == 0


def test_a_cluster_on_which_a_run_is_at_work_stays(make: Make, cluster_id: str) -> None:
    made = make(graph(web(**NOWHERE)))
    run_id = made.run()
    refused = made.person.call("DELETE", f"/clusters/{cluster_id}", status=409)
    assert refused["code"] == "cluster-busy"
    made.person.call("POST", f"/runs/{run_id}/cancel", status=202)
    made.person.ended(run_id)


@pytest.mark.node
def test_a_run_that_gives_a_late_rollout_more_time_waits_for_it(make: Make) -> None:
    probe = {"type": "http", "path": "/healthz", "port": "http", "initial_delay_seconds": 12, "period_seconds": 1}
    late: dict[str, Any] = {
        "image": "localhost/kubeorch-starter:1",
        "ports": [{"name": "http", "container_port": 8080}],
        "readiness_probe": probe,
    }
    made = make(graph(web(**late, progress_deadline_seconds=3)))
    run: Any = made.deploy(status="failed", timeout=NODE_SECONDS + 15)
    assert run["error"]["code"] == "node-failed"
    # the same pods: the deployment says that its deadline was exceeded until they are ready
    made.save(graph(web(**late, progress_deadline_seconds=60)))
    made.deploy(timeout=NODE_SECONDS + 15)
