"""On a real node pods run, talk and are found."""

from __future__ import annotations

import json
import socket
import ssl
import urllib.error
import urllib.request
from typing import Any

import pytest

from tests.support.kube import Kube
from tests.support.wait import eventually

pytestmark = pytest.mark.node

LABELS = {"app": "web"}


def starter(**container: Any) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": LABELS},
            "template": {
                "metadata": {"labels": LABELS},
                "spec": {
                    "terminationGracePeriodSeconds": 1,
                    "containers": [
                        {
                            "name": "web",
                            "image": "localhost/kubeorch-starter:1",
                            "env": [{"name": "GREETING", "value": "Good morning"}],
                            "readinessProbe": {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 1},
                            **container,
                        }
                    ],
                },
            },
        },
    }


SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web"},
    "spec": {"selector": LABELS, "ports": [{"port": 80, "targetPort": 8080}]},
}


@pytest.fixture
def web(kube: Kube, namespace: str) -> str:
    """Two starters behind a service; the namespace they are in."""
    kube.apply(starter(), SERVICE, namespace=namespace)
    kube.run("rollout", "status", "deployment/web", "-n", namespace, "--timeout=60s")
    # a pod is Ready a moment before kube-proxy has heard of it
    eventually(lambda: answers(kube.get("service/web", "-n", namespace)["spec"]["clusterIP"]), timeout=20, every=0.2)
    return namespace


def fetch(address: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"http://{address}/info", timeout=5) as answer:
        found: dict[str, Any] = json.loads(answer.read())
    return found


def answers(address: str) -> bool:
    try:
        return bool(fetch(address))
    except urllib.error.URLError:
        return False


def test_a_service_answers_from_the_machine_with_both_pods(kube: Kube, web: str) -> None:
    address = kube.get("service/web", "-n", web)["spec"]["clusterIP"]
    assert fetch(address)["greeting"] == "Good morning"
    pods = {pod["metadata"]["name"] for pod in kube.get("pods", "-n", web)["items"]}
    hosts: set[str] = set()

    def all_seen() -> bool:
        hosts.add(fetch(address)["host"])
        return hosts == pods

    eventually(all_seen, timeout=20)


def test_a_pod_finds_a_service_by_its_name(kube: Kube, web: str) -> None:
    def ask(*words: str) -> str:
        return kube.run("exec", "-n", web, "deployment/web", "--", "netcheck", *words)

    assert json.loads(ask("get", f"http://web.{web}.svc.cluster.local/info"))["greeting"] == "Good morning"
    assert json.loads(ask("get", "http://web/info"))["greeting"] == "Good morning"
    address = kube.get("service/web", "-n", web)["spec"]["clusterIP"]
    assert ask("resolve", f"web.{web}.svc.cluster.local").strip() == address


def test_a_pod_reaches_the_api_server(kube: Kube, web: str) -> None:
    answer = kube.run("exec", "-n", web, "deployment/web", "--", "netcheck", "dial", "kubernetes.default.svc:443")
    assert answer.startswith("connected to 10.")


def test_logs_and_a_shell(kube: Kube, web: str) -> None:
    assert "listening on :8080" in kube.run("logs", "-n", web, "deployment/web")
    said = kube.run("exec", "-i", "-n", web, "deployment/web", "--", "sh", text="echo $((6*7)) in $(id -u)\n")
    assert said.strip() == "42 in 65534"


def test_configuration_is_mounted_and_followed(kube: Kube, namespace: str) -> None:
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "files"}, "data": {"motto.txt": "be kind"}}
    deployment = starter(volumeMounts=[{"name": "files", "mountPath": "/etc/starter"}])
    deployment["spec"]["template"]["spec"]["volumes"] = [{"name": "files", "configMap": {"name": "files"}}]
    kube.apply(config, deployment, SERVICE, namespace=namespace)
    kube.run("rollout", "status", "deployment/web", "-n", namespace, "--timeout=60s")
    address = kube.get("service/web", "-n", namespace)["spec"]["clusterIP"]
    eventually(lambda: answers(address), timeout=20, every=0.2)
    assert fetch(address)["files"] == {"motto.txt": "be kind"}


def test_a_claim_keeps_what_a_pod_wrote(kube: Kube, namespace: str) -> None:
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}},
    }

    def job(name: str, script: str) -> dict[str, Any]:
        container = {
            "name": "main",
            "image": "localhost/busybox:1",
            "command": ["sh", "-c", script],
            "volumeMounts": [{"name": "data", "mountPath": "/data"}],
        }
        spec = {
            "restartPolicy": "Never",
            "containers": [container],
            "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}],
        }
        return {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": name},
            "spec": {"backoffLimit": 0, "template": {"spec": spec}},
        }

    kube.apply(claim, job("write", "echo remembered > /data/note"), namespace=namespace)
    kube.run("wait", "-n", namespace, "--for=condition=complete", "job/write", "--timeout=50s")
    kube.apply(job("read", "cat /data/note"), namespace=namespace)
    kube.run("wait", "-n", namespace, "--for=condition=complete", "job/read", "--timeout=50s")
    assert kube.run("logs", "-n", namespace, "job/read").strip() == "remembered"


def test_an_image_that_is_nowhere_is_reported(kube: Kube, namespace: str) -> None:
    deployment = starter(image="localhost/simulate-pull-error:1", imagePullPolicy="IfNotPresent")
    kube.apply(deployment, namespace=namespace)

    def reason() -> str:
        for pod in kube.get("pods", "-n", namespace)["items"]:
            for status in pod["status"].get("containerStatuses", []):
                return str(status["state"].get("waiting", {}).get("reason", ""))
        return ""

    eventually(lambda: reason() in {"ErrImagePull", "ImagePullBackOff"}, timeout=50, every=0.5)


def test_the_kubelet_answers_nobody_without_a_certificate(kube: Kube) -> None:
    [node] = kube.get("nodes")["items"]
    address = next(item["address"] for item in node["status"]["addresses"] if item["type"] == "InternalIP")
    anybody = ssl.create_default_context()
    anybody.check_hostname = False
    anybody.verify_mode = ssl.CERT_NONE
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"https://{address}:10250/pods", context=anybody, timeout=5)
    assert refused.value.code == 401
    refused.value.close()


def test_the_api_server_listens_on_loopback_alone(kube: Kube) -> None:
    port = int(kube.server.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=5):
        pass
    others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.254", 9))
        others.add(probe.getsockname()[0])
    for address in others:
        if not str(address).startswith("127."):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((str(address), port), timeout=5)
