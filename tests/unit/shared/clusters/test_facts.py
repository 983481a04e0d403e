"""What is asked of a cluster and how long it is kept; the cluster is one that answers as it is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.clock import now
from shared.clusters import facts as module
from shared.clusters.facts import ClusterFacts, Question
from shared.clusters.models import Cluster, ClusterStatus
from shared.errors import ClusterRefused, ClusterUnreachable, Conflict
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.objects import BUILT_IN, ApiResource
from shared.plugins.builtin import builtin_plugins
from shared.plugins.forms import offers_of
from shared.workflows.catalogue.core import node_types
from shared.workflows.catalogue.for_cluster import ClusterCatalogue
from shared.workflows.kinds import KINDS
from tests.fixtures.plugins import crds as definitions
from tests.fixtures.workflows.crds import DATABASE, crd, established
from tests.support.fakes.clusters import FakeAnswers, FakeClients

Json = dict[str, Any]
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def facts_of(fake: ClusterClient, **more: Any) -> ClusterFacts:
    return ClusterFacts(FakeClients(fake), **more)


def stored(**more: Any) -> Cluster:
    given: Json = {"id": "c1", "name": "prod", "server": "https://10.0.0.1", "auth_type": "token"}
    given |= {"namespace": "shop", "credentials": {}, "owner_id": "u1", "created_at": now(), "updated_at": now()}
    return Cluster(**{**given, **more})


def names(*items: str, more: bool = False, annotations: Mapping[str, Json] | None = None) -> Json:
    found = [{"metadata": {"name": name, "annotations": (annotations or {}).get(name, {})}} for name in items]
    return {"items": found, "metadata": {"continue": "x"} if more else {}}


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


# -- what is asked --------------------------------------------------------------------------------------------------


def test_definitions_are_read_page_by_page() -> None:
    first, second = established(crd("Zebra", DATABASE)), established(crd("Ant", DATABASE))

    pages: Json = {
        CRDS: {"items": [first], "metadata": {"continue": "next"}},
        f"{CRDS}?continue=next": {"items": [second, {"spec": None}]},
    }
    fake = FakeAnswers(pages)
    found = facts_of(fake).crds(stored())
    assert [item.kind for item in found.items] == ["Ant", "Zebra"]
    assert fake.asked == [f"{CRDS}?limit=100", f"{CRDS}?limit=100&continue=next"]


def test_every_source_of_a_form_can_be_asked_for() -> None:
    wanted = {
        hint["options_from"] for item in node_types().items for hint in item.ui.values() if "options_from" in hint
    }
    fake = FakeAnswers(dict.fromkeys([CRDS, *(item.path("shop") for item in module._LISTED.values())], names("a")))
    facts = facts_of(fake)
    assert wanted <= set(module.OPTION_SOURCES)
    for source in module.OPTION_SOURCES:
        facts.names(stored(), source, "shop")
    assert not [path for path in fake.asked if "secrets" in path]


def test_what_is_being_deleted_is_no_choice() -> None:
    leaving = {"metadata": {"name": "old", "deletionTimestamp": "2030-01-01T00:00:00Z"}}
    fake = FakeAnswers({"/api/v1/namespaces": {"items": [leaving, {"metadata": {"name": "new"}}]}})
    assert [name.value for name in facts_of(fake).names(stored(), "namespaces", "").items] == ["new"]


def test_the_default_class_is_marked() -> None:
    marks = {"fast": {"storageclass.kubernetes.io/is-default-class": "true"}}
    fake = FakeAnswers({"/apis/storage.k8s.io/v1/storageclasses": names("slow", "fast", annotations=marks)})
    found = facts_of(fake).names(stored(), "storage-classes", "shop")
    assert [(name.value, name.is_default) for name in found.items] == [("fast", True), ("slow", False)]


def test_too_many_names_are_cut_and_that_is_said() -> None:
    fake = FakeAnswers({"/api/v1/namespaces/shop/configmaps": names("a", more=True)})
    assert facts_of(fake).names(stored(), "config-maps", "shop").reason == "Only the first 500 are shown."


def test_a_refusal_of_a_list_is_its_reason_and_other_refusals_are_errors() -> None:
    path = "/apis/node.k8s.io/v1/runtimeclasses"
    assert "may not list runtimeclasses." in facts_of(FakeAnswers()).names(stored(), "runtime-classes", "shop").reason
    absent = FakeAnswers({path: ClusterRefused("no", code="cluster-not-found")})
    assert facts_of(absent).names(stored(), "runtime-classes", "shop").reason == "The cluster has no runtimeclasses."
    unknown = FakeAnswers({path: ClusterRefused("no", code="cluster-unauthorized")})
    with pytest.raises(ClusterRefused):
        facts_of(unknown).names(stored(), "runtime-classes", "shop")


# -- how long -------------------------------------------------------------------------------------------------------


def test_a_cluster_that_hangs_is_given_up_in_time(gate: threading.Event) -> None:
    facts = facts_of(FakeAnswers(hold=gate), seconds=0.2)
    started = time.monotonic()
    with pytest.raises(ClusterUnreachable, match=r"https://10.0.0.1 did not answer within 0.2 s."):
        facts.crds(stored())
    assert time.monotonic() - started < 2
    # it is remembered for a moment: the next who asks does not wait again
    started = time.monotonic()
    with pytest.raises(ClusterUnreachable):
        facts.crds(stored())
    assert time.monotonic() - started < 0.1


def test_an_answer_is_kept_per_revision_of_the_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeAnswers({CRDS: names()})
    facts = facts_of(fake)
    facts.crds(stored())
    facts.crds(stored())
    assert len(fake.asked) == 1
    facts.crds(stored(credential_revision=2))
    assert len(fake.asked) == 2
    monkeypatch.setattr(module, "CRD_SECONDS", 0)
    facts = facts_of(fake)
    facts.crds(stored())
    facts.crds(stored())
    assert len(fake.asked) == 4


def test_those_who_ask_at_once_share_one_answer(gate: threading.Event) -> None:
    fake = FakeAnswers({CRDS: names()}, hold=gate)
    facts = facts_of(fake)
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(facts.crds, stored()) for _ in range(4)]
        gate.set()
        assert len({id(item.result()) for item in asked}) == 1
    assert len(fake.asked) == 1


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KEPT", 3)
    facts = facts_of(FakeAnswers())
    for number in range(9):
        facts.rights(stored(), f"n{number}")
    assert len(facts._kept) == 3


def test_a_disabled_cluster_is_not_asked() -> None:
    fake = FakeAnswers()
    with pytest.raises(Conflict, match="disabled"):
        facts_of(fake).rights(stored(status=ClusterStatus.DISABLED), "shop")
    assert fake.asked == []


def test_no_question_is_no_request() -> None:
    fake = FakeAnswers()
    assert facts_of(fake).allowed(stored(), []) == {}
    question = Question("list", BUILT_IN["v1", "Pod"], "shop")
    assert facts_of(fake).allowed(stored(), [question, question]) == {question: True}
    assert fake.asked == ["list pods shop"]


# -- the palette ----------------------------------------------------------------------------------------------------


def everything(**more: Any) -> FakeAnswers:
    answers: Json = {CRDS: {"items": [established(crd("Database", DATABASE))]}, "/apis": {"kind": "APIGroupList"}}
    return FakeAnswers(answers=answers, **more)


def states(fake: FakeAnswers, cluster: Cluster | None = None, **more: Any) -> dict[str, tuple[str, str | None]]:
    found = ClusterCatalogue(facts_of(fake, **more)).node_types(cluster or stored(), "shop")
    return {item.type: (item.availability.state, item.availability.reason) for item in found.items}


def test_who_may_do_everything_is_asked_four_questions() -> None:
    fake = everything()
    assert set(states(fake).values()) == {("ok", None)}
    assert sorted(fake.asked) == ["* * None", "/apis", f"{CRDS}?limit=100", "rules shop"]


def test_incomplete_rights_are_asked_for_one_by_one() -> None:
    def allowed(verb: str, resource: ApiResource, _: str | None) -> bool:
        return resource.kind == "Deployment"

    fake = everything(rights={"incomplete": True, "resourceRules": []}, allowed=allowed)
    found = states(fake)
    assert found["deployment"] == ("ok", None)
    assert found["service"][0] == "denied"
    assert "patch deployments shop" in fake.asked


def test_too_many_questions_leave_the_rest_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.workflows.catalogue.for_cluster.MOST_QUESTIONS", 3)
    found = states(everything(rights={"incomplete": True}, allowed=lambda *_: False))
    assert found["deployment"][0] == "denied"
    assert found["crd:shop.example.com/v1/Database"][0] == "unknown"
    assert found["manifest"] == ("ok", None)


def test_a_kind_the_cluster_does_not_have_is_said() -> None:
    served = {
        "items": [
            {
                "metadata": {"name": "apps"},
                "versions": [
                    {
                        "version": "v1",
                        "resources": [{"resource": "deployments", "responseKind": {"kind": "Deployment"}}],
                    }
                ],
            }
        ]
    }
    fake = everything()
    found = states(FakeAnswers({**fake.answers, "/apis": served}))
    assert found["deployment"] == ("ok", None)
    assert found["job"] == ("missing_crd", "This cluster does not serve Job of batch/v1.")
    assert found["configmap"] == ("ok", None)
    assert found["crd:shop.example.com/v1/Database"] == ("ok", None)


def test_what_plugins_offer_is_judged_as_a_definition_is() -> None:
    offers = offers_of(builtin_plugins()["certmanager"])
    answers: Json = {CRDS: {"items": [established(definitions.CRDS[0])]}, "/apis": {"kind": "APIGroupList"}}

    def seen(**more: Any) -> dict[str, tuple[str, str | None]]:
        found = ClusterCatalogue(facts_of(FakeAnswers(answers=answers, **more))).node_types(stored(), "shop", offers)
        return {item.type: (item.availability.state, item.availability.reason) for item in found.items}

    found = seen()
    assert list(found)[len(KINDS) :] == [offer.type for offer in offers]
    assert found["plugin:certmanager/certificate"] == ("ok", None)
    state, reason = found["plugin:certmanager/clusterissuer"]
    assert state == "missing_crd"
    assert str(reason).endswith("Install cert-manager: https://cert-manager.io/docs/installation/")
    denied = seen(allowed=lambda *_: False, rights={"incomplete": True})["plugin:certmanager/certificate"]
    assert denied == (
        "denied",
        "The cluster's credentials may not list or create or patch certificates.cert-manager.io in the namespace shop.",
    )


def test_offers_are_drawn_also_for_a_cluster_that_is_away() -> None:
    offers = offers_of(builtin_plugins()["certmanager"])
    found = ClusterCatalogue(facts_of(FakeAnswers())).node_types(stored(status=ClusterStatus.DISABLED), "shop", offers)
    assert {item.type for item in found.items} == {*KINDS, *(offer.type for offer in offers)}
    assert {item.availability.state for item in found.items} == {"disabled"}


def test_a_cluster_that_does_not_answer_is_no_error(gate: threading.Event) -> None:
    started = time.monotonic()
    found = states(everything(hold=gate), seconds=0.2)
    assert time.monotonic() - started < 2
    assert found == dict.fromkeys(KINDS, ("unknown", "https://10.0.0.1 did not answer within 0.2 s."))


def test_a_disabled_cluster_disables_all() -> None:
    found = states(everything(), stored(status=ClusterStatus.DISABLED))
    assert found == dict.fromkeys(KINDS, ("disabled", "The cluster prod is disabled."))


def test_the_revision_changes_with_what_the_cluster_says() -> None:
    facts = facts_of(everything())
    first = ClusterCatalogue(facts).node_types(stored(), "shop")
    assert ClusterCatalogue(facts).node_types(stored(), "shop").revision == first.revision
    assert first.revision != node_types().revision
    assert first.total == len(first.items) == len(KINDS) + 1
    denied = ClusterCatalogue(facts_of(everything(allowed=lambda *_: False))).node_types(stored(), "shop")
    assert denied.revision != first.revision
