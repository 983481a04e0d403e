from __future__ import annotations

from typing import Any

import pytest

from shared.errors import ClusterRefused, ClusterUnreachable
from shared.kubernetes.objects import ref_of
from shared.owned.models import OwnedObject
from shared.planning.consent import Consent
from shared.planning.dry_run import missing_namespaces, plan_on
from shared.planning.plan import Plan, Step
from shared.workflows.compile.manifests import Item, compile_graph
from shared.workflows.drawing.graph import Edge, Node
from tests.fixtures.workflows.crds import DATABASE, crd
from tests.fixtures.workflows.helpers import CONTEXT, graph, node, web
from tests.support.fakes.cluster import FakeCluster
from tests.support.planning import noted

SETTINGS = node("settings", "configmap", data={"A": "1"})
DATABASE_NODE = node("db", "custom-resource", api_version="shop.example.com/v1", kind="Database")


class Ground:
    """A workflow on a cluster in memory: planned there, and applied as a run does it."""

    def __init__(self) -> None:
        self.cluster = FakeCluster("shop")
        self.owned: dict[str, OwnedObject] = {}

    def plan(self, *parts: Node | Edge, consent: Consent | None = None, rerun: tuple[str, ...] = ()) -> Plan:
        """Plan what is drawn."""
        items = compile_graph(graph(*parts), CONTEXT).items
        owned = list(self.owned.values())
        return self.plan_items(items, owned, consent=consent, rerun=rerun)

    def plan_items(self, items: tuple[Item, ...], owned: list[OwnedObject], **more: Any) -> Plan:
        """Plan compiled objects."""
        return plan_on(self.cluster, CONTEXT.workflow_id, items, owned, at_once=2, **more)[0]

    def step(self, *parts: Node | Edge, **more: Any) -> Step:
        """Plan the only object that is drawn."""
        [step] = self.plan(*parts, **more).steps
        return step

    def deploy(self, *parts: Node | Edge) -> None:
        """Plan and apply, and forget what was asked."""
        for step in self.plan(*parts).steps:
            assert not step.is_refused
            self.owned[str(step.ref)] = noted(step.item, self.cluster.apply(step.manifest, force=step.force))
        self.cluster.asked.clear()

    def write(self, kind: str, name: str, manager: str = "somebody", **content: Any) -> None:
        """Write a part of an object as somebody else."""
        api_version = {"Deployment": "apps/v1", "Job": "batch/v1"}.get(kind, "v1")
        metadata = {"name": name, "namespace": "shop"}
        manifest = {"apiVersion": api_version, "kind": kind, "metadata": metadata, **content}
        self.cluster.put(manifest, manager=manager)


@pytest.fixture
def ground() -> Ground:
    return Ground()


def actions(plan: Plan) -> dict[str, str]:
    return {step.item.node_id: step.action for step in plan.steps}


def test_what_is_not_there_is_created(ground: Ground) -> None:
    step = ground.step(SETTINGS)
    assert (step.action, step.live, step.is_tried, step.needs) == ("create", None, True, "")
    assert ground.cluster.names("ConfigMap") == [], "a plan makes nothing"


def test_what_has_not_moved_is_not_sent(ground: Ground) -> None:
    ground.deploy(SETTINGS, web())
    assert actions(ground.plan(SETTINGS, web())) == {"settings": "unchanged", "web": "unchanged"}
    assert "patch" not in {verb for verb, _ in ground.cluster.asked}


def test_what_is_drawn_otherwise_is_updated_with_every_field_that_changes(ground: Ground) -> None:
    ground.deploy(SETTINGS)
    step = ground.step(node("settings", "configmap", data={"A": "2", "B": "3"}))
    assert [(change.path, change.old, change.new) for change in step.changes] == [
        ("data.A", "1", "2"),
        ("data.B", None, "3"),
    ]
    assert (step.action, step.force) == ("update", False)


def test_what_only_the_notes_do_not_know_is_tried_and_unchanged(ground: Ground) -> None:
    ground.deploy(SETTINGS)
    ground.owned.clear()
    step = ground.step(SETTINGS)
    assert (step.action, step.is_recorded, step.is_tried) == ("unchanged", False, True)


@pytest.mark.parametrize(
    "change",
    [
        {"owned": ""},
        {"uid": "another"},
        {"digest": "another"},
    ],
)
def test_a_note_that_does_not_fit_is_no_reason_to_leave_it(ground: Ground, change: dict[str, str]) -> None:
    ground.deploy(SETTINGS)
    name = "ConfigMap shop/settings"
    ground.owned[name] = ground.owned[name].model_copy(update=change)
    assert not ground.step(SETTINGS).is_recorded


def test_what_is_being_deleted_is_tried_again(ground: Ground) -> None:
    ground.deploy(SETTINGS)
    ground.cluster.objects["ConfigMap", "shop", "settings"]["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    assert not ground.step(SETTINGS).is_recorded


def test_fields_of_somebody_else_are_named_and_forced_only_when_told(ground: Ground) -> None:
    ground.deploy(web(replicas=1))
    ground.write("Deployment", "web", "kubectl-scale", spec={"replicas": 3})
    step = ground.step(web(replicas=1))
    assert (step.action, step.needs, step.code, step.is_refused) == ("conflict", "takeover", "cluster-conflict", True)
    assert step.reason == ("Deployment shop/web: somebody else manages fields of it: .spec.replicas (kubectl-scale)")
    assert [(conflict.field, conflict.manager) for conflict in step.conflicts] == [(".spec.replicas", "kubectl-scale")]
    named = {"takeover": [{"object": "Deployment shop/web", "fields": [".spec.replicas"]}]}
    agreed = ground.step(web(replicas=1), consent=Consent.model_validate(named))
    assert (agreed.action, agreed.force, agreed.needs) == ("update", True, "")
    assert [(change.path, change.old, change.new) for change in agreed.changes] == [("spec.replicas", 3, 1)]


def test_a_conflict_in_words_that_nobody_knows_is_told_in_them(ground: Ground) -> None:
    ground.deploy(SETTINGS)
    causes = [{"field": ".data.A", "message": "owned elsewhere"}]
    refusal = ClusterRefused("no", code="cluster-conflict", details={"causes": causes})
    ground.cluster.answers["patch", "settings"] = [refusal]
    step = ground.step(node("settings", "configmap", data={"A": "2"}))
    assert [conflict.manager for conflict in step.conflicts] == ["owned elsewhere"]


@pytest.mark.parametrize("details", [{}, {"causes": "many"}])
def test_a_conflict_about_no_field_is_a_refusal(ground: Ground, details: dict[str, object]) -> None:
    ground.cluster.answers["patch", "settings"] = [ClusterRefused("no", code="cluster-conflict", details=details)]
    step = ground.step(SETTINGS)
    assert (step.action, step.code, step.needs) == ("invalid", "cluster-conflict", "")


class TestForeignObjects:
    """Objects of the same name that are not this workflow's."""

    REFUSAL = (
        "ConfigMap shop/settings exists already and does not belong to this workflow (managed by {}). "
        "Choose another name, or delete it."
    )

    def test_one_with_other_fields_has_to_be_adopted(self, ground: Ground) -> None:
        ground.write("ConfigMap", "settings", data={"B": "theirs"})
        step = ground.step(SETTINGS)
        assert (step.action, step.code, step.needs) == ("conflict", "not-ours", "adopt")
        assert step.reason == self.REFUSAL.format("somebody")

    def test_one_with_the_same_fields_too_and_that_is_asked_before_its_fields(self, ground: Ground) -> None:
        ground.write("ConfigMap", "settings", data={"A": "theirs"})
        step = ground.step(SETTINGS)
        assert (step.action, step.needs, step.reason) == ("conflict", "adopt", self.REFUSAL.format("somebody"))

    def test_an_adopted_one_is_compared_with_what_is_there(self, ground: Ground) -> None:
        ground.write("ConfigMap", "settings", data={"B": "theirs"})
        step = ground.step(SETTINGS, consent=Consent(adopt=["ConfigMap shop/settings"]))
        assert (step.action, step.needs) == ("update", "")
        assert ("data.A", None, "1") in [(change.path, change.old, change.new) for change in step.changes]
        assert step.live is not None

    def test_fields_of_an_adopted_one_are_a_question_of_their_own(self, ground: Ground) -> None:
        ground.write("ConfigMap", "settings", data={"A": "theirs"})
        step = ground.step(SETTINGS, consent=Consent(adopt=["ConfigMap shop/settings"]))
        assert (step.action, step.needs) == ("conflict", "takeover")

    def test_one_that_nobody_manages_or_that_is_gone_by_now_is_told_without_managers(self, ground: Ground) -> None:
        ground.write("ConfigMap", "settings", data={"A": "theirs"})
        ground.cluster.answers["get", "settings"] = [lambda: ground.cluster.vanish(ref)]
        ref = ref_of(compile_graph(graph(SETTINGS), CONTEXT).items[0].manifest)
        assert "does not belong to this workflow. Choose" in ground.step(SETTINGS).reason

    def test_a_job_of_somebody_else_is_not_replaced(self, ground: Ground) -> None:
        job = node("migrate", "job", image="migrate:2")
        ground.deploy(node("migrate", "job", image="migrate:1"))
        ground.owned.clear()
        live = ground.cluster.objects["Job", "shop", "migrate"]
        for owner in ({"kubeorch.io/node": ""}, {"kubeorch.io/workflow": CONTEXT.workflow_id}):
            live["metadata"]["labels"] |= owner
        assert ground.step(job).needs == "adopt"

    def test_what_a_dead_run_has_made_is_ours_by_its_uid(self, ground: Ground) -> None:
        ground.deploy(SETTINGS)
        live = ground.cluster.objects["ConfigMap", "shop", "settings"]
        live["metadata"]["labels"] = {}
        step = ground.step(node("settings", "configmap", data={"A": "2"}))
        assert (step.action, step.code) == ("update", "")
        ground.owned.clear()
        assert ground.step(SETTINGS).code == "not-ours"


def test_a_job_that_changed_is_made_again(ground: Ground) -> None:
    ground.deploy(node("migrate", "job", image="migrate:1"))
    step = ground.step(node("migrate", "job", image="migrate:2"))
    assert (step.action, step.needs, step.is_tried) == ("replace", "", False)
    assert step.reason == "Its spec cannot be changed in place; it is made again."


def test_a_job_that_did_not_change_is_made_again_only_when_told(ground: Ground) -> None:
    job = node("migrate", "job", image="migrate:1")
    ground.deploy(job, SETTINGS)
    assert actions(ground.plan(job, SETTINGS)) == {"migrate": "unchanged", "settings": "unchanged"}
    again = ground.plan(job, SETTINGS, rerun=("migrate", "settings"))
    assert actions(again) == {"migrate": "replace", "settings": "unchanged"}


def test_a_new_job_is_tried_like_everything_else(ground: Ground) -> None:
    step = ground.step(node("migrate", "job", image="migrate:1"))
    assert (step.action, step.is_tried) == ("create", True)


def test_what_cannot_be_changed_in_place_is_replaced_only_when_told(ground: Ground) -> None:
    fixed = {"immutable": True}
    ground.deploy(node("settings", "configmap", data={"A": "1"}, **fixed))
    changed = node("settings", "configmap", data={"A": "2"}, **fixed)
    step = ground.step(changed)
    assert (step.action, step.needs, step.code) == ("replace", "replace", "immutable")
    assert step.reason == (
        "ConfigMap shop/settings: data cannot be changed in place; it has to be deleted and made again."
    )
    assert ground.step(changed, consent=Consent(replace=["ConfigMap shop/settings"])).needs == ""


def test_what_holds_data_is_never_replaced(ground: Ground) -> None:
    claim = {"storage": "1Gi"}
    ground.deploy(node("data", "persistentvolumeclaim", **claim))
    step = ground.step(node("data", "persistentvolumeclaim", **claim, access_modes=["ReadWriteMany"]))
    assert (step.action, step.needs) == ("invalid", "")
    assert "A claim holds data and is never deleted to change it" in step.reason


def test_what_is_new_and_refused_is_not_replaced(ground: Ground) -> None:
    words = "spec.selector: field is immutable"
    ground.cluster.answers["patch", "settings"] = [ClusterRefused(words, code="cluster-invalid")]
    step = ground.step(SETTINGS)
    assert (step.action, step.reason) == ("invalid", f"ConfigMap shop/settings: {words}")


def test_what_may_not_be_applied_is_denied(ground: Ground) -> None:
    ground.cluster.denied = {("create", "configmaps")}
    step = ground.step(SETTINGS)
    assert (step.action, step.code, step.is_refused) == ("denied", "cluster-forbidden", True)


def test_what_stands_in_a_missing_namespace_is_not_tried(ground: Ground) -> None:
    del ground.cluster.objects["Namespace", None, "shop"]
    plan = ground.plan(SETTINGS)
    assert (plan.missing_namespaces, actions(plan)) == (("shop",), {"settings": "create"})
    assert plan.steps[0].field_validation == "Strict"


def test_who_may_not_see_namespaces_learns_from_applying(ground: Ground) -> None:
    ground.cluster.denied = {("get", "namespaces")}
    assert missing_namespaces(ground.cluster, ["shop", "elsewhere"]) == frozenset()
    ground.cluster.denied = set()
    assert missing_namespaces(ground.cluster, ["shop", "elsewhere"]) == {"elsewhere"}
    ground.cluster.answers["get", "shop"] = [ClusterRefused("no", code="cluster-unauthorized")]
    with pytest.raises(ClusterRefused):
        missing_namespaces(ground.cluster, ["shop"])


def test_an_object_of_a_kind_that_comes_with_the_plan_is_created_with_it(ground: Ground) -> None:
    definition = crd("Database", DATABASE)
    items = compile_graph(graph(DATABASE_NODE), CONTEXT).items
    kind = Item(wave=0, node_id="kind", manifest=definition, digest="d")
    assert actions(ground.plan_items((kind, *items), [])) == {"kind": "create", "db": "create"}
    [alone] = ground.plan_items(items, []).steps
    assert (alone.action, alone.code) == ("invalid", "kind-unknown")


class TestSecrets:
    """Keys without a stored value."""

    KEY = node("key", "secret", keys=["PIN"])

    def test_their_live_values_are_kept(self, ground: Ground) -> None:
        ground.write("Secret", "key", data={"PIN": "NDcxMQ==", "OTHER": "eA=="})
        step = ground.step(self.KEY, consent=Consent(adopt=["Secret shop/key"]))
        assert step.manifest["data"] == {"PIN": "NDcxMQ=="}
        assert (step.action, step.needs) == ("update", "")

    @pytest.mark.parametrize("data", [None, {"OTHER": "eA=="}])
    def test_without_a_live_value_they_have_to_be_entered(self, ground: Ground, data: Any) -> None:
        if data:
            ground.write("Secret", "key", data=data)
        step = ground.step(self.KEY)
        assert (step.action, step.code) == ("invalid", "secret-unset")
        assert step.reason == "Secret shop/key has no value for: PIN. Enter it on the node, then run again."


class TestReplicas:
    """Numbers of replicas that the graph leaves to others."""

    def item(self, ground: Ground) -> tuple[Item, ...]:
        ground.deploy(web(replicas=3))
        [item] = compile_graph(graph(web()), CONTEXT).items
        del item.manifest["spec"]["replicas"]
        return (item,)

    def test_while_only_we_manage_them_they_stay(self, ground: Ground) -> None:
        items = self.item(ground)
        [step] = ground.plan_items(items, list(ground.owned.values())).steps
        assert (step.manifest["spec"]["replicas"], step.action) == (3, "unchanged")

    def test_what_somebody_else_manages_is_left_to_them(self, ground: Ground) -> None:
        items = self.item(ground)
        ground.write("Deployment", "web", "autoscaler", spec={"replicas": 5})
        [step] = ground.plan_items(items, list(ground.owned.values())).steps
        assert "replicas" not in step.manifest["spec"]
        assert step.action == "unchanged"


def test_what_has_no_answer_is_tried_once_more_and_a_silent_cluster_gives_no_plan(ground: Ground) -> None:
    ground.cluster.answers["patch", "settings"] = [ClusterUnreachable("cut")]
    assert ground.step(SETTINGS).action == "create"
    ground.cluster.answers["patch", "settings"] = [ClusterUnreachable("cut"), ClusterUnreachable("cut")]
    with pytest.raises(ClusterUnreachable):
        ground.step(SETTINGS)


def test_a_refusal_at_the_second_try_is_one_like_at_the_first(ground: Ground) -> None:
    refusal = ClusterRefused("no", code="cluster-invalid")
    ground.cluster.answers["patch", "settings"] = [ClusterUnreachable("cut"), refusal]
    assert ground.step(SETTINGS).action == "invalid"


def test_a_plan_counts_its_actions_and_names_what_is_refused(ground: Ground) -> None:
    ground.cluster.denied = {("create", "deployments")}
    plan = ground.plan(SETTINGS, web())
    assert plan.summary() == {"create": 1, "denied": 1}
    assert [step.item.node_id for step in plan.refused] == ["web"]
