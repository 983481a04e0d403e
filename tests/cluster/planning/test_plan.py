"""Plans against a real API server: what each says, and that applying it does just that."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from shared.clock import now
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.objects import ObjectRef, ref_of
from shared.owned.models import OwnedObject
from shared.planning.consent import Consent, Takeover
from shared.planning.dry_run import make_plan, missing_namespaces
from shared.planning.plan import Known, Plan, Step
from shared.planning.survey import Key, key_of, owned_hash, survey
from shared.workflows.compile.manifests import CompileContext, compile_graph
from shared.workflows.drawing.graph import Edge, Node
from tests.fixtures.workflows.helpers import graph, node, web, wire
from tests.support.wait import eventually


@dataclass
class Ground:
    """One workflow on the cluster: plans it and applies plans, as a run does."""

    client: ClusterClient
    namespace: str
    workflow_id: str = field(default_factory=lambda: uuid.uuid4().hex[:24])
    inventory: dict[Key, OwnedObject] = field(default_factory=dict)

    def context(self, version: int = 1) -> CompileContext:
        return CompileContext(self.workflow_id, "shop", version=version, namespace=self.namespace, privileged=True)

    def plan(self, *parts: Node | Edge, consent: Consent | None = None, rerun: frozenset[str] = frozenset()) -> Plan:
        compiled = compile_graph(graph(*parts), self.context())
        refs = [ref_of(item.manifest) for item in compiled.items]
        kinds = [(ref.api_version, ref.kind, ref.namespace) for ref in refs]
        known = Known(
            workflow_id=self.workflow_id,
            live_objects=survey(self.client, self.workflow_id, kinds, at_once=4),
            owned=self.inventory,
            missing_namespaces=missing_namespaces(self.client, compiled.namespaces),
            consent=consent or Consent(),
            rerun=rerun,
        )
        return make_plan(self.client, compiled.items, known, at_once=4)

    def apply(self, plan: Plan) -> None:
        assert not plan.refused
        for step in plan.steps:
            live = step.live
            if step.action != "unchanged" or live is None:
                live = self.client.apply(step.manifest, force=step.force)
            self.inventory[key_of(step.ref)] = self._entry(step, live)

    def _entry(self, step: Step, live: dict[str, Any]) -> OwnedObject:
        ref = step.ref
        return OwnedObject(
            id=str(ref),
            workflow_id=self.workflow_id,
            cluster_id="c",
            node_id=step.item.node_id,
            api_version=ref.api_version,
            kind=ref.kind,
            namespace=ref.namespace,
            name=ref.name,
            uid=live["metadata"]["uid"],
            digest=step.item.digest,
            owned=owned_hash(live),
            run_id="r",
            applied_at=now(),
        )

    def deploy(self, *parts: Node | Edge, **more: Any) -> Plan:
        plan = self.plan(*parts, **more)
        self.apply(plan)
        return plan

    def live(self, api_version: str, kind: str, name: str) -> dict[str, Any]:
        found = self.client.get(ObjectRef(api_version, kind, self.namespace, name))
        assert found is not None
        return found


@pytest.fixture
def ground(client: ClusterClient, namespace: str) -> Ground:
    return Ground(client, namespace)


def actions(plan: Plan) -> dict[str, str]:
    return {step.item.node_id: step.action for step in plan.steps}


def only(plan: Plan) -> Step:
    (step,) = plan.steps
    return step


def paths(step: Step) -> dict[str, tuple[Any, Any]]:
    return {change.path: (change.old, change.new) for change in step.changes}


def test_a_plan_says_what_applying_it_does(ground: Ground) -> None:
    first = web(replicas=0)
    assert actions(ground.plan(first, node("settings", "configmap", data={"A": "1"}))) == {
        "web": "create",
        "settings": "create",
    }
    assert ground.client.list("apps/v1", "Deployment", namespace=ground.namespace)[0] == [], "a plan makes nothing"
    ground.deploy(first, node("settings", "configmap", data={"A": "1"}))
    assert actions(ground.plan(first, node("settings", "configmap", data={"A": "1"}))) == {
        "web": "unchanged",
        "settings": "unchanged",
    }
    plan = ground.plan(web(replicas=0, image="nginx:2"), node("settings", "configmap", data={"A": "2", "B": "3"}))
    changed = {step.item.node_id: paths(step) for step in plan.steps}
    assert changed == {
        "web": {"spec.template.spec.containers[web].image": ("nginx:1", "nginx:2")},
        "settings": {"data.A": ("1", "2"), "data.B": (None, "3")},
    }
    ground.apply(plan)
    live = ground.live("apps/v1", "Deployment", "web")
    assert live["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:2"


def test_a_field_of_somebody_else_is_named_and_taken_over_only_when_told(ground: Ground) -> None:
    ground.deploy(web(replicas=0))
    scaled = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": ground.namespace},
        "spec": {"replicas": 1},
    }
    ground.client.apply(scaled, field_manager="somebody", force=True)
    step = only(ground.plan(web(replicas=0)))
    assert (step.action, step.needs) == ("conflict", "takeover")
    assert [(conflict.field, conflict.manager) for conflict in step.conflicts] == [(".spec.replicas", "somebody")]
    name = str(step.ref)
    other = Consent(takeover=[Takeover(object=name, fields=[".spec.paused"])])
    assert only(ground.plan(web(replicas=0), consent=other)).action == "conflict"
    told = Consent(takeover=[Takeover(object=name, fields=[".spec.replicas"])])
    plan = ground.deploy(web(replicas=0), consent=told)
    assert (only(plan).action, only(plan).force, paths(only(plan))) == ("update", True, {"spec.replicas": (1, 0)})
    assert ground.live("apps/v1", "Deployment", "web")["spec"]["replicas"] == 0


def test_what_is_not_ours_is_adopted_only_when_told(ground: Ground) -> None:
    foreign = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": ground.namespace},
        "data": {"A": "theirs"},
    }
    ground.client.apply(foreign, field_manager="somebody")
    drawn = node("settings", "configmap", data={"A": "ours"})
    step = only(ground.plan(drawn))
    assert (step.action, step.code, step.needs) == ("conflict", "not-ours", "adopt")
    name = str(step.ref)
    step = only(ground.plan(drawn, consent=Consent(adopt=[name])))
    assert (step.action, step.needs) == ("conflict", "takeover"), "its fields are a question of their own"
    told = Consent(adopt=[name], takeover=[Takeover(object=name, fields=[".data.A"])])
    ground.deploy(drawn, consent=told)
    assert ground.live("v1", "ConfigMap", "settings")["data"] == {"A": "ours"}
    assert only(ground.plan(drawn)).action == "unchanged"


def test_what_cannot_be_changed_is_replaced_only_when_told(ground: Ground) -> None:
    ground.deploy(node("settings", "configmap", data={"A": "1"}, immutable=True))
    step = only(ground.plan(node("settings", "configmap", data={"A": "2"}, immutable=True)))
    assert (step.action, step.needs, step.code) == ("replace", "replace", "immutable")
    assert "data" in step.reason
    told = Consent(replace=[str(step.ref)])
    agreed = only(ground.plan(node("settings", "configmap", data={"A": "2"}, immutable=True), consent=told))
    assert (agreed.action, agreed.needs, agreed.is_refused) == ("replace", "", False)


def test_a_claim_is_never_replaced(ground: Ground) -> None:
    ground.deploy(node("data", "persistentvolumeclaim", storage="1Gi"))
    step = only(ground.plan(node("data", "persistentvolumeclaim", storage="1Gi", access_modes=["ReadWriteMany"])))
    assert (step.action, step.needs) == ("invalid", "")
    assert "never deleted to change it" in step.reason


def test_a_new_autoscaler_leaves_the_replicas_as_they_are(ground: Ground) -> None:
    requests = {"requests": {"cpu": "10m"}}
    ground.deploy(web(replicas=3, resources=requests))
    scaler = node("scaler", "hpa", min_replicas=1, max_replicas=5, cpu_percent=50)
    plan = ground.deploy(web(replicas=3, resources=requests), scaler, wire("scaler", "web"))
    assert actions(plan) == {"web": "unchanged", "scaler": "create"}
    assert ground.live("apps/v1", "Deployment", "web")["spec"]["replicas"] == 3
    # the autoscaler writes through the scale subresource, and is the only manager from then on
    ground.client.apply(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "web", "namespace": ground.namespace},
            "spec": {"replicas": 4},
        },
        field_manager="autoscaler",
        force=True,
    )
    plan = ground.deploy(web(replicas=3, resources=requests), scaler, wire("scaler", "web"))
    assert actions(plan)["web"] == "unchanged"
    assert ground.live("apps/v1", "Deployment", "web")["spec"]["replicas"] == 4


def test_a_job_is_made_again_when_it_changed_or_when_told(ground: Ground) -> None:
    job = node("migrate", "job", image="migrate:1")
    ground.deploy(job)
    assert only(ground.plan(job)).action == "unchanged"
    assert only(ground.plan(job, rerun=frozenset({"migrate"}))).action == "replace"
    assert only(ground.plan(node("migrate", "job", image="migrate:2"))).action == "replace"


def test_what_the_api_server_refuses_is_said_in_its_words(ground: Ground) -> None:
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "small", "namespace": ground.namespace},
        "spec": {"hard": {"configmaps": "1"}},
    }
    ground.client.apply(quota, field_manager="somebody")

    def denied() -> Step | None:
        step = only(ground.plan(node("settings", "configmap", data={"A": "1"})))
        return step if step.action == "denied" else None

    # the quota counts once its controller has seen it; where kinds of other tests come and go the controller looks for
    # them every half a minute, and counts nothing until it has found them all
    step = eventually(denied, timeout=90, every=0.1, what="the quota is counted")
    assert step is not None
    assert "exceeded quota" in step.reason


def test_a_missing_namespace_is_part_of_the_plan(ground: Ground) -> None:
    elsewhere = replace(ground, namespace=f"{ground.namespace}-new")
    plan = elsewhere.plan(web(replicas=0))
    assert (plan.missing_namespaces, actions(plan)) == ((elsewhere.namespace,), {"web": "create"})
