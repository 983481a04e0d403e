"""No object, however little of it is there, makes a check fail in any other way than by what it says."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.diagnostics.diagnose import diagnose, fixes_of
from shared.diagnostics.fixes import changed
from shared.diagnostics.models import worst
from shared.diagnostics.scene import Scene
from shared.kubernetes.last_words import LastWords
from shared.workflows.drawing.graph import Edge, Node
from tests.fixtures.workflows.helpers import node, web, wire
from tests.unit.shared.diagnostics.scenes import endpoint_slice, event, live, named, pod, replica_set, scene

Json = dict[str, Any]
PORTS: Json = {"ports": [{"name": "http", "container_port": 8080}]}
TEMPLATE: Json = {
    **PORTS,
    "resources": {"limits": {"memory": "64Mi", "cpu": "1"}},
    "readiness_probe": {"type": "http", "port": "9090"},
    "liveness_probe": {"type": "tcp", "port": "http"},
    "startup_probe": {"type": "exec", "command": ["true"]},
    "node_selector": {"disk": "sdd"},
    "service_account": "bot",
    "image_pull_secrets": ["key"],
    "env": [{"source": "secret", "name": "A", "secret": "key", "key": "a"}],
    "sidecars": [{"name": "log", "image": "busybox:1"}],
}
PARTS: tuple[Node | Edge, ...] = (
    web(progress_deadline_seconds=60, **TEMPLATE),
    node("state", "statefulset", image="nginx:1", **PORTS),
    node("every", "daemonset", image="nginx:1"),
    node("task", "job", image="busybox:1", backoff_limit=1),
    node("cron", "cronjob", image="busybox:1", schedule="0 3 * * *"),
    node(
        "front", "service", type="LoadBalancer", session_affinity="ClientIP", ports=[{"port": 80, "target_port": "1"}]
    ),
    node("lone", "service", selector={"a": "b"}, ports=[{"port": 80}]),
    node("alias", "service", type="ExternalName", external_name="example.com"),
    node("gate", "ingress", paths=[{"id": "a", "service": "front", "port": "80"}], tls=[{"secret": "key"}]),
    node("data", "persistentvolumeclaim", storage="1Gi"),
    node("scaler", "hpa", max_replicas=5, cpu_percent=50),
    node("wall", "networkpolicy", policy_types=["Ingress", "Egress"], egress=[{"id": "a", "ports": [{"port": "80"}]}]),
    node("settings", "configmap", data={"A": "1"}),
    wire("front", "web", "service-selects"),
    wire("scaler", "web", "hpa-scales"),
    wire("wall", "web", "policy-protects"),
    wire("data", "web", "claim-volume"),
    wire("settings", "web", "config-env"),
)
IDS = [part.id for part in PARTS if isinstance(part, Node)]


def _related() -> list[Json]:
    owner = live("web", *PARTS)
    crashed: Json = {
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
        "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled", "message": "m"}},
        "restartCount": 3,
    }
    pulling: Json = {"state": {"waiting": {"reason": "ErrImagePull", "message": "denied: 401"}}}
    running: Json = {"state": {"running": {"startedAt": "x"}}, "started": False}
    pods = [
        pod(owner, "web-1", container=crashed),
        pod(owner, "web-2", container=pulling),
        pod(owner, "web-3", container=running, phase="Running"),
        pod(owner, "web-4", phase="Failed", status={"reason": "Evicted"}),
        pod(
            owner,
            "web-5",
            scheduled="0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match Pod's node "
            "affinity/selector.",
        ),
        pod(owner, "web-6", ready=True),
    ]
    failed: Json = {
        "conditions": [
            {
                "type": "ReplicaFailure",
                "status": "True",
                "message": "exceeded quota: q, requested: a, used: b, limited: c",
            }
        ]
    }
    return [
        *pods,
        replica_set(owner, 1, **failed),
        replica_set(owner, 2, image="nginx:0", readyReplicas=1),
        event(pods[2], "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 404"),
        event(pods[0], "Killing", "Container web failed liveness probe"),
        event(live("front", *PARTS), "SyncLoadBalancerFailed", "no pool"),
        endpoint_slice("front", _10_0_0_1=True, _10_0_0_2=False),
        named("Node", "m", status={"images": [{"names": ["nginx:2"]}], "addresses": [{"type": "InternalIP"}]}),
        named("Secret", "key", metadata={"managedFields": [{"fieldsV1": {"f:data": {"f:b": {}}}}]}),
        named("Service", "front", spec={"ports": [{"port": 81}]}),
        named("IngressClass", "nginx", spec={"controller": "c"}),
        named("StorageClass", "disk", provisioner="p", volumeBindingMode="WaitForFirstConsumer"),
        named("PersistentVolumeClaim", "data", status={"phase": "Pending"}),
        named("Job", "cron-1", metadata={"ownerReferences": [{"uid": "uid-CronJob-cron"}]}, status={"failed": 1}),
    ]


RELATED = _related()
STATUS: Json = {
    "replicas": 2,
    "updatedReplicas": 1,
    "conditions": [
        {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "m"},
        {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "m"},
        {"type": "AbleToScale", "status": "False", "message": "m"},
        {
            "type": "ScalingActive",
            "status": "False",
            "reason": "FailedGetResourceMetric",
            "message": "missing request for",
        },
    ],
    "phase": "Pending",
    "loadBalancer": {"ingress": [{"hostname": "a"}]},
}
WRONG: list[Any] = [None, "", "text", 7, True, [], {}, [None], ["a"], [{}], {"a": None}]


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return every place inside a value, but for what names the kind."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    found = []
    for key, inner in items:
        if (*path, key) != ("kind",):
            found += [(*path, key), *_places(inner, (*path, key))]
    return found


@st.composite
def broken(draw: st.DrawFn, value: Json) -> Json:
    """An object with a few places gone, or with something else in them."""
    made = copy.deepcopy(value)
    for _ in range(draw(st.integers(0, 4))):
        places = _places(made)
        if not places:
            break
        *way, last = draw(st.sampled_from(places))
        inside: Any = made
        for key in way:
            inside = inside[key]
        if draw(st.booleans()):
            del inside[last]
        else:
            inside[last] = copy.deepcopy(draw(st.sampled_from(WRONG)))
    return made


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    of = draw(st.sampled_from(IDS))
    whole = scene(of, *PARTS)
    chosen = draw(st.lists(st.sampled_from(RELATED), max_size=len(RELATED), unique_by=id))
    data = draw(broken(dict(whole.node.data)))
    twisted = whole.node.model_copy(update={"data": data})
    return Scene(
        workflow_id="wf",
        node=twisted,
        graph=whole.graph.model_copy(
            update={"nodes": [twisted if part.id == of else part for part in whole.graph.nodes]}
        ),
        expected=whole.expected if draw(st.booleans()) else (),
        objects=tuple(draw(broken({**item, "status": STATUS})) for item in whole.objects),
        related=tuple(draw(broken(item)) for item in chosen),
        unseen=draw(st.dictionaries(st.sampled_from(["Pod", "Secret", "Service", "DNS", "Node"]), st.just("no"))),
        logs=(LastWords("web-1", "web", ("last",)),),
    )


@settings(max_examples=600, deadline=None)
@given(scenes())
def test_no_object_makes_a_check_crash(given_scene: Scene) -> None:
    found = diagnose(given_scene)
    assert found
    assert worst(found) in {"pass", "warn", "fail", "skip"}
    for check in found:
        assert check.detail, check
        assert check.state not in {"warn", "fail"} or (check.remedy and check.evidence), check
    ids = [check.id for check in found]
    assert len(ids) == len(set(ids))
    # whatever is offered can be put into the graph, and names only this node or its own objects
    for fix in fixes_of(found).values():
        after = changed(given_scene.graph, given_scene.node.id, fix)
        touched = {part.id for part in after.nodes if part not in given_scene.graph.nodes}
        assert touched <= {given_scene.node.id}
        assert all(given_scene.node.id in {wire.source, wire.target} for wire in fix.wires)
        assert fix.how == "cluster" or fix.changes or fix.wires


def test_the_whole_objects_show_what_is_wrong_with_every_type() -> None:
    for of in IDS:
        whole = scene(of, *PARTS)
        objects = tuple({**item, "status": {**STATUS, "observedGeneration": 1}} for item in whole.objects)
        found = diagnose(Scene(**{**vars(whole), "objects": objects, "related": tuple(RELATED)}))
        assert len(found) >= (2 if of != "settings" else 1), (of, found)
