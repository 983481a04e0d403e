"""Broken, diagnosed, put right, run, healthy: with pods that really run, crash and are pulled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shared.workflows.drawing.graph import Graph
from tests.cluster.diagnostics.conftest import Patient
from tests.fixtures.workflows.helpers import graph, node, web, wire
from tests.support.kube import Kube
from tests.support.wait import eventually

pytestmark = [pytest.mark.node, pytest.mark.timeout(180)]

Choose = Callable[[Graph, str], Patient]
STARTER = "localhost/kubeorch-starter:1"
SHELL = "localhost/busybox:1"
SERVED: dict[str, Any] = {
    "image": STARTER,
    "ports": [{"name": "http", "container_port": 8080}],
    "readiness_probe": {"type": "http", "path": "/healthz", "port": "http", "period_seconds": 1},
    "termination_grace_seconds": 1,
}


def shell(script: str, **more: Any) -> Any:
    return web(image=SHELL, command=["sh", "-c", script], termination_grace_seconds=1, **more)


def test_a_service_that_answers_passes_with_the_clusters_dns(patient: Choose) -> None:
    front = patient(graph(web(**SERVED), node("front", "service", ports=[{"port": 80}]), wire("front", "web")), "front")
    front.made.deploy()
    found = front.healthy()
    assert found["cluster-dns"]["state"] == "pass"
    assert found["endpoints"]["evidence"]
    workload = Patient(front.made, "web").healthy()
    assert workload["readiness-probe"]["detail"] == "It asks for /healthz on port http, and is answered."
    assert workload["image"]["detail"] == f"Pulled: {STARTER}."


def test_a_missing_tag_gives_way_to_the_one_the_machine_has(patient: Choose) -> None:
    app = patient(graph(web(**{**SERVED, "image": "localhost/kubeorch-starter:2"})), "web")
    app.made.run()
    check = app.until("image", "fail", fix="image", timeout=60)
    assert "The machine says: " in check["detail"]
    assert any("has localhost/kubeorch-starter:1" in line for line in check["evidence"]), check
    app.cancel()
    shown, _ = app.put_right("image")
    [planned] = shown["objects"]
    assert [(change["path"], change["new"]) for change in planned["diff"]] == [
        ("spec.template.spec.containers[web].image", STARTER)
    ]
    app.made.deploy()
    app.healthy()


def test_an_image_that_worked_before_is_offered_again(patient: Choose) -> None:
    app = patient(graph(web(**SERVED)), "web")
    app.made.deploy()
    app.made.save(graph(web(**{**SERVED, "image": "127.0.0.1:1/nothing:1"})))
    app.made.run()
    check = app.until("image", "fail", fix="image", timeout=60)
    assert "the machine cannot reach the registry" in check["detail"]
    assert "status.readyReplicas = 1" in str(check["evidence"])
    app.cancel()
    app.put_right("image")
    app.made.deploy()
    app.healthy()


def test_a_crash_is_told_with_exit_code_and_last_lines(patient: Choose) -> None:
    app = patient(graph(shell("echo reading /etc/app.conf; echo no such file >&2; exit 3")), "web")
    app.made.run()
    check = app.until("crash", "fail", timeout=60)
    assert "ended with exit code 3: the program ended with a code of its own" in check["detail"]

    def with_lines() -> bool:
        return "log of web: no such file" in app.checks()["crash"]["evidence"]

    eventually(with_lines, timeout=30, every=0.5)
    app.cancel()
    app.made.save(graph(shell("sleep 3600")))
    app.made.deploy()
    app.healthy()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["sh", "-c", "no-such-program"], "exit code 127: the command was not found in the image"),
        (["sh", "-c", "exec /etc"], "exit code 126: the command was found, but cannot be executed"),
        (["no-such-program"], "exit code 128: the container could not be started"),
        (["sh", "-c", "exit 139"], "exit code 139: it touched memory that is not its own"),
    ],
    ids=["127", "126", "start", "139"],
)
def test_exit_codes_of_real_programs_have_their_meanings(patient: Choose, command: list[str], words: str) -> None:
    app = patient(graph(web(image=SHELL, command=command, termination_grace_seconds=1)), "web")
    app.made.run()
    detail = app.until("crash", "fail", timeout=60)["detail"]
    assert words in detail, detail
    app.cancel()


def test_a_program_that_needs_more_memory_gets_twice_as_much(patient: Choose) -> None:
    script = "dd if=/dev/zero of=/cache/data bs=1M count=48 && exec sleep 3600"
    data: dict[str, Any] = {
        "resources": {"limits": {"memory": "32Mi"}},
        "volumes": [{"type": "empty_dir", "name": "cache", "mount_path": "/cache", "medium": "Memory"}],
    }
    app = patient(graph(shell(script, **data)), "web")
    app.made.run()
    check = app.until("crash", "fail", fix="memory-limit", timeout=90)
    assert "it needed more memory than its limit (OOMKilled)" in check["detail"]
    assert any(line.endswith("terminated.reason = OOMKilled") for line in check["evidence"])
    app.cancel()
    shown, _ = app.put_right("memory-limit")
    assert [(change["path"], change["old"], change["new"]) for change in shown["graph"]] == [
        ("nodes[web].data.resources.limits.memory", "32Mi", "64Mi")
    ]
    app.made.deploy()
    app.healthy()


def test_a_probe_of_the_wrong_port_is_led_to_the_right_one(patient: Choose) -> None:
    probe = {"type": "http", "path": "/healthz", "port": "9090", "period_seconds": 1}
    app = patient(graph(web(**{**SERVED, "readiness_probe": probe})), "web")
    app.made.run()
    check = app.until("readiness-probe", "fail", fix="probe-port", timeout=60)
    assert "the container declares no port 9090, but 8080" in check["detail"]
    app.cancel()
    app.put_right("probe-port")
    app.made.deploy()
    app.healthy()


def test_a_probe_of_the_wrong_path_is_told_with_the_kubelets_words(patient: Choose) -> None:
    probe = {"type": "http", "path": "/ready", "port": "http", "period_seconds": 1}
    app = patient(graph(web(**{**SERVED, "readiness_probe": probe})), "web")
    app.made.run()

    def explained() -> bool:
        return "knows no path /ready (404)" in app.checks().get("readiness-probe", {}).get("detail", "")

    eventually(explained, timeout=60, every=0.5)
    app.cancel()


def test_a_slow_start_gets_more_time(patient: Choose) -> None:
    slow = {"name": "prepare", "image": SHELL, "command": ["sh", "-c", "sleep 20"]}
    app = patient(graph(web(**SERVED, init_containers=[slow], progress_deadline_seconds=6)), "web")
    app.made.run()
    check = app.until("rollout", "fail", fix="progress-deadline", timeout=60)
    assert "they need longer" in check["detail"]
    app.cancel()
    shown, _ = app.put_right("progress-deadline")
    assert [(change["old"], change["new"]) for change in shown["graph"]] == [(6, 12)]
    # what is late stays late until its pods are there
    app.until("rollout", "pass", timeout=60)
    app.made.deploy()
    app.healthy()


def test_a_key_that_is_missing_is_named_and_no_value_is_shown(patient: Choose, kube: Kube) -> None:
    drawn = web(**SERVED, env=[{"source": "secret", "name": "PIN", "secret": "key", "key": "pin"}])
    app = patient(graph(drawn), "web")
    kube.run("create", "secret", "generic", "key", "-n", app.made.namespace, "--from-literal=nip=very-secret-pin")
    app.made.run()
    check = app.until("references", "fail", timeout=60)
    assert "Secret key has no key pin (it has nip)" in check["detail"]
    assert "very-secret-pin" not in str(app.checks())
    app.cancel()


def test_a_claim_is_bound_with_its_first_pod(patient: Choose) -> None:
    data = node("data", "persistentvolumeclaim", storage="1Mi")
    mount = wire("data", "web", "claim-volume", mount_path="/data")
    app = patient(graph(shell("sleep 3600"), data, mount), "data")
    app.made.deploy()
    assert app.healthy()["bound"]["detail"].startswith("Bound to ")
    assert Patient(app.made, "web").healthy()["volumes"]["detail"] == "Bound: data."
