from __future__ import annotations

from typing import Any

import pytest
import yaml

from shared.errors import ClusterRefused, ClusterUnreachable
from shared.jobs.keeper import Cancelled
from shared.kubernetes.objects import Manifest, ObjectRef
from shared.planning.consent import Consent
from shared.runs.execute.apply import GONE_SECONDS
from shared.runs.execute.context import RunFailed
from shared.runs.models import RunStatus
from shared.runs.options import RunOptions
from tests.fixtures.workflows.crds import DATABASE, crd
from tests.fixtures.workflows.helpers import after, node, web, wire
from tests.support.fakes.cluster import run_at_once
from tests.support.fakes.engine import Engine

SETTINGS = node("settings", "configmap", data={"A": "1"})
WEB = ObjectRef("apps/v1", "Deployment", "shop", "web")


def job(image: str = "migrate:1", **data: Any) -> Any:
    return node("migrate", "job", image=image, **data)


def test_everything_is_made_in_its_order_and_noted() -> None:
    engine = Engine()
    working = engine.deploy(web(), SETTINGS, wire("settings", "web"))
    assert working.status is RunStatus.COMPLETED
    assert [name for _, name, _ in engine.cluster.sent] == ["ConfigMap shop/settings", "Deployment shop/web"]
    assert working.nodes == {"web": "ready", "settings": "ready"}
    noted = engine.objects()
    live = engine.cluster.get(WEB)
    assert live is not None
    entry = noted["Deployment shop/web"]
    assert (entry.uid, entry.node_id, entry.run_id) == (live["metadata"]["uid"], "web", "run1")
    assert all((entry.uid, entry.digest, entry.owned) != ("", "", "") for entry in noted.values())


def test_what_is_about_to_be_made_is_noted_before_it_is() -> None:
    engine, noted = Engine(), dict[str, str]()

    def look() -> None:
        noted.update({name: entry.uid for name, entry in engine.objects().items()})

    engine.cluster.answers["patch", "settings"] = [lambda: None, look]
    engine.deploy(SETTINGS)
    assert noted == {"ConfigMap shop/settings": ""}


def test_a_namespace_that_is_missing_is_made_first() -> None:
    engine = Engine(namespace="elsewhere")
    working = engine.deploy(SETTINGS)
    assert engine.cluster.sent[0][:2] == ("apply", "Namespace elsewhere")
    assert working.log[1:] == ["Made the namespace elsewhere.", "Created ConfigMap elsewhere/settings."]
    assert [item.object for item in engine.plans.rows["run1"]] == [
        "Namespace elsewhere",
        "ConfigMap elsewhere/settings",
    ]


def test_a_run_that_may_make_no_namespace_changes_nothing() -> None:
    engine = Engine(namespace="elsewhere")
    with pytest.raises(RunFailed, match="the namespace elsewhere does not exist, and this run may not") as caught:
        engine.deploy(SETTINGS, options=RunOptions(create_namespaces=False))
    assert caught.value.code == "namespace-missing"
    assert engine.cluster.sent == []


def test_a_wave_waits_for_what_it_comes_after() -> None:
    engine, states = Engine(), list[str]()
    engine.cluster.controller = lambda live: None if live["kind"] == "Job" else run_at_once(live)
    working = engine.working(engine.taken())
    engine.draw(job(), web(), after("web", "migrate"))
    working.run.version = engine.version().version

    def complete() -> None:
        states.append(working.progress.states["web"].state)
        done = {"succeeded": 1, "conditions": [{"type": "Complete", "status": "True"}]}
        engine.cluster.change(ObjectRef("batch/v1", "Job", "shop", "migrate"), status=done)

    engine.clock.at(4, complete)
    assert working.deploy() is RunStatus.COMPLETED
    assert states == ["pending"], "web is not touched while its predecessor runs"


def test_a_wave_behind_what_has_only_to_start_does_not_wait() -> None:
    engine = Engine()
    engine.cluster.controller = lambda live: None if live["kind"] == "Job" else run_at_once(live)
    with pytest.raises(RunFailed, match="Job shop/migrate was not ready"):
        engine.deploy(job(), web(), after("web", "migrate", condition="started"))
    assert engine.cluster.names("Deployment") == ["web"]


def test_what_nobody_has_noted_is_noted_although_nothing_changes() -> None:
    engine = Engine()
    engine.deploy(SETTINGS)
    engine.owned.rows.clear()
    working = engine.deploy()
    assert working.nodes == {"settings": "unchanged"}
    assert engine.objects()["ConfigMap shop/settings"].uid != ""
    assert len(engine.cluster.sent) == 1


def test_what_the_cluster_refuses_fails_its_node_and_what_was_applied_is_noted() -> None:
    engine = Engine()
    engine.cluster.answers["patch", "web"] = [lambda: None, ClusterRefused("quota exceeded", code="cluster-forbidden")]
    working = engine.working(engine.taken())
    engine.draw(SETTINGS, web(), wire("settings", "web"))
    working.run.version = engine.version().version
    with pytest.raises(RunFailed, match=r"^Deployment shop/web: quota exceeded$") as caught:
        working.deploy()
    assert (caught.value.code, caught.value.node_id) == ("cluster-forbidden", "web")
    assert working.nodes == {"settings": "waiting", "web": "failed"}
    noted = engine.objects()
    assert noted["ConfigMap shop/settings"].uid != ""
    assert noted["Deployment shop/web"].uid == ""


def test_what_has_no_answer_is_sent_again_alone() -> None:
    engine = Engine()
    engine.cluster.answers["patch", "settings"] = [lambda: None, ClusterUnreachable("cut"), ClusterUnreachable("cut")]
    working = engine.deploy(SETTINGS, web())
    assert working.status is RunStatus.COMPLETED
    assert working.nodes == {"settings": "ready", "web": "ready"}
    assert "Waiting for the cluster: cut" in working.log


def test_a_refusal_of_what_is_sent_alone_fails_its_node_too() -> None:
    engine = Engine()
    refusal = ClusterRefused("no more", code="cluster-invalid")
    engine.cluster.answers["patch", "settings"] = [lambda: None, ClusterUnreachable("cut"), refusal]
    with pytest.raises(RunFailed, match="ConfigMap shop/settings: no more") as caught:
        engine.deploy(SETTINGS)
    assert (caught.value.code, caught.value.node_id) == ("cluster-invalid", "settings")


def test_a_job_that_changed_is_deleted_before_it_is_made_again() -> None:
    engine = Engine()
    engine.deploy(job())
    before = engine.objects()["Job shop/migrate"].uid
    engine.cluster.sent.clear()
    working = engine.deploy(job("migrate:2"))
    assert [(verb, how) for verb, _, how in engine.cluster.sent] == [("delete", "Background"), ("apply", "Strict")]
    assert working.log[-1] == "Replaced Job shop/migrate."
    assert engine.objects()["Job shop/migrate"].uid not in {"", before}


def hold(engine: Engine, ref: ObjectRef) -> Manifest:
    """Have a finalizer hold an object."""
    live = engine.cluster.objects[ref.kind, ref.namespace, ref.name]
    live["metadata"]["finalizers"] = ["shop.example.com/hold"]
    return live


MIGRATE = ObjectRef("batch/v1", "Job", "shop", "migrate")


def test_what_is_replaced_is_made_when_the_old_one_is_gone() -> None:
    engine = Engine()
    engine.deploy(job())
    hold(engine, MIGRATE)
    engine.clock.at(7, lambda: engine.cluster.vanish(MIGRATE))
    assert engine.deploy(job("migrate:2")).status is RunStatus.COMPLETED
    assert engine.clock.monotonic() >= 7


def test_another_object_of_the_same_name_is_no_longer_the_old_one() -> None:
    engine = Engine()
    engine.deploy(job())
    old = hold(engine, MIGRATE)

    def take_its_place() -> None:
        engine.cluster.objects["Job", "shop", "migrate"] = {**old, "metadata": {**old["metadata"], "uid": "another"}}

    engine.clock.at(3, take_its_place)
    with pytest.raises(RunFailed, match="field is immutable"):
        engine.deploy(job("migrate:2"))


def test_what_does_not_go_to_be_replaced_fails_the_run() -> None:
    engine = Engine()
    engine.deploy(job())
    hold(engine, MIGRATE)
    with pytest.raises(RunFailed, match="Job shop/migrate is being deleted, but is still there after 60 s") as caught:
        engine.deploy(job("migrate:2"))
    assert caught.value.code == "delete-timeout"
    assert engine.clock.monotonic() > GONE_SECONDS


def test_fields_of_others_are_taken_over_when_a_person_said_so() -> None:
    engine = Engine()
    engine.deploy(web(replicas=1))
    engine.cluster.put(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"replicas": 3},
        }
    )
    consent = Consent.model_validate({"takeover": [{"object": "Deployment shop/web", "fields": [".spec.replicas"]}]})
    engine.deploy(consent=consent)
    assert engine.cluster.sent[-1] == ("apply", "Deployment shop/web", "Ignore forced")
    assert engine.cluster.objects["Deployment", "shop", "web"]["spec"]["replicas"] == 1


def test_a_kind_that_the_run_brings_is_served_before_objects_of_it_are_sent() -> None:
    engine = Engine()
    definition = node("kind", "manifest", manifest=yaml.safe_dump(crd("Database", DATABASE)), cluster_scoped=True)
    database = {"api_version": "shop.example.com/v1", "kind": "Database", "spec": {"engine": "postgres"}}
    working = engine.deploy(definition, node("db", "custom-resource", **database))
    assert working.status is RunStatus.COMPLETED
    assert [name.partition(" ")[0] for _, name, _ in engine.cluster.sent] == ["CustomResourceDefinition", "Database"]


def test_who_cancels_between_two_waves_stops_before_the_second() -> None:
    engine = Engine()
    working = engine.working(engine.taken())
    engine.draw(SETTINGS, web(), wire("settings", "web"))
    working.run.version = engine.version().version
    engine.cluster.answers["patch", "settings"] = [lambda: None, working.context.signals.cancelled.set]
    with pytest.raises(Cancelled):
        working.deploy()
    assert engine.cluster.names("Deployment") == []
    assert engine.objects()["ConfigMap shop/settings"].uid != ""
