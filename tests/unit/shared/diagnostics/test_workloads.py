"""What is said about workloads, their pods and containers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.diagnostics.checks.exits import meaning
from shared.diagnostics.checks.images import cause_of, repository
from shared.diagnostics.checks.scheduling import obstacles
from shared.diagnostics.diagnose import fixes_of
from shared.diagnostics.models import FieldChange
from shared.diagnostics.quantities import doubled, value_of
from shared.kubernetes.last_words import LastWords
from shared.workflows.drawing.graph import Edge, Node
from tests.fixtures.workflows.helpers import node, web, wire
from tests.unit.shared.diagnostics.scenes import checks, event, live, named, pod, replica_set, scene

Json = dict[str, Any]


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


def test_a_healthy_deployment_passes_every_check() -> None:
    found = checks(around(pods=[the_pod(ready=True)], readyReplicas=1, availableReplicas=1, observedGeneration=1))
    assert {check.state for check in found.values()} == {"pass"}, found
    assert {"exists", "rollout", "replicas", "creation", "scheduling", "image", "crash"} <= set(found)
    assert found["replicas"].detail == "1 of 1 ready."
    assert all(check.evidence for name, check in found.items() if name != "crash")


def test_what_is_not_there_asks_for_a_run() -> None:
    found = checks(scene("web", web(), live=False))
    assert list(found) == ["exists"]
    assert (found["exists"].state, found["exists"].detail) == ("fail", "Deployment shop/web is not on the cluster.")
    assert "Run the workflow" in found["exists"].remedy


def test_what_belongs_to_somebody_else_is_not_looked_into() -> None:
    item = live("web", web())
    item["metadata"]["labels"] = {}
    item["metadata"]["managedFields"] = [{"manager": "helm"}]
    found = checks(scene("web", web(), objects=(item,), related=(pod(item, phase="Failed"),)))
    assert list(found) == ["exists"]
    assert "somebody else (helm)" in found["exists"].detail
    item["metadata"]["labels"] = {
        "app.kubernetes.io/managed-by": "kubeorch",
        "kubeorch.io/workflow": "other",
        "kubeorch.io/node": "web",
    }
    found = checks(scene("web", web(), objects=(item,)))
    assert "another node or workflow (other/web)" in found["exists"].detail


def test_mistakes_and_changes_that_have_not_run_are_told() -> None:
    found = checks(scene("web", web(image="")))
    assert found["form"].state == "fail"
    found = checks(scene("web", web(), unapplied=("Deployment shop/web",)))
    assert (found["applied"].state, "Run the workflow" in found["applied"].remedy) == ("warn", True)


def test_what_is_being_deleted_says_what_holds_it() -> None:
    item = live("web", web())
    item["metadata"] |= {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["example.com/hold"]}
    found = checks(scene("web", web(), objects=(item,)))["exists"]
    assert (found.state, "example.com/hold" in found.detail) == ("warn", True)


# -- images ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "message", "code"),
    [
        ("InvalidImageName", "", "invalid"),
        ("ErrImageNeverPull", "", "never"),
        ("ErrImagePull", 'failed to resolve reference "docker.io/library/nginx:nope": not found', "tag"),
        ("ErrImagePull", "manifest unknown: manifest unknown", "tag"),
        ("ErrImagePull", "name unknown: The repository with name 'x' does not exist in the registry", "name"),
        (
            "ErrImagePull",
            (
                "pull access denied, repository does not exist or may require authorization: server message: "
                "insufficient_scope: authorization failed"
            ),
            "denied",
        ),
        ("ErrImagePull", "unexpected status from HEAD request: 401 Unauthorized", "unauthorized"),
        ("ErrImagePull", "403 Forbidden", "unauthorized"),
        ("ErrImagePull", "429 Too Many Requests - toomanyrequests: You have reached your pull rate limit", "limited"),
        ("ErrImagePull", "dial tcp: lookup registry.exmaple.com: no such host", "host"),
        ("ErrImagePull", "dial tcp 127.0.0.1:1: connect: connection refused", "away"),
        ("ErrImagePull", "tls: failed to verify certificate: x509: certificate signed by unknown authority", "tls"),
        ("ErrImagePull", "http: server gave HTTP response to HTTPS client", "tls"),
        ("ErrImagePull", "no match for platform in manifest: not found", "platform"),
        ("ErrImagePull", "write /var/lib/containerd: no space left on device", "full"),
        ("ErrImagePull", "something new", "other"),
    ],
)
def test_the_registrys_words_name_the_cause(reason: str, message: str, code: str) -> None:
    assert cause_of(reason, message).code == code


def test_an_image_that_cannot_be_pulled_shows_the_registrys_words() -> None:
    drawn = web(image="nginx:nope")
    one = the_pod(drawn, container=waiting("ImagePullBackOff", 'Back-off pulling image "nginx:nope"'))
    words = 'Failed to pull image "nginx:nope": docker.io/library/nginx:nope: not found'
    found = checks(around(drawn, pods=[one], related=(event(one, "Failed", words),)))["image"]
    assert found.state == "fail"
    assert words in found.detail
    assert "does not have this image" in found.detail
    assert "pod web-1: status.containerStatuses[web].state.waiting.reason = ImagePullBackOff" in found.evidence
    assert found.fix is None


def test_the_image_of_the_rollout_before_is_offered() -> None:
    drawn = web(image="nginx:nope")
    item = live("web", drawn, replicas=2, updatedReplicas=1)
    one = pod(item, container=waiting("ErrImagePull", "not found"), owned_by="uid-rs-2")
    sets = (replica_set(item, 1, image="nginx:1", readyReplicas=1), replica_set(item, 2, image="nginx:nope"))
    found = checks(scene("web", drawn, objects=(item,), related=(*sets, one)))
    fix = found["image"].fix
    assert fix is not None
    assert (fix.how, fix.changes) == ("graph", (FieldChange(path="/image", value="nginx:1"),))
    assert "replicaSet web-1: status.readyReplicas = 1, with the image nginx:1" in found["image"].evidence
    assert found["rollout"].state == "warn"


def test_an_image_that_a_machine_has_is_offered_but_only_a_like_one() -> None:
    machine = named("Node", "machine-1", status={"images": [{"names": ["registry.local/shop/web:1.4", "busybox:1"]}]})
    for image, offered in (
        ("registry.local/shop/web:1.5", "registry.local/shop/web:1.4"),
        ("registry.local/shop/wbe:1.4", "registry.local/shop/web:1.4"),
        ("other/thing:2", None),
    ):
        drawn = web(image=image)
        one = the_pod(drawn, container=waiting("ErrImagePull", "not found"))
        fix = checks(around(drawn, pods=[one], related=(machine,)))["image"].fix
        assert (fix.changes[0].value if fix else None) == offered


def test_an_image_that_the_graph_has_changed_already_is_not_changed_again() -> None:
    item = live("web", web(image="nginx:nope"), replicas=1, updatedReplicas=1)
    machine = named("Node", "m", status={"images": [{"names": ["nginx:1"]}]})
    one = pod(item, container=waiting("ErrImagePull", "not found"))
    given = scene("web", web(image="nginx:2"), objects=(item,), related=(replica_set(item), one, machine))
    assert checks(given)["image"].fix is None


@pytest.mark.parametrize(("names", "lost", "words"), [([], (), "no pull secret"), (["key"], (), "do not exist: key")])
def test_a_private_image_speaks_of_pull_secrets(names: list[str], lost: tuple[str, ...], words: str) -> None:
    drawn = web(image_pull_secrets=names)
    one = the_pod(drawn, container=waiting("ErrImagePull", "401 Unauthorized"))
    found = checks(around(drawn, pods=[one]))["image"]
    assert words in found.remedy
    there = checks(around(drawn, pods=[one], related=(named("Secret", "key"),)))["image"]
    assert names == [] or "pull secrets are: key" in there.remedy


def test_a_port_in_front_of_a_path_is_no_tag() -> None:
    assert repository("127.0.0.1:5000/web") == "127.0.0.1:5000/web"
    assert repository("127.0.0.1:5000/web:2") == "127.0.0.1:5000/web"


# -- crashes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "ended by itself"),
        (1, "error of its own"),
        (2, "wrong arguments"),
        (126, "cannot be executed"),
        (127, "not found in the image"),
        (137, "killed (SIGKILL) from outside"),
        (139, "SIGSEGV"),
        (143, "told to end (SIGTERM)"),
        (134, "SIGABRT"),
        (77, "code of its own"),
    ],
)
def test_exit_codes_have_meanings(code: int, words: str) -> None:
    found = checks(around(pods=[the_pod(container=ended(code, "Completed" if code == 0 else "Error"))]))
    assert words in found["crash"].detail
    assert f"pod web-1: status.containerStatuses[web].lastState.terminated.exitCode = {code}" in found["crash"].evidence
    assert found["crash"].remedy
    assert found["crash"].fix is None


def test_out_of_memory_offers_twice_the_limit() -> None:
    drawn = web(resources={"limits": {"memory": "64Mi"}})
    found = checks(around(drawn, pods=[the_pod(drawn, container=ended(137, "OOMKilled"))]))["crash"]
    assert "more memory than its limit" in found.detail
    assert found.fix is not None
    assert found.fix.changes == (FieldChange(path="/resources/limits/memory", value="128Mi"),)
    # whose memory is limited by the namespace gets a limit of its own
    item = live("web", web())
    one = pod(item, container=ended(137, "OOMKilled"))
    one["spec"]["containers"][0]["resources"] = {"limits": {"memory": "100M"}}
    found = checks(scene("web", web(), objects=(item,), related=(replica_set(item), one)))["crash"]
    assert found.fix is not None
    assert found.fix.changes[0].value == "200M"


def test_memory_of_a_sidecar_is_raised_at_its_own_place() -> None:
    side = {"name": "log", "image": "busybox:1", "resources": {"limits": {"memory": "1.5Gi"}}}
    drawn = web(sidecars=[side])
    one = the_pod(drawn)
    status = {"name": "log", **ended(137, "OOMKilled")}
    one["status"]["initContainerStatuses"] = [status]
    found = checks(around(drawn, pods=[one]))["crash"]
    assert found.fix is not None
    assert found.fix.changes == (FieldChange(path="/sidecars/0/resources/limits/memory", value="3Gi"),)


def test_no_limit_is_raised_that_the_graph_has_raised_already() -> None:
    item = live("web", web(resources={"limits": {"memory": "64Mi"}}))
    drawn = web(resources={"limits": {"memory": "256Mi"}})
    one = pod(item, container=ended(137, "OOMKilled"))
    found = checks(scene("web", drawn, objects=(item,), related=(replica_set(item), one)))
    assert found["crash"].fix is None


def test_the_last_lines_stand_in_the_evidence() -> None:
    words = LastWords("web-1", "web", ("connecting to db:5432", "panic: no route"))
    found = checks(around(pods=[the_pod(container=ended(1))], logs=(words,)))["crash"]
    assert found.evidence[-2:] == ["log of web: connecting to db:5432", "log of web: panic: no route"]


def test_a_killed_container_tells_of_its_liveness_probe() -> None:
    one = the_pod(container=ended(137))
    told = event(one, "Killing", "Container web failed liveness probe, will be restarted", "Normal")
    found = checks(around(pods=[one], related=(told,)))["crash"]
    assert "because of its probe: Container web failed liveness probe" in found.detail


def test_a_container_that_cannot_be_started_says_why() -> None:
    said = 'exec: "serve": executable file not found in $PATH'
    found = checks(around(pods=[the_pod(container=waiting("RunContainerError", said))]))["crash"]
    assert said in found.detail


def test_an_init_container_that_has_done_its_work_is_no_crash() -> None:
    one = the_pod(ready=True)
    one["status"]["initContainerStatuses"] = [
        {"name": "init", "ready": True, "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}
    ]
    assert checks(around(pods=[one], readyReplicas=1))["crash"].state == "pass"


@pytest.mark.parametrize(("minutes", "state"), [(1, "warn"), (20, "pass")])
def test_a_container_that_runs_between_two_ends_is_not_yet_well(minutes: int, state: str) -> None:
    at = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
    drawn = web(resources={"limits": {"memory": "64Mi"}})
    since = (at - timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")
    status = {**ended(137, "OOMKilled"), "state": {"running": {"startedAt": since}}}
    given = replace(around(drawn, pods=[the_pod(drawn, ready=True, container=status)], readyReplicas=1), at=at)
    found = checks(given)
    assert found["crash"].state == state
    # what is offered does not come and go with the attempts
    assert set(fixes_of(found.values())) == ({"memory-limit", "restart-rollout"} if state == "warn" else set())


def test_failed_attempts_of_a_job_that_is_through_are_no_matter() -> None:
    item = live("task", JOB, succeeded=1, conditions=[{"type": "Complete", "status": "True"}])
    lost = pod(item, "task-1", owned_by=item["metadata"]["uid"], phase="Failed", container=ended(1))
    assert "crash" not in checks(scene("task", JOB, objects=(item,), related=(lost,)))
    again = {"state": {"terminated": {"exitCode": 0, "reason": "Completed"}}, "restartCount": 1}
    item = live("task", JOB, active=1)
    done = pod(item, "task-1", owned_by=item["metadata"]["uid"], phase="Succeeded", container=again)
    assert checks(scene("task", JOB, objects=(item,), related=(done,)))["crash"].state == "pass"


def test_pauses_between_attempts_can_be_ended() -> None:
    found = checks(around(pods=[the_pod(container=ended(1))]))["back-off"]
    assert found.fix is not None
    assert (found.fix.type, found.fix.how) == ("restart-rollout", "cluster")
    assert [(target.kind, target.name, target.uid) for target in found.fix.objects] == [
        ("Deployment", "web", "uid-Deployment-web")
    ]


def test_pods_that_ended_for_good_can_be_deleted() -> None:
    gone = the_pod(name="web-old", phase="Failed", status={"reason": "Evicted", "message": "low on memory"})
    foreign = the_pod(name="foreign", phase="Failed")
    foreign["metadata"]["labels"] = {}
    item = around(pods=[gone, foreign, the_pod(ready=True)], readyReplicas=1)
    found = checks(item)["failed-pods"]
    assert "Evicted" in found.detail
    assert found.fix is not None
    assert [target.name for target in found.fix.objects] == ["web-old"]


# -- probes ---------------------------------------------------------------------------------------------------------

PROBED: Json = {
    "ports": [{"container_port": 8080}],
    "readiness_probe": {"type": "http", "path": "/healthz", "port": "8080"},
}
RUNS: Json = {"state": {"running": {"startedAt": "x"}}, "started": True}


def probed(words: str, reason: str = "readiness", **data: Any) -> Any:
    drawn = web(**{**PROBED, **data})
    one = the_pod(drawn, phase="Running", container=RUNS if reason != "startup" else {**RUNS, "started": False})
    told = event(one, "Unhealthy", words, field="spec.containers{web}")
    return around(drawn, pods=[one], related=(told,) if words else ())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Readiness probe failed: HTTP probe failed with statuscode: 404", "knows no path /healthz (404)"),
        ("Readiness probe failed: HTTP probe failed with statuscode: 503", "fails on it with the status 503"),
        ("Readiness probe failed: dial tcp 10.0.0.1:8080: connect: connection refused", "nothing listens on that port"),
        ("Readiness probe failed: context deadline exceeded (Client.Timeout)", "no answer in time"),
        ("", "has not been answered yet"),
    ],
)
def test_a_failing_readiness_probe_is_explained(words: str, said: str) -> None:
    found = checks(probed(words))["readiness-probe"]
    assert found.state == "fail"
    assert "It asks for /healthz on port 8080" in found.detail
    assert said in found.detail
    assert found.fix is None


def test_a_probe_of_a_port_that_is_not_there_is_led_to_the_only_one() -> None:
    data: Json = {
        "readiness_probe": {"type": "http", "port": "9090"},
        "liveness_probe": {"type": "tcp", "port": "9090"},
    }
    given = probed("Readiness probe failed: connection refused", **data)
    found = checks(given)
    assert "declares no port 9090, but 8080" in found["readiness-probe"].detail
    assert found["liveness-probe"].state == "pass"
    fix = fixes_of(found.values())["probe-port"]
    assert fix.changes == (FieldChange(path="/readiness_probe/port", value="8080"),)


def test_two_probes_with_the_same_mistake_are_put_right_together() -> None:
    drawn = web(
        ports=[{"container_port": 8080}],
        readiness_probe={"type": "http", "port": "9090"},
        liveness_probe={"type": "tcp", "port": "9090"},
    )
    one = the_pod(drawn, container=ended(137))
    killed = event(one, "Unhealthy", "Liveness probe failed: dial tcp: connection refused")
    found = checks(around(drawn, pods=[one], related=(killed,)))
    assert found["liveness-probe"].state == "fail"
    running = the_pod(drawn, phase="Running", container=RUNS)
    told = (
        event(running, "Unhealthy", "Liveness probe failed: dial tcp: connection refused"),
        event(running, "Unhealthy", "Readiness probe failed: dial tcp: connection refused"),
    )
    fix = fixes_of(checks(around(drawn, pods=[running], related=told)).values())["probe-port"]
    assert {change.path for change in fix.changes} == {"/readiness_probe/port", "/liveness_probe/port"}


def test_a_startup_probe_that_has_not_passed_is_told() -> None:
    data = {"readiness_probe": None, "startup_probe": {"type": "exec", "command": ["true"]}}
    found = checks(probed("Startup probe failed: exit status 1", "startup", **data))["startup-probe"]
    assert "It runs a command in the container" in found.detail


# -- scheduling -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "codes"),
    [
        ("0/5 nodes are available: 5 Insufficient cpu. preemption: 0/5 nodes are available: 5 No victims", ["cpu"]),
        ("0/2 nodes are available: 1 Insufficient memory, 1 Too many pods.", ["memory", "pods"]),
        ("0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.", ["selector"]),
        (
            (
                "0/3 nodes are available: 1 node(s) had untolerated taint {dedicated: gpu}, 2 node(s) had volume node "
                "affinity conflict."
            ),
            ["taint", "volume-zone"],
        ),
        ("0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.", ["unbound-claim"]),
        ('0/1 nodes are available: persistentvolumeclaim "data" not found.', ["claim-missing"]),
        ("0/1 nodes are available: 1 Insufficient nvidia.com/gpu.", ["resource"]),
        ("0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules.", ["anti-affinity"]),
        ("0/2 nodes are available: 2 node(s) were unschedulable.", ["cordoned"]),
        ("no nodes available to schedule pods", ["none"]),
        ("something new", []),
    ],
)
def test_the_schedulers_words_are_taken_apart(message: str, codes: list[str]) -> None:
    assert [item.code for item in obstacles(message)] == codes


def test_a_pod_without_a_machine_says_how_many_stand_in_its_way() -> None:
    drawn = web(resources={"requests": {"cpu": "100"}})
    one = the_pod(drawn, scheduled="0/5 nodes are available: 2 Insufficient cpu, 3 node(s) were unschedulable.")
    machine = named("Node", "m", status={"allocatable": {"cpu": "8"}})
    found = checks(around(drawn, pods=[one], related=(machine,)))["scheduling"]
    assert "2 machines with too little free CPU; 3 machines with no new pods at all" in found.detail
    assert "pod web-1: spec.containers[web].resources.requests.cpu = 100" in found.evidence
    assert "node m: status.allocatable.cpu = 8" in found.evidence
    words = obstacles("0/1 nodes are available: 1 node(s) had untolerated taint {dedicated: gpu}.")[0].words
    assert "{dedicated: gpu}" in words


@pytest.mark.parametrize(
    ("labels", "kept"),
    [([{"disk": "ssd"}], {"disk": "ssd", "os": "linux"}), ([{"disk": "a"}, {"disk": "b"}], {"os": "linux"})],
)
def test_labels_that_no_machine_has_are_corrected_or_taken_away(labels: list[Json], kept: Json) -> None:
    drawn = web(node_selector={"disk": "sdd", "os": "linux"})
    one = the_pod(drawn, scheduled="0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.")
    machines = tuple(
        named("Node", f"m{index}", metadata={"labels": {"os": "linux", **found}}) for index, found in enumerate(labels)
    )
    fix = checks(around(drawn, pods=[one], related=machines))["scheduling"].fix
    assert fix is not None
    assert fix.changes == (FieldChange(path="/node_selector", value=kept),)


# -- creation -------------------------------------------------------------------------------------------------------


def refused(message: str, **data: Any) -> Any:
    drawn = web(**data)
    item = live("web", drawn, replicas=0, updatedReplicas=0)
    made = replica_set(item, conditions=[{"type": "ReplicaFailure", "status": "True", "message": message}])
    return checks(scene("web", drawn, objects=(item,), related=(made,)))["creation"]


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (
            'pods "web" is forbidden: exceeded quota: few, requested: pods=1, used: pods=3, limited: pods=3',
            "the quota few is used up: pods=1 more asked for, pods=3 used, pods=3 allowed",
        ),
        (
            "forbidden: failed quota: few: must specify limits.cpu for: web",
            "wants every container to say limits.cpu for: web",
        ),
        ('error looking up service account shop/bot: serviceaccount "bot" not found', "account bot does not exist"),
        ('violates PodSecurity "restricted:latest": runAsNonRoot != true', "only pods of the level restricted:latest"),
        ('admission webhook "policy.example.com" denied the request: no :latest', "policy.example.com refuses them"),
        ("something new", "something new"),
    ],
)
def test_what_forbids_pods_is_explained(message: str, words: str) -> None:
    found = refused(message)
    assert (found.state, words in found.detail) == ("fail", True), found.detail
    assert found.evidence == [f"replicaSet web-1: status.conditions[ReplicaFailure].message = {message}"]


def test_a_limit_outside_the_namespaces_range_is_brought_into_it() -> None:
    data = {"resources": {"limits": {"memory": "2Gi"}, "requests": {"memory": "1Gi"}}}
    found = refused("maximum memory usage per Container is 512Mi, but limit is 2Gi", **data)
    assert found.fix is not None
    assert found.fix.changes == (
        FieldChange(path="/resources/limits/memory", value="512Mi"),
        FieldChange(path="/resources/requests/memory", value="512Mi"),
    )
    found = refused(
        "minimum cpu usage per Container is 100m, but request is 50m", resources={"requests": {"cpu": "50m"}}
    )
    assert found.fix is not None
    assert found.fix.changes == (FieldChange(path="/resources/requests/cpu", value="100m"),)


def test_an_old_event_counts_only_while_pods_are_missing() -> None:
    drawn = node("web", "statefulset", image="nginx:1", replicas=1)
    item = live("web", drawn, replicas=1, readyReplicas=1)
    told = event(item, "FailedCreate", "exceeded quota: few, requested: pods=1, used: pods=3, limited: pods=3")
    there = pod(item, ready=True, owned_by=item["metadata"]["uid"])
    assert checks(scene("web", drawn, objects=(item,), related=(told, there)))["creation"].state == "pass"
    assert checks(scene("web", drawn, objects=(item,), related=(told,)))["creation"].state == "fail"


# -- what pods refer to ---------------------------------------------------------------------------------------------


def test_missing_references_are_named_with_what_makes_them() -> None:
    drawn = (
        web(service_account="bot"),
        node("settings", "configmap", data={"A": "1"}),
        wire("settings", "web", "config-env"),
    )
    account = named("ServiceAccount", "bot")
    found = checks(around(*drawn, related=(account,)))["references"]
    assert "ConfigMap settings does not exist" in found.detail
    assert found.remedy == "The node settings makes it: run the workflow."
    there = named("ConfigMap", "settings", data={"A": "1"})
    assert checks(around(*drawn, related=(account, there)))["references"].state == "pass"
    found = checks(around(*drawn, related=(there,)))["references"]
    assert "ServiceAccount bot does not exist" in found.detail


def test_a_missing_key_of_a_secret_is_seen_without_its_values() -> None:
    drawn = web(env=[{"source": "secret", "name": "PIN", "secret": "key", "key": "pin"}])
    fields = [{"manager": "kubectl", "fieldsV1": {"f:data": {".": {}, "f:other": {}}}}]
    found = checks(around(drawn, related=(named("Secret", "key", metadata={"managedFields": fields}),)))["references"]
    assert "Secret key has no key pin (it has other)" in found.detail
    fields[0]["fieldsV1"] = {"f:data": {"f:pin": {}}}
    there = named("Secret", "key", metadata={"managedFields": fields})
    assert checks(around(drawn, related=(there,)))["references"].state == "pass"
    # nobody says which keys it has
    assert checks(around(drawn, related=(named("Secret", "key"),)))["references"].state == "pass"


def test_the_kubelets_own_words_are_shown() -> None:
    one = the_pod(web(service_account="bot"), container=waiting("CreateContainerConfigError", "couldn't find key A"))
    found = checks(around(web(service_account="bot"), pods=[one], related=(named("ServiceAccount", "bot"),)))
    assert "couldn't find key A" in found["references"].detail


def test_what_may_not_be_looked_at_is_left_open() -> None:
    given = around(web(service_account="bot"))
    given = type(given)(**{**vars(given), "unseen": {"ServiceAccount": "forbidden"}})
    assert checks(given)["references"].state == "skip"


def test_claims_of_pods_are_looked_at() -> None:
    drawn = (web(), node("data", "persistentvolumeclaim", storage="1Gi"), wire("data", "web"))
    found = checks(around(*drawn))["volumes"]
    assert "the claim data does not exist" in found.detail
    waits = named("PersistentVolumeClaim", "data", status={"phase": "Pending"})
    told = event(waits, "ProvisioningFailed", "no such class")
    found = checks(around(*drawn, related=(waits, told)))["volumes"]
    assert "the claim data is Pending (no such class)" in found.detail
    bound = named("PersistentVolumeClaim", "data", status={"phase": "Bound"})
    assert checks(around(*drawn, related=(bound,)))["volumes"].state == "pass"


# -- the rollout ----------------------------------------------------------------------------------------------------

LATE: Json = {"conditions": [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]}


def test_a_slow_rollout_gets_more_time_and_a_broken_one_does_not() -> None:
    drawn = web(progress_deadline_seconds=30)
    slow = the_pod(drawn, phase="Running", container=RUNS)
    found = checks(around(drawn, pods=[slow], **LATE))["rollout"]
    assert found.fix is not None
    assert found.fix.changes == (FieldChange(path="/progress_deadline_seconds", value=60),)
    broken = the_pod(drawn, container=ended(1))
    found = checks(around(drawn, pods=[broken], **LATE))["rollout"]
    assert (found.state, found.fix) == ("fail", None)


def test_a_paused_rollout_can_go_on() -> None:
    fix = checks(around(web(paused=True)))["rollout"].fix
    assert fix is not None
    assert fix.changes == (FieldChange(path="/paused", value=False),)


def test_a_change_that_the_controller_has_not_seen_is_told_first() -> None:
    item = live("web", web(), observedGeneration=1)
    item["metadata"]["generation"] = 2
    found = checks(scene("web", web(), objects=(item,)))
    assert found["observed"].state == "warn"
    assert "replicas" not in found


def test_only_the_newest_pods_count() -> None:
    item = live("web", web(), replicas=2, updatedReplicas=1, readyReplicas=1)
    old, new = pod(item, "web-old", container=ended(1)), pod(item, "web-new", ready=True, owned_by="uid-rs-2")
    found = checks(scene("web", web(), objects=(item,), related=(replica_set(item), replica_set(item, 2), old, new)))
    assert found["crash"].state == "pass"
    assert found["rollout"].state == "warn"


def test_scaled_to_zero_is_told() -> None:
    found = checks(around(web(replicas=0), pods=[], replicas=0, updatedReplicas=0))["replicas"]
    assert (found.state, "scaled to zero" in found.detail) == ("warn", True)


def test_a_daemon_set_without_machines_is_told() -> None:
    drawn = node("web", "daemonset", image="nginx:1")
    item = live("web", drawn, desiredNumberScheduled=0)
    assert checks(scene("web", drawn, objects=(item,)))["replicas"].state == "warn"
    item = live("web", drawn, desiredNumberScheduled=2, numberReady=2)
    assert checks(scene("web", drawn, objects=(item,)))["replicas"].state == "pass"


# -- jobs -----------------------------------------------------------------------------------------------------------

JOB = node("task", "job", image="busybox:1", backoff_limit=0)


def test_a_failed_job_can_be_made_again() -> None:
    failed = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "too often"}
    item = live("task", JOB, failed=1, conditions=[failed])
    found = checks(scene("task", JOB, objects=(item,)))["job"]
    assert "failed as often as it allows" in found.detail
    assert found.fix is not None
    assert (found.fix.type, found.fix.objects[0].uid) == ("delete-job", "uid-Job-task")
    assert "job task: spec.backoffLimit = 0" in found.evidence


def test_jobs_that_are_through_suspended_or_at_work() -> None:
    through = live("task", JOB, succeeded=1, conditions=[{"type": "Complete", "status": "True"}])
    assert checks(scene("task", JOB, objects=(through,)))["job"].state == "pass"
    assert checks(scene("task", JOB, objects=(live("task", JOB, active=1),)))["job"].state == "warn"
    item = live("task", JOB)
    item["spec"]["suspend"] = True
    assert "suspended" in checks(scene("task", JOB, objects=(item,)))["job"].detail


def test_a_cron_job_is_judged_by_its_last_job() -> None:
    drawn = node("cron", "cronjob", image="busybox:1", schedule="0 3 * * *")
    item = live("cron", drawn, lastScheduleTime="2026-01-01T03:00:00Z")
    owner = [{"uid": item["metadata"]["uid"], "controller": True}]

    def started(name: str, at: str, condition: str) -> Json:
        metadata = {"creationTimestamp": at, "ownerReferences": owner}
        status = {"conditions": [{"type": condition, "status": "True"}]}
        return {**named("Job", name, metadata=metadata), "spec": {}, "status": status}

    jobs = (started("cron-1", "2026-01-01", "Failed"), started("cron-2", "2026-01-02", "Complete"))
    lost = pod(None, "cron-1-x", owned_by="uid-Job-cron-1", container=ended(1))
    found = checks(scene("cron", drawn, objects=(item,), related=(*jobs, lost)))
    assert (found["schedule"].state, found["job"].state) == ("pass", "pass")
    assert "crash" not in found, "pods of an earlier job do not count"
    found = checks(scene("cron", drawn, objects=(item,), related=jobs[:1]))
    assert (found["job"].state, found["job"].fix) == ("fail", None)


def test_quantities_are_doubled_in_their_unit() -> None:
    assert [doubled(text) for text in ("64Mi", "1.5Gi", "0.5Gi", "100M", "1000", "x", "")] == [
        "128Mi",
        "3Gi",
        "1Gi",
        "200M",
        "2000",
        None,
        None,
    ]
    assert value_of("1Ki") == 1024
    assert value_of("250m") == value_of("0.25")


def test_out_of_memory_is_told_apart_from_being_killed() -> None:
    assert meaning(137, "OOMKilled").words != meaning(137, "Error").words
