"""Objects as a cluster would show them, and scenes made of them."""

from __future__ import annotations

import copy
from typing import Any

from shared.diagnostics.diagnose import diagnose
from shared.diagnostics.models import Check
from shared.diagnostics.scene import Scene
from shared.workflows.compile.manifests import preview
from shared.workflows.drawing.graph import Edge, Node
from shared.workflows.kinds import KINDS
from shared.workflows.kinds.fields.base import CompileContext
from tests.fixtures.workflows.helpers import graph, node, web

JOB = node("task", "job", image="busybox:1", backoff_limit=0)
CONTEXT = CompileContext("wf", "shop", namespace="shop", privileged=True)
Json = dict[str, Any]
RUNS: Json = {"state": {"running": {"startedAt": "x"}}, "started": True}
"""The status of a container that has started."""
HTTP: Json = {"ports": [{"name": "http", "container_port": 8080}]}


def scene(of: str, *parts: Node | Edge, live: bool = True, **more: Any) -> Scene:
    """A node of a graph with its objects as the graph makes them, unless others are given."""
    drawn = graph(*parts)
    compiled, issues = preview(drawn, CONTEXT)
    node = drawn.by_id[of]
    expected = [item.manifest for item in compiled.items if item.node_id == of]
    expected.sort(key=lambda item: item["kind"] != KINDS[node.type].kind)
    objects = tuple(seen(item) for item in expected) if live else ()
    values: dict[str, Any] = {
        "workflow_id": "wf",
        "node": node,
        "graph": drawn,
        "expected": tuple(expected),
        "issues": tuple(issue for issue in issues if issue.is_error and issue.node_id == of),
        "objects": objects,
    }
    return Scene(**{**values, **more})


def seen(manifest: Json, **status: Any) -> Json:
    """An object that was applied: with a uid and a status."""
    item = copy.deepcopy(manifest)
    item["metadata"] |= {"uid": f"uid-{item['kind']}-{item['metadata']['name']}", "generation": 1}
    if status:
        item["status"] = status
    return item


def live(of: str, *parts: Node | Edge, **status: Any) -> Json:
    """The main object of a node, with this status."""
    return {**scene(of, *parts).objects[0], "status": {"observedGeneration": 1, **status}}


def replica_set(owner: Json, number: int = 1, *, image: str = "nginx:1", **status: Any) -> Json:
    name = f"{owner['metadata']['name']}-{number}"
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": name,
            "namespace": "shop",
            "uid": f"uid-rs-{number}",
            "annotations": {"deployment.kubernetes.io/revision": str(number)},
            "ownerReferences": [{"uid": owner["metadata"]["uid"], "controller": True}],
        },
        "spec": {"template": {"spec": {"containers": [{"name": owner["metadata"]["name"], "image": image}]}}},
        "status": status,
    }


def pod(owner: Json | None, name: str = "web-1", *, ready: bool = False, **changes: Any) -> Json:
    """
    A pod with one container, made of its owner's template.

    :param changes: ``container`` into its status, ``spec`` into its spec, ``phase``, ``scheduled`` (a message)
    """
    template = ((owner or {}).get("spec") or {}).get("template") or {}
    spec = copy.deepcopy(template.get("spec") or {"containers": [{"name": "web", "image": "nginx:1"}]})
    spec |= {"nodeName": "machine-1", **changes.get("spec", {})}
    labels = dict((template.get("metadata") or {}).get("labels") or {})
    conditions = [{"type": "Ready", "status": "True" if ready else "False"}]
    if message := changes.get("scheduled"):
        spec.pop("nodeName")
        conditions.append({"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message})
    container = {
        "name": spec["containers"][0]["name"],
        "image": spec["containers"][0]["image"],
        "imageID": "sha256:1" if ready else "",
        "ready": ready,
        "restartCount": 0,
        "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}} if ready else {},
        **changes.get("container", {}),
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": "shop",
            "uid": f"uid-{name}",
            "labels": {**labels, **changes.get("labels", {})},
            "ownerReferences": [{"uid": changes.get("owned_by", "uid-rs-1"), "controller": True}],
        },
        "spec": spec,
        "status": {
            "phase": changes.get("phase", "Running" if ready else "Pending"),
            "conditions": conditions,
            "containerStatuses": [container],
            **changes.get("status", {}),
        },
    }


def event(about: Json, reason: str, message: str, kind: str = "Warning", field: str = "") -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{reason}.{abs(hash(message))}", "namespace": "shop"},
        "involvedObject": {"uid": about["metadata"]["uid"], "fieldPath": field},
        "reason": reason,
        "message": message,
        "type": kind,
        "lastTimestamp": "2026-01-01T00:00:00Z",
    }


def endpoint_slice(service: str, **ready: bool) -> Json:
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": f"{service}-x",
            "namespace": "shop",
            "labels": {"kubernetes.io/service-name": service},
        },
        "endpoints": [
            {"addresses": [address.replace("_", ".").strip(".")], "conditions": {"ready": is_ready}}
            for address, is_ready in ready.items()
        ],
    }


def named(kind: str, name: str, **more: Any) -> Json:
    metadata = {"name": name, "namespace": "shop", "uid": f"uid-{kind}-{name}", **more.pop("metadata", {})}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **more}


def checks(given: Scene) -> dict[str, Check]:
    """All checks by their ids, each of which comes once."""
    found = diagnose(given)
    by_id = {check.id: check for check in found}
    assert len(by_id) == len(found), [check.id for check in found]
    return by_id


def around(*parts: Node | Edge, pods: list[Json] | None = None, related: tuple[Json, ...] = (), **status: Any) -> Any:
    """The deployment ``web`` with its newest ReplicaSet and these pods."""
    logs = status.pop("logs", ())
    drawn = parts or (web(),)
    item = live("web", *drawn, **{"replicas": 1, "updatedReplicas": 1, **status})
    found = [pod(item)] if pods is None else pods
    return scene("web", *drawn, objects=(item,), related=(replica_set(item), *found, *related), logs=logs)


def the_pod(*parts: Node | Edge, **changes: Any) -> Json:
    return pod(live("web", *(parts or (web(),))), **changes)


def waiting(reason: str, message: str = "") -> Json:
    return {"state": {"waiting": {"reason": reason, "message": message}}}


def ended(code: int, reason: str = "Error", **more: Any) -> Json:
    return {
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container"}},
        "lastState": {"terminated": {"exitCode": code, "reason": reason, **more}},
        "restartCount": 7,
    }


def a_pod(workload: Node | None = None, **more: Any) -> Json:
    return pod(live("web", workload or web(**HTTP)), **{"ready": True, **more})
