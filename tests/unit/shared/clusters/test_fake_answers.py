"""The server that answers by path, beside a client that asks a server over HTTP: what is read of both is the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from shared.clusters.facts import ClusterFacts, OptionSource, Question
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.connection.credentials import Credentials
from shared.kubernetes.objects import BUILT_IN, ApiResource
from tests.fixtures.workflows.crds import DATABASE, crd, established
from tests.support.factories import make_cluster
from tests.support.fake_api import Answer, FakeApi, Request, status
from tests.support.fakes.clusters import FakeAnswers, FakeClients

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
REVIEWS = "/apis/authorization.k8s.io/v1"
RIGHTS = {"incomplete": False, "resourceRules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}]}
ANSWERS: dict[str, Any] = {
    CRDS: {"items": [established(crd("Zebra", DATABASE))], "metadata": {"continue": "next"}},
    f"{CRDS}?continue=next": {"items": [established(crd("Ant", DATABASE))]},
    "/api/v1/namespaces": {"items": [{"metadata": {"name": "shop"}}]},
}


def reads_pods(verb: str, resource: ApiResource, namespace: str | None) -> bool:
    return (verb, resource.plural, namespace) == ("get", "pods", "shop")


def respond(request: Request) -> Answer:
    if request.path.startswith(REVIEWS):
        wanted = request.body["spec"].get("resourceAttributes")
        if wanted is None:
            return Answer(201, {"status": RIGHTS})
        given = (wanted["verb"], wanted["resource"], wanted.get("namespace"))
        return Answer(201, {"status": {"allowed": given == ("get", "pods", "shop")}})
    page = f"?continue={request.query['continue']}" if "continue" in request.query else ""
    found = ANSWERS.get(request.path + page)
    return Answer(403, status(403, "forbidden")) if found is None else Answer(200, found)


@pytest.fixture(params=["fake", "over HTTP"])
def facts(request: pytest.FixtureRequest) -> Iterator[ClusterFacts]:
    if request.param == "fake":
        yield ClusterFacts(FakeClients(FakeAnswers(ANSWERS, rights=RIGHTS, allowed=reads_pods)))
        return
    with FakeApi() as api:
        api.respond = respond
        client = ClusterClient(Credentials(server=api.url, token="t"), timeout_seconds=2)
        yield ClusterFacts(FakeClients(client))
        client.close()


def test_pages_are_read_to_the_end(facts: ClusterFacts) -> None:
    assert [item.kind for item in facts.crds(make_cluster("ada")).items] == ["Ant", "Zebra"]


@pytest.mark.parametrize(
    ("source", "names", "reason"),
    [
        ("namespaces", ["shop"], ""),
        ("services", [], "The cluster's credentials may not list services in the namespace shop."),
        ("secrets", [], "Names of Secrets are not read from clusters. Type the name."),
    ],
)
def test_names_or_the_reason_for_none(facts: ClusterFacts, source: OptionSource, names: list[str], reason: str) -> None:
    found = facts.names(make_cluster("ada"), source, "shop")
    assert ([item.value for item in found.items], found.reason) == (names, reason)


def test_rights_all_together_and_one_by_one(facts: ClusterFacts) -> None:
    pods = BUILT_IN["v1", "Pod"]
    rights = facts.rights(make_cluster("ada"), "shop")
    assert rights.covers("get", pods.group, pods.plural)
    assert not rights.covers("delete", pods.group, pods.plural)
    here, gone, anywhere = Question("get", pods, "shop"), Question("delete", pods, "shop"), Question("get", pods)
    found = facts.allowed(make_cluster("ada"), [here, gone, anywhere])
    assert found == {here: True, gone: False, anywhere: False}
