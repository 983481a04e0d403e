"""A cluster with simulated nodes behaves as far as its API goes."""

from __future__ import annotations

from tests.support.kube import Kube
from tests.support.wait import eventually


def deployment(name: str, image: str, replicas: int = 2) -> dict[str, object]:
    labels = {"app.kubernetes.io/name": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "main", "image": image}]},
            },
        },
    }


def test_a_deployment_becomes_ready(kube: Kube, namespace: str) -> None:
    kube.apply(deployment("web", "example.com/anything:1"), namespace=namespace)

    def is_ready() -> bool:
        return bool(kube.get("deployment/web", "-n", namespace)["status"].get("readyReplicas") == 2)

    eventually(is_ready, timeout=30, every=0.3)


def test_an_image_that_cannot_be_pulled_is_played(kube: Kube, namespace: str) -> None:
    kube.apply(deployment("web", "localhost/simulate-pull-error:1", 1), namespace=namespace)

    def reason() -> str:
        pods = kube.get("pods", "-n", namespace)["items"]
        statuses = pods[0]["status"].get("containerStatuses", []) if pods else []
        return statuses[0]["state"]["waiting"]["reason"] if statuses else ""

    assert eventually(reason, timeout=30, every=0.3) == "ImagePullBackOff"


def test_a_container_that_ends_again_and_again_is_played(kube: Kube, namespace: str) -> None:
    kube.apply(deployment("web", "localhost/simulate-crash:1", 1), namespace=namespace)

    def status() -> dict[str, object]:
        pods = kube.get("pods", "-n", namespace)["items"]
        statuses = pods[0]["status"].get("containerStatuses", []) if pods else []
        return statuses[0] if statuses else {}

    seen = eventually(status, timeout=30, every=0.3)
    assert seen["restartCount"] == 3
    assert seen["state"] == {
        "waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s restarting failed container"}
    }


def test_a_claim_gets_a_volume_from_the_default_class(kube: Kube, namespace: str) -> None:
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    kube.apply(claim, namespace=namespace)

    def is_bound() -> bool:
        return bool(kube.get("pvc/data", "-n", namespace)["status"].get("phase") == "Bound")

    eventually(is_bound, timeout=30, every=0.3)
